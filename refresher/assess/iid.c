#include "assess/iid.h"

#include "assess/suffix.h"

#include <errno.h>
#include <float.h>
#include <math.h>
#include <stdlib.h>

int iid_repeat_test(struct symbols t, struct iid_repeat *r)
{
	double share[SYMBOLS_MAX];
	long double p_col = 0;
	const int64_t w = suffix_longest_repeat(t);
	if (w < 0)
		return -1;

	/* The chance that two samples are equal. */
	chi_square_shares(t, share);
	for (unsigned symbol = 0; symbol < t.k; symbol++)
		p_col += (long double)share[symbol] * share[symbol];

	/* Two substrings of length w are equal with p_col^w; that none of the pairs is has this logarithm. Of very long
	 * ones the power is 0, and so is the chance. */
	const long double starts = (long double)t.n - (long double)w + 1, all_pairs = starts * (starts - 1) / 2;
	const long double none = all_pairs * log1pl(-powl(p_col, (long double)w));
	*r = (struct iid_repeat){.w = (uint64_t)w, .p_col = (double)p_col, .p = (double)(1 - expl(none))};
	r->passed = logl(0.999L) >= none;
	return 0;
}

int iid_test(const uint8_t *samples, struct symbols t, const struct iid_run *run, struct iid_tests *out, struct err *e)
{
	*out = (struct iid_tests){.passed = false};

	/* The chi-square tests, both whatever the first one says. */
	if (chi_square_independence(t, &out->independence) < 0)
		return err_set(e, ERR_OS, ENOMEM, "the chi-square tests");
	out->fit = chi_square_fit(t);
	out->chi_square_passed = out->independence.p >= CHI_SQUARE_ALPHA && out->fit.p >= CHI_SQUARE_ALPHA;

	if (iid_repeat_test(t, &out->repeat) < 0)
		return err_set(e, ERR_OS, ENOMEM, "the test of the longest repeated substring");

	/* The permutations take nearly all of the time. */
	if (permutation_test(samples, t, run, &out->permutation, e) < 0)
		return -1;
	out->passed = out->chi_square_passed && out->repeat.passed && out->permutation.passed;
	return 0;
}

/* Refuses what cannot be tested. */
static int check(const uint8_t *samples, size_t n, unsigned bits, struct err *e)
{
	if (n < IID_SAMPLES_MIN)
		return err_set(e, ERR_USAGE, 0,
			       "%zu samples are too few for the IID tests; they need %d, and the standard 1000000", n,
			       IID_SAMPLES_MIN);
	const unsigned width = symbols_width(samples, n);
	if (width > bits)
		return err_set(e, ERR_USAGE, 0, "a sample has %u bits, and --bits says %u", width, bits);
	return 0;
}

/* 6.1: the most common value of the samples and of their bits. */
static void estimate_most_common(const uint8_t *samples, bool conditioned, struct iid *out)
{
	struct estimate counts;
	estimate_init(&counts, out->bits);
	estimate_feed(&counts, samples, out->samples);
	const struct estimates found = estimate_result(&counts);

	/* Of two values the samples say all; of what was conditioned, the bits do. */
	out->has_literal = !conditioned;
	out->has_bitstring = conditioned || out->k > 2;
	out->h_original = out->bits;
	out->h_bitstring = 1;
	if (out->has_literal) {
		out->literal = found.samples;
		out->h_original = found.samples.h;
	}
	if (out->has_bitstring) {
		out->bitstring = found.bits;
		out->h_bitstring = found.bits.h;
	}
	out->h = fmin(out->bits, fmin(out->h_original, out->bits * out->h_bitstring));
}

int assess_iid(const uint8_t *samples, size_t n, unsigned bits, bool conditioned, const struct iid_run *run,
	       struct iid *out, struct err *e)
{
	*out = (struct iid){.samples = n, .bits = bits};
	if (check(samples, n, bits, e) < 0)
		return -1;
	uint8_t *space = malloc(n);
	if (!space)
		return err_set(e, ERR_OS, ENOMEM, "%zu samples", n);

	/* Samples that are all equal have no order that could be looked at: the claim fails untested. */
	const struct symbols t = symbols_literal(samples, n, space);
	out->k = t.k;
	estimate_most_common(samples, conditioned, out);
	const int rc = t.k < 2 ? 0 : iid_test(samples, t, run, &out->tests, e);
	free(space);
	return rc;
}
