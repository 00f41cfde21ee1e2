#include "serve/page.h"

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

/* JSON: a comma goes before every member but the first of its object. */
static void key(struct text *t, const char *name)
{
	char last = t->len > 0 ? t->buf[t->len - 1] : '{';
	if (last != '{' && last != '[')
		text_char(t, ',');
	text_char(t, '"');
	text_str(t, name); /* ours: needs no escape */
	text_lit(t, "\":");
}

static void open_object(struct text *t, const char *name)
{
	key(t, name);
	text_char(t, '{');
}

static void close_object(struct text *t)
{
	text_char(t, '}');
}

static void put_str(struct text *t, const char *name, const char *v)
{
	key(t, name);
	text_json(t, v);
}

static void put_u64(struct text *t, const char *name, uint64_t v)
{
	key(t, name);
	text_u64(t, v);
}

/* What is not there yet, or not any more, is null. */
static void put_there(struct text *t, const char *name, bool there, uint64_t v)
{
	key(t, name);
	if (there)
		text_u64(t, v);
	else
		text_lit(t, "null");
}

/* What could not be read is left out. */
static void put_known(struct text *t, const char *name, uint64_t v)
{
	if (v != STATUS_UNKNOWN)
		put_u64(t, name, v);
}

static void put_bool(struct text *t, const char *name, bool v)
{
	key(t, name);
	text_str(t, v ? "true" : "false");
}

static void put_f64(struct text *t, const char *name, double v)
{
	key(t, name);
	if (isfinite(v))
		text_f64(t, v);
	else
		text_lit(t, "null");
}

/* `there` false: null. */
static void put_ns(struct text *t, const char *name, bool there, int64_t ns)
{
	key(t, name);
	if (there)
		text_ns(t, ns);
	else
		text_lit(t, "null");
}

/* A moment as wall time. */
static void put_unix(struct text *t, const char *name, const struct status *s, int64_t mono_ns)
{
	put_ns(t, name, mono_ns != 0, status_wall_ns(s, mono_ns));
}

static void put_since(struct text *t, const char *name, const struct status *s, int64_t mono_ns)
{
	put_ns(t, name, mono_ns != 0, s->now_mono_ns - mono_ns);
}

static void put_histogram(struct text *t, const char *name, const struct histogram *h, const double *bounds, unsigned n)
{
	open_object(t, name);
	key(t, "upper_bounds_seconds");
	for (unsigned i = 0; i < n; i++) {
		text_char(t, i ? ',' : '[');
		text_f64(t, bounds[i]);
	}
	text_char(t, ']');
	key(t, "buckets"); /* one more than bounds: the last has none */
	for (unsigned i = 0; i <= n; i++) {
		text_char(t, i ? ',' : '[');
		text_u64(t, h->buckets[i]);
	}
	text_char(t, ']');
	put_u64(t, "count", h->count);
	put_f64(t, "sum_seconds", h->sum);
	close_object(t);
}

static void put_identity(struct text *t, const struct status *s)
{
	put_str(t, "version", REFRESHER_VERSION);
	put_str(t, "revision", REFRESHER_REVISION);
	put_str(t, "openssl", s->openssl);
	put_unix(t, "now_unix_seconds", s, s->now_mono_ns);
	put_unix(t, "start_unix_seconds", s, s->start_mono_ns);
	put_since(t, "uptime_seconds", s, s->start_mono_ns);
	put_bool(t, "live", probe_passes(s, PROBE_LIVE));
	put_bool(t, "ready", probe_passes(s, PROBE_READY));
	put_bool(t, "started", probe_passes(s, PROBE_STARTUP));
	put_bool(t, "stopping", s->stopping);
	put_bool(t, "liveness_needs_source", s->liveness_needs_source);
}

static void put_source(struct text *t, const struct status *s)
{
	open_object(t, "source");
	put_str(t, "kind", s->source_kind);
	put_str(t, "name", s->source_name);
	if (s->source_driver[0])
		put_str(t, "driver", s->source_driver);
	put_str(t, "why", s->source_why);
	if (s->kernel_quality_ratio >= 0)
		put_f64(t, "kernel_quality_ratio", s->kernel_quality_ratio);
	put_f64(t, "assessed_entropy_ratio", s->assessed_entropy_ratio);
	put_f64(t, "h_per_sample", s->h_per_sample);
	put_u64(t, "sample_bits", s->sample_bits);
	put_bool(t, "up", probe_source_up(s));
	put_str(t, "error", s->source_error);
	put_since(t, "read_under_way_seconds", s, s->read_began_mono_ns);
	put_ns(t, "read_overdue_seconds", true, s->read_overdue_ns);
	put_u64(t, "read_bytes", s->read_bytes);
	open_object(t, "read_errors");
	for (unsigned i = 0; i < STATUS_CAUSES; i++)
		put_u64(t, status_cause_name(i), s->read_errors[i]);
	close_object(t);
	put_histogram(t, "read_duration", &s->read_seconds, status_read_bounds, STATUS_READ_BUCKETS);
	put_u64(t, "pool_samples", s->pool_level);
	put_u64(t, "pool_capacity_samples", s->pool_capacity);
	close_object(t);
}

static void put_severities(struct text *t, const char *name, uint64_t intermittent, uint64_t permanent)
{
	open_object(t, name);
	put_u64(t, status_severity_name(SEVERITY_INTERMITTENT), intermittent);
	put_u64(t, status_severity_name(SEVERITY_PERMANENT), permanent);
	close_object(t);
}

