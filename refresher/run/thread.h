/* thread.h - a thread that can be waited for with a deadline, so that one held by the kernel never delays the exit. */
#ifndef REFRESHER_RUN_THREAD_H
#define REFRESHER_RUN_THREAD_H

#include "base/err.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

struct thread {
	pthread_t id;
	pthread_mutex_t mutex;
	pthread_cond_t changed;
	bool started, ended;
};

enum { THREAD_STACK_BYTES = 256 * 1024 };

void thread_init(struct thread *t);
void thread_fini(struct thread *t); /* after a successful join, or never started */

/* All signals are blocked in the new thread: the main thread takes them by signalfd. name: for messages. 0, or -1 with
 * *e (ERR_OS, which names the limit that may have refused it). */
int thread_start(struct thread *t, const char *name, void *(*body)(void *self), void *self, struct err *e);
void thread_begins(const char *name); /* the body's first act; at most 15 characters, for ps and top */
void thread_ends(struct thread *t);   /* its last */

/* true: it has ended and is joined (also when it never started). false: still running at deadline_ns of
 * CLOCK_BOOTTIME. */
bool thread_join(struct thread *t, int64_t deadline_ns);

#endif
