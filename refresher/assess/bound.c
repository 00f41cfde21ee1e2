#include "assess/bound.h"

#include <float.h>
#include <math.h>

double bound_upper(double p, double n)
{
	return fmin(1, p + BOUND_QUANTILE * sqrt(p * (1 - p) / (n - 1)));
}

double bound_min_entropy(double p)
{
	return p < 1 ? -log2(p) : 0;
}

double bound_solve(double (*f)(const void *self, double x), const void *self, double wanted, double low, double high)
{
	for (;;) {
		/* No double lies between the ends any more. */
		const double x = low + (high - low) / 2;
		if (!(x > low && x < high))
			return high;

		/* f falls, so it takes a smaller value further up. */
		const double y = f(self, x);
		if (fabs(y - wanted) <= DBL_EPSILON * fabs(wanted))
			return x;
		if (y > wanted)
			low = x;
		else
			high = x;
	}
}
