/* status.h - what the observers (probes, metrics, /status) may know: counters and states, copied out by value.
 *
 * `struct status` is plain data. The board owns the one live copy behind a mutex; the stages' threads change it through
 * status_edit/status_done, observers take a copy by status_copy and never hold anything else. No samples, seeds or
 * numbers.
 *
 * All times are nanoseconds. *_mono_ns of CLOCK_BOOTTIME (struct io), 0 = never; a moment before the machine started is
 * negative. No wall time is kept, since the wall clock may step afterwards: an observer gets it by status_wall_ns. */
#ifndef REFRESHER_RUN_STATUS_H
#define REFRESHER_RUN_STATUS_H

#include "base/io.h"
#include "run/gate.h"

#include <stdbool.h>
#include <stdint.h>

/* Fixed label sets. Their names: status_*_name(). */
enum status_test { TEST_RCT, TEST_APT, TEST_STARTUP, TEST_ON_DEMAND, STATUS_TESTS };
enum status_severity { SEVERITY_INTERMITTENT, SEVERITY_PERMANENT, STATUS_SEVERITIES };
enum status_cause {
	CAUSE_MISSING,
	CAUSE_WRONG_TYPE,
	CAUSE_CGROUP,
	CAUSE_MODE,
	CAUSE_NO_DRIVER,
	CAUSE_IO,
	CAUSE_END,
	CAUSE_TIMEOUT,
	CAUSE_UNSUPPORTED,
	STATUS_CAUSES
};
enum status_reason { RESEED_START, RESEED_REFRESH, RESEED_INTERVAL, RESEED_RECOVERY, STATUS_REASONS };
enum status_stage { STAGE_ENTROPY, STAGE_GENERATE, STAGE_WRITE, STAGE_PUBLISH, STATUS_STAGES };
enum { STATUS_READ_BUCKETS = 9, STATUS_REFRESH_BUCKETS = 9 };
enum { STATUS_TEXT = 256, STATUS_LAYERS = 8 };

const char *
status_test_name(enum status_test t); /* "repetition_count", "adaptive_proportion", "startup", "on_demand" */
const char *status_severity_name(enum status_severity s); /* "intermittent", "permanent" */
const char *status_cause_name(enum status_cause c);   /* "missing", "wrong_type", "cgroup", "mode", "no_driver", "io",
							 "end", "timeout", "unsupported" */
const char *status_reason_name(enum status_reason r); /* "start", "refresh", "interval", "recovery" */
const char *status_stage_name(enum status_stage s);   /* "entropy", "generate", "write", "publish" */
extern const double status_read_bounds[STATUS_READ_BUCKETS]; /* upper bounds in seconds; +Inf is not listed */
extern const double status_refresh_bounds[STATUS_REFRESH_BUCKETS];

struct histogram {
	uint64_t buckets[10]; /* not cumulative; the last is +Inf */
	uint64_t count;
	double sum; /* seconds */
};
void histogram_add(struct histogram *h, const double *bounds, unsigned n, double seconds);

/* One layer of confinement, for /status and random_refresher_confinement{layer}. */
struct status_layer {
	char name[24]; /* "no_new_privs", "user", "capabilities", "landlock", "seccomp", "no_core_dump", "memory_lock"
			*/
	bool holds;
	char detail[64]; /* "abi 4", "uid 65532", "switched off", "not there, or hidden" */
};

/* A figure that could not be read: it is left out, never shown as 0. */
#define STATUS_UNKNOWN UINT64_MAX

struct status {
	/* identity; set once, before the threads start */
	int64_t now_mono_ns, now_real_ns; /* set by status_copy: the moment of the copy, on both clocks */
	int64_t start_mono_ns;
	char openssl[32];
	char source_kind[16];          /* device, cpu, kernel, replay */
	char source_name[STATUS_TEXT]; /* path or instruction */
	char source_driver[64];        /* rng_current; "" where unknown */
	char source_why[STATUS_TEXT];  /* auto: why the earlier ones were passed over; "" */
	double kernel_quality_ratio;   /* rng_quality / 1024; < 0: unknown */
	double assessed_entropy_ratio; /* H / sample_bits */
	double h_per_sample;
	unsigned sample_bits;
	char drbg[16];
	char file[STATUS_TEXT], format[16], write_mode[16];
	bool liveness_needs_source; /* health.liveness: source */
	struct status_layer layers[STATUS_LAYERS];
	unsigned layer_count;

