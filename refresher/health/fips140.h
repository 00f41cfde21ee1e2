/* fips140.h - the block tests of FIPS 140-2 (change notice 1) section 4.9.1 that rngd's users know: monobit, poker,
 * runs, long run.
 *
 * Statistical tests of 20000-bit blocks; no health tests in the sense of SP 800-90B and off by default. About 1 good
 * block in 1000 fails, so a failure is an intermittent failure, never a permanent one. Pure; one instance per source.
 */
#ifndef REFRESHER_HEALTH_FIPS140_H
#define REFRESHER_HEALTH_FIPS140_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { FIPS140_BLOCK_BITS = 20000, FIPS140_BLOCK_BYTES = FIPS140_BLOCK_BITS / 8 };
enum { FIPS140_MONOBIT = 1, FIPS140_POKER = 2, FIPS140_RUNS = 4, FIPS140_LONG_RUN = 8 };

struct fips140 {
	uint32_t fill;                      /* bits in block, 0 ... FIPS140_BLOCK_BITS-1 */
	uint8_t block[FIPS140_BLOCK_BYTES]; /* most significant bit first */
};

/* The verdict on one block: a set of FIPS140_* bits, 0 = passed. */
unsigned fips140_block(const uint8_t block[FIPS140_BLOCK_BYTES]);

void fips140_init(struct fips140 *t);

/* Appends one sample of `bits` bits (8, or 1: the lowest bit); the same `bits` in every call. *done tells whether that
 * completed a block; then the block is tested and its verdict returned, otherwise 0. */
unsigned fips140_feed(struct fips140 *t, uint8_t sample, unsigned bits, bool *done);

#endif
