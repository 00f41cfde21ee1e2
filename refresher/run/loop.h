/* loop.h - the main thread waits: for signals, its timer, the threads' bell, the HTTP endpoint, and tells the owner.
 *
 * It knows nothing of what they mean. Everything is called in the main thread; nothing that is called may block. Only
 * loop_ring is for other threads. */
#ifndef REFRESHER_RUN_LOOP_H
#define REFRESHER_RUN_LOOP_H

#include "base/err.h"

#include <signal.h>
#include <stdbool.h>

/* What is served besides: the HTTP endpoint. */
struct run_service {
	void *self;
	int fd; /* readable: there is work; -1: no service */
	void (*work)(void *self);
	int (*timeout_ms)(void *self); /* call work after so long at the latest; -1: no need */
};

struct loop_owner {
	void *self;
	void (*on_end)(void *self, int signo);    /* once: a signal ends the program; it stays pending */
	void (*on_signal)(void *self, int signo); /* the others of signals.h */
	/* stood_still: ticks were missed, so the whole process did (a frozen cgroup, a machine that slept). */
	void (*on_timer)(void *self, bool stood_still);
	void (*on_bell)(void *self);
	/* When the loop shall end: 0 now, else it looks again in so many milliseconds at the latest; -1: no need. */
	int (*look_again_ms)(void *self);
};

struct loop {
	int epoll_fd, signal_fd, end_fd, timer_fd, bell_fd;
	sigset_t end_signals; /* those of end_fd, from which nothing is read: they stay pending */
	struct loop_owner owner;
};

void loop_init(struct loop *l); /* inert descriptors */
void loop_block_signals(void);  /* those of signals.h and of failed writes; before any thread starts */

/* hup_ends: SIGHUP ends the program too, where nohup(1) has not asked for the contrary. -1 with *e (ERR_OS). */
int loop_open(struct loop *l, const struct loop_owner *owner, bool hup_ends, struct err *e);
void loop_close(struct loop *l);

void loop_arm(struct loop *l, double period_seconds, double first_seconds); /* the timer */
void loop_ring(struct loop *l);                                             /* any thread: on_bell follows */

/* A signal that came before the loop is obeyed now. */
void loop_look_for_end(struct loop *l);

/* Until look_again_ms says 0. service: NULL: none. -1 with *e: it cannot be waited for. */
int loop_run(struct loop *l, const struct run_service *service, struct err *e);

#endif
