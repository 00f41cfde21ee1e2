/* pipeline.h - what the stages have in common: where samples come from, where numbers go, and who is told.
 *
 * Made by run.c, not changed while a thread runs, and outlived by all that it leads to. Nothing of it is owned here. */
#ifndef REFRESHER_RUN_PIPELINE_H
#define REFRESHER_RUN_PIPELINE_H

#include "base/io.h"
#include "base/wipe.h"
#include "run/gate.h"
#include "run/settings.h"
#include "run/status.h"
#include "seed/pool.h"
#include "sink/sink.h"
#include "source/source.h"

struct pipeline {
	const struct io *io;
	const struct source *source; /* open; the collector thread's */
	struct pool *pool;
	struct gate *gate;
	struct sink *sink; /* the worker thread's */
	struct status_board *board;
	struct locked *account;  /* of memory for secrets, see base/wipe.h */
	struct drbg_params seed; /* what a sample is worth, and what a seed must have */
	bool writes_once;        /* there is no second refresh */
	/* The bell of the main thread, rung from any thread behind each event that it might answer. */
	void (*ring)(void *self);
	void *ring_self;
};

#endif
