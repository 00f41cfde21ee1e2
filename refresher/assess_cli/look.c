#include "assess_cli/look.h"

/* The sum of products of samples `lag` apart. */
static double products(const uint8_t *samples, size_t n, size_t lag)
{
	uint64_t sum = 0;

	for (size_t i = 0; i + lag < n; i++)
		sum += (uint64_t)samples[i] * samples[i + lag];
	return (double)sum;
}

void look_at(struct look *l, const uint8_t *samples, size_t n, unsigned bits)
{
	double sum = 0, squares = 0;
	*l = (struct look){.n = n, .bits = bits};
	for (size_t i = 0; i < n; i++)
		l->count[samples[i]]++;

	/* The other sums follow from how often each value came. */
	for (unsigned value = 0; value < 256; value++) {
		const double count = (double)l->count[value];
		sum += value * count;
		squares += (double)value * value * count;
		for (unsigned bit = 0; bit < bits; bit++)
			l->ones[bit] += (value >> bit & 1) * count / (double)n;
	}

	/* How the products of a pair differ from what the mean alone makes, relative to the variance. */
	const double mean = sum / (double)n, variance = squares / (double)n - mean * mean;
	for (size_t lag = 1; lag <= LOOK_LAGS && variance > 0; lag++)
		l->correlation[lag - 1] = (products(samples, n, lag) / (double)(n - lag) - mean * mean) / variance;
}
