#include "assess/chi_square.h"

#include "assess/gamma.h"

#include <math.h>
#include <stdlib.h>

enum { TENTHS = 10, LONGEST = 11 }; /* 5.2.2 step 3; the longest strings of 5.2.3 */
#define EXPECTED_LEAST 5.0          /* of a bin */

/* One symbol or pair of symbols: how often it is expected, and the bin that counts it. */
struct cell {
	double expected;
	uint32_t value, bin;
};

/* Cells that are rare share a bin. */
struct bins {
	double *expected;
	uint32_t *observed;
	uint32_t count;
};

void chi_square_shares(struct symbols t, double share[SYMBOLS_MAX])
{
	uint64_t count[SYMBOLS_MAX] = {0};

	/* The order in which symbols come does not matter to the sum of each, only its rounding at each step does. */
	for (size_t i = 0; i < t.n; i++)
		count[t.s[i]]++;
	for (unsigned symbol = 0; symbol < t.k; symbol++) {
		share[symbol] = 0;
		for (uint64_t i = 0; i < count[symbol]; i++)
			share[symbol] += 1.0 / (double)t.n;
	}
}

/* The rarest first; of equals, the least value. */
static int by_expectation(const void *left, const void *right)
{
	const struct cell *a = left, *b = right;

	if (a->expected != b->expected)
		return a->expected < b->expected ? -1 : 1;
	return a->value < b->value ? -1 : a->value > b->value;
}

static int by_value(const void *left, const void *right)
{
	const struct cell *a = left, *b = right;

	return a->value < b->value ? -1 : a->value > b->value;
}

/* Puts the cells into bins that expect 5 or more each, the rarest cells together; b has room for a bin each. The cells
 * are in the order of their values then, so that a value finds its bin. */
static void fill_bins(struct cell *cells, size_t n, struct bins *b)
{
	double expected = 0;
	uint32_t bin = 0;
	qsort(cells, n, sizeof *cells, by_expectation);

	/* A bin that expects enough is closed before the next cell. */
	for (size_t i = 0; i < n; i++) {
		if (expected >= EXPECTED_LEAST) {
			b->expected[bin++] = expected;
			expected = 0;
		}
		cells[i].bin = bin;
		expected += cells[i].expected;
	}

	/* What is left at the end goes into the bin before it where it is too little for one of its own. */
	if (bin > 0 && expected < EXPECTED_LEAST) {
		for (size_t i = n; cells[i - 1].bin == bin; i--)
			cells[i - 1].bin = bin - 1;
		b->expected[bin - 1] += expected;
		b->count = bin;
	} else {
		b->expected[bin] = expected;
		b->count = bin + 1;
	}
	qsort(cells, n, sizeof *cells, by_value);
}

static double distance(const struct bins *b)
{
	double t = 0;

	for (uint32_t bin = 0; bin < b->count; bin++) {
		const double off = b->observed[bin] - b->expected[bin];
		t += off * off / b->expected[bin];
	}
	return t;
}

/* 5.2.1: pairs that do not overlap, of which each is expected as often as its symbols say. */
static void pairs(struct symbols t, struct cell *cells, struct bins *b, struct chi_square *out)
{
	double share[SYMBOLS_MAX];
	const double all = floor((double)t.n * 0.5);

	/* A cell for each pair of symbols. */
	chi_square_shares(t, share);
	for (unsigned i = 0; i < t.k; i++)
		for (unsigned j = 0; j < t.k; j++)
			cells[i * t.k + j] = (struct cell){share[i] * share[j] * all, i * t.k + j, 0};
	fill_bins(cells, (size_t)t.k * t.k, b);

	/* Each pair that came is counted in its bin. */
	for (size_t i = 0; i + 1 < t.n; i += 2)
		b->observed[cells[t.s[i] * t.k + t.s[i + 1]].bin]++;
	out->t = distance(b);
	out->df = (int)b->count - (int)t.k;
}

/* The longest strings of which the rarest is expected 5 times, m = 2 ... 11; 0: not even those of 2 bits are. */
static unsigned string_bits(double p_rare, size_t n)
{
	for (unsigned m = LONGEST; m > 1; m--) {
		const size_t count = n / m;
		if (pow(p_rare, m) * (double)count >= EXPECTED_LEAST)
			return m;
	}
	return 0;
}

