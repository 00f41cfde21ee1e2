/* parts.h - the objects of a run, in the order of the data. Private to run.c, which makes them, and control.c, which
 * drives them.
 *
 * The main thread's, but for gate, board, pool, loop_ring and what the headers of the others allow to any thread. */
#ifndef REFRESHER_RUN_PARTS_H
#define REFRESHER_RUN_PARTS_H

#include "base/io.h"
#include "base/wipe.h"
#include "run/collector.h"
#include "run/counts.h"
#include "run/gate.h"
#include "run/loop.h"
#include "run/pipeline.h"
#include "run/process.h"
#include "run/services.h"
#include "run/settings.h"
#include "run/status.h"
#include "run/thread.h"
#include "run/worker.h"

struct run {
	const struct run_config *config; /* the caller's, who changes it by a reload */
	struct pipeline p;               /* leads to the next three as well */
	struct locked locked;            /* the account of base/wipe.h */
	struct gate gate;
	struct status_board board;
	struct source source;
	struct assessed assessed; /* with what it makes of H */
	struct collector *collector;
	struct worker *worker;
	struct thread collector_thread, worker_thread;
	struct loop loop;
	struct process process;
	struct confine_layer memory_lock;
	/* of the main thread's own life */
	const struct run_reload *reload;
	struct daemon_counts counts;
	int64_t stop_deadline_ns; /* 0: not stopping */
	int rc;                   /* as run_go returns it */
	struct err end_err;
};

#endif
