/* control.h - what the main thread decides: what a signal, a tick, a reload and the threads' news lead to, and the end.
 *
 * It never blocks and never waits for another thread. The objects that it drives are handed in; it owns none of them.
 * From the collector's and the worker's threads only control_on_state and control_on_refresh are called. */
#ifndef REFRESHER_RUN_CONTROL_H
#define REFRESHER_RUN_CONTROL_H

#include "base/err.h"
#include "base/io.h"
#include "run/collector.h"
#include "run/counts.h"
#include "run/gate.h"
#include "run/loop.h"
#include "run/settings.h"
#include "run/worker.h"
#include "source/source.h"

enum run_news { RUN_SAME, RUN_SETTLING, RUN_CHANGED }; /* settling: worth another look soon */

/* How a reload is made; the configuration file is not run's business. Both are called in the main thread, and never by
 * a run that writes once. */
struct run_reload {
	void *self;
	enum run_news (*look)(void *self); /* every few seconds; RUN_CHANGED: load comes next */
	/* 0: *out is to be taken over, and *rewrite: numbers of another kind or beat, so a new file is due at once.
	 * -1: refused, *e says why. What changed is told by the callee. */
	int (*load)(void *self, struct run_config *out, bool *rewrite, struct err *e);
};

struct control {
	/* handed in, all of them before control_begin */
	struct run_config config; /* replaced by a reload */
	const struct io *io;
	struct status_board *board;
	struct gate *gate;
	struct pool *pool;
	struct sink *sink;
	struct collector *collector;
	struct worker *worker;
	struct loop *loop;
	const struct source *source;
	const struct run_reload *reload;
	/* its own */
	struct daemon_counts counts;
	int64_t stop_deadline_ns; /* 0: not stopping */
	int rc;                   /* as run_go returns it */
	struct err end_err;
};

/* The loop's owner: `self` is a struct control. */
extern const struct loop_owner control_owner;

void control_describe(struct control *c);        /* what observers see from the start on */
void control_identify_source(struct control *c); /* the administrator may bind another generator */

/* Arms the timer, obeys a signal that came before, starts the threads. -1 with *e; it is ending then. */
int control_begin(struct control *c, struct err *e);

/* Called from the collector's and the worker's thread: `self` is a struct control. */
void control_on_state(void *self, enum gate_state state);
void control_on_refresh(void *self);

#endif
