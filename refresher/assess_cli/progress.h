/* progress.h - what a person sees while it takes long: a bar with the time left, on a terminal; and the sentence with
 * which an interrupted run ends.
 *
 * A thread draws and waits for SIGINT and SIGTERM, which are blocked in all threads, so that a read that never returns
 * can be left. It writes to standard error, and no bar where that is no terminal. */
#ifndef REFRESHER_ASSESS_CLI_PROGRESS_H
#define REFRESHER_ASSESS_CLI_PROGRESS_H

#include "base/err.h"

#include <stddef.h>

struct progress;

/* First act of main: no other thread runs yet. NULL with *e (ERR_OS). */
struct progress *progress_new(struct err *e);

/* From now on this is what is done: "reading", "assessing"; a string constant. total: of units, in words of
 * many. */
void progress_begin(struct progress *p, const char *what, size_t total, const char *units);

/* So much of it, 0 ... 1; of a struct progress *. Any thread. */
void progress_tell(void *self, double part);

/* Removes the bar and gives SIGINT and SIGTERM their default action again. NULL is accepted. */
void progress_free(struct progress *p);

#endif
