/* predict.h - what the four predictors have in common (SP 800-90B, 6.3.7 to 6.3.10, last steps): from how often a
 * predictor was right, and how often in a row, to a min-entropy. Pure.
 *
 * As NIST's public tool computes it: the upper bound takes the 0.995 quantile unrounded, and p_local is computed only
 * where it can exceed p_global_u and 1/k. */
#ifndef REFRESHER_ASSESS_PREDICT_H
#define REFRESHER_ASSESS_PREDICT_H

#include <stdbool.h>
#include <stdint.h>

/* Right predictions, as a predictor counts them. */
struct score {
	uint64_t n;       /* N: predictions */
	uint64_t correct; /* C */
	uint64_t longest; /* correct ones in a row */
};

struct prediction {
	uint64_t c, r, n;            /* r: longest run of correct ones, and one more */
	double p_global, p_global_u; /* C/N and its upper bound at 99 % */
	bool local;                  /* p_local was computed */
	double p_local;              /* such that a run of r has a probability of 1 % */
	double h;                    /* bits per symbol */
};

/* k: how many symbols there are, 2 ... 256. n >= 2. */
struct prediction predict_bound(struct score score, unsigned k);

#endif
