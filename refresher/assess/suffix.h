/* suffix.h - suffix array and longest common prefixes of a span of symbols.
 *
 * Allocates; no I/O. Time grows with n alone, whatever repeats in the span. */
#ifndef REFRESHER_ASSESS_SUFFIX_H
#define REFRESHER_ASSESS_SUFFIX_H

#include "assess/symbols.h"

/* 8 bytes per symbol, the caller's until suffix_free. */
struct suffix {
	int32_t *order;  /* where the suffixes start, the least suffix first; a prefix is less than what it begins */
	int32_t *common; /* by place in the text: the prefix that the suffix there shares with the one before it in
			  * `order`; 0 for the least suffix */
	size_t n;
};

/* 0, or -1: no memory. n below 2^31. */
int suffix_build(struct symbols t, struct suffix *out);
void suffix_free(struct suffix *x);

/* The longest prefix that two suffixes share: the longest repeated substring, whose copies may overlap. 0 where no
 * symbol comes twice; below 0: no memory. */
int64_t suffix_longest_repeat(struct symbols t);

#endif
