#include "serve/facts.h"

#include "base/clock.h"

#include <math.h>

/* A row says where the fact is in /status, what lies where in struct status, which metric it is and which labels it
 * has. A label is its name, the first value, one more than the last, and the names of all values. One row a
 * fact, in one line or two. A moment has a second row in /status alone: its age, in which no reader's clock has a part.
 */
/* clang-format off */
#define R                      "random_refresher_"
#define AT(type_, member_)     .type = FACT_##type_, .offset = offsetof(struct status, member_), \
			       .size = sizeof ((const struct status *)NULL)->member_
#define STATUS(object_, name_) .object = (object_), .member = (name_)
#define GAUGE(name_, help_)    FACT_METRIC(name_, "", "gauge", help_)
#define COUNTER(name_, help_)  FACT_METRIC(name_, "_total", "counter", help_)
#define TIMES(name_, help_)    FACT_METRIC(name_, "", "histogram", help_), .unit = "seconds"
#define PROBE(probe_)          .type = FACT_PROBE, .probe = PROBE_##probe_
#define MOMENT(object_, name_, member_, ...)                                                       \
	{STATUS(object_, name_ "_unix_seconds"), AT(MOMENT, member_), .unit = "seconds", __VA_ARGS__}, \
	{STATUS(object_, name_ "_age_seconds"), AT(SINCE, member_)}
#define BY(label_, ...)        .by = &(const struct fact_labels){"{" label_ "=\"", __VA_ARGS__}
#define AND_BY(label_, ...)    .and_by = &(const struct fact_labels){"\"," label_ "=\"", __VA_ARGS__}
#define BY_ESTIMATOR           BY("estimator", 0, RUNNING_ESTIMATORS, running_estimator_names)
#define BY_TEST                BY("test", 0, HEALTH_TESTS, health_test_names)
#define AND_BY_SEVERITY        AND_BY("severity", 0, HEALTH_SEVERITIES, health_verdict_names + HEALTH_INTERMITTENT)

