/* bound.h - what all estimators share: confidence bounds, min-entropy, and the point where a function takes a value.
 * Pure. */
#ifndef REFRESHER_ASSESS_BOUND_H
#define REFRESHER_ASSESS_BOUND_H

#define BOUND_QUANTILE 2.5758293035489008 /* 0.995 of the standard normal distribution: 99 % confidence */

/* What the true probability exceeds in one of 200 cases, where a share p of n trials was seen; at most 1. n >= 2. */
double bound_upper(double p, double n);

/* -log2 p, and 0 for p >= 1 (never -0). */
double bound_min_entropy(double p);

/* Where between low and high a falling function takes the value `wanted`: f(low) > wanted >= f(high) is the caller's
 * promise; f is not asked for the ends. By halving, until f is as near as a double can be or no double lies between. */
double bound_solve(double (*f)(const void *self, double x), const void *self, double wanted, double low, double high);

#endif