/* 5.2.3: strings of m bits that do not overlap. */
static struct chi_square strings(struct symbols t)
{
	uint32_t observed[1 << LONGEST] = {0};
	size_t ones = 0;
	for (size_t i = 0; i < t.n; i++)
		ones += t.s[i];

	/* Too few samples for strings of two bits prove nothing. */
	const double p_1 = (double)ones / (double)t.n, p_0 = 1 - p_1;
	const unsigned m = string_bits(fmin(p_0, p_1), t.n);
	struct chi_square r = {0};
	if (m == 0)
		return r;

	/* A string is the number that its bits write. */
	const size_t all = t.n / m;
	for (size_t i = 0; i < all; i++) {
		unsigned string = 0;
		for (unsigned bit = 0; bit < m; bit++)
			string = string << 1 | t.s[i * m + bit];
		observed[string]++;
	}

	/* How often each is expected follows from its ones. */
	for (unsigned string = 0; string < 1U << m; string++) {
		const int w = __builtin_popcount(string);
		const double expected = pow(p_1, w) * pow(p_0, (int)m - w) * (double)all;
		const double off = observed[string] - expected;
		r.t += off * off / expected;
	}
	r.df = (1 << m) - 2;
	return r;
}

int chi_square_independence(struct symbols t, struct chi_square *out)
{
	const size_t cells = (size_t)t.k * t.k;
	int rc = 0;
	*out = (struct chi_square){0};

	/* Of two symbols longer strings tell more than pairs. */
	if (t.k == 2) {
		*out = strings(t);
	} else {
		struct cell *cell = malloc(cells * sizeof *cell);
		struct bins b = {.expected = malloc(cells * sizeof *b.expected),
				 .observed = calloc(cells, sizeof *b.observed)};
		rc = cell && b.expected && b.observed ? 0 : -1;
		if (rc == 0)
			pairs(t, cell, &b, out);
		free(cell);
		free(b.expected);
		free(b.observed);
	}
	out->p = chi_square_tail(out->t, out->df);
	return rc;
}

/* 5.2.4: zeros and ones of each tenth. */
static struct chi_square fit_of_bits(struct symbols t)
{
	struct chi_square r = {.df = TENTHS - 1};
	const size_t length = t.n / TENTHS;
	size_t ones = 0;
	for (size_t i = 0; i < t.n; i++)
		ones += t.s[i];

	/* Each tenth should have its share of all the ones. */
	const double p = (double)ones / (double)t.n;
	const double expected_0 = (1 - p) * (double)length, expected_1 = p * (double)length;
	for (unsigned tenth = 0; tenth < TENTHS; tenth++) {
		size_t found = 0;
		for (size_t i = 0; i < length; i++)
			found += t.s[tenth * length + i];
		const double off_0 = (double)(length - found) - expected_0, off_1 = (double)found - expected_1;
		r.t += off_0 * off_0 / expected_0 + off_1 * off_1 / expected_1;
	}
	return r;
}

/* 5.2.2: the symbols of each tenth. */
static struct chi_square fit_of_symbols(struct symbols t)
{
	double share[SYMBOLS_MAX], expected[SYMBOLS_MAX];
	uint32_t observed[SYMBOLS_MAX];
	struct cell cells[SYMBOLS_MAX] = {{0}};
	struct bins b = {.expected = expected, .observed = observed};
	struct chi_square r = {0};
	const size_t length = t.n / TENTHS;

	/* The same bins serve all the tenths. */
	chi_square_shares(t, share);
	for (unsigned symbol = 0; symbol < t.k; symbol++)
		cells[symbol] = (struct cell){share[symbol] * floor((double)t.n / TENTHS), symbol, 0};
	fill_bins(cells, t.k, &b);

	/* The distances of the tenths add up, and so do their degrees of freedom. */
	for (unsigned tenth = 0; tenth < TENTHS; tenth++) {
		for (uint32_t bin = 0; bin < b.count; bin++)
			observed[bin] = 0;
		for (size_t i = 0; i < length; i++)
			observed[cells[t.s[tenth * length + i]].bin]++;
		r.t += distance(&b);
	}
	r.df = (TENTHS - 1) * ((int)b.count - 1);
	return r;
}

struct chi_square chi_square_fit(struct symbols t)
{
	struct chi_square r = t.k == 2 ? fit_of_bits(t) : fit_of_symbols(t);

	r.p = chi_square_tail(r.t, r.df);
	return r;
}
