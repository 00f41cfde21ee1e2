/* permutation.h - permutation tests of the IID assumption (SP 800-90B, 5.1): does the order of the samples matter?
 *
 * Each of the 19 statistics is compared with what up to 10,000 permutations of the same samples give. One that has more
 * than 5 permutations on either side, equal ones counted on both, is decided: the order of the samples is nothing
 * special by it, and it is not computed any more, as in NIST's public tool; the tests end when all are. What is not
 * decided by all the permutations fails.
 *
 * The result follows from samples and seed alone: each permutation has random numbers of its own, and counts in its
 * place, whatever the number of threads. Allocates and starts threads; no I/O. */
#ifndef REFRESHER_ASSESS_PERMUTATION_H
#define REFRESHER_ASSESS_PERMUTATION_H

#include "assess/iid_statistics.h"
#include "base/err.h"

#include <stdbool.h>

enum { PERMUTATIONS = 10000, PERMUTATION_TAIL = 5 };

/* What a computation that takes long is told by its caller. */
struct iid_run {
	unsigned threads; /* 1 ... */
	uint64_t seed;
	/* Told now and then how much is done, 0 ... 1, ever more; from any thread, never from two at once. May be NULL.
	 */
	void (*progress)(void *self, double part);
	void *self;
};

struct permutation_tests {
	double mean, median;            /* of the samples; of their literal symbols, 0.5 where there are two */
	double samples[IID_STATISTICS]; /* the statistics of the samples as they came */
	/* Permutations whose statistic is greater, equal, and less. */
	uint32_t greater[IID_STATISTICS], equal[IID_STATISTICS], less[IID_STATISTICS];
	unsigned decided;      /* bits 1 << statistic; all of them: passed */
	unsigned permutations; /* that were looked at */
	bool passed;
};

/* t: the literal symbols of the samples. 0, or -1 with *e (ERR_OS: no memory, no thread). */
int permutation_test(const uint8_t *samples, struct symbols t, const struct iid_run *run, struct permutation_tests *out,
		     struct err *e);

#endif
