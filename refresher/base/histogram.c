#include "base/histogram.h"

#include <math.h>

const double histogram_bounds[HISTOGRAM_BOUNDS] = {0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 10, 60};

/* The first bucket whose upper bound is not below the value counts it; behind the last bound lies +Inf. */
void histogram_add(struct histogram *h, double seconds)
{
	unsigned i = 0;
	while (i < HISTOGRAM_BOUNDS && seconds > histogram_bounds[i])
		i++;
	h->buckets[i]++;
	h->count++;

	/* Kept in whole nanoseconds: the error of each addition would make its text longer and add up. */
	h->sum = round((h->sum + seconds) * 1e9) / 1e9;
}
