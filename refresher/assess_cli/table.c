#include "assess_cli/meaning.h"
#include "assess_cli/report.h"
#include "base/text.h"

#include <math.h>

enum { WIDTH = 78 };

static void put_h(FILE *out, int width, double h)
{
	if (h < 0)
		fprintf(out, "%*s", width, "-");
	else
		fprintf(out, "%*.6f", width, h);
}

/* Words in lines of at most WIDTH signs. */
static void put_wrapped(FILE *out, const char *text)
{
	int column = 0;

	while (*text) {
		int length = 0;
		while (text[length] && text[length] != ' ')
			length++;
		if (column > 0 && column + 1 + length > WIDTH) {
			fputc('\n', out);
			column = 0;
		}
		fprintf(out, "%s%.*s", column > 0 ? " " : "", length, text);
		column += length + (column > 0);
		text += length + (text[length] == ' ');
	}
	fputc('\n', out);
}

static void put_source(const struct assessment *a, FILE *out)
{
	char name[1024];
	struct text t;

	/* A name may hold what a terminal would obey. */
	text_init(&t, name, sizeof name);
	text_ascii(&t, a->input->name, sizeof name);
	fprintf(out, "Source    %s%s%s%s\n", name, a->input->driver[0] ? " (" : "", a->input->driver,
		a->input->driver[0] ? ")" : "");
	fprintf(out, "Samples   %zu of %u bit%s, %u different value%s\n", a->input->n, a->bits, a->bits > 1 ? "s" : "",
		a->values, a->values > 1 ? "s" : "");
	fprintf(out, "Assessed  %s, %s%s\n\n", a->date,
		a->options->restart       ? "restart tests, "
		: a->options->conditioned ? "conditioned, "
					  : "",
		a->options->iid ? "IID track" : "non-IID track");
	if (a->input->n < ASSESSMENT_BLOCK)
		fprintf(out, "The standard wants %d samples; fewer give a smaller figure that is less sure.\n\n",
			ASSESSMENT_BLOCK);
}

static void put_rows(const struct assessment *a, const struct block *b, FILE *out)
{
	struct report_row rows[NON_IID_ESTIMATORS];
	const unsigned count = report_rows(a, b, rows);
	const char *left = a->options->restart ? "rows" : "per bit",
		   *right = a->options->restart ? "columns" : "per sample";

	fprintf(out, "%-20s%12s%12s\n", "Min-entropy", left, right);
	for (unsigned i = 0; i < count; i++) {
		fprintf(out, "%-20s", rows[i].name);
		put_h(out, 12, rows[i].bitstring);
		put_h(out, 12, rows[i].literal);
		fputc('\n', out);
	}
}

static const char *passed(bool yes)
{
	return yes ? "passed" : "FAILED";
}

/* The tests of an IID claim; of: what they were made on. */
static void put_iid(const struct iid *iid, const char *of, FILE *out)
{
	const struct iid_tests *t = &iid->tests;
	const struct permutation_tests *p = &t->permutation;
	if (iid->k < 2) {
		fprintf(out, "\nIID tests%s: FAILED, all samples are equal\n", of);
		return;
	}

	/* What each test is worth, and whether it passed. */
	fprintf(out, "\nIID tests%s\n", of);
	fprintf(out, "  chi-square independence  p = %.6f  %s\n", t->independence.p,
		passed(t->independence.p >= CHI_SQUARE_ALPHA));
	fprintf(out, "  chi-square fit           p = %.6f  %s\n", t->fit.p, passed(t->fit.p >= CHI_SQUARE_ALPHA));
	fprintf(out, "  longest repeat %-8ju  p = %.6f  %s\n", (uintmax_t)t->repeat.w, t->repeat.p,
		passed(t->repeat.passed));
	fprintf(out, "  %-28s %16s %7s %6s %6s\n", "permutations", "samples", "greater", "equal", "less");
	for (unsigned i = 0; i < IID_STATISTICS; i++)
		fprintf(out, "  %-28s %16.10g %7u %6u %6u  %s\n", iid_statistic_names[i], p->samples[i], p->greater[i],
			p->equal[i], p->less[i], passed(p->decided >> i & 1));
	fprintf(out, "  %u of %d permutations were needed\n", p->permutations, PERMUTATIONS);
}

