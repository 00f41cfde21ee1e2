/* shuffle.h - random numbers that can be had again, and permutations by them.
 *
 * No cryptography: the numbers are xoshiro256++ by Blackman and Vigna, seeded through SplitMix64. A stream is named by
 * a seed and an index, and so is what comes of it, whichever thread asks. Pure. */
#ifndef REFRESHER_ASSESS_SHUFFLE_H
#define REFRESHER_ASSESS_SHUFFLE_H

#include <stddef.h>
#include <stdint.h>

struct stream_of_numbers {
	uint64_t state[4];
};

/* Streams of different (seed, index) have nothing in common. */
void numbers_begin(struct stream_of_numbers *r, uint64_t seed, uint64_t index);
uint64_t numbers_next(struct stream_of_numbers *r);

/* Permutes n bytes, each permutation as likely as any other (Fisher and Yates). n below 2^31. */
void shuffle_bytes(struct stream_of_numbers *r, uint8_t *bytes, size_t n);

#endif
