/* collector.h - the thread of stages [1] and [2]: read samples, test them, put the good ones into the pool.
 *
 * It is the only reader of the noise source and the owner of the health tests. It blocks in the source's read for as
 * long as the device likes, so nobody ever waits for this thread without a deadline. It tells the gate what happened to
 * the source, observers through the board, and rings the bell behind each event that somebody might answer. */
#ifndef REFRESHER_RUN_COLLECTOR_H
#define REFRESHER_RUN_COLLECTOR_H

#include "base/err.h"
#include "run/pipeline.h"

#include <stdbool.h>

struct collector;

/* The configuration is copied as far as it is needed. A run that writes once: a source that is lost or has failed ends
 * the program. NULL with *e. */
struct collector *collector_new(const struct pipeline *p, const struct run_config *config, struct err *e);

/* The thread's body, for thread_start; `collector` is a struct collector. A device may hold it in a read: while it has
 * not ended, the collector, its source and its pool must not be freed, and the process just ends. */
void *collector_main(void *collector);

void collector_on_demand(
	struct collector *c); /* SIGUSR2: on-demand health test now; in FAILED: the start-up test again, now */
/* By a reload: source.timeout, health.watch_interval. */
void collector_configure(struct collector *c, double timeout_seconds, double watch_seconds);

/* From the main thread, now and then: nobody can wake a thread out of a device's read, so here it is noticed that one
 * has not returned for source.timeout. That is told to the gate, said and counted once for each such read. */
void collector_check_stuck(struct collector *c);

void collector_stop(struct collector *c); /* asks it to end; close the pool as well to wake it */
void collector_free(struct collector *c); /* NULL is accepted */

#endif
