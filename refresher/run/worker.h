/* worker.h - the thread of stages [3] to [5]: a refresh at each tick of an absolute monotonic timer.
 *
 * It may block on the disk. Missed ticks are skipped, not made up. After a refresh that failed for want of entropy, the
 * next one starts as soon as the pool has enough, so recovery does not wait for the tick. Other threads talk to it by
 * the calls below. */
#ifndef REFRESHER_RUN_WORKER_H
#define REFRESHER_RUN_WORKER_H

#include "base/err.h"
#include "base/io.h"
#include "run/settings.h"
#include "run/status.h"
#include "seed/pool.h"
#include "sink/sink.h"

#include <stdbool.h>
#include <stdint.h>

struct worker;

struct worker_config {
	struct run_config config;
	struct pool *pool;
	struct sink *sink;
	struct gate *gate;
	struct status_board *board;
	const struct io *io;
	struct locked *account; /* of memory for secrets, see base/wipe.h */
	/* From this thread, as it ends: it was told to, or it was a run without SECONDS. */
	void (*notify)(void *self);
	void *notify_self;
};

struct worker *worker_new(const struct worker_config *c, struct err *e);
int worker_start(struct worker *w, struct err *e);

void worker_refresh_now(struct worker *w); /* SIGUSR1 */
void worker_self_test(
	struct worker *w); /* SIGUSR2: the DRBG's known-answer test, now or behind the refresh under way */
/* Taken over before the next refresh; rewrite: that one begins now, and the ticks with it. */
void worker_configure(struct worker *w, const struct run_config *config, bool rewrite);
void worker_identify(struct worker *w, const struct source_identity *noise); /* for the manifests from now on */
void worker_recover(struct worker *w); /* the source passed a start-up test: the next reseed counts as recovery */
void worker_stop(struct worker *w);    /* abandons a refresh under way */

/* A run without SECONDS: whether its one refresh ended, and how (0 or -1 with *e). */
bool worker_finished(struct worker *w, int *rc, struct err *e);

bool worker_join(struct worker *w, int64_t deadline_ns); /* as collector_join */
void worker_wipe(struct worker *w); /* joined; its secrets go, and only worker_recover may still be called */
void worker_free(struct worker *w);

#endif
