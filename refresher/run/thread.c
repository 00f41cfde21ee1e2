#include "run/thread.h"

#include "base/clock.h"
#include "base/limit.h"

#include <signal.h>
#include <stdio.h>

enum { JOIN_PAUSE_NS = 1000000 };

int thread_start(struct thread *t, const char *name, void *(*body)(void *self), void *self, struct err *e)
{
	sigset_t all, old;
	pthread_attr_t attr;

	/* A thread inherits the mask of its maker: all signals are blocked while it is made. */
	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, THREAD_STACK_BYTES);
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	int fault = pthread_create(&t->id, &attr, body, self);

	/* The maker gets its own mask back, whatever came of it. */
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	pthread_attr_destroy(&attr);

	/* Which limit it was, and what helps, is found by the errno. */
	if (fault) {
		char what[64];
		snprintf(what, sizeof what, "cannot start the %s thread", name);
		return limit_err(e, fault, what);
	}
	t->started = true;
	return 0;
}

bool thread_join(struct thread *t, int64_t deadline_ns)
{
	/* No call waits for a thread by CLOCK_BOOTTIME, so it is asked again and again whether it has ended. */
	while (t->started && pthread_tryjoin_np(t->id, NULL) != 0) {
		if (clock_ns(CLOCK_BOOTTIME) >= deadline_ns)
			return false;
		nanosleep(&(struct timespec){.tv_nsec = JOIN_PAUSE_NS}, NULL);
	}
	t->started = false;
	return true;
}
