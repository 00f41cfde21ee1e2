#include "assess/tuples.h"

#include "assess/bound.h"
#include "assess/estimators.h"

#include <math.h>

/* How often the most frequent tuple of i symbols would come, of how many: step 2. */
static long double tuple_share(const struct tuple_counts *c, size_t n, size_t i)
{
	return (long double)c->most[i] / (long double)(n - i + 1);
}

/* The share of the pairs of places that hold equal tuples of i symbols: 6.3.6 step 2. */
static long double pair_share(const struct tuple_counts *c, size_t n, size_t i)
{
	const long double places = (long double)(n - i + 1);

	return (long double)c->pairs[i] / (places * (places - 1) / 2);
}

/* The greatest share per symbol, the i-th root of the share of tuples of i symbols, for i from `first` to `last`. */
static long double greatest(long double (*of)(const struct tuple_counts *c, size_t n, size_t i),
			    const struct tuple_counts *c, size_t n, size_t first, size_t last)
{
	double best = -INFINITY;
	size_t at = first;

	/* Which is the greatest, the logarithms tell; one root is drawn. */
	for (size_t i = first; i <= last; i++) {
		const double log = log2((double)of(c, n, i)) / (double)i;
		if (log > best) {
			best = log;
			at = i;
		}
	}
	return powl(of(c, n, at), 1 / (long double)at);
}

/* The upper bound of a share p per symbol, and its min-entropy, both in the precision that the shares have. */
static double bound(long double p, size_t n, double *p_u)
{
	const long double quantile = 2.575829303548900384158L,
			  u = p + quantile * sqrtl(p * (1 - p) / (long double)(n - 1));

	*p_u = u < 1 ? (double)u : 1;
	return u < 1 ? (double)-log2l(u) : 0;
}

int tuples_estimate(struct symbols t, struct tuples *out)
{
	struct tuple_counts c;
	size_t u = 1;

	int counted = tuple_counts_by_prefix(t, &c);
	if (counted > 0)
		counted = tuple_counts_by_suffixes(t, &c);
	if (counted < 0)
		return -1;
	while (u <= c.v && c.most[u] >= TUPLES_FREQUENT)
		u++;
	*out = (struct tuples){.t = u - 1, .v = c.v, .t_tuple = {.h = -1}, .lrs = {.h = -1}};

	/* t-Tuple takes the lengths below u, LRS those from u to v. */
	if (u > 1) {
		const long double p = greatest(tuple_share, &c, t.n, 1, u - 1);
		out->t_tuple.p = (double)p;
		out->t_tuple.h = bound(p, t.n, &out->t_tuple.p_u);
	}
	if (c.v >= u) {
		const long double p = greatest(pair_share, &c, t.n, u, c.v);
		out->lrs.p = (double)p;
		out->lrs.h = bound(p, t.n, &out->lrs.p_u);
	}
	tuple_counts_free(&c);
	return 0;
}
