/* symbols.h - samples as the estimators want them: one byte per symbol, numbered 0 ... k-1 without gaps.
 *
 * The literal symbols are the distinct values of the samples, renumbered in ascending order, so k is how many values
 * occur, and not 2^bits. The bit string holds the samples as they are, `bits` bits of each, the most significant one
 * first. Pure: no I/O; what allocates says so. */
#ifndef REFRESHER_ASSESS_SYMBOLS_H
#define REFRESHER_ASSESS_SYMBOLS_H

#include <stddef.h>
#include <stdint.h>

enum { SYMBOLS_MAX = 256 };

/* A span in the caller's memory; every s[i] < k, and each of 0 ... k-1 occurs. k: 1 ... 256, n below 2^31. */
struct symbols {
	const uint8_t *s;
	size_t n;
	unsigned k;
};

/* The bits that hold every sample: 1 ... 8 (of zeros alone it is 1). */
unsigned symbols_width(const uint8_t *samples, size_t n);

/* Renumbers n samples into `out` (n bytes; it may be `samples` itself). Returns them as symbols in `out`. */
struct symbols symbols_literal(const uint8_t *samples, size_t n, uint8_t *out);

/* Writes n * bits bytes of 0 or 1 to `out`. k of what it returns is 1 where all bits are equal; such a bit is 0. */
struct symbols symbols_bitstring(const uint8_t *samples, size_t n, unsigned bits, uint8_t *out);

#endif
