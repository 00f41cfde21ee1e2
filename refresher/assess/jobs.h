/* jobs.h - independent pieces of work on several threads, in the order in which they stand: the longest goes first.
 * Starts threads and waits for them. */
#ifndef REFRESHER_ASSESS_JOBS_H
#define REFRESHER_ASSESS_JOBS_H

#include "base/err.h"

#include <stddef.h>

struct job {
	int (*run)(void *self); /* 0, or -1: no memory */
	void *self;
	unsigned weight; /* its part of the time, for the progress; any unit */
};

/* Runs n jobs on `threads` threads, of which the caller's is one. progress (NULL: nobody wants to know) is told the
 * share of weight that is done after each job, from any thread, never from two at once. 0, or -1 with ERR_OS: memory
 * ran out; what is under way is waited for and the rest is left. Fewer threads than asked for are no error. */
int jobs_run(const struct job *jobs, size_t n, unsigned threads, void (*progress)(void *self, double part), void *self,
	     struct err *e);

#endif
