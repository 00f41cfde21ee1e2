#include "serve/facts.h"

#include "serve/probes.h"

#include <string.h>

static bool is_live(const struct status *s)
{
	return probe_passes(s, PROBE_LIVENESS);
}

static bool is_ready(const struct status *s)
{
	return probe_passes(s, PROBE_READINESS);
}

static bool is_started(const struct status *s)
{
	return probe_passes(s, PROBE_STARTUP);
}

static const struct fact_labels kinds = {"kind", 0, SOURCE_KINDS, source_kind_name};
static const struct fact_labels causes = {"cause", SOURCE_FINE + 1, SOURCE_CAUSES, source_cause_name};
static const struct fact_labels states = {"state", 0, GATE_STATES, gate_state_name};
static const struct fact_labels tests = {"test", 0, HEALTH_TESTS, health_test_name};
static const struct fact_labels severities = {"severity", 0, HEALTH_SEVERITIES, health_severity_name};
static const struct fact_labels reasons = {"reason", 0, DRBG_REASONS, drbg_reason_name};
static const struct fact_labels stages = {"stage", 0, REFRESH_STAGES, refresh_stage_name};

#define R                      "random_refresher_"
#define AT(type_, member_)     .type = FACT_##type_, .offset = offsetof(struct status, member_)
#define STATUS(object_, name_) .object = (object_), .member = (name_)
#define GAUGE(name_, help_)    .metric = (name_), .help = (help_), .kind = FACT_GAUGE
#define COUNTER(name_, help_)  .metric = (name_), .help = (help_), .kind = FACT_COUNTER
#define TIMES(name_, help_)    .metric = (name_), .help = (help_), .kind = FACT_HISTOGRAM, .unit = "seconds"

