/* counts.h - what run's own two stages tell observers: the worker with its refreshes, and the main thread.
 *
 * Plain data. Each struct has one owner, who changes it and hands a copy to the board (status.h); the counters of the
 * stages before and behind stand beside these stages (source.h, health.h, gate.h, drbg.h, sink.h). Moments are
 * nanoseconds of CLOCK_BOOTTIME, 0: never. */
#ifndef REFRESHER_RUN_COUNTS_H
#define REFRESHER_RUN_COUNTS_H

#include "base/histogram.h"

#include <stdbool.h>
#include <stdint.h>

/* Where a refresh fails: the fixed label set of refresh_failures_total{stage}. */
enum refresh_stage { REFRESH_ENTROPY, REFRESH_GENERATE, REFRESH_WRITE, REFRESH_PUBLISH, REFRESH_STAGES };
extern const char *const refresh_stage_names[REFRESH_STAGES]; /* "entropy", "generate", "write", "publish" */

/* The worker's. */
struct refresh_counts {
	int64_t heartbeat_ns; /* the last sign of life of the thread */
	char activity[16];    /* "waiting", "entropy", "lock", "generate", "write", "publish" */
	int64_t activity_since_ns;
	double interval_seconds; /* 0: once */
	char format[16];
	/* of the refresh under way; made: 0 where there is none */
	uint64_t numbers_made, numbers_wanted;
	int64_t numbers_since_ns; /* when the first one was made */
	uint64_t attempts;        /* failed ones included */
	uint64_t failures[REFRESH_STAGES];
	char error[256];          /* the last failure, "" after a success */
	struct histogram seconds; /* successful ones */
};

/* Failed refreshes, at whatever stage. */
static inline uint64_t refresh_failures(const struct refresh_counts *c)
{
	uint64_t sum = 0;
	for (unsigned i = 0; i < REFRESH_STAGES; i++)
		sum += c->failures[i];
	return sum;
}

/* The main thread's. */
struct daemon_counts {
	char host[64], node[64]; /* of the machine or pod; of the Kubernetes node, "" where nobody said */
	char openssl[32];
	int64_t start_ns;
	bool stopping;
	bool liveness_needs_source; /* health.liveness: source */
	bool reload_ok;             /* true until a reload is refused */
	int64_t last_reload_ns;     /* last successful reload; the start at first */
};

/* The main program's, who owns the configuration. Of the keys in restart_keys (names with commas between them) the file
 * has values that only a restart takes over. */
struct config_counts {
	char hash[17]; /* of the configuration in use, 16 hexadecimal digits */
	bool restart_wanted;
	char restart_keys[1024];
};

#endif
