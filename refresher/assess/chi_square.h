/* chi_square.h - are symbols independent of one another, and of one distribution all along? (SP 800-90B, 5.2.1 to
 * 5.2.4.)
 *
 * With the values of NIST's public tool: what is expected is computed with the shares as that tool adds them up, one
 * symbol after the other, so that bins end where its bins end. Pure; what allocates says so. */
#ifndef REFRESHER_ASSESS_CHI_SQUARE_H
#define REFRESHER_ASSESS_CHI_SQUARE_H

#include "assess/symbols.h"

#define CHI_SQUARE_ALPHA 0.001 /* a p below it fails (5.2.1 to 5.2.4) */

struct chi_square {
	double t;
	int df;   /* degrees of freedom; 0 or less where there are too few samples for a statement, and then p is 1 */
	double p; /* of a t as large or larger, where the symbols are independent and of one distribution */
};

/* How often each symbol came, as a share of t.n: the sum of that many times 1/n, as the tool adds it. */
void chi_square_shares(struct symbols t, double share[SYMBOLS_MAX]);

/* Pairs of symbols, 5.2.1, or of two symbols strings of m bits, 5.2.3. The degrees of freedom are the bins less k, as
 * the standard says; of so few samples that many pairs share a bin that is too few of them, and good samples fail. k
 * >= 2. Allocates; 0, or -1: no memory. */
int chi_square_independence(struct symbols t, struct chi_square *out);

/* The ten tenths of the samples, 5.2.2, or 5.2.4 of two symbols. k >= 2. */
struct chi_square chi_square_fit(struct symbols t);

#endif
