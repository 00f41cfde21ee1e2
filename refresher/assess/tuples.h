/* tuples.h - how often tuples come in a span of symbols: what t-Tuple and LRS rest on. Allocates; no I/O. */
#ifndef REFRESHER_ASSESS_TUPLES_H
#define REFRESHER_ASSESS_TUPLES_H

#include "assess/symbols.h"

/* By the length of the tuples, 1 ... v; v: the longest that comes twice. The arrays have v + 2 elements, the caller's
 * until tuple_counts_free. */
struct tuple_counts {
	size_t v;
	uint64_t *pairs; /* how many pairs of places hold equal tuples */
	uint32_t *most;  /* how often the most frequent one comes */
};

/* By the suffix array; time grows with n alone. 0, or -1: no memory. */
int tuple_counts_by_suffixes(struct symbols t, struct tuple_counts *out);
void tuple_counts_free(struct tuple_counts *c);

#endif
