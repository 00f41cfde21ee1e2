/* lemire.h - private to numbers/: a uniform word of W bits -> a uniform number below `span`. Pure.
 *
 * D. Lemire, Fast Random Integer Generation in an Interval, ACM TOMACS 29 (2019), algorithm 5. word * span is a number
 * of 2W bits; its upper half is the result, its lower half decides: the words that give one result have lower halves
 * that lie `span` apart, and rejecting those below 2^W mod span leaves exactly floor(2^W / span) words for every
 * result. The width is a parameter so that the test can count all words of a narrow one. 1 <= W <= 64, 1 <= span <=
 * 2^W: a span of 2^64 rejects nothing, and needs a wider type than its words. */
#ifndef REFRESHER_NUMBERS_LEMIRE_H
#define REFRESHER_NUMBERS_LEMIRE_H

#include <stdbool.h>
#include <stdint.h>

static inline uint64_t lemire_mask(unsigned width_bits)
{
	return UINT64_MAX >> (64 - width_bits);
}

/* 2^W mod span. */
static inline uint64_t lemire_reject_below(unsigned width_bits, unsigned __int128 span)
{
	return (uint64_t)((((unsigned __int128)1 << width_bits) - span) % span);
}

/* False when the word is rejected. `reject_below` is lemire_reject_below() of the same width and span. */
static inline bool lemire_draw(unsigned width_bits, uint64_t word, unsigned __int128 span, uint64_t reject_below,
			       uint64_t *n)
{
	unsigned __int128 product = word * span;
	*n = (uint64_t)(product >> width_bits);
	return ((uint64_t)product & lemire_mask(width_bits)) >= reject_below;
}

#endif
