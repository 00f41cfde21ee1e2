/* restart.h - restart tests (SP 800-90B, 3.1.4): does the source give as much right after a start, and differently at
 * each start?
 *
 * The samples are 1000 starts of 1000 samples each, one start (a row) behind the other; a column is what all starts
 * gave at one place. As in NIST's public tool, as mended after its version 1.1.7: both the rows and the columns have
 * the tests of an IID claim, and an estimator that could not run does not count.
 *
 * The cutoff of the sanity check is exact, where that tool simulates it: no count of one value in a row or column may
 * be larger than what a row of the given entropy exceeds with probability alpha, and alpha is such that of 2000 good
 * rows and columns one fails in 1 % of all cases. Allocates, starts threads, no I/O. */
#ifndef REFRESHER_ASSESS_RESTART_H
#define REFRESHER_ASSESS_RESTART_H

#include "assess/iid.h"
#include "assess/non_iid.h"
#include "base/err.h"

#include <stdbool.h>

enum { RESTARTS = 1000, RESTART_SAMPLES = RESTARTS * 1000 };

/* 3.1.4.3: the greatest count of one value among 1000 samples of min-entropy h that passes. Counted for the
 * distribution that gives the greatest counts: as many values as can be of probability 2^-h, and one of what is left. 0
 * <= h <= 8; 1 ... 1000, or below 0: no memory. */
int restart_cutoff(double h);

struct restart {
	unsigned bits;
	double h_initial;                       /* H_I */
	unsigned cutoff, row_most, column_most; /* greatest counts of one value in a row, in a column */
	bool sane;                              /* neither exceeds the cutoff; otherwise nothing else was computed */
	bool iid;                               /* of an IID claim; then: */
	struct iid rows_iid, columns_iid;
	struct non_iid_pass rows, columns; /* otherwise */
	double h_rows, h_columns;          /* per sample */
	bool valid;                        /* 3.1.4.2: neither is below H_I / 2, and an IID claim holds for both */
	double h;                          /* min(H_r, H_c, H_I), where valid; 0 otherwise */
};

/* RESTART_SAMPLES samples of `bits` bits each. iid: of an IID claim. -1 with *e, or 0. */
int assess_restart(const uint8_t *samples, unsigned bits, double h_initial, bool iid, const struct iid_run *run,
		   struct restart *out, struct err *e);

#endif
