/* refresh.h - one refresh, stages [3] to [5]: seed the DRBG from the pool, generate, format, publish.
 *
 * Everything that a refresh needs hangs here; the worker thread owns it, other threads only set stop. A refresh
 * streams through two fixed buffers, so its memory does not grow with count. A failed refresh leaves the old file as
 * sink_abort does, and r->stage says at which stage it failed. */
#ifndef REFRESHER_RUN_REFRESH_H
#define REFRESHER_RUN_REFRESH_H

#include "base/err.h"
#include "numbers/numbers.h"
#include "run/pipeline.h"
#include "seed/digest.h"
#include "seed/drbg.h"

#include <stdatomic.h>
#include <stdbool.h>

/* A long file is drawn by requests that are as long as they may be, since each has costs of its own: raw bytes come at
 * 1.8 times the rate of requests of 16 KiB. A short one would only leave that memory idle. 32 KiB of text took the same
 * CPU time per number as 64 and 128. */
enum { RANDOM_LONG = DRBG_MAX_REQUEST, RANDOM_SHORT = 8 * 1024, TEXT_BUFFER = 32 * 1024 };

struct refresh {
	const struct pipeline *p;
	struct refresh_config config; /* changed only between refreshes */
	atomic_bool stop;             /* abandon, soon */
	struct drbg *drbg;            /* owned */
	struct digest *digest;        /* owned; NULL before the first manifest */
	bool manifest_left;           /* one was published, and may still be there */
	uint8_t *random;              /* owned, of locked_new: random_size bytes */
	size_t random_size;           /* RANDOM_LONG or RANDOM_SHORT, as the count at the start wants it */
	char *text;                   /* owned, of locked_new without a lock: TEXT_BUFFER bytes */
	struct numbers_stamp stamp;
	/* of the present refresh, or the last one */
	enum refresh_stage stage;
	struct gate_ticket ticket; /* taken with its first seed; {0} before the first refresh */
	uint64_t left;             /* numbers still to be made */
	uint64_t since_reseed;     /* DRBG bytes */
	uint64_t bytes;            /* of text written */
	int64_t began_ns;
	/* What observers get a copy of, by refresh_show. */
	struct refresh_counts counts;
	struct drbg_counts seeds;
	struct sink_counts output;
};

/* r is {0} before. 0, or -1 with *e, and then refresh_fini is due all the same. */
int refresh_init(struct refresh *r, const struct pipeline *p, const struct refresh_config *config, struct err *e);
void refresh_fini(struct refresh *r);

/* What an earlier run has published counts with its age, if the sink adopts it: readers have had it all the time. Once,
 * before the first refresh, as the user that goes on. */
void refresh_adopt(struct refresh *r);

/* Runs the DRBG's known-answer test (SP 800-90A, section "Health Testing") when one is due: it is asked for, the last
 * one failed, or is an hour old. Between two refreshes, of which none begins while it fails. 0: it passed, now or when
 * it was run last; -1 with *e. */
int refresh_self_test(struct refresh *r, bool asked, struct err *e);

/* Takes a seed from the pool (entropy input) and the kernel (additional input); waits until deadline_ns. 0, or -1 with
 * *e, and state and pool are as before. */
int refresh_seed(struct refresh *r, int64_t deadline_ns, enum drbg_reason reason, struct err *e);

/* -1 with *e: an order to stop was given. */
int refresh_stopping(struct refresh *r, struct err *e);

size_t refresh_need(const struct refresh *r); /* samples that the next one takes from the pool at least */

/* How long a refresh waits for what others have to give; of struct io's clock. */
struct refresh_times {
	int64_t seed_until_ns; /* for samples in the pool */
	int64_t next_tick_ns;  /* for a reader that holds a lock on the file; 0: none comes, source.timeout is the limit
				*/
};

/* 0; -1 with *e: nothing was published; 1 with *e: the new file is in place, but its manifest or its directory's fsync
 * failed. */
int refresh_once(struct refresh *r, const struct refresh_times *t, struct err *e);

/* Removes the file and its manifest (health.on_failure: remove). 0, or -1 with *e. */
int refresh_remove(struct refresh *r, struct err *e);

/* Tells the board what the worker is doing now; also its sign of life. */
void refresh_beat(struct refresh *r, const char *activity);
void refresh_enter(struct refresh *r, enum refresh_stage stage); /* a stage begins, which has the name of an activity */
void refresh_show(struct refresh *r);                            /* the counters, to the board */
void refresh_describe(struct refresh *r); /* between two refreshes: what the configuration says, with a beat */

#endif
