/* gamma.h - the upper tail of the chi-square distribution. Pure. */
#ifndef REFRESHER_ASSESS_GAMMA_H
#define REFRESHER_ASSESS_GAMMA_H

/* The probability that a chi-square variable of `df` degrees of freedom is t or more; 1 where df or t is 0 or less.
 *
 * Of thousands of degrees of freedom only about 11 digits of the result are sure in double arithmetic: there the
 * logarithm of the gamma function is taken from Stirling's series as NIST's public tool takes it, so that both round
 * alike. */
double chi_square_tail(double t, int df);

#endif