const struct fact facts[] = {
	/* The top of the document. */
	{STATUS("", "openssl"), AT(TEXT, daemon.openssl)},
	{STATUS("", "host"), AT(TEXT, daemon.host)},
	{STATUS("", "node"), AT(TEXT, daemon.node), .optional = true},
	{STATUS("", "now_unix_seconds"), AT(SPAN, now_wall_ns)},
	MOMENT("", "start", daemon.start_ns,
	 GAUGE("process_start_time_seconds", "Start of the process.")),
	{STATUS("", "live"), PROBE(LIVENESS)},
	{STATUS("", "ready"), PROBE(READINESS),
	 GAUGE(R "ready", "1 while the numbers may be used: what /readyz answers.")},
	{STATUS("", "started"), PROBE(STARTUP)},
	{STATUS("", "stopping"), AT(BOOL, daemon.stopping)},
	{STATUS("", "liveness_needs_source"), AT(BOOL, daemon.liveness_needs_source)},

	/* Which source it is, and what its reads gave. */
	{STATUS("source", "kind"), AT(STATE, noise.kind), BY("kind", 0, SOURCE_KINDS, source_kind_names)},
	{STATUS("source", "name"), AT(TEXT, noise.name)},
	{STATUS("source", "driver"), AT(TEXT, noise.driver), .optional = true},
	{STATUS("source", "why"), AT(TEXT, noise.why)},
	{STATUS("source", "kernel_quality_ratio"), AT(F64, noise.kernel_quality_ratio), .optional = true,
	 .unit = "ratio",
	 GAUGE(R "source_kernel_quality_ratio", "Entropy per bit that the kernel credits to the source's driver.")},
	{STATUS("source", "assessed_entropy_ratio"), AT(F64, noise.assessed_entropy_ratio), .unit = "ratio",
	 GAUGE(R "source_assessed_entropy_ratio",
	       "Min-entropy per bit that is assumed: as configured, or less by evidence.")},
	{STATUS("source", "evidence"), AT(STATE, assessed.use), BY("use", 0, ASSESSED_USES, assessed_use_names),
	 GAUGE(R "source_evidence", "1 for what became of source.min_entropy_file.")},
	{STATUS("source", "evidence_driver"), AT(TEXT, assessed.driver), .optional = true},
	{STATUS("source", "evidence_version"), AT(TEXT, assessed.version), .optional = true},
	{STATUS("source", "evidence_h_per_sample"), AT(F64, assessed.h_per_sample), .optional = true},
	{STATUS("source", "evidence_entropy_ratio"), AT(F64, assessed.entropy_ratio), .optional = true, .unit = "ratio",
	 GAUGE(R "source_evidence_entropy_ratio", "Min-entropy per bit that was assessed of this generator.")},
	{STATUS("source", "evidence_samples"), AT(U64, assessed.samples), .optional = true, .unit = "samples",
	 GAUGE(R "source_evidence_samples", "Samples of which it was assessed.")},
	{STATUS("source", "evidence_unix_seconds"), AT(F64, assessed.date_unix_seconds), .optional = true,
	 .unit = "seconds",
	 GAUGE(R "source_evidence_timestamp_seconds", "Time of the assessment.")},
	{STATUS("source", "estimated_entropy_ratio"), AT(F64, estimates.ratio), BY_ESTIMATOR, .optional = true,
	 .unit = "ratio",
	 GAUGE(R "source_estimated_entropy_ratio", "Min-entropy per bit, estimated from the last 10^6 samples.")},
	{STATUS("source", "estimated_entropy_floor_ratio"), AT(F64, estimates.floor), BY_ESTIMATOR, .unit = "ratio",
	 GAUGE(R "source_estimated_entropy_floor_ratio",
	       "An estimate below this is less than is assumed, or less than ideal samples give.")},
	MOMENT("source", "last_estimate", estimates.last_ns,
	 GAUGE(R "source_last_estimate_timestamp_seconds", "Time of the last estimate.")),
	{STATUS("source", "estimate_samples"), AT(UNSIGNED, estimates.samples)},
	{STATUS("source", "h_per_sample"), AT(F64, noise.h_per_sample)},
	{STATUS("source", "sample_bits"), AT(UNSIGNED, noise.sample_bits)},
	{STATUS("source", "up"), AT(BOOL, source.up),
	 GAUGE(R "source_up", "1 while the noise source gives samples.")},
	{STATUS("source", "error"), AT(TEXT, source.error)},
	{STATUS("source", "read_under_way_seconds"), AT(SINCE, source.read_began_ns)},
	{STATUS("source", "read_overdue_seconds"), AT(SPAN, source.read_overdue_ns)},
	MOMENT("source", "last_read", source.last_read_ns,
	 GAUGE(R "source_last_read_timestamp_seconds", "Time of the last read that gave samples.")),
	{STATUS("source", "watch_interval_seconds"), AT(SPAN, source.watch_ns), .unit = "seconds",
	 GAUGE(R "source_watch_interval_seconds", "Configured time between looks at a source whose pool is full.")},
	{STATUS("source", "read_bytes"), AT(U64, source.read_bytes), .unit = "bytes",
	 COUNTER(R "source_read_bytes", "Bytes read from the noise source.")},
	{STATUS("source", "read_errors"), AT(U64, source.read_errors),
	 BY("cause", SOURCE_FINE + 1, SOURCE_CAUSES, source_cause_names),
	 COUNTER(R "source_read_errors", "Failed reads of the noise source.")},
	{STATUS("source", "read_duration"), AT(TIMES, source.read_seconds),
	 TIMES(R "source_read_duration_seconds", "Time that reads of the source took.")},
	{STATUS("source", "pool_samples"), AT(U64, pool.level), .unit = "samples",
	 GAUGE(R "source_pool_samples", "Tested samples that wait for the next reseed.")},
	{STATUS("source", "pool_capacity_samples"), AT(U64, pool.capacity), .unit = "samples",
	 GAUGE(R "source_pool_capacity_samples", "Tested samples that the pool can hold.")},

	/* The gate's state, and the tests that decide it. A cutoff or peak of 0 is one that the test does not have. */
	{STATUS("health", "state"), AT(STATE, gate.state), BY("state", 0, GATE_STATES, gate_state_names),
	 GAUGE(R "health_state", "1 for the present state of the source's health.")},
	{STATUS("health", "state_seconds"), AT(SINCE, gate.since_ns)},
	{STATUS("health", "reason"), AT(TEXT, gate.reason)},
	{STATUS("health", "retry_in_seconds"), AT(UNTIL, gate.retry_at_ns)},
	{STATUS("health", "failures_latched"), AT(U64, gate.failures_latched)},
	{STATUS("health", "startup_done"), AT(UNSIGNED, health.startup_done)},
	{STATUS("health", "startup_samples"), AT(UNSIGNED, health.startup_samples)},
	{STATUS("health", "tests"), AT(U64, health.tests), BY_TEST,
	 COUNTER(R "health_tests", "Health tests completed (SP 800-90B section 4).")},
	{STATUS("health", "test_failures"), AT(U64, health.failures), BY_TEST, AND_BY_SEVERITY,
	 COUNTER(R "health_test_failures", "Health tests failed.")},
	{STATUS("health", "test_cutoff"), AT(U64, health.cutoffs), BY_TEST, AND_BY_SEVERITY, .optional = true,
	 GAUGE(R "health_test_cutoff", "Count at which a health test fails.")},
	{STATUS("health", "test_peak"), AT(U64, health.peaks), BY_TEST, .optional = true,
	 GAUGE(R "health_test_peak", "Highest count of the last window; see the cutoff.")},

	/* The DRBG between the source and the numbers. */
	{STATUS("drbg", "ok"), AT(BOOL, drbg.ok)},
	{STATUS("drbg", "error"), AT(TEXT, drbg.error)},
	{STATUS("drbg", "reseeds"), AT(U64, drbg.reseeds), BY("reason", 0, DRBG_REASONS, drbg_reason_names),
	 COUNTER(R "drbg_reseeds", "Reseeds of the DRBG from the noise source.")},
	MOMENT("drbg", "last_reseed", drbg.last_reseed_ns,
	 GAUGE(R "drbg_last_reseed_timestamp_seconds", "Time of the last reseed.")),
	{STATUS("drbg", "self_tests"), AT(U64, drbg.self_tests),
	 COUNTER(R "drbg_self_tests", "Known-answer tests of the DRBG: at start, each hour, on SIGUSR2.")},
	MOMENT("drbg", "last_self_test", drbg.last_self_test_ns,
	 GAUGE(R "drbg_last_self_test_timestamp_seconds", "Time of the last known-answer test.")),
	{STATUS("drbg", "generated_bytes"), AT(U64, drbg.generated_bytes), .unit = "bytes",
	 COUNTER(R "drbg_generated_bytes", "Bytes that the DRBG generated.")},

	/* What the worker does, and how often it failed. */
	{STATUS("refresh", "interval_seconds"), AT(F64, refresh.interval_seconds), .unit = "seconds",
	 GAUGE(R "refresh_interval_seconds", "Configured time between refreshes; 0: once.")},
	{STATUS("refresh", "stage"), AT(TEXT, refresh.activity)},
	{STATUS("refresh", "stage_seconds"), AT(SINCE, refresh.activity_since_ns)},
	{STATUS("refresh", "numbers_made"), AT(U64, refresh.numbers_made)},
	{STATUS("refresh", "numbers_wanted"), AT(U64, refresh.numbers_wanted)},
	{STATUS("refresh", "heartbeat_age_seconds"), AT(SINCE, refresh.heartbeat_ns)},
	{STATUS("refresh", "count"), AT(U64, refresh.attempts),
	 COUNTER(R "refreshes", "Refreshes begun, failed ones included.")},
	{STATUS("refresh", "failures"), AT(U64, refresh.failures), BY("stage", 0, REFRESH_STAGES, refresh_stage_names),
	 COUNTER(R "refresh_failures", "Refreshes failed, by the stage that failed.")},
	{STATUS("refresh", "error"), AT(TEXT, refresh.error)},
	{STATUS("refresh", "duration"), AT(TIMES, refresh.seconds),
	 TIMES(R "refresh_duration_seconds", "Time that successful refreshes took.")},

	/* The file that the containers read. Without one its figures are left out, because 0 would be a figure. */
	{STATUS("output", "file"), AT(TEXT, output.file)},
	{STATUS("output", "format"), AT(TEXT, refresh.format)},
	{STATUS("output", "write"), AT(TEXT, output.mode)},
	{STATUS("output", "ok"), AT(BOOL, output.ok)},
	{STATUS("output", "directory_ok"), AT(BOOL, output.directory_ok)},
	{STATUS("output", "generation"), AT(U64, output.generation)},
	MOMENT("output", "last_refresh", output.published_ns,
	 GAUGE(R "last_refresh_timestamp_seconds", "Time of the last published file.")),
	{STATUS("output", "file_numbers"), AT(U64, output.file_numbers), .optional = true,
	 GAUGE(R "file_numbers", "Numbers published last, in the present file.")},
	{STATUS("output", "file_bytes"), AT(U64, output.file_bytes), .optional = true, .unit = "bytes",
	 GAUGE(R "file_bytes", "Bytes published last: the size of the present file.")},
	{STATUS("output", "numbers_written"), AT(U64, output.numbers_written),
	 COUNTER(R "numbers_written", "Numbers published.")},

	/* Which configuration is in use, and why it may not be that of the file: some keys wait, or it was refused. */
	{STATUS("config", "hash"), AT(TEXT, config.hash)},
	{STATUS("config", "restart_wanted"), AT(BOOL, config.restart_wanted),
	 GAUGE(R "config_restart_wanted", "1 while the file has values that only a restart takes over.")},
	{STATUS("config", "restart_keys"), AT(TEXT, config.restart_keys)},
	{STATUS("config", "last_reload_successful"), AT(BOOL, daemon.reload_ok),
	 GAUGE(R "config_last_reload_successful", "0 after a reload that was refused.")},
	MOMENT("config", "last_reload", daemon.last_reload_ns,
	 GAUGE(R "config_last_reload_success_timestamp_seconds",
	       "Time of the last successful reload, or of the start.")),

	/* The names that every exporter has. Without /proc only the CPU time can be read. */
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

const void *fact_at(const struct fact *f, const struct status *s)
{
	return (const char *)s + f->offset;
}

/* The types that are nanoseconds of the status's own clock, where a moment of 0 never was. */
static double value_of_ns(enum fact_type type, const struct status *s, int64_t ns)
{
	if (type == FACT_SPAN)
		return clock_seconds(ns);
	/* The others are moments. */
	if (ns == 0)
		return (double)NAN;
	if (type == FACT_MOMENT)
		return clock_seconds(status_wall_ns(s, ns));
	return type == FACT_SINCE ? clock_seconds(s->now_ns - ns) : clock_seconds(ns - s->now_ns);
}

double fact_value(const struct fact *f, const struct status *s, unsigned i, unsigned j)
{
	const void *at = fact_at(f, s);
	/* The array of an array lies row by row. */
	size_t element = f->and_by ? i * f->and_by->count + j : i;
	double v;

	switch (f->type) {
	case FACT_U64:
		v = (double)((const uint64_t *)at)[element];
		return f->optional && v == 0 ? (double)NAN : v;
	case FACT_F64:
		v = ((const double *)at)[element];
		return f->optional && v < 0 ? (double)NAN : v;
	case FACT_UNSIGNED:
	case FACT_STATE:
		return *(const unsigned *)at; /* the type of every enum that has no negative constant */
	case FACT_BOOL:
		return *(const bool *)at;
	case FACT_PROBE:
		return probe_passes(s, f->probe);
	case FACT_TEXT:
		return *(const char *)at ? 1 : (double)NAN;
	case FACT_TIMES:
		return 1;
	default:
		return value_of_ns(f->type, s, *(const int64_t *)at);
	}
}
