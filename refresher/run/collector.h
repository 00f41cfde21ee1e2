/* collector.h - the thread of stages [1] and [2]: read samples, test them, put the good ones into the pool.
 *
 * It is the only reader of the noise source and the owner of the health tests. It blocks in the source's read for as
 * long as the device likes, so nobody ever waits for this thread without a deadline. It tells the gate what happened to
 * the source, observers through the board, and `notify` after each event that somebody might act on. */
#ifndef REFRESHER_RUN_COLLECTOR_H
#define REFRESHER_RUN_COLLECTOR_H

#include "base/err.h"
#include "base/io.h"
#include "health/health.h"
#include "run/gate.h"
#include "run/status.h"
#include "seed/pool.h"
#include "source/source.h"

#include <stdbool.h>

struct collector;

struct collector_config {
	struct source *source; /* open; lives longer than the collector */
	struct pool *pool;
	struct gate *gate;
	struct status_board *board;
	const struct io *io;
	struct locked *account; /* of memory for secrets, see base/wipe.h */
	struct source_config source_config;
	struct health_config health;
	bool writes_once;  /* SECONDS is 0: a source that is lost or has failed ends the program */
	size_t first_need; /* samples that the first seed wants: read no more than those before it can be made */
	/* From this thread, behind each event that the gate was told of. */
	void (*notify)(void *self);
	void *notify_self;
};

struct collector *collector_new(const struct collector_config *c, struct err *e);
int collector_start(struct collector *c, struct err *e);

void collector_on_demand(
	struct collector *c); /* SIGUSR2: on-demand health test now; in FAILED: the start-up test again, now */
/* By a reload: source.timeout, health.watch_interval. */
void collector_configure(struct collector *c, double timeout_seconds, double watch_seconds);

/* From the main thread, now and then: nobody can wake a thread out of a device's read, so here it is noticed that one
 * has not returned for source.timeout. That is told to the gate, said and counted once for each such read. */
void collector_check_stuck(struct collector *c);

void collector_stop(struct collector *c); /* asks it to end; close the pool as well to wake it */

/* Waits until deadline_ns (CLOCK_BOOTTIME) for the thread's end. false: the kernel still holds it in a read: then the
 * collector, its source and its pool must not be freed; the process just ends. */
bool collector_join(struct collector *c, int64_t deadline_ns);
void collector_free(struct collector *c); /* NULL is accepted */

#endif
