/* hex.h - private to numbers/: bytes -> lower-case hexadecimal digits. Pure. */
#ifndef REFRESHER_NUMBERS_HEX_H
#define REFRESHER_NUMBERS_HEX_H

#include <stdint.h>

/* Four bytes, the first in the lowest place, -> eight characters in the same order. The nibbles are spread over the
 * bytes of a word; those above 9 get the distance from '9' + 1 to 'a' on top. */
static inline uint64_t hex_of4(uint32_t bytes)
{
	uint64_t v = bytes;
	v = (v | v << 16) & 0x0000ffff0000ffffu;
	v = (v | v << 8) & 0x00ff00ff00ff00ffu;
	v = (v >> 4 & 0x000f000f000f000fu) | (v & 0x000f000f000f000fu) << 8;
	uint64_t letters = (v + 0x0606060606060606u) >> 4 & 0x0101010101010101u;
	return v + 0x3030303030303030u + letters * ('a' - '0' - 10);
}

#endif
