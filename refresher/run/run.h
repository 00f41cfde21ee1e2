/* run.h - the pipeline as a whole: its settings, its start, its life, its end. The only place that sees all stages.
 *
 * Order of life: run_open opens what needs privilege (source, output) -> the caller confines the process -> run_go
 * starts the collector and worker threads and is the main thread's loop until the end -> run_close. */
#ifndef REFRESHER_RUN_RUN_H
#define REFRESHER_RUN_RUN_H

#include "run/services.h"
#include "run/settings.h"
#include "run/status.h"

struct run;

/* Opens source and output, tests the DRBG (known answers), prepares the board. NULL with *e: its code is the exit code.
 */
struct run *run_open(const struct run_config *c, const struct io *io, struct err *e);

/* Runs until the one refresh is done (interval 0), a signal ends it, or health.on_failure says exit. 0: the one file is
 * whole and in its place, or a daemon was told to end; -1 with *e; the number of the signal that cut off a run that
 * writes once, for signals_end_by. */
int run_go(struct run *r, const struct run_service *service, const struct run_reload *reload, struct err *e);

void run_snapshot(struct run *r, struct status *out); /* for observers; main thread */
void run_process(struct run *r, struct process_counts *out);
struct sink *run_sink(struct run *r); /* the worker's: for what may be asked beside it */

/* The layer that is seen to where memory is allocated, and all of them for observers, once the process is confined. */
const struct confine_layer *run_memory_lock(const struct run *r);
void run_report(struct run *r, const struct confine_report *report);

/* false: a thread is still held by the kernel; nothing was freed, the caller ends the process at once. NULL is
 * accepted. */
bool run_close(struct run *r);

#endif
