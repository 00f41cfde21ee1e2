#include "serve/metrics.h"

#include "serve/facts.h"
#include "serve/text.h"

#include <assert.h>
#include <math.h>

#ifndef REFRESHER_VERSION
#define REFRESHER_VERSION "unknown"
#endif
#ifndef REFRESHER_REVISION
#define REFRESHER_REVISION "unknown"
#endif

#if defined(__x86_64__)
#define ARCH "amd64"
#elif defined(__aarch64__)
#define ARCH "arm64"
#else
#define ARCH "other"
#endif

#define PREFIX "random_refresher_"

/* The family that is being written. `name` is the whole name without `_total`. */
struct page {
	struct text t;
	const char *name;
	bool counter;
	bool openmetrics;
};

/* In OpenMetrics the family of a counter is named without _total, and its unit has a line of its own. */
static void family(struct page *p, const char *name, enum fact_kind kind, const char *unit, const char *help)
{
	static const char *const types[] = {" gauge\n", " counter\n", " histogram\n"};
	const char *total = kind == FACT_COUNTER && !p->openmetrics ? "_total" : "";
	p->name = name;
	p->counter = kind == FACT_COUNTER;
	text_lit(&p->t, "# HELP ");
	text_str(&p->t, name);
	text_str(&p->t, total);
	text_char(&p->t, ' ');
	text_str(&p->t, help);
	text_lit(&p->t, "\n# TYPE ");
	text_str(&p->t, name);
	text_str(&p->t, total);
	text_str(&p->t, types[kind]);
	if (!p->openmetrics || !unit)
		return;
	text_lit(&p->t, "# UNIT ");
	text_str(&p->t, name);
	text_char(&p->t, ' ');
	text_str(&p->t, unit);
	text_char(&p->t, '\n');
}

static void sample(struct page *p, const char *suffix)
{
	text_str(&p->t, p->name);
	text_str(&p->t, p->counter ? "_total" : suffix);
}

/* The next label of a sample, which begins behind its name; labels_end closes them, where there were any. */
static void label(struct page *p, bool *open, const char *name, const char *value)
{
	text_char(&p->t, *open ? ',' : '{');
	*open = true;
	text_str(&p->t, name);
	text_lit(&p->t, "=\"");
	text_str(&p->t, value);
	text_char(&p->t, '"');
}

/* For a value that comes from outside; the escapes cost a third of the page when every label pays for them. */
static void label_escaped(struct page *p, bool *open, const char *name, const char *value)
{
	label(p, open, name, "");
	p->t.len--; /* before its closing quote */
	text_label(&p->t, value);
	text_char(&p->t, '"');
}

static void labels_end(struct page *p, bool open)
{
	if (open)
		text_char(&p->t, '}');
	text_char(&p->t, ' ');
}

static void value_u64(struct page *p, uint64_t v)
{
	text_u64(&p->t, v);
	text_char(&p->t, '\n');
}

static void times(struct page *p, const struct histogram *h)
{
	uint64_t below = 0;
	for (unsigned i = 0; i <= HISTOGRAM_BOUNDS; i++) {
		double bound = i < HISTOGRAM_BOUNDS ? histogram_bounds[i] : (double)INFINITY;
		below += h->buckets[i];
		sample(p, "_bucket{le=\"");
		text_f64(&p->t, bound);
		if (p->openmetrics && bound >= 1 &&
		    isfinite(bound)) /* 1.0.0 wants 1.0, not 1; ours from 1 on are whole */
			text_lit(&p->t, ".0");
		text_lit(&p->t, "\"} ");
		value_u64(p, below);
	}
	sample(p, "_sum ");
	text_f64(&p->t, h->sum);
	text_char(&p->t, '\n');
	sample(p, "_count ");
	value_u64(p, h->count);
}

static void value(struct page *p, const struct fact *f, const struct status *s, unsigned i, unsigned j)
{
	switch (f->type) {
	case FACT_F64:
		text_f64(&p->t, fact_f64(f, s));
		break;
	case FACT_MOMENT:
		text_ns(&p->t, status_wall_ns(s, fact_ns(f, s)));
		break;
	case FACT_STATE:
		text_u64(&p->t, fact_u64(f, s, 0, 0) == i);
		break;
	default:
		text_u64(&p->t, fact_u64(f, s, i, j));
	}
	text_char(&p->t, '\n');
}