static void put_restart(const struct assessment *a, FILE *out)
{
	const struct restart *r = &a->restart;

	/* Where the sanity check fails there is nothing else. */
	fprintf(out, "Sanity check: the most frequent value of a row comes %u times, of a column %u; at most %u: %s\n",
		r->row_most, r->column_most, r->cutoff, passed(r->sane));
	if (!r->sane)
		return;
	fputc('\n', out);
	put_rows(a, NULL, out);
	if (r->iid) {
		put_iid(&r->rows_iid, " of the rows", out);
		put_iid(&r->columns_iid, " of the columns", out);
	}
	fprintf(out, "\nRows H_r = %.6f, columns H_c = %.6f, initial H_I = %.6f\n", r->h_rows, r->h_columns,
		r->h_initial);
	fprintf(out, "Validation: min(H_r, H_c) is at least H_I / 2%s: %s\n", r->iid ? ", and the IID claim holds" : "",
		passed(r->valid));
}

static void put_blocks(const struct assessment *a, FILE *out)
{
	const struct block *b = &a->blocks[a->least];

	/* Of several blocks the least one is shown. */
	if (a->block_count > 1) {
		for (size_t i = 0; i < a->block_count; i++) {
			const struct block *one = &a->blocks[i];
			fprintf(out, "Block %-4zu samples %zu to %zu  ", i + 1, one->first, one->first + one->n - 1);
			if (one->holds)
				fprintf(out, "%.6f\n", one->h);
			else
				fputs("IID claim failed\n", out);
		}
		if (a->assessed)
			fprintf(out, "Minimum %.6f, median %.6f\n", a->h, a->h_median);
		fprintf(out, "\nBlock %zu:\n", a->least + 1);
	}
	put_rows(a, b, out);
	if (a->options->iid)
		put_iid(&b->iid, "", out);
}

/* What an operator does with it. */
static void put_following(const struct assessment *a, FILE *out)
{
	const struct following f = assessment_following(a);
	if (!f.usable) {
		fputs("\nThe daemon takes a source of 0.1 bits per sample and more; this one gives less.\n", out);
		return;
	}
	fprintf(out,
		"\nHealth tests at H = %.2f (failures: intermittent, permanent)\n"
		"  repetition count     C = %u, %u\n"
		"  adaptive proportion  C = %u, %u of %u\n"
		"  block repetition     %u samples\n",
		f.floor, f.rct[0], f.rct[1], f.apt[0], f.apt[1], f.window, f.repeat);
	fprintf(out, "\nFor refresher.yaml:\nsource:\n  min_entropy: %.2f\n", f.floor);
	fprintf(out, "  sample_bits: %d\n", a->bits == 1 ? 1 : 8);
}

void report_table(const struct assessment *a, FILE *out)
{
	put_source(a, out);
	if (a->options->restart)
		put_restart(a, out);
	else
		put_blocks(a, out);

	/* No figure where there is no ground for one. */
	if (a->assessed) {
		fprintf(out, "\nAssessed min-entropy: %.6f bits per sample of %u\n", a->h, a->bits);
		put_following(a, out);
		fputc('\n', out);
		put_wrapped(out, meaning_of(a->input->driver, a->input->is_device));
	} else if (a->options->restart) {
		fputs("\nThe restart tests failed: no min-entropy is assessed.\n", out);
	} else {
		fputs("\nThe IID claim failed: no min-entropy is assessed. Leave --iid out.\n", out);
	}
	if (a->options->require >= 0 && a->assessed)
		fprintf(out, "\nRequired: %g bits per sample: %s\n", a->options->require,
			passed(a->h >= a->options->require));
}
