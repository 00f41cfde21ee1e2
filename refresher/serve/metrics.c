#include "serve/metrics.h"

#include <inttypes.h>
#include <math.h>

/* As container images name it, which is how an operator compares nodes. */
#if defined(__x86_64__)
#define ARCH "amd64"
#elif defined(__aarch64__)
#define ARCH "arm64"
#else
#define ARCH "other"
#endif

#define R "random_refresher_"

/* What every sample's name ends with. In OpenMetrics the family of a counter is named without it. */
static const char *suffix(const struct fact *f)
{
	return f->counter ? "_total" : "";
}

/* Writes the lines in front of the samples. A unit has a line of its own in OpenMetrics alone. */
static void family(struct text *t, const struct fact *f, bool openmetrics)
{
	const char *end = openmetrics ? "" : suffix(f);
	const char *type = f->counter ? "counter" : "gauge";
	if (f->type == FACT_TIMES)
		type = "histogram";
	text_fmt(t, "# HELP %s%s %s\n# TYPE %s%s %s\n", f->metric, end, f->help, f->metric, end, type);
	/* The name ends with that unit, which the form demands. */
	if (openmetrics && f->unit)
		text_fmt(t, "# UNIT %s %s\n", f->metric, f->unit);
}

/* Writes the samples of a histogram. Its buckets are cumulative here: each counts all that took no longer. */
static void times(struct text *t, const char *name, const struct histogram *h, bool openmetrics)
{
	uint64_t count = 0;

	for (unsigned i = 0; i < HISTOGRAM_BOUNDS; i++) {
		/* OpenMetrics wants whole bounds as 1.0, which the text format always wrote as 1. */
		bool whole = histogram_bounds[i] >= 1;
		count += h->buckets[i];
		text_fmt(t, "%s_bucket{le=\"%g%s\"} %" PRIu64 "\n", name, histogram_bounds[i],
			 whole && openmetrics ? ".0" : "", count);
	}

	/* The last bucket holds all, and then come the sum and the count. */
	text_fmt(t, "%s_bucket{le=\"+Inf\"} %" PRIu64 "\n%s_sum ", name, count + h->buckets[HISTOGRAM_BOUNDS], name);
	text_f64(t, h->sum);
	text_fmt(t, "\n%s_count %" PRIu64 "\n", name, h->count);
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
			text_fmt(t, "%s%s", f->metric, suffix(f));
			if (by->names)
				text_fmt(t, "{%s=\"%s\"", by->label, by->names[i]);
			if (and_by->names)
				text_fmt(t, ",%s=\"%s\"", and_by->label, and_by->names[j]);
			text_fmt(t, f->by ? "} " : " ");
			/* A state is one series for each of its values, and the present one is 1. */
			text_f64(t, f->type == FACT_STATE ? v == i : v);
			text_fmt(t, "\n");
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
	static const struct fact build = {.metric = R "build_info",
					  .help = "Version of refresher and of its cryptographic library."},
				 source = {.metric = R "source_info", .help = "The noise source in use."},
				 config = {.metric = R "config_info",
					   .help = "The configuration in use, by a hash of it."},
				 confinement = {.metric = R "confinement",
						.help = "1 for each layer of confinement that holds."};

	/* Our own version and revision need no escapes; what OpenSSL says of itself is a text of somebody else. */
	family(t, &build, openmetrics);
	text_fmt(t, "%s{version=\"%s\",revision=\"%s\",openssl=", build.metric, REFRESHER_VERSION, REFRESHER_REVISION);
	text_quoted(t, TEXT_LABEL, s->daemon.openssl);
	text_fmt(t, ",arch=\"%s\"} 1\n", ARCH);

	/* A device's path and the name of its driver may hold anything. */
	family(t, &source, openmetrics);
	text_fmt(t, "%s{kind=\"%s\",device=", source.metric, source_kind_names[s->noise.kind]);
	text_quoted(t, TEXT_LABEL, s->noise.name);
	text_fmt(t, ",driver=");
	text_quoted(t, TEXT_LABEL, s->noise.driver);
	text_fmt(t, "} 1\n");

	/* Nodes of one configuration show one hash. */
	family(t, &config, openmetrics);
	text_fmt(t, "%s{hash=\"%s\"} 1\n", config.metric, s->config.hash);

	/* A run that is not confined at all has no layers and no family of them. */
	if (s->confine.count > 0)
		family(t, &confinement, openmetrics);
	for (unsigned i = 0; i < s->confine.count; i++)
		text_fmt(t, "%s{layer=\"%s\"} %d\n", confinement.metric, s->confine.layers[i].name,
			 s->confine.layers[i].holds);
}

/* Zero series exist from the start for what an alert may look at; the rare codes appear when they happen. */
static bool is_common(enum http_handler h, unsigned code)
{
	if (h == HANDLER_OTHER)
		return code == 404;
	return code == 200 || (code == 503 && h <= HANDLER_STARTUPZ);
}

/* The counts are not in the status, because the endpoint itself makes them. */
static void http_requests(struct text *t, const struct http_counts *http, bool openmetrics)
{
	static const struct fact requests = {
		.metric = R "http_requests", .help = "HTTP requests answered.", .counter = true};
	family(t, &requests, openmetrics);
	for (unsigned h = 0; h < HTTP_HANDLERS; h++)
		for (unsigned i = 0; i < HTTP_CODES; i++)
			if (http->requests[h][i] > 0 || is_common(h, http_codes[i]))
				text_fmt(t, "%s_total{handler=\"%s\",code=\"%u\"} %" PRIu64 "\n", requests.metric,
					 handler_name(h), http_codes[i], http->requests[h][i]);
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
		text_fmt(t, "# EOF\n");
}