/* All samples of one fact: one for each pair of its labels' values. */
static void samples(struct page *p, const struct fact *f, const struct status *s)
{
	const struct fact_labels *by = f->by ? f->by : &fact_single, *and_by = f->and_by ? f->and_by : &fact_single;
	for (unsigned i = by->first; i < by->count; i++)
		for (unsigned j = and_by->first; j < and_by->count; j++) {
			bool open = false;
			if (fact_is_absent(f, s, i, j))
				continue;
			sample(p, "");
			if (f->by)
				label(p, &open, by->label, by->name(i));
			if (f->and_by)
				label(p, &open, and_by->label, and_by->name(j));
			labels_end(p, open);
			value(p, f, s, i, j);
		}
}

static void fact(struct page *p, const struct fact *f, const struct status *s)
{
	if (!f->metric || (!f->by && fact_is_absent(f, s, 0, 0)))
		return;
	family(p, f->metric, f->kind, f->unit, f->help);
	if (f->type == FACT_TIMES)
		times(p, fact_times(f, s));
	else
		samples(p, f, s);
}

/* The shapes that have no row: labels that are texts. */
static void infos(struct page *p, const struct status *s)
{
	bool open = false;
	family(p, PREFIX "build_info", FACT_GAUGE, NULL, "Version of refresher and of its cryptographic library.");
	sample(p, "");
	label(p, &open, "version", REFRESHER_VERSION);
	label(p, &open, "revision", REFRESHER_REVISION);
	label_escaped(p, &open, "openssl", s->daemon.openssl);
	label(p, &open, "arch", ARCH);
	labels_end(p, open);
	value_u64(p, 1);

	open = false;
	family(p, PREFIX "source_info", FACT_GAUGE, NULL, "The noise source in use.");
	sample(p, "");
	label(p, &open, "kind", source_kind_name(s->noise.kind));
	label_escaped(p, &open, "device", s->noise.name);
	label_escaped(p, &open, "driver", s->noise.driver);
	labels_end(p, open);
	value_u64(p, 1);

	if (s->confine.count > 0)
		family(p, PREFIX "confinement", FACT_GAUGE, NULL, "1 for each layer of confinement that holds.");
	for (unsigned i = 0; i < s->confine.count; i++) {
		open = false;
		sample(p, "");
		label(p, &open, "layer", s->confine.layers[i].name);
		labels_end(p, open);
		value_u64(p, s->confine.layers[i].holds);
	}
}

/* Zero series exist from the start for what an alert may look at; the rare codes appear when they happen. */
static bool is_common(enum http_handler h, enum http_code c)
{
	if (h == HANDLER_OTHER)
		return c == CODE_404;
	return c == CODE_200 || (c == CODE_503 && h <= HANDLER_STARTUPZ);
}

static void http_requests(struct page *p, const struct http_counts *http)
{
	family(p, PREFIX "http_requests", FACT_COUNTER, NULL, "HTTP requests answered.");
	for (unsigned h = 0; h < HTTP_HANDLERS; h++)
		for (unsigned c = 0; c < HTTP_CODES; c++) {
			bool open = false;
			if (http->requests[h][c] == 0 && !is_common(h, c))
				continue;
			sample(p, "");
			label(p, &open, "handler", handler_name(h));
			label(p, &open, "code", code_name(c));
			labels_end(p, open);
			value_u64(p, http->requests[h][c]);
		}
}

size_t metrics_render(const struct status *s, const struct http_counts *http, bool openmetrics, char *out, size_t cap)
{
	struct page p = {.openmetrics = openmetrics};
	assert(cap >= TEXT_PAGE_MAX);
	text_init(&p.t, out, cap);
	infos(&p, s);
	for (size_t i = 0; i < facts_count; i++)
		fact(&p, &facts[i], s);
	http_requests(&p, http);
	if (openmetrics)
		text_lit(&p.t, "# EOF\n");
	assert(!p.t.cut);
	return p.t.len;
}

const char *metrics_type(bool openmetrics)
{
	return openmetrics ? "application/openmetrics-text; version=1.0.0; charset=utf-8"
			   : "text/plain; version=0.0.4; charset=utf-8";
}