/* clang-format off: one fact a row, or two lines */
const struct fact facts[] = {
	{STATUS(NULL, "openssl"), AT(TEXT, daemon.openssl)},
	{STATUS(NULL, "now_unix_seconds"), AT(SPAN, now_wall_ns)},
	{STATUS(NULL, "start"), AT(MOMENT, daemon.start_ns), .unit = "seconds",
	 GAUGE("process_start_time_seconds", "Start of the process.")},
	{STATUS(NULL, "live"), .type = FACT_VERDICT, .verdict = is_live},
	{STATUS(NULL, "ready"), .type = FACT_VERDICT, .verdict = is_ready,
	 GAUGE(R "ready", "1 while the numbers may be used: what /readyz answers.")},
	{STATUS(NULL, "started"), .type = FACT_VERDICT, .verdict = is_started},
	{STATUS(NULL, "stopping"), AT(BOOL, daemon.stopping)},
	{STATUS(NULL, "liveness_needs_source"), AT(BOOL, daemon.liveness_needs_source)},

	{STATUS("source", "kind"), AT(STATE, noise.kind), .by = &kinds},
	{STATUS("source", "name"), AT(TEXT, noise.name)},
	{STATUS("source", "driver"), AT(TEXT, noise.driver), .optional = true},
	{STATUS("source", "why"), AT(TEXT, noise.why)},
	{STATUS("source", "kernel_quality_ratio"), AT(F64, noise.kernel_quality_ratio), .optional = true,
	 .unit = "ratio",
	 GAUGE(R "source_kernel_quality_ratio", "Entropy per bit that the kernel credits to the source's driver.")},
	{STATUS("source", "assessed_entropy_ratio"), AT(F64, noise.assessed_entropy_ratio), .unit = "ratio",
	 GAUGE(R "source_assessed_entropy_ratio", "Min-entropy per bit that the configuration assumes.")},
	{STATUS("source", "h_per_sample"), AT(F64, noise.h_per_sample)},
	{STATUS("source", "sample_bits"), AT(UNSIGNED, noise.sample_bits)},
	{STATUS("source", "up"), .type = FACT_VERDICT, .verdict = probe_source_up,
	 GAUGE(R "source_up", "1 while the noise source gives samples.")},
	{STATUS("source", "error"), AT(TEXT, source.error)},
	{STATUS("source", "read_under_way_seconds"), AT(SINCE, source.read_began_ns)},
	{STATUS("source", "read_overdue_seconds"), AT(SPAN, source.read_overdue_ns)},
	{STATUS("source", "last_read"), AT(MOMENT, source.last_read_ns), .unit = "seconds",
	 GAUGE(R "source_last_read_timestamp_seconds", "Time of the last read that gave samples.")},
	{STATUS("source", "watch_interval_seconds"), AT(SPAN, source.watch_ns)},
	{STATUS("source", "read_bytes"), AT(U64, source.read_bytes), .unit = "bytes",
	 COUNTER(R "source_read_bytes", "Bytes read from the noise source.")},
	{STATUS("source", "read_errors"), AT(U64, source.read_errors), .by = &causes,
	 COUNTER(R "source_read_errors", "Failed reads of the noise source.")},
	{STATUS("source", "read_duration"), AT(TIMES, source.read_seconds),
	 TIMES(R "source_read_duration_seconds", "Time that reads of the source took.")},
	{STATUS("source", "pool_samples"), AT(U64, pool.level), .unit = "samples",
	 GAUGE(R "source_pool_samples", "Tested samples that wait for the next reseed.")},
	{STATUS("source", "pool_capacity_samples"), AT(U64, pool.capacity), .unit = "samples",
	 GAUGE(R "source_pool_capacity_samples", "Tested samples that the pool can hold.")},

	{STATUS("health", "state"), AT(STATE, gate.state), .by = &states,
	 GAUGE(R "health_state", "1 for the present state of the source's health.")},
	{STATUS("health", "state_seconds"), AT(SINCE, gate.since_ns)},
	{STATUS("health", "reason"), AT(TEXT, gate.reason)},
	{STATUS("health", "retry_in_seconds"), AT(UNTIL, gate.retry_at_ns)},
	{STATUS("health", "failures_latched"), AT(U64, gate.failures_latched)},
	{STATUS("health", "startup_done"), AT(UNSIGNED, health.startup_done)},
	{STATUS("health", "startup_samples"), AT(UNSIGNED, health.startup_samples)},
	{STATUS("health", "tests"), AT(U64, health.tests), .by = &tests,
	 COUNTER(R "health_tests", "Health tests completed (SP 800-90B section 4).")},
	{STATUS("health", "test_failures"), AT(U64, health.failures), .by = &tests, .and_by = &severities,
	 COUNTER(R "health_test_failures", "Health tests failed.")},
	{STATUS("health", "test_cutoff"), AT(U64, health.cutoffs), .by = &tests, .and_by = &severities,
	 .optional = true, GAUGE(R "health_test_cutoff", "Count at which a health test fails.")},
	{STATUS("health", "test_peak"), AT(U64, health.peaks), .by = &tests, .optional = true,
	 GAUGE(R "health_test_peak", "Highest count of the last window; see the cutoff.")},

	{STATUS("drbg", "ok"), AT(BOOL, drbg.ok)},
	{STATUS("drbg", "error"), AT(TEXT, drbg.error)},
	{STATUS("drbg", "reseeds"), AT(U64, drbg.reseeds), .by = &reasons,
	 COUNTER(R "drbg_reseeds", "Reseeds of the DRBG from the noise source.")},
	{STATUS("drbg", "last_reseed"), AT(MOMENT, drbg.last_reseed_ns), .unit = "seconds",
	 GAUGE(R "drbg_last_reseed_timestamp_seconds", "Time of the last reseed.")},
	{STATUS("drbg", "self_tests"), AT(U64, drbg.self_tests),
	 COUNTER(R "drbg_self_tests", "Known-answer tests of the DRBG: at start, each hour, on SIGUSR2.")},
	{STATUS("drbg", "last_self_test"), AT(MOMENT, drbg.last_self_test_ns), .unit = "seconds",
	 GAUGE(R "drbg_last_self_test_timestamp_seconds", "Time of the last known-answer test.")},
	{STATUS("drbg", "generated_bytes"), AT(U64, drbg.generated_bytes), .unit = "bytes",
	 COUNTER(R "drbg_generated_bytes", "Bytes that the DRBG generated.")},

	{STATUS("refresh", "interval_seconds"), AT(F64, refresh.interval_seconds), .unit = "seconds",
	 GAUGE(R "refresh_interval_seconds", "Configured time between refreshes; 0: once.")},
	{STATUS("refresh", "stage"), AT(TEXT, refresh.activity)},
	{STATUS("refresh", "stage_seconds"), AT(SINCE, refresh.activity_since_ns)},
	{STATUS("refresh", "heartbeat_age_seconds"), AT(SINCE, refresh.heartbeat_ns)},
	{STATUS("refresh", "count"), AT(U64, refresh.attempts),
	 COUNTER(R "refreshes", "Refreshes begun, failed ones included.")},
	{STATUS("refresh", "failures"), AT(U64, refresh.failures), .by = &stages,
	 COUNTER(R "refresh_failures", "Refreshes failed, by the stage that failed.")},
	{STATUS("refresh", "error"), AT(TEXT, refresh.error)},
	{STATUS("refresh", "duration"), AT(TIMES, refresh.seconds),
	 TIMES(R "refresh_duration_seconds", "Time that successful refreshes took.")},

	{STATUS("output", "file"), AT(TEXT, output.file)},
	{STATUS("output", "format"), AT(TEXT, refresh.format)},
	{STATUS("output", "write"), AT(TEXT, output.mode)},
	{STATUS("output", "ok"), AT(BOOL, output.ok)},
	{STATUS("output", "directory_ok"), AT(BOOL, output.directory_ok)},
	{STATUS("output", "generation"), AT(U64, output.generation)},
	{STATUS("output", "last_refresh"), AT(MOMENT, output.published_ns), .unit = "seconds",
	 GAUGE(R "last_refresh_timestamp_seconds", "Time of the last published file.")},
	{STATUS("output", "file_numbers"), AT(U64, output.file_numbers), .optional = true,
	 GAUGE(R "file_numbers", "Numbers published last, in the present file.")},
	{STATUS("output", "file_bytes"), AT(U64, output.file_bytes), .optional = true, .unit = "bytes",
	 GAUGE(R "file_bytes", "Bytes published last: the size of the present file.")},
	{STATUS("output", "numbers_written"), AT(U64, output.numbers_written),
	 COUNTER(R "numbers_written", "Numbers published.")},

	{STATUS("config", "last_reload_successful"), AT(BOOL, daemon.reload_ok),
	 GAUGE(R "config_last_reload_successful", "0 after a reload that was refused.")},
	{STATUS("config", "last_reload"), AT(MOMENT, daemon.last_reload_ns), .unit = "seconds",
	 GAUGE(R "config_last_reload_success_timestamp_seconds",
	       "Time of the last successful reload, or of the start.")},

	{STATUS("process", "cpu_seconds"), AT(F64, process.cpu_seconds), .unit = "seconds",
	 COUNTER("process_cpu_seconds", "User and system CPU time.")},
	{STATUS("process", "resident_bytes"), AT(U64, process.resident_bytes), .optional = true, .unit = "bytes",
	 GAUGE("process_resident_memory_bytes", "Resident memory.")},
	{STATUS("process", "virtual_bytes"), AT(U64, process.virtual_bytes), .optional = true, .unit = "bytes",
	 GAUGE("process_virtual_memory_bytes", "Virtual memory.")},
	{STATUS("process", "open_fds"), AT(U64, process.open_fds), .optional = true,
	 GAUGE("process_open_fds", "Open file descriptors.")},
	{STATUS("process", "max_fds"), AT(U64, process.max_fds), .optional = true,
	 GAUGE("process_max_fds", "Limit of open file descriptors.")},
	{STATUS("process", "threads"), AT(U64, process.threads), .optional = true,
	 GAUGE("process_threads", "Threads.")},
};
/* clang-format on */
const size_t facts_count = sizeof facts / sizeof *facts;

