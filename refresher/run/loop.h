/* loop.h - what the main thread waits for: signals, its timer, the threads' bell, and the HTTP endpoint.
 *
 * It knows nothing of what they mean: control.c asks what has come and decides. Main thread, but for loop_ring, which
 * is for all. */
#ifndef REFRESHER_RUN_LOOP_H
#define REFRESHER_RUN_LOOP_H

#include "base/err.h"

#include <stdbool.h>
#include <stdint.h>

struct loop {
	int signal_fd, timer_fd, bell_fd; /* -1: not open */
};

/* What has come. */
struct loop_events {
	bool signals;   /* for loop_take_signal */
	uint64_t ticks; /* of the timer; more than one: the process stood still (a frozen cgroup, a machine that slept)
			 */
	bool bell;
};

void loop_block_signals(void); /* those of signals.h and of failed writes; before any thread starts */

int loop_open(struct loop *l, struct err *e); /* -1 with *e (ERR_OS) */
void loop_close(struct loop *l);

void loop_arm(struct loop *l, int64_t period_ns, int64_t first_ns); /* the timer */
void loop_ring(void *loop); /* any thread: bell is true then; a plain pointer, to be handed over */

/* Waits until something came, service_fd (-1: none) is readable, or timeout_ms is over (negative: never). */
struct loop_events loop_wait(struct loop *l, int service_fd, int timeout_ms);
int loop_take_signal(struct loop *l); /* the least number of those that came, which is gone then; 0: none came */

#endif
