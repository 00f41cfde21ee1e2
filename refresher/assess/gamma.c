#include "assess/gamma.h"

#include <float.h>
#include <math.h>

enum { STIRLING_FROM = 1000, ROUNDS_MAX = 10000000 };

/* ln of the gamma function, x > 0. */
static double log_gamma(double x)
{
	/* Stirling's series: of large x three terms are exact to a double. */
	if (x >= STIRLING_FROM) {
		const double p = 1 / (x * x);
		const double terms = ((p / 1260 - 1.0 / 360) * p + 1.0 / 12) / x;
		return (x - 0.5) * log(x) - x + log(sqrt(2 * M_PI)) + terms;
	}

	/* The C library's own function would write the sign to a variable of the whole process. */
	int sign;
	return lgamma_r(x, &sign);
}

/* The sum 1 + x/(a+1) + x^2/((a+1)(a+2)) + ..., for x < a. */
static double lower_series(double a, double x)
{
	double term = 1, sum = 1, divisor = a;

	while (term > sum * (DBL_EPSILON / 2)) {
		term *= x / ++divisor;
		sum += term;
	}
	return sum;
}

/* The continued fraction 1/(x+1-a - 1(1-a)/(x+3-a - 2(2-a)/(x+5-a - ...))), for x >= a, by Lentz' method: each round
 * multiplies the value by the ratio of two successive convergents. */
static double upper_fraction(double a, double x)
{
	double denominator = x + 1 - a, above = 1 / DBL_MIN, below = 1 / denominator, value = below, ratio = 0;

	for (int i = 1; fabs(ratio - 1) > DBL_EPSILON && i < ROUNDS_MAX; i++) {
		const double numerator = -i * (i - a);
		denominator += 2;
		below = 1 / (denominator + numerator * below);
		above = denominator + numerator / above;
		ratio = above * below;
		value *= ratio;
	}
	return value;
}

double chi_square_tail(double t, int df)
{
	const double a = df / 2.0, x = t / 2;
	if (df <= 0 || !(t > 0))
		return 1;

	/* What both forms have in common, x^a e^-x / gamma(a); where it vanishes x is far out on one side. */
	const double factor = exp(a * log(x) - x - log_gamma(a));
	if (x < 1 || x < a)
		return 1 - lower_series(a, x) * factor / a;
	return upper_fraction(a, x) * factor;
}
