#include "assess/bound.h"
#include "assess/estimators.h"

#include <math.h>
#include <stdlib.h>

enum {
	BLOCK_BITS = 6,
	BLOCKS = 1 << BLOCK_BITS,
	DICTIONARY = 1000, /* d: blocks that only fill the dictionary */
};

/* log2 of whole numbers, reckoned once each. */
struct logarithms {
	double *of; /* of[i], for i < known */
	size_t known;
};

/* What the expected value is reckoned for: nb blocks, v of them behind the dictionary. */
struct expectation {
	struct logarithms *logs;
	size_t nb, v;
};

static double log2_of(struct logarithms *t, size_t i)
{
	for (; t->known <= i; t->known++)
		t->of[t->known] = log2((double)t->known);
	return t->of[i];
}

/* Mean and deviation of log2 of the distance to where each block was last (steps 3 to 5). */
static void measure(struct symbols t, struct logarithms *logs, struct compression *out)
{
	const size_t nb = t.n / BLOCK_BITS, v = nb - DICTIONARY;
	size_t last[BLOCKS] = {0};
	long double sum = 0, squares = 0;

	for (size_t i = 0; i < nb; i++) {
		unsigned block = 0;
		for (unsigned b = 0; b < BLOCK_BITS; b++)
			block = block << 1 | t.s[i * BLOCK_BITS + b];

		/* A block that never came counts from the beginning. */
		const size_t distance = i + 1 - last[block];
		last[block] = i + 1;
		if (i >= DICTIONARY) {
			const long double bits = log2_of(logs, distance);
			sum += bits;
			squares += bits * bits;
		}
	}
	out->mean = (double)(sum / (long double)v);
	out->sigma = 0.5907 * sqrt((double)squares / (double)(v - 1) - out->mean * out->mean);
	out->mean_l = out->mean - BOUND_QUANTILE * out->sigma / sqrt((double)v);
}

/* G(z): what a block of probability z adds to the expected mean (step 7). The distance is i with probability
 * z (1-z)^(i-1), or the whole way to the beginning where the block did not come before. */
static double share(const struct expectation *t, long double z)
{
	const long double nb = (long double)t->nb;
	long double power = 1, dictionary = 0, behind = 0, weighted = 0;

	/* Distances within the dictionary are possible for all v blocks. */
	size_t i = 2;
	for (; i <= DICTIONARY; i++)
		dictionary += log2_of(t->logs, i) * (power *= 1 - z);
	weighted = (nb - DICTIONARY) * dictionary;

	/* Longer ones for ever fewer, until what is left cannot change the sum: it is less than this term over z. */
	for (; i < t->nb; i++) {
		const long double a = log2_of(t->logs, i) * (power *= 1 - z), term = (nb - (long double)i) * a;
		behind += a;
		weighted += term;
		if (term <= weighted * z * 1e-21L)
			break;
	}
	if (i == t->nb)
		behind += log2_of(t->logs, i) * (power * (1 - z));
	return (double)(z * (z * weighted + behind) / (long double)t->v);
}

/* The expected mean where one block has probability p and the 63 others share the rest. */
static double expected(const void *self, double p)
{
	return share(self, p) + (BLOCKS - 1) * share(self, (1 - (long double)p) / (BLOCKS - 1));
}

int compression_estimate(struct symbols t, struct compression *out)
{
	const size_t nb = t.n / BLOCK_BITS;
	struct logarithms logs = {.of = malloc(sizeof(*logs.of) * (nb + 1))};
	const struct expectation e = {.logs = &logs, .nb = nb, .v = nb - DICTIONARY};
	const double least = 1.0 / BLOCKS;

	if (!logs.of)
		return -1;
	measure(t, &logs, out);

	/* Step 8: the p that explains the lower bound of the mean. Where even blocks that are all as likely do, nothing
	 * speaks against a full bit per bit. */
	out->found = expected(&e, least) > out->mean_l;
	out->p = out->found ? bound_solve(expected, &e, out->mean_l, least, 1) : least;
	out->h = bound_min_entropy(out->p) / BLOCK_BITS;
	free(logs.of);
	return 0;
}
