/* runs.h - runs in a sequence of two kinds of element (SP 800-90B, 5.1.2 to 5.1.6), 64 elements at a time. Pure. */
#ifndef REFRESHER_ASSESS_RUNS_H
#define REFRESHER_ASSESS_RUNS_H

#include <stddef.h>
#include <stdint.h>

struct runs {
	uint64_t ones;    /* elements that are 1 */
	uint64_t count;   /* runs of equal elements */
	uint64_t longest; /* elements of the longest run */
};

/* Packs n bytes of 0 or 1 into words, the first one as the lowest bit; n / 64 words, rounded up, unused bits 0. */
void runs_pack(const uint8_t *bits, size_t n, uint64_t *words);

/* Of n packed elements; of none all is 0. */
struct runs runs_count(const uint64_t *words, size_t n);

#endif
