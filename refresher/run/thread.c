#include "run/thread.h"

#include "base/clock.h"
#include "base/limit.h"

#include <signal.h>
#include <stdio.h>

void thread_init(struct thread *t)
{
	pthread_condattr_t attr;
	*t = (struct thread){0};
	pthread_mutex_init(&t->mutex, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&t->changed, &attr);
	pthread_condattr_destroy(&attr);
}

void thread_fini(struct thread *t)
{
	pthread_cond_destroy(&t->changed);
	pthread_mutex_destroy(&t->mutex);
}

int thread_start(struct thread *t, const char *name, void *(*body)(void *self), void *self, struct err *e)
{
	sigset_t all, old;
	pthread_attr_t attr;
	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, THREAD_STACK_BYTES);
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	int fault = pthread_create(&t->id, &attr, body, self);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	pthread_attr_destroy(&attr);
	if (fault) {
		char what[64];
		snprintf(what, sizeof what, "cannot start the %s thread", name);
		return limit_err(e, fault, what);
	}
	t->started = true;
	return 0;
}

void thread_begins(const char *name)
{
	/* Of itself by prctl: the name of another thread is written through /proc, which is out of reach by now. */
	pthread_setname_np(pthread_self(), name);
}

void thread_ends(struct thread *t)
{
	pthread_mutex_lock(&t->mutex);
	t->ended = true;
	pthread_cond_broadcast(&t->changed);
	pthread_mutex_unlock(&t->mutex);
}

bool thread_join(struct thread *t, int64_t deadline_ns)
{
	struct timespec until = clock_deadline(deadline_ns);
	if (!t->started)
		return true;
	pthread_mutex_lock(&t->mutex);
	while (!t->ended && pthread_cond_timedwait(&t->changed, &t->mutex, &until) == 0)
		;
	bool ended = t->ended;
	pthread_mutex_unlock(&t->mutex);
	if (ended) {
		pthread_join(t->id, NULL);
		t->started = false;
	}
	return ended;
}
