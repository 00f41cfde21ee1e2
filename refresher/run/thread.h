/* thread.h - a thread that can be waited for with a deadline, so that one held by the kernel never delays the exit.
 *
 * Visible struct in the memory of who starts and joins it; {0} is one that never started. */
#ifndef REFRESHER_RUN_THREAD_H
#define REFRESHER_RUN_THREAD_H

#include "base/err.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

struct thread {
	pthread_t id;
	bool started; /* and not joined */
};

enum { THREAD_STACK_BYTES = 256 * 1024 };

/* All signals are blocked in the new thread: the main thread takes them by signalfd. name: for messages. 0, or -1 with
 * *e (ERR_OS, which names the limit that may have refused it). */
int thread_start(struct thread *t, const char *name, void *(*body)(void *self), void *self, struct err *e);

/* true: it has ended and is joined (also when it never started). false: still running at deadline_ns of
 * CLOCK_BOOTTIME. */
bool thread_join(struct thread *t, int64_t deadline_ns);

#endif
