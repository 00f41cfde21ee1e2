#include "assess/permutation.h"

#include "assess/shuffle.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

enum { THREADS_MAX = 256, AHEAD = 4 }; /* permutations that each thread may be ahead of the slowest one */

/* A permutation that is computed, or under way. */
struct slot {
	bool ready;
	double value[IID_STATISTICS];
};

/* What the threads share; all but the samples under the lock. */
struct tests {
	const struct iid_samples *samples;
	const struct iid_run *run;
	struct permutation_tests *out;
	pthread_mutex_t lock;
	pthread_cond_t moved; /* permutations were counted, or the tests are over */
	struct slot *slots;   /* permutation i lies in slot i modulo their number */
	unsigned slot_count;
	unsigned next; /* the next permutation that nobody has taken; counted are those below out->permutations */
	bool failed;   /* no memory */
	double part;   /* progress */
};

/* How far the tests are: by the permutations, or by the statistic that is decided last. */
static double progress(const struct permutation_tests *t)
{
	unsigned least = PERMUTATION_TAIL + 1;

	for (unsigned i = 0; i < IID_STATISTICS; i++) {
		const unsigned high = t->greater[i] + t->equal[i], low = t->less[i] + t->equal[i];
		const unsigned tail = high < low ? high : low;
		least = !(t->decided >> i & 1) && tail < least ? tail : least;
	}
	const double tails = least / (PERMUTATION_TAIL + 1.0), all = t->permutations / (double)PERMUTATIONS;
	return tails > all ? tails : all;
}

/* One permutation more, in their order. */
static void count(struct permutation_tests *t, const double value[IID_STATISTICS])
{
	for (unsigned i = 0; i < IID_STATISTICS; i++) {
		if (t->decided >> i & 1)
			continue;
		t->greater[i] += value[i] > t->samples[i];
		t->equal[i] += value[i] == t->samples[i];
		t->less[i] += value[i] < t->samples[i];

		/* More than 5 on either side: it is decided. */
		if (t->greater[i] + t->equal[i] > PERMUTATION_TAIL && t->less[i] + t->equal[i] > PERMUTATION_TAIL)
			t->decided |= 1U << i;
	}
	t->permutations++;
}

static bool is_over(const struct tests *t)
{
	return t->failed || t->out->decided == IID_ALL_STATISTICS || t->out->permutations == PERMUTATIONS;
}

/* Counts what is ready, up to the first permutation that is not. */
static void count_ready(struct tests *t)
{
	struct slot *slot = &t->slots[t->out->permutations % t->slot_count];

	while (slot->ready && !is_over(t)) {
		count(t->out, slot->value);
		slot->ready = false;
		slot = &t->slots[t->out->permutations % t->slot_count];
	}
	pthread_cond_broadcast(&t->moved);

	/* Parts that are told only grow. */
	const double part = progress(t->out);
	if (t->run->progress && part > t->part)
		t->run->progress(t->run->self, t->part = part);
}

/* Takes the next permutation and the statistics that are wanted of it: those undecided now, of which only some may be
 * by the time that it counts. False: there is none left. */
static bool take(struct tests *t, unsigned *index, unsigned *wanted)
{
	/* One that is far ahead of the slowest waits, because there is no slot for it. */
	while (!is_over(t) && t->next - t->out->permutations >= t->slot_count)
		pthread_cond_wait(&t->moved, &t->lock);
	if (is_over(t) || t->next == PERMUTATIONS)
		return false;
	*index = t->next++;
	*wanted = IID_ALL_STATISTICS & ~t->out->decided;
	return true;
}

static void compute(const struct tests *t, struct iid_space *space, uint8_t *bytes, unsigned index, unsigned wanted,
		    double value[IID_STATISTICS])
{
	struct stream_of_numbers numbers;

	/* Every permutation begins with the samples as they came, so that it follows from its index alone. */
	memcpy(bytes, t->samples->bytes, t->samples->n);
	numbers_begin(&numbers, t->run->seed, index);
	shuffle_bytes(&numbers, bytes, t->samples->n);
	iid_statistics(space, t->samples, bytes, wanted, value);
}

static void *work(void *self)
{
	struct tests *t = self;
	struct iid_space *space = iid_space_new(t->samples->n);
	uint8_t *bytes = malloc(t->samples->n);
	unsigned index, wanted;

	/* The lock is held but for the computation. Without memory this thread takes none. */
	const bool has_space = space && bytes;
	pthread_mutex_lock(&t->lock);
	t->failed |= !has_space;
	while (has_space && take(t, &index, &wanted)) {
		double value[IID_STATISTICS] = {0};
		pthread_mutex_unlock(&t->lock);
		compute(t, space, bytes, index, wanted, value);
		pthread_mutex_lock(&t->lock);

		/* It counts in its turn, perhaps at once. */
		struct slot *slot = &t->slots[index % t->slot_count];
		memcpy(slot->value, value, sizeof value);
		slot->ready = true;
		count_ready(t);
	}
	pthread_cond_broadcast(&t->moved);
	pthread_mutex_unlock(&t->lock);
	iid_space_free(space);
	free(bytes);
	return NULL;
}

/* The caller's thread works too; fewer threads than asked for are enough. */
static void work_together(struct tests *t, unsigned threads)
{
	pthread_t others[THREADS_MAX];
	unsigned started = 0;

	while (started + 1 < threads && pthread_create(&others[started], NULL, work, t) == 0)
		started++;
	work(t);
	while (started > 0)
		pthread_join(others[--started], NULL);
}

static int run_tests(const struct iid_samples *samples, const struct iid_run *run, struct permutation_tests *out,
		     struct err *e)
{
	const unsigned threads = run->threads < THREADS_MAX ? run->threads : THREADS_MAX;
	struct tests t = {.samples = samples, .run = run, .out = out, .slot_count = threads * AHEAD};
	struct iid_space *space = iid_space_new(samples->n);

	/* The samples as they came are the measure of all permutations. */
	t.slots = calloc(t.slot_count, sizeof *t.slots);
	const bool has_space = space && t.slots;
	if (has_space)
		iid_statistics(space, samples, samples->bytes, IID_ALL_STATISTICS, out->samples);
	iid_space_free(space);
	if (has_space) {
		pthread_mutex_init(&t.lock, NULL);
		pthread_cond_init(&t.moved, NULL);
		work_together(&t, threads);
		pthread_cond_destroy(&t.moved);
		pthread_mutex_destroy(&t.lock);
	}
	free(t.slots);

	/* The excursion was multiplied so that it compares exactly. */
	out->samples[IID_EXCURSION] /= (double)samples->n;
	out->passed = out->decided == IID_ALL_STATISTICS;
	if (!has_space || t.failed)
		return err_set(e, ERR_OS, ENOMEM, "the permutation tests");
	return 0;
}

int permutation_test(const uint8_t *samples, struct symbols t, const struct iid_run *run, struct permutation_tests *out,
		     struct err *e)
{
	struct iid_samples s;
	uint8_t *bytes = malloc(t.n);

	*out = (struct permutation_tests){.passed = false};
	if (!bytes)
		return err_set(e, ERR_OS, ENOMEM, "the permutation tests");
	iid_samples_init(&s, samples, t, bytes);
	out->mean = s.mean;
	out->median = s.median;
	const int rc = run_tests(&s, run, out, e);
	free(bytes);
	return rc;
}
