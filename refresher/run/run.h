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
 * The configuration is the caller's, and stays until run_close. */
struct run *run_open(const struct run_config *c, const struct io *io, struct err *e);

/* Runs until the one refresh is done (interval 0), a signal ends it, or health.on_failure says exit. 0: the one file is
 * whole and in its place, or a daemon was told to end; -1 with *e; the number of the signal that cut off a run that
 * writes once, for signals_end_by. */
int run_go(struct run *r, const struct run_service *service, const struct run_reload *reload, struct err *e);

/* For observers, who get them as plain pointers: `run` is a struct run. Main thread; run_open_published any. */
void run_snapshot(void *run, bool with_process, struct status *out);
int run_open_published(void *run, struct stat *st); /* as sink_open_published */

struct sink *run_sink(struct run *r); /* the worker's: for what may be asked beside it */

/* Once the process is confined: adds the layer that is seen to where memory is allocated, and tells observers. */
void run_report(struct run *r, struct confine_report *report);

/* Tells observers which configuration is in use: after run_open, and with each reload. Main thread. */
void run_configured(struct run *r, const struct config_counts *c);

/* false: a thread is still held by the kernel; what it may use was not freed, the caller ends the process at once. NULL
 * is accepted. */
bool run_close(struct run *r);

#endif
