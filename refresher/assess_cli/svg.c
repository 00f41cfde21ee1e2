#include "assess_cli/look.h"
#include "assess_cli/report.h"
#include "base/utf8.h"

#include <math.h>
#include <string.h>

enum { WIDTH = 960, LEFT = 150, RIGHT = 930, ROW = 34, TOP = 92, PANEL = 130, GAP = 62 };

static const char style[] =
	"<style>text{font:13px sans-serif;fill:#222}.t{font-size:20px;font-weight:bold}.s{fill:#666;font-size:12px}"
	".a{fill:#3b6ea5}.b{fill:#c8872e}.g{stroke:#ccc;stroke-width:1}.z{stroke:#666;stroke-width:1}"
	".e{stroke:#b33;stroke-width:1;stroke-dasharray:4 3}</style>\n";

/* Text of unknown origin between tags: what is no character of XML becomes a question mark. */
static void put_text(FILE *out, const char *s)
{
	while (*s) {
		const size_t n = utf8_len(s);
		if (*s == '&')
			fputs("&amp;", out);
		else if (*s == '<')
			fputs("&lt;", out);
		else if (*s == '>')
			fputs("&gt;", out);
		else if (n == 0 || (unsigned char)*s < ' ' || strncmp(s, "\xef\xbf\xbe", 3) == 0 ||
			 strncmp(s, "\xef\xbf\xbf", 3) == 0)
			fputc('?', out);
		else
			fwrite(s, 1, n, out);
		s += n > 0 ? n : 1;
	}
}

static void put_bar(FILE *out, double x, double y, double width, double height, char class)
{
	fprintf(out, "<rect class=\"%c\" x=\"%.2f\" y=\"%.2f\" width=\"%.2f\" height=\"%.2f\"/>\n", class, x, y,
		fmax(width, 0), fmax(height, 0));
}

static void put_line(FILE *out, double x1, double y1, double x2, double y2, char class)
{
	fprintf(out, "<line class=\"%c\" x1=\"%.2f\" y1=\"%.2f\" x2=\"%.2f\" y2=\"%.2f\"/>\n", class, x1, y1, x2, y2);
}

static void put_title(FILE *out, const struct assessment *a, int height)
{
	fprintf(out,
		"<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" width=\"%d\" height=\"%d\" "
		"role=\"img\">\n"
		"<title>Min-entropy assessment</title>\n%s<rect width=\"%d\" height=\"%d\" fill=\"#fff\"/>\n",
		WIDTH, height, WIDTH, height, style, WIDTH, height);

	/* The figure, or that there is none. */
	fputs("<text class=\"t\" x=\"20\" y=\"34\">", out);
	if (a->assessed)
		fprintf(out, "%.4f bits of min-entropy per sample of %u", a->h, a->bits);
	else
		fprintf(out, "No min-entropy assessed: %s",
			a->options->restart ? "the restart tests failed" : "the IID claim failed");
	fputs("</text>\n<text class=\"s\" x=\"20\" y=\"56\">", out);
	put_text(out, a->input->name);
	if (a->input->driver[0]) {
		fputs(" (", out);
		put_text(out, a->input->driver);
		fputc(')', out);
	}
	fprintf(out, ", %zu samples, %s, %s</text>\n", a->input->n, a->date,
		a->options->iid           ? "IID track"
		: a->options->conditioned ? "non-IID track, conditioned"
					  : "non-IID track");
}

/* A bar for each pass of each estimator, relative to the most that there can be. The height that they took. */
static int put_estimators(FILE *out, const struct assessment *a, const struct report_row *rows, unsigned count)
{
	const bool restart = a->options->restart;
	const double scale = RIGHT - LEFT, literal_most = a->bits, left_most = restart ? a->bits : 1;

	fprintf(out,
		"<text class=\"s\" x=\"%d\" y=\"%d\">Estimators, bits per bit: "
		"<tspan fill=\"#3b6ea5\">%s</tspan>, <tspan fill=\"#c8872e\">%s</tspan></text>\n",
		LEFT, TOP - 10, restart ? "rows" : "bit string", restart ? "columns" : "samples");
	for (int tenth = 0; tenth <= 10; tenth += 2)
		put_line(out, LEFT + scale * tenth / 10, TOP, LEFT + scale * tenth / 10, TOP + (int)count * ROW, 'g');
	for (unsigned i = 0; i < count; i++) {
		const int y = TOP + (int)i * ROW;
		fprintf(out, "<text x=\"%d\" y=\"%d\" text-anchor=\"end\">%s</text>\n", LEFT - 8, y + 20, rows[i].name);
		if (rows[i].bitstring >= 0)
			put_bar(out, LEFT, y + 5, scale * rows[i].bitstring / left_most, 11, 'a');
		if (rows[i].literal >= 0)
			put_bar(out, LEFT, y + 17, scale * rows[i].literal / literal_most, 11, 'b');
	}

	/* Where the assessed figure lies. */
	if (a->assessed)
		put_line(out, LEFT + scale * a->h / a->bits, TOP - 4, LEFT + scale * a->h / a->bits,
			 TOP + (int)count * ROW + 4, 'e');
	return (int)count * ROW;
}

