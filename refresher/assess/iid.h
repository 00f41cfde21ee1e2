/* iid.h - the IID track (SP 800-90B, 5 and 6.1): may the samples be taken for independent and identically distributed?
 * If so, their min-entropy is what the most common value leaves; if not, the track says nothing about it.
 *
 * With the values of NIST's public tool (ea_iid 1.1.7) but for the permutations, whose random numbers are our own
 * (permutation.h). Allocates, starts threads, no I/O. */
#ifndef REFRESHER_ASSESS_IID_H
#define REFRESHER_ASSESS_IID_H

#include "assess/chi_square.h"
#include "assess/estimate.h"
#include "assess/permutation.h"
#include "base/err.h"

#include <stdbool.h>

enum { IID_SAMPLES_MIN = 10000 }; /* of fewer the tests say nothing */

/* 5.2.5. p_col: that two samples are equal; w: the length of the longest repeated substring; p: that one of w or more
 * comes by chance. */
struct iid_repeat {
	double p_col, p;
	uint64_t w;
	bool passed; /* p >= 1/1000 */
};

/* The tests of the claim, on one sequence. */
struct iid_tests {
	struct chi_square independence, fit;
	bool chi_square_passed;
	struct iid_repeat repeat;
	struct permutation_tests permutation;
	bool passed; /* all of them */
};

struct iid {
	size_t samples;
	unsigned bits, k; /* per sample; different values */
	bool has_literal, has_bitstring;
	struct estimate_mcv literal, bitstring;
	struct iid_tests tests;
	double h_original, h_bitstring; /* per sample, per bit; `bits` and 1 where there was none */
	double h;                       /* per sample; valid only where tests.passed */
};

/* n samples of `bits` bits each (1 ... 8). conditioned: the string of bits alone is assessed. A sample with more bits
 * and too few samples are ERR_USAGE. Of samples of one value alone the claim fails, and no test is made. -1 with *e, or
 * 0. */
int assess_iid(const uint8_t *samples, size_t n, unsigned bits, bool conditioned, const struct iid_run *run,
	       struct iid *out, struct err *e);

/* 5.2.5 alone; k >= 2. Allocates; 0, or -1: no memory. */
int iid_repeat_test(struct symbols t, struct iid_repeat *out);

/* The tests alone, as the restart tests need them. t: the literal symbols of the samples, k >= 2. */
int iid_test(const uint8_t *samples, struct symbols t, const struct iid_run *run, struct iid_tests *out, struct err *e);

#endif
