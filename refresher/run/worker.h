/* worker.h - the thread of stages [3] to [5]: a refresh at each tick of an absolute monotonic timer.
 *
 * It may block on the disk. Missed ticks are skipped, not made up. After a refresh that failed for want of entropy, the
 * next one starts as soon as the pool has enough, so recovery does not wait for the tick. Other threads talk to it by
 * the calls below. */
#ifndef REFRESHER_RUN_WORKER_H
#define REFRESHER_RUN_WORKER_H

#include "base/err.h"
#include "run/refresh.h"

#include <stdbool.h>
#include <stdint.h>

struct worker;

/* It rings the bell as it ends: it was told to, or it was a run without SECONDS. NULL with *e. */
struct worker *worker_new(const struct pipeline *p, const struct run_config *config, struct err *e);
void *worker_main(void *worker); /* the thread's body, for thread_start; `worker` is a struct worker */

void worker_refresh_now(struct worker *w); /* SIGUSR1 */
void worker_self_test(struct worker *w);   /* SIGUSR2: the DRBG's known-answer test, now or behind this refresh */
/* Taken over before the next refresh; rewrite: that one begins now, and the ticks with it. */
void worker_configure(struct worker *w, const struct run_config *config, bool rewrite);
void worker_stop(struct worker *w); /* abandons a refresh under way */

/* A run without SECONDS: whether its one refresh ended, and how (0 or -1 with *e). */
bool worker_finished(struct worker *w, int *rc, struct err *e);

void worker_free(struct worker *w); /* its thread has ended, or never began; NULL is accepted */

#endif