	/* collector */
	bool source_up;                 /* the last read gave samples, and none is overdue */
	char source_error[STATUS_TEXT]; /* why not; "" while up */
	int64_t read_began_mono_ns;     /* of the read that is under way now; 0: none (resting) */
	int64_t read_overdue_ns;        /* a read under way longer than this counts as stuck: source.timeout */
	uint64_t read_bytes;
	uint64_t read_errors[STATUS_CAUSES];
	struct histogram read_seconds;
	enum gate_state state;
	int64_t state_since_mono_ns;
	char state_reason[STATUS_TEXT]; /* why not OK: "adaptive_proportion 92 >= cutoff 92 (permanent)"; "" in OK */
	uint64_t failures_latched;      /* times that FAILED was entered */
	int64_t retry_at_mono_ns;       /* FAILED: when the next start-up test begins; 0 otherwise */
	unsigned startup_done, startup_samples; /* progress of the start-up test */
	uint64_t tests[STATUS_TESTS];
	uint64_t failures[STATUS_TESTS][STATUS_SEVERITIES];
	uint32_t cutoffs[STATUS_TESTS][STATUS_SEVERITIES]; /* RCT and APT only; 0 elsewhere */
	uint32_t peaks[STATUS_TESTS];                      /* RCT and APT only */
	uint64_t pool_level, pool_capacity;                /* samples */

	/* worker */
	int64_t heartbeat_mono_ns; /* last sign of life of the worker thread */
	char worker_stage[16];     /* "waiting", "entropy", "generate", "write", "publish" */
	int64_t stage_since_mono_ns;
	bool drbg_ok; /* the known-answer tests passed at start, and OpenSSL has not failed since */
	char drbg_error[STATUS_TEXT];
	bool sink_ok;      /* the last publication did not fail at write or publish */
	bool directory_ok; /* the output's directory is the one that was opened; else only a restart helps */
	char refresh_error[STATUS_TEXT]; /* the last refresh's failure, "" after a success */
	uint64_t reseeds[STATUS_REASONS];
	int64_t last_reseed_mono_ns;
	uint64_t generated_bytes; /* by the DRBG */
	uint64_t refreshes;       /* attempts, failed ones included */
	uint64_t refresh_failures[STATUS_STAGES];
	struct histogram refresh_seconds;  /* successful ones */
	int64_t last_refresh_mono_ns;      /* last publication; 0: none, or its file is gone */
	double interval_seconds;           /* 0: once */
	uint64_t generation;               /* successful publications */
	uint64_t file_numbers, file_bytes; /* of the present file */
	uint64_t numbers_written;

	/* main thread */
	bool stopping;
	bool reload_ok;              /* true until a reload is refused */
	int64_t last_reload_mono_ns; /* last successful reload; the start at first */

	/* process_*; filled in at the moment of the copy by the loop (process.h), not by the board. Integers may be
	 * STATUS_UNKNOWN. */
	double cpu_seconds;
	uint64_t resident_bytes, virtual_bytes, open_fds, max_fds, threads;
};

struct status_board;
/* Copies are of the moment that io's clocks show, and show what gate says then; NULL: none (tests). Neither is owned.
 * NULL: no memory. */
struct status_board *status_new(const struct io *io, struct gate *gate);
void status_free(struct status_board *b);
struct status *status_edit(struct status_board *b);           /* locks; change members, then ... */
void status_done(struct status_board *b);                     /* ... unlock soon: never across a blocking call */
void status_copy(struct status_board *b, struct status *out); /* also fills now_* */

/* What the wall clock, as it goes now, showed at that moment: now minus the moment's age. Pure. */
static inline int64_t status_wall_ns(const struct status *s, int64_t mono_ns)
{
	return s->now_real_ns - (s->now_mono_ns - mono_ns);
}

/* Cuts at the end of dst; always ends with NUL. */
void status_text(char *dst, unsigned long cap, const char *src);

#endif