static void put_test(struct text *t, const struct status *s, enum status_test i)
{
	const uint64_t *failures = s->failures[i];
	const uint32_t *cutoffs = s->cutoffs[i];
	open_object(t, status_test_name(i));
	put_u64(t, "completed", s->tests[i]);
	put_severities(t, "failures", failures[SEVERITY_INTERMITTENT], failures[SEVERITY_PERMANENT]);
	if (i == TEST_RCT || i == TEST_APT) {
		put_severities(t, "cutoff", cutoffs[SEVERITY_INTERMITTENT], cutoffs[SEVERITY_PERMANENT]);
		put_u64(t, "peak", s->peaks[i]);
	}
	close_object(t);
}

static void put_health(struct text *t, const struct status *s)
{
	open_object(t, "health");
	put_str(t, "state", gate_state_name(s->state));
	put_since(t, "state_seconds", s, s->state_since_mono_ns);
	put_str(t, "reason", s->state_reason);
	put_ns(t, "retry_in_seconds", s->retry_at_mono_ns != 0, s->retry_at_mono_ns - s->now_mono_ns);
	put_u64(t, "failures_latched", s->failures_latched);
	put_u64(t, "startup_done", s->startup_done);
	put_u64(t, "startup_samples", s->startup_samples);
	open_object(t, "tests");
	for (unsigned i = 0; i < STATUS_TESTS; i++)
		put_test(t, s, i);
	close_object(t);
	close_object(t);
}

static void put_drbg(struct text *t, const struct status *s)
{
	open_object(t, "drbg");
	put_str(t, "mechanism", s->drbg);
	put_bool(t, "ok", s->drbg_ok);
	put_str(t, "error", s->drbg_error);
	open_object(t, "reseeds");
	for (unsigned i = 0; i < STATUS_REASONS; i++)
		put_u64(t, status_reason_name(i), s->reseeds[i]);
	close_object(t);
	put_unix(t, "last_reseed_unix_seconds", s, s->last_reseed_mono_ns);
	put_u64(t, "generated_bytes", s->generated_bytes);
	close_object(t);
}

static void put_refresh(struct text *t, const struct status *s)
{
	open_object(t, "refresh");
	put_f64(t, "interval_seconds", s->interval_seconds);
	put_str(t, "stage", s->worker_stage);
	put_since(t, "stage_seconds", s, s->stage_since_mono_ns);
	put_since(t, "heartbeat_age_seconds", s, s->heartbeat_mono_ns);
	put_u64(t, "count", s->refreshes);
	open_object(t, "failures");
	for (unsigned i = 0; i < STATUS_STAGES; i++)
		put_u64(t, status_stage_name(i), s->refresh_failures[i]);
	close_object(t);
	put_str(t, "error", s->refresh_error);
	put_histogram(t, "duration", &s->refresh_seconds, status_refresh_bounds, STATUS_REFRESH_BUCKETS);
	close_object(t);
}

static void put_output(struct text *t, const struct status *s)
{
	open_object(t, "output");
	put_str(t, "file", s->file);
	put_str(t, "format", s->format);
	put_str(t, "write", s->write_mode);
	put_bool(t, "ok", s->sink_ok);
	put_bool(t, "directory_ok", s->directory_ok);
	put_u64(t, "generation", s->generation);
	put_unix(t, "last_refresh_unix_seconds", s, s->last_refresh_mono_ns);
	put_since(t, "age_seconds", s, s->last_refresh_mono_ns);
	/* There is no file before the first one, and none after it was removed. */
	put_there(t, "file_numbers", s->last_refresh_mono_ns != 0, s->file_numbers);
	put_there(t, "file_bytes", s->last_refresh_mono_ns != 0, s->file_bytes);
	put_u64(t, "numbers_written", s->numbers_written);
	close_object(t);
}

static void put_confinement(struct text *t, const struct status *s)
{
	open_object(t, "confinement");
	for (unsigned i = 0; i < s->layer_count; i++) {
		open_object(t, s->layers[i].name);
		put_bool(t, "holds", s->layers[i].holds);
		put_str(t, "detail", s->layers[i].detail);
		close_object(t);
	}
	close_object(t);
}

static void put_process(struct text *t, const struct status *s)
{
	open_object(t, "config");
	put_bool(t, "last_reload_successful", s->reload_ok);
	put_unix(t, "last_reload_unix_seconds", s, s->last_reload_mono_ns);
	close_object(t);
	open_object(t, "process");
	put_f64(t, "cpu_seconds", s->cpu_seconds);
	put_known(t, "resident_bytes", s->resident_bytes);
	put_known(t, "virtual_bytes", s->virtual_bytes);
	put_known(t, "open_fds", s->open_fds);
	put_known(t, "max_fds", s->max_fds);
	put_known(t, "threads", s->threads);
	close_object(t);
}

size_t page_status(const struct status *s, char *out, size_t cap)
{
	struct text t;
	assert(cap >= TEXT_PAGE_MAX);
	text_init(&t, out, cap);
	text_char(&t, '{');
	put_identity(&t, s);
	put_source(&t, s);
	put_health(&t, s);
	put_drbg(&t, s);
	put_refresh(&t, s);
	put_output(&t, s);
	put_confinement(&t, s);
	put_process(&t, s);
	text_lit(&t, "}\n");
	assert(!t.cut);
	return t.len;
}