const struct fact_labels fact_single = {.count = 1};

static const void *at(const struct fact *f, const struct status *s)
{
	return (const char *)s + f->offset;
}

uint64_t fact_u64(const struct fact *f, const struct status *s, unsigned i, unsigned j)
{
	unsigned value;
	switch (f->type) {
	case FACT_VERDICT:
		return f->verdict(s);
	case FACT_BOOL:
		return *(const bool *)at(f, s);
	case FACT_UNSIGNED:
		return *(const unsigned *)at(f, s);
	case FACT_STATE:
		memcpy(&value, at(f, s), sizeof value); /* an enum has no type of its own that all share */
		return value;
	default:
		return ((const uint64_t *)at(f, s))[i * (f->and_by ? f->and_by->count : 1) + j];
	}
}

double fact_f64(const struct fact *f, const struct status *s)
{
	return *(const double *)at(f, s);
}

int64_t fact_ns(const struct fact *f, const struct status *s)
{
	int64_t ns = *(const int64_t *)at(f, s);
	if (f->type == FACT_SINCE)
		return s->now_ns - ns;
	return f->type == FACT_UNTIL ? ns - s->now_ns : ns;
}

const char *fact_text(const struct fact *f, const struct status *s)
{
	return at(f, s);
}

const struct histogram *fact_times(const struct fact *f, const struct status *s)
{
	return at(f, s);
}

bool fact_is_absent(const struct fact *f, const struct status *s, unsigned i, unsigned j)
{
	switch (f->type) {
	case FACT_MOMENT:
	case FACT_SINCE:
	case FACT_UNTIL:
		return *(const int64_t *)at(f, s) == 0;
	case FACT_F64:
		return f->optional && fact_f64(f, s) < 0;
	case FACT_TEXT:
		return f->optional && fact_text(f, s)[0] == '\0';
	case FACT_U64:
		return f->optional && fact_u64(f, s, i, j) == 0;
	default:
		return false;
	}
}
