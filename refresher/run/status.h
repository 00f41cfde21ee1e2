/* status.h - what observers (probes, metrics, /status) may know: the stages' own counters, side by side, by value.
 *
 * Each stage owns its counters and hands a copy to the board whenever they changed; observers take a copy of all of it.
 * It is a window and no steering wheel: nothing in the pipeline reads it to decide (that is the gate's). No samples,
 * seeds or numbers.
 *
 * Moments are nanoseconds of CLOCK_BOOTTIME (struct io); 0 = never; one before the machine started is negative. No wall
 * time is kept, since the wall clock may step afterwards: an observer gets it by status_wall_ns. Any thread may call.
 */
#ifndef REFRESHER_RUN_STATUS_H
#define REFRESHER_RUN_STATUS_H

#include "assess/running.h"
#include "base/io.h"
#include "confine/confine.h"
#include "health/health.h"
#include "run/counts.h"
#include "run/gate.h"
#include "run/process.h"
#include "seed/drbg.h"
#include "seed/pool.h"
#include "sink/sink.h"
#include "source/assessed.h"
#include "source/source.h"

#include <pthread.h>
#include <stddef.h>

struct status {
	int64_t now_ns, now_wall_ns;  /* the moment of the copy, on both clocks */
	struct source_identity noise; /* which source it is */
	struct assessed assessed;     /* what was assessed of it before */
	struct source_counts source;  /* what its reads gave */
	struct health_counts health;
	struct running_counts estimates;
	struct gate_view gate;
	struct pool_counts pool;
	struct drbg_counts drbg;
	struct refresh_counts refresh;
	struct sink_counts output;
	struct daemon_counts daemon;
	struct config_counts config;
	struct confine_report confine;
	struct process_counts process; /* only where it is asked for (run_snapshot) */
};

/* In the caller's memory; nobody looks into it. */
struct status_board {
	pthread_mutex_t lock; /* guards the last two */
	const struct io *io;  /* its clocks */
	struct gate *gate;
	int64_t wall_offset_ns;
	struct status present;
};

/* Copies are of the moment that io's clocks show, and tell what the gate said just before; NULL: none (tests). Neither
 * is owned. */
void status_init(struct status_board *b, const struct io *io, struct gate *gate);

/* From the owner of the counters: a part of the status that is known by its type, so that it cannot be mixed up. */
/* clang-format off */
#define STATUS_OFFSET(part)                                                                                            \
	_Generic((part),                                                                                               \
		struct source_identity: offsetof(struct status, noise),                                                \
		struct assessed: offsetof(struct status, assessed),                                                    \
		struct source_counts: offsetof(struct status, source),                                                 \
		struct health_counts: offsetof(struct status, health),                                                 \
		struct running_counts: offsetof(struct status, estimates),                                             \
		struct pool_counts: offsetof(struct status, pool),                                                     \
		struct drbg_counts: offsetof(struct status, drbg),                                                     \
		struct refresh_counts: offsetof(struct status, refresh),                                               \
		struct sink_counts: offsetof(struct status, output),                                                   \
		struct daemon_counts: offsetof(struct status, daemon),                                                 \
		struct process_counts: offsetof(struct status, process),                                               \
		struct config_counts: offsetof(struct status, config),                                                 \
		struct confine_report: offsetof(struct status, confine))
/* clang-format on */
#define status_set(board, part) status_put((board), STATUS_OFFSET(*(part)), (part), sizeof *(part))
void status_put(struct status_board *b, size_t offset, const void *part, size_t size);

/* For observers. */
void status_copy(struct status_board *b, struct status *out);

/* What the wall clock, as it goes now, showed at that moment: now minus the moment's age. Pure. */
static inline int64_t status_wall_ns(const struct status *s, int64_t moment_ns)
{
	return s->now_wall_ns - (s->now_ns - moment_ns);
}

#endif