static void put_caption(FILE *out, int y, const char *text)
{
	fprintf(out, "<text class=\"s\" x=\"%d\" y=\"%d\">%s</text>\n", LEFT, y - 10, text);
}

static void put_scale(FILE *out, int y, const char *text)
{
	fprintf(out, "<text class=\"s\" x=\"%d\" y=\"%d\" text-anchor=\"end\">%s</text>\n", LEFT - 8, y + 4, text);
}

/* How often each value came, beside how often each should if all were equally likely. */
static void put_histogram(FILE *out, const struct look *l, int y)
{
	const unsigned values = 1U << l->bits;
	const double step = (double)(RIGHT - LEFT) / values, even = (double)l->n / values;
	uint64_t most = 1;
	for (unsigned v = 0; v < values; v++)
		most = l->count[v] > most ? l->count[v] : most;

	put_caption(out, y, "Histogram: how often each value came; dashed: all equally often");
	for (unsigned v = 0; v < values; v++) {
		const double height = (double)PANEL * (double)l->count[v] / (double)most;
		put_bar(out, LEFT + v * step, y + PANEL - height, step * 0.9, height, 'a');
	}
	put_line(out, LEFT, y + PANEL * (1 - even / (double)most), RIGHT, y + PANEL * (1 - even / (double)most), 'e');
	put_line(out, LEFT, y + PANEL, RIGHT, y + PANEL, 'z');
	char text[32];
	snprintf(text, sizeof text, "%ju", (uintmax_t)most);
	put_scale(out, y, text);
	put_scale(out, y + PANEL, "0");
}

/* Values around 0 as bars from a line in the middle, with the bounds that good samples keep in 99.9 % of all cases. */
static void put_signed(FILE *out, int y, const double *value, unsigned count, double bound)
{
	const double step = (double)(RIGHT - LEFT) / count, middle = y + PANEL / 2.0;
	double most = 2 * bound;
	for (unsigned i = 0; i < count; i++)
		most = fmax(most, fabs(value[i]));

	const double scale = PANEL / 2.0 / most;
	for (unsigned i = 0; i < count; i++)
		put_bar(out, LEFT + i * step + step * 0.15, value[i] > 0 ? middle - value[i] * scale : middle,
			step * 0.7, fabs(value[i]) * scale, 'a');
	put_line(out, LEFT, middle, RIGHT, middle, 'z');
	put_line(out, LEFT, middle - bound * scale, RIGHT, middle - bound * scale, 'e');
	put_line(out, LEFT, middle + bound * scale, RIGHT, middle + bound * scale, 'e');
	char text[32];
	snprintf(text, sizeof text, "%+.2g", most);
	put_scale(out, y, text);
	snprintf(text, sizeof text, "%+.2g", -most);
	put_scale(out, y + PANEL, text);
}

void report_svg(const struct assessment *a, FILE *out)
{
	struct report_row rows[NON_IID_ESTIMATORS];
	struct look l;
	double bias[8];
	const struct block *b = a->block_count > 0 ? &a->blocks[a->least] : NULL;
	const bool has_rows = b || a->restart.sane;
	const unsigned count = has_rows ? report_rows(a, b, rows) : 0;
	look_at(&l, a->input->samples, a->input->n, a->bits);

	/* A share of n samples strays so far by chance in 0.1 % of all cases. */
	const double normal = 3.29 / sqrt((double)l.n);
	put_title(out, a, TOP + (int)count * ROW + 3 * (PANEL + GAP) + 20);
	int y = TOP + put_estimators(out, a, rows, count) + GAP;
	put_histogram(out, &l, y);
	y += PANEL + GAP;

	/* The highest bit stands on the left, as it is written. */
	for (unsigned i = 0; i < l.bits; i++)
		bias[i] = l.ones[l.bits - 1 - i] - 0.5;
	put_caption(
		out, y,
		"Bit bias: share of ones less a half, highest bit on the left; dashed: what chance exceeds in 0.1 %");
	put_signed(out, y, bias, l.bits, normal / 2);
	y += PANEL + GAP;
	put_caption(out, y, "Correlation of samples with those 1 to 64 later; dashed: what chance exceeds in 0.1 %");
	put_signed(out, y, l.correlation, LOOK_LAGS, normal);
	fputs("</svg>\n", out);
}
