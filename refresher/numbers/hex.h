/* hex.h - private to numbers/: bytes -> lower-case hexadecimal digits. Pure. */
#ifndef REFRESHER_NUMBERS_HEX_H
#define REFRESHER_NUMBERS_HEX_H

#include <stdint.h>

/* Four bytes, the first in the lowest place, -> eight characters in the same order. */
static inline uint64_t hex_of4(uint32_t bytes)
{
	/* Spread the bytes over the pairs of a word of eight bytes, then the upper half of each into the first of its
	 * pair and the lower half into the second. */
	uint64_t v = bytes;
	v = (v | v << 16) & 0x0000ffff0000ffffu;
	v = (v | v << 8) & 0x00ff00ff00ff00ffu;
	v = (v >> 4 & 0x000f000f000f000fu) | (v & 0x000f000f000f000fu) << 8;

	/* Each half becomes a digit; 6 more carry over where it is above 9, and those get the distance from '9' + 1 to
	 * 'a' on top. */
	uint64_t letters = (v + 0x0606060606060606u) >> 4 & 0x0101010101010101u;
	return v + 0x3030303030303030u + letters * ('a' - '0' - 10);
}

#endif
