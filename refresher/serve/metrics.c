#include "serve/metrics.h"

#include "serve/probes.h"
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

enum type { GAUGE, COUNTER, HISTOGRAM };

/* In OpenMetrics the family of a counter is named without _total, and its unit has a line of its own. */
static void family(struct page *p, const char *name, enum type type, const char *unit, const char *help)
{
	static const char *const types[] = {" gauge\n", " counter\n", " histogram\n"};
	const char *total = type == COUNTER && !p->openmetrics ? "_total" : "";
	p->name = name;
	p->counter = type == COUNTER;
	text_lit(&p->t, "# HELP ");
	text_str(&p->t, name);
	text_str(&p->t, total);
	text_char(&p->t, ' ');
	text_str(&p->t, help);
	text_lit(&p->t, "\n# TYPE ");
	text_str(&p->t, name);
	text_str(&p->t, total);
	text_str(&p->t, types[type]);
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

static void label(struct page *p, char before, const char *name, const char *value)
{
	text_char(&p->t, before);
	text_str(&p->t, name);
	text_lit(&p->t, "=\"");
	text_str(&p->t, value);
	text_char(&p->t, '"');
}

/* For a value that comes from outside; the escapes cost a third of the page when every label pays for them. */
static void label_escaped(struct page *p, char before, const char *name, const char *value)
{
	text_char(&p->t, before);
	text_str(&p->t, name);
	text_lit(&p->t, "=\"");
	text_label(&p->t, value);
	text_char(&p->t, '"');
}

static void value_u64(struct page *p, uint64_t v)
{
	text_char(&p->t, ' ');
	text_u64(&p->t, v);
	text_char(&p->t, '\n');
}

static void value_f64(struct page *p, double v)
{
	text_char(&p->t, ' ');
	text_f64(&p->t, v);
	text_char(&p->t, '\n');
}

static void value_ns(struct page *p, int64_t v)
{
	text_char(&p->t, ' ');
	text_ns(&p->t, v);
	text_char(&p->t, '\n');
}

static void one_u64(struct page *p, uint64_t v)
{
	sample(p, "");
	value_u64(p, v);
}

static void one_f64(struct page *p, double v)
{
	sample(p, "");
	value_f64(p, v);
}

static void one_ns(struct page *p, int64_t v)
{
	sample(p, "");
	value_ns(p, v);
}

static void with_label(struct page *p, const char *name, const char *value, uint64_t v)
{
	sample(p, "");
	label(p, '{', name, value);
	text_char(&p->t, '}');
	value_u64(p, v);
}

static void with_labels(struct page *p, const char *name, const char *value, const char *name2, const char *value2,
			uint64_t v)
{
	sample(p, "");
	label(p, '{', name, value);
	label(p, ',', name2, value2);
	text_char(&p->t, '}');
	value_u64(p, v);
}

static void histogram(struct page *p, const struct histogram *h, const double *bounds, unsigned n)
{
	uint64_t below = 0;
	for (unsigned i = 0; i <= n; i++) {
		below += h->buckets[i];
		sample(p, "_bucket{le=\"");
		text_f64(&p->t, i < n ? bounds[i] : (double)INFINITY);
		if (p->openmetrics && i < n && bounds[i] >= 1) /* 1.0.0 wants 1.0, not 1; ours from 1 on are whole */
			text_lit(&p->t, ".0");
		text_lit(&p->t, "\"}");
		value_u64(p, below);
	}
	sample(p, "_sum");
	value_f64(p, h->sum);
	sample(p, "_count");
	value_u64(p, h->count);
}

static void identity(struct page *p, const struct status *s)
{
	family(p, PREFIX "build_info", GAUGE, NULL, "Version of refresher and of its cryptographic library.");
	sample(p, "");
	label(p, '{', "version", REFRESHER_VERSION);
	label(p, ',', "revision", REFRESHER_REVISION);
	label_escaped(p, ',', "openssl", s->openssl);
	label(p, ',', "arch", ARCH);
	text_char(&p->t, '}');
	value_u64(p, 1);
	family(p, PREFIX "source_info", GAUGE, NULL, "The noise source in use.");
	sample(p, "");
	label_escaped(p, '{', "kind", s->source_kind);
	label_escaped(p, ',', "device", s->source_name);
	label_escaped(p, ',', "driver", s->source_driver);
	text_char(&p->t, '}');
	value_u64(p, 1);
	if (s->kernel_quality_ratio >= 0) {
		family(p, PREFIX "source_kernel_quality_ratio", GAUGE, "ratio",
		       "Entropy per bit that the kernel credits to the source's driver.");
		one_f64(p, s->kernel_quality_ratio);
	}
	family(p, PREFIX "source_assessed_entropy_ratio", GAUGE, "ratio",
	       "Min-entropy per bit that the configuration assumes.");
	one_f64(p, s->assessed_entropy_ratio);
}

static void source(struct page *p, const struct status *s)
{
	family(p, PREFIX "source_up", GAUGE, NULL, "1 while the noise source gives samples.");
	one_u64(p, probe_source_up(s));
	family(p, PREFIX "source_read_bytes", COUNTER, "bytes", "Bytes read from the noise source.");
	one_u64(p, s->read_bytes);
	family(p, PREFIX "source_read_errors", COUNTER, NULL, "Failed reads of the noise source.");
	for (unsigned i = 0; i < STATUS_CAUSES; i++)
		with_label(p, "cause", status_cause_name(i), s->read_errors[i]);
	family(p, PREFIX "source_read_duration_seconds", HISTOGRAM, "seconds", "Time that reads of the source took.");
	histogram(p, &s->read_seconds, status_read_bounds, STATUS_READ_BUCKETS);
	family(p, PREFIX "source_pool_samples", GAUGE, "samples", "Tested samples that wait for the next reseed.");
	one_u64(p, s->pool_level);
	family(p, PREFIX "source_pool_capacity_samples", GAUGE, "samples", "Tested samples that the pool can hold.");
	one_u64(p, s->pool_capacity);
}

static void health(struct page *p, const struct status *s)
{
	family(p, PREFIX "health_state", GAUGE, NULL, "1 for the present state of the source's health.");
	for (unsigned i = 0; i < GATE_STATES; i++)
		with_label(p, "state", gate_state_name(i), s->state == i);
	family(p, PREFIX "health_tests", COUNTER, NULL, "Health tests completed (SP 800-90B section 4).");
	for (unsigned i = 0; i < STATUS_TESTS; i++)
		with_label(p, "test", status_test_name(i), s->tests[i]);
	family(p, PREFIX "health_test_failures", COUNTER, NULL, "Health tests failed.");
	for (unsigned i = 0; i < STATUS_TESTS; i++)
		for (unsigned j = 0; j < STATUS_SEVERITIES; j++)
			with_labels(p, "test", status_test_name(i), "severity", status_severity_name(j),
				    s->failures[i][j]);
	family(p, PREFIX "health_test_cutoff", GAUGE, NULL, "Count at which a health test fails.");
	for (unsigned i = 0; i < STATUS_TESTS; i++)
		for (unsigned j = 0; j < STATUS_SEVERITIES; j++)
			if (s->cutoffs[i][j] > 0)
				with_labels(p, "test", status_test_name(i), "severity", status_severity_name(j),
					    s->cutoffs[i][j]);
	family(p, PREFIX "health_test_peak", GAUGE, NULL, "Highest count of the last window; see the cutoff.");
	with_label(p, "test", status_test_name(TEST_RCT), s->peaks[TEST_RCT]);
	with_label(p, "test", status_test_name(TEST_APT), s->peaks[TEST_APT]);
}

static void drbg(struct page *p, const struct status *s)
{
	family(p, PREFIX "drbg_reseeds", COUNTER, NULL, "Reseeds of the DRBG from the noise source.");
	for (unsigned i = 0; i < STATUS_REASONS; i++)
		with_label(p, "reason", status_reason_name(i), s->reseeds[i]);
	if (s->last_reseed_mono_ns != 0) {
		family(p, PREFIX "drbg_last_reseed_timestamp_seconds", GAUGE, "seconds", "Time of the last reseed.");
		one_ns(p, status_wall_ns(s, s->last_reseed_mono_ns));
	}
	family(p, PREFIX "drbg_generated_bytes", COUNTER, "bytes", "Bytes that the DRBG generated.");
	one_u64(p, s->generated_bytes);
}

static void refreshes(struct page *p, const struct status *s)
{
	family(p, PREFIX "refreshes", COUNTER, NULL, "Refreshes begun, failed ones included.");
	one_u64(p, s->refreshes);
	family(p, PREFIX "refresh_failures", COUNTER, NULL, "Refreshes failed, by the stage that failed.");
	for (unsigned i = 0; i < STATUS_STAGES; i++)
		with_label(p, "stage", status_stage_name(i), s->refresh_failures[i]);
	family(p, PREFIX "refresh_duration_seconds", HISTOGRAM, "seconds", "Time that successful refreshes took.");
	histogram(p, &s->refresh_seconds, status_refresh_bounds, STATUS_REFRESH_BUCKETS);
	family(p, PREFIX "refresh_interval_seconds", GAUGE, "seconds", "Configured time between refreshes; 0: once.");
	one_f64(p, s->interval_seconds);
	family(p, PREFIX "numbers_written", COUNTER, NULL, "Numbers published.");
	one_u64(p, s->numbers_written);
	if (s->last_refresh_mono_ns == 0)
		return;
	family(p, PREFIX "last_refresh_timestamp_seconds", GAUGE, "seconds", "Time of the last published file.");
	one_ns(p, status_wall_ns(s, s->last_refresh_mono_ns));
	family(p, PREFIX "file_numbers", GAUGE, NULL, "Numbers published last, in the present file.");
	one_u64(p, s->file_numbers);
	family(p, PREFIX "file_bytes", GAUGE, "bytes", "Bytes published last: the size of the present file.");
	one_u64(p, s->file_bytes);
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
	family(p, PREFIX "http_requests", COUNTER, NULL, "HTTP requests answered.");
	for (unsigned h = 0; h < HTTP_HANDLERS; h++)
		for (unsigned c = 0; c < HTTP_CODES; c++)
			if (http->requests[h][c] > 0 || is_common(h, c))
				with_labels(p, "handler", handler_name(h), "code", code_name(c), http->requests[h][c]);
}

static void daemon_state(struct page *p, const struct status *s)
{
	family(p, PREFIX "config_last_reload_successful", GAUGE, NULL, "0 after a reload that was refused.");
	one_u64(p, s->reload_ok);
	family(p, PREFIX "config_last_reload_success_timestamp_seconds", GAUGE, "seconds",
	       "Time of the last successful reload, or of the start.");
	one_ns(p, status_wall_ns(s, s->last_reload_mono_ns));
	if (s->layer_count > 0)
		family(p, PREFIX "confinement", GAUGE, NULL, "1 for each layer of confinement that holds.");
	for (unsigned i = 0; i < s->layer_count; i++)
		with_label(p, "layer", s->layers[i].name, s->layers[i].holds);
}

/* A gauge of the process, left out where it could not be read. */
static void process_gauge(struct page *p, const char *name, const char *unit, const char *help, uint64_t v)
{
	if (v == STATUS_UNKNOWN)
		return;
	family(p, name, GAUGE, unit, help);
	one_u64(p, v);
}

static void process(struct page *p, const struct status *s)
{
	family(p, "process_cpu_seconds", COUNTER, "seconds", "User and system CPU time.");
	one_f64(p, s->cpu_seconds);
	process_gauge(p, "process_resident_memory_bytes", "bytes", "Resident memory.", s->resident_bytes);
	process_gauge(p, "process_virtual_memory_bytes", "bytes", "Virtual memory.", s->virtual_bytes);
	family(p, "process_start_time_seconds", GAUGE, "seconds", "Start of the process.");
	one_ns(p, status_wall_ns(s, s->start_mono_ns));
	process_gauge(p, "process_open_fds", NULL, "Open file descriptors.", s->open_fds);
	process_gauge(p, "process_max_fds", NULL, "Limit of open file descriptors.", s->max_fds);
	process_gauge(p, "process_threads", NULL, "Threads.", s->threads);
}

const char *metrics_type(bool openmetrics)
{
	return openmetrics ? "application/openmetrics-text; version=1.0.0; charset=utf-8"
			   : "text/plain; version=0.0.4; charset=utf-8";
}

size_t metrics_render(const struct status *s, const struct http_counts *http, bool openmetrics, char *out, size_t cap)
{
	struct page p = {.openmetrics = openmetrics};
	assert(cap >= TEXT_PAGE_MAX);
	text_init(&p.t, out, cap);
	identity(&p, s);
	source(&p, s);
	health(&p, s);
	drbg(&p, s);
	refreshes(&p, s);
	http_requests(&p, http);
	daemon_state(&p, s);
	process(&p, s);
	if (openmetrics)
		text_lit(&p.t, "# EOF\n");
	assert(!p.t.cut);
	return p.t.len;
}
