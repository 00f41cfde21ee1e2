/* run.h - the pipeline as a whole: its settings, its start, its life, its end. The only place that sees all stages.
 *
 * Order of life: run_open opens what needs privilege (source, output) -> the caller confines the process -> run_go
 * starts the collector and worker threads and is the main thread's loop until the end -> run_close. */
#ifndef REFRESHER_RUN_RUN_H
#define REFRESHER_RUN_RUN_H

#include "health/health.h"
#include "numbers/numbers.h"
#include "run/status.h"
#include "seed/drbg.h"
#include "sink/sink.h"
#include "source/source.h"

/* Everything that the stages are told. Copied by value; a reload replaces the reloadable part (see the manual). */
struct run_config {
	struct source_config source;
	struct health_config health;
	struct seed_config seed;
	struct numbers_config numbers;
	struct sink_config output;
	double interval_seconds; /* 0: write once and end; else 0.001 ... 86400 */
	bool memory_lock;        /* confine.memory_lock, default true: pool, seed and random bytes stay out of swap */
};

/* What the loop serves besides the pipeline: the HTTP endpoint. Called in the main thread; nothing may block. */
struct run_service {
	void *self;
	int fd; /* readable: there is work; -1: no service */
	void (*work)(void *self);
	int (*timeout_ms)(void *self); /* call work after so long at the latest; -1: no need */
};

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

struct run;

/* Opens source and output, tests the DRBG (known answers), prepares the board. NULL with *e: its code is the exit code.
 */
struct run *run_open(const struct run_config *c, const struct io *io, struct err *e);

/* Runs until the one refresh is done (interval 0), a signal ends it, or health.on_failure says exit. 0: the one file is
 * whole and in its place, or a daemon was told to end; -1 with *e; the number of the signal that cut off a run that
 * writes once, which is left pending for signals_end_by. */
int run_go(struct run *r, const struct run_service *service, const struct run_reload *reload, struct err *e);

void run_snapshot(struct run *r, struct status *out); /* for observers; main thread */
void run_process(struct run *r, struct status *out);  /* fills in process_* */
struct sink *run_sink(struct run *r);                 /* the worker's: for what may be asked beside it */

/* The layer that is seen to where memory is allocated, and all of them for observers, once the process is confined. */
const struct confine_layer *run_memory_lock(const struct run *r);
void run_report(struct run *r, const struct confine_report *report);

/* false: a thread is still held by the kernel; nothing was freed, the caller ends the process at once. NULL is
 * accepted. */
bool run_close(struct run *r);

#endif
