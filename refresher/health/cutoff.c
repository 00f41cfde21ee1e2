#include "health/cutoff.h"

#include <float.h>
#include <math.h>

/* ceil(a / H). H comes from a decimal such as 0.3, whose nearest double lies a little below: the true quotient 30 / H
 * is then a little above 100 and would be rounded up to 101. The double is within 2^-53 of the decimal and the division
 * adds 2^-53, so a quotient within 2^-51 of a whole number is that number. A decimal of up to 13 places that does not
 * divide `a` is further away than that (a * 10^13 < 2^51), so no true remainder is lost. */
static double ceil_quotient(int a, double h)
{
	double q = a / h;
	double whole = nearbyint(q);

	return fabs(q - whole) <= whole * 0x1p-51 ? whole : ceil(q);
}

uint32_t cutoff_rct(int alpha_log2, double h_per_sample)
{
	double c = 1 + ceil_quotient(-alpha_log2, h_per_sample);

	return c < UINT32_MAX ? (uint32_t)c : UINT32_MAX;
}

/* C keeps alpha when P[X >= C-1] <= alpha, X = Bin(W-1, p) being the number of later samples that equal the first one.
 * The tail is summed from its thin end, X = W-1, towards the middle, each term from the one before: only positive terms
 * and no cancellation, so the relative error stays below 4 roundings per step. p^(W-1) may be as small as 2^-524280;
 * term and sum are therefore kept as multiples of 2^scale.
 *
 * Some tails equal alpha exactly: H 1, W 64: P[X >= 62] = 64 / 2^63 = 2^-57. A sum that exceeds alpha by no more than
 * its rounding error counts as equal, which "<= alpha" accepts. */
uint32_t cutoff_apt(int alpha_log2, double h_per_sample, uint32_t window_w)
{
	const long double ln_2 = 0.693147180559945309417232121458176568L;
	const long double n = window_w - 1;
	const long double q_by_p = expm1l(h_per_sample * ln_2); /* (1 - 2^-H) / 2^-H */
	const long double log2_first = -(long double)h_per_sample * n;
	const long double tie = 1 + 8 * n * LDBL_EPSILON;
	int scale = (int)floorl(log2_first);
	long double term = exp2l(log2_first - scale); /* P[X = W-1] */
	long double sum = term;
	uint32_t c = window_w;

	/* Invariant: sum = P[X >= c-1]; c = W always holds, by the cap. */
	for (; c > 2; c--) {
		term *= q_by_p * (c - 1) / (n - c + 2);
		sum += term;
		if (ldexpl(sum, scale - alpha_log2) > tie)
			break;
		if (sum > 0x1p64L) {
			sum = ldexpl(sum, -64);
			term = ldexpl(term, -64);
			scale += 64;
		}
	}
	return c;
}

uint32_t cutoff_repeat(double h_per_sample, unsigned prints_log2)
{
	return (uint32_t)ceil_quotient(60 + (int)prints_log2, h_per_sample);
}

/* P[X >= n] / P[X = n] of a Poisson variable, for n >= lambda: 1 + l/(n+1) (1 + l/(n+2) (1 + ...)). */
static long double tail_by_term(long double lambda, uint32_t n)
{
	long double sum = 0, term = 1;

	for (uint32_t i = n + 1; term > sum * LDBL_EPSILON; i++) {
		sum += term;
		term *= lambda / i;
	}
	return sum;
}

uint32_t cutoff_rate(int alpha_log2, uint32_t window_w, unsigned span_log2)
{
	const long double span = ldexpl(1, (int)span_log2);
	const long double lambda = ldexpl(span + span / window_w, alpha_log2);
	long double term_log = -lambda; /* natural logarithm of P[X = n] */

	/* From n to n + 1 the probability of just n is multiplied by lambda / (n + 1); below the mean no tail is small.
	 */
	for (uint32_t n = 1;; n++) {
		term_log += logl(lambda / n);
		if (n > lambda && (term_log + logl(tail_by_term(lambda, n))) / logl(2) < -60)
			return n;
	}
}
