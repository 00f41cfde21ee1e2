/* histogram.h - how long things took, in fixed buckets. Plain data, copied by value; one owner. */
#ifndef REFRESHER_BASE_HISTOGRAM_H
#define REFRESHER_BASE_HISTOGRAM_H

#include <stdint.h>

enum { HISTOGRAM_BOUNDS = 9 };
extern const double histogram_bounds[HISTOGRAM_BOUNDS]; /* upper bounds in seconds, included; +Inf is not listed */

struct histogram {
	uint64_t buckets[HISTOGRAM_BOUNDS + 1]; /* not cumulative; the last is +Inf */
	uint64_t count;
	double sum; /* seconds */
};

void histogram_add(struct histogram *h, double seconds);

#endif
