#include "assess/jobs.h"

#include <errno.h>
#include <pthread.h>
#include <stdbool.h>

enum { THREADS_MAX = 64 };

/* What the threads share; everything that changes is under the lock. */
struct crew {
	pthread_mutex_t lock;
	const struct job *jobs;
	size_t n, taken;
	unsigned done, all; /* weight */
	bool failed;
	void (*progress)(void *self, double part);
	void *self;
};

/* The next job, or NULL where none is left or one has failed. */
static const struct job *take(struct crew *c)
{
	pthread_mutex_lock(&c->lock);
	const struct job *job = !c->failed && c->taken < c->n ? &c->jobs[c->taken++] : NULL;
	pthread_mutex_unlock(&c->lock);
	return job;
}

static void *work(void *self)
{
	struct crew *c = self;

	for (const struct job *job; (job = take(c)) != NULL;) {
		const bool failed = job->run(job->self) < 0;

		/* Under the lock, so that progress only grows and never comes from two threads. */
		pthread_mutex_lock(&c->lock);
		c->failed |= failed;
		c->done += job->weight;
		if (c->progress && !failed)
			c->progress(c->self, (double)c->done / c->all);
		pthread_mutex_unlock(&c->lock);
	}
	return NULL;
}

int jobs_run(const struct job *jobs, size_t n, unsigned threads, void (*progress)(void *self, double part), void *self,
	     struct err *e)
{
	struct crew c = {.jobs = jobs, .n = n, .progress = progress, .self = self};
	pthread_t helper[THREADS_MAX];
	unsigned helpers = 0;

	for (size_t i = 0; i < n; i++)
		c.all += jobs[i].weight;
	pthread_mutex_init(&c.lock, NULL);

	/* What threads the system refuses, the others make up for. */
	while (helpers + 1 < threads && helpers + 1 < n && helpers < THREADS_MAX &&
	       pthread_create(&helper[helpers], NULL, work, &c) == 0)
		helpers++;
	work(&c);
	while (helpers > 0)
		pthread_join(helper[--helpers], NULL);
	pthread_mutex_destroy(&c.lock);
	return c.failed ? err_set(e, ERR_OS, ENOMEM, "assessment") : 0;
}
