/* tuples.h - how often tuples come in a span of symbols: what t-Tuple and LRS rest on. Allocates; no I/O. */
#ifndef REFRESHER_ASSESS_TUPLES_H
#define REFRESHER_ASSESS_TUPLES_H

#include "assess/symbols.h"

enum { TUPLES_FREQUENT = 35 }; /* what comes less often says too little (6.3.5 step 1) */

/* By the length of the tuples, 1 ... v; v: the longest that comes twice. The arrays have v + 2 elements, the caller's
 * until tuple_counts_free. */
struct tuple_counts {
	size_t v;
	uint64_t *pairs; /* how many pairs of places hold equal tuples */
	uint32_t *most;  /* how often the most frequent one comes; where that is below TUPLES_FREQUENT, perhaps less */
};

/* By the suffix array; time grows with n alone. 0, or -1: no memory. */
int tuple_counts_by_suffixes(struct symbols t, struct tuple_counts *out);

/* The same by sorting places by what follows them; several times faster where no long tuples come twice. 1: it is not
 * for this span, in which they do, and *out is nothing. */
int tuple_counts_by_prefix(struct symbols t, struct tuple_counts *out);

void tuple_counts_free(struct tuple_counts *c);

#endif
