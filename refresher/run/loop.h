/* loop.h - the main thread: signals, timers, the HTTP endpoint, the end. It never blocks and never waits for another
 * thread. */
#ifndef REFRESHER_RUN_LOOP_H
#define REFRESHER_RUN_LOOP_H

#include "base/wipe.h"
#include "run/collector.h"
#include "run/gate.h"
#include "run/process.h"
#include "run/run.h"
#include "run/worker.h"
#include "source/device.h"

#include <signal.h>
#include <stdatomic.h>

/* The pipeline's objects; run.c builds and frees them, the loop drives them. Private to run/. */
struct run {
	struct run_config config;
	const struct io *io;
	struct gate gate; /* initialised with the board */
	struct status_board *board;
	struct source source;
	struct hwrng_info hwrng;
	struct source_identity noise;
	struct daemon_counts counts;
	struct confine_layer memory_lock;
	struct sink *sink;
	struct locked locked; /* the account of base/wipe.h */
	struct pool *pool;
	struct collector *collector;
	struct worker *worker;
	struct process process;
	/* the loop's own */
	int epoll_fd, signal_fd, end_fd, timer_fd, bell_fd; /* bell: an eventfd that the threads ring */
	sigset_t end_signals;  /* those of end_fd, from which nothing is read: they stay pending */
	atomic_int on_failure; /* health.on_failure; the collector's thread looks at it */
	const struct run_service *service;
	const struct run_reload *reload;
	int64_t stop_deadline_ns; /* 0: not stopping */
	int rc;                   /* as run_go returns it */
	struct err end_err;
};

void run_driver(struct run *r); /* refreshes driver and quality on the board */

void loop_init(struct run *r); /* inert descriptors */
void loop_block_signals(void); /* those of signals.h and of failed writes; before any thread starts */
int loop_open(struct run *r, struct err *e);
void loop_close(struct run *r);

/* Called from the collector and the worker thread. */
void loop_on_state(void *self, enum gate_state state);
void loop_on_refresh(void *self);

#endif
