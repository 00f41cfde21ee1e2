/* assess_spans.h - spans of symbols of many kinds: random, uneven, with memory, with repeats of all lengths. */
#ifndef TESTS_UNIT_ASSESS_SPANS_H
#define TESTS_UNIT_ASSESS_SPANS_H

#include "assess/symbols.h"
#include "health_samples.h"

enum { SPAN_KINDS = 9 };
struct span_kind {
	const char *name;
	/* Symbol i, below k, of a span; s: those before it. */
	uint8_t (*symbol)(const uint8_t *s, size_t i, unsigned k, uint64_t *random);
};
extern const struct span_kind span_kinds[SPAN_KINDS];

/* n symbols in `out`, renumbered without gaps; k: 2 ... 256, the most there may be. */
struct symbols span_make(const struct span_kind *kind, unsigned k, size_t n, uint64_t *random, uint8_t *out);

#endif
