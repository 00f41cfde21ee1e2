#include "serve/metrics.h"

#include "base/number.h"

#include <math.h>

/* As container images name it, which is how an operator compares nodes. */
#if defined(__x86_64__)
#define ARCH "amd64"
#elif defined(__aarch64__)
#define ARCH "arm64"
#else
#define ARCH "other"
#endif

#define INFO(name, help) FACT_METRIC("random_refresher_" name, "", "gauge", help)

/* Writes the lines in front of the samples. A unit has a line of its own in OpenMetrics alone. */
static void family(struct text *t, const struct fact *f, bool openmetrics)
{
	text_put(t, f->heads[openmetrics]);
	/* The name ends with that unit, which the form demands. */
	if (openmetrics && f->unit)
		text_put(t, "# UNIT ", f->family, " ", f->unit, "\n");
}

/* Writes what ends each sample: two pieces of text and the value. */
static void number(struct text *t, const char *name, const char *before, double v)
{
	char digits[NUMBER_MAX];
	number_put(v, digits);
	text_put(t, name, before, digits, "\n");
}

/* Writes the samples of a histogram. Its buckets are cumulative here: each counts all that took no longer. */
static void times(struct text *t, const char *name, const struct histogram *h, bool openmetrics)
{
	uint64_t count = 0;

	for (unsigned i = 0; i < HISTOGRAM_BOUNDS; i++) {
		/* OpenMetrics wants whole bounds as 1.0, which the text format always wrote as 1. */
		count += h->buckets[i];
		text_put(t, name, "_bucket{le=\"");
		text_f64(t, histogram_bounds[i]);
		number(t, openmetrics && histogram_bounds[i] >= 1 ? ".0" : "", "\"} ", (double)count);
	}

	/* The last bucket holds all, and then come the sum and the count. */
	number(t, name, "_bucket{le=\"+Inf\"} ", (double)(count + h->buckets[HISTOGRAM_BOUNDS]));
	number(t, name, "_sum ", h->sum);
	number(t, name, "_count ", (double)h->count);
}

/* Writes a sample for each pair of the labels' values whose number is known; a fact without labels is one pair. */
static void samples(struct text *t, const struct fact *f, const struct status *s)
{
	static const struct fact_labels none = {.count = 1};
	const struct fact_labels *by = f->by ? f->by : &none, *and_by = f->and_by ? f->and_by : &none;
	for (unsigned i = by->first; i < by->count; i++)
		for (unsigned j = and_by->first; j < and_by->count; j++) {
			/* A series that is left out reads as absent, and 0 would read as a measurement. */
			double v = fact_value(f, s, i, j);
			if (isnan(v))
				continue;
			text_put(t, f->metric);
			if (by->names)
				text_put(t, by->label, by->names[i]);
			if (and_by->names)
				text_put(t, and_by->label, and_by->names[j]);
			/* A state is one series for each of its values, and the present one is 1. */
			number(t, "", f->by ? "\"} " : " ", f->type == FACT_STATE ? v == i : v);
		}
}

/* A fact without labels that is not known leaves nothing at all, not even the lines in front of its sample. */
void metrics_fact(struct text *t, const struct fact *f, const struct status *s, bool openmetrics)
{
	if (!f->metric || (!f->by && isnan(fact_value(f, s, 0, 0))))
		return;
	family(t, f, openmetrics);
	if (f->type == FACT_TIMES)
		times(t, f->metric, fact_at(f, s), openmetrics);
	else
		samples(t, f, s);
}

/* The families whose labels are texts, and those of one label for each layer. */
static void infos(struct text *t, const struct status *s, bool openmetrics)
{
	static const struct fact build = {INFO("build_info", "Version of refresher and of its cryptographic library.")},
				 source = {INFO("source_info", "The noise source in use.")},
				 config = {INFO("config_info", "The configuration in use, by a hash of it.")},
				 confinement = {INFO("confinement", "1 for each layer of confinement that holds.")};

	/* Our own version and revision need no escapes; what OpenSSL says of itself is a text of somebody else. */
	family(t, &build, openmetrics);
	text_put(t, build.metric, "{version=\"" REFRESHER_VERSION "\",revision=\"" REFRESHER_REVISION "\",openssl=");
	text_quoted(t, TEXT_LABEL, s->daemon.openssl);
	text_put(t, ",arch=\"" ARCH "\"} 1\n");

	/* A device's path and the name of its driver may hold anything. */
	family(t, &source, openmetrics);
	text_put(t, source.metric, "{kind=\"", source_kind_names[s->noise.kind], "\",device=");
	text_quoted(t, TEXT_LABEL, s->noise.name);
	text_put(t, ",driver=");
	text_quoted(t, TEXT_LABEL, s->noise.driver);
	text_put(t, "} 1\n");

	/* Nodes of one configuration show one hash. */
	family(t, &config, openmetrics);
	text_put(t, config.metric, "{hash=\"", s->config.hash, "\"} 1\n");

	/* A run that is not confined at all has no layers and no family of them. */
	if (s->confine.count > 0)
		family(t, &confinement, openmetrics);
	for (unsigned i = 0; i < s->confine.count; i++)
		text_put(t, confinement.metric, "{layer=\"", s->confine.layers[i].name,
			 s->confine.layers[i].holds ? "\"} 1\n" : "\"} 0\n");
}

/* Zero series exist from the start for what an alert may look at; the rare codes appear when they happen. */
static bool is_common(enum http_handler h, unsigned code)
{
	if (h == HANDLER_OTHER)
		return code == 404;
	return code == 200 || (code == 503 && h <= HANDLER_STARTUPZ);
}

/* Writes the sample of one handler and one code. */
static void request(struct text *t, const struct fact *f, enum http_handler h, unsigned code, uint64_t count)
{
	text_put(t, f->metric, "{handler=\"", handler_name(h), "\",code=\"");
	text_f64(t, code);
	number(t, "", "\"} ", (double)count);
}

/* The counts are not in the status, because the endpoint itself makes them. */
static void http_requests(struct text *t, const struct http_counts *http, bool openmetrics)
{
	static const struct fact requests = {
		FACT_METRIC("random_refresher_http_requests", "_total", "counter", "HTTP requests answered.")};
	family(t, &requests, openmetrics);
	for (unsigned h = 0; h < HTTP_HANDLERS; h++)
		for (unsigned i = 0; i < HTTP_CODES; i++)
			if (http->requests[h][i] > 0 || is_common(h, http_codes[i]))
				request(t, &requests, h, http_codes[i], http->requests[h][i]);
}

void metrics_render(struct text *t, const struct status *s, const struct http_counts *http, bool openmetrics)
{
	/* The order is no part of the formats, but people read it from the top. */
	infos(t, s, openmetrics);
	for (size_t i = 0; i < facts_count; i++)
		metrics_fact(t, &facts[i], s, openmetrics);
	http_requests(t, http, openmetrics);
	/* OpenMetrics knows by this line that nothing was cut off. */
	if (openmetrics)
		text_put(t, "# EOF\n");
}
