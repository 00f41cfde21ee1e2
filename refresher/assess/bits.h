/* bits.h - words of 64 bits: counting, loading, packing. Pure; on any machine. */
#ifndef REFRESHER_ASSESS_BITS_H
#define REFRESHER_ASSESS_BITS_H

#include <stdint.h>
#include <string.h>

/* How many bits are set. Spelt out, as the machine's instruction is not there on every amd64, and so that a loop of it
 * becomes vector instructions. */
static inline uint32_t bits_count(uint64_t x)
{
	x -= x >> 1 & 0x5555555555555555;
	x = (x & 0x3333333333333333) + (x >> 2 & 0x3333333333333333);
	x = (x + (x >> 4)) & 0x0f0f0f0f0f0f0f0f;
	x += x >> 8;
	x += x >> 16;
	x += x >> 32;
	return (uint32_t)x & 127;
}

/* How many bits are set from the least significant one on: 0 ... 64. */
static inline unsigned bits_trailing_ones(uint64_t x)
{
	return ~x ? (unsigned)__builtin_ctzll(~x) : 64;
}

/* Eight bytes, the first one the least significant. */
static inline uint64_t bits_load(const uint8_t *bytes)
{
	uint64_t x;

	memcpy(&x, bytes, sizeof(x));
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
	x = __builtin_bswap64(x);
#endif
	return x;
}

/* Bit i: the lowest bit of byte i. Bytes of 0 or 1 alone. */
static inline uint64_t bits_pack(uint64_t bytes)
{
	return bytes * 0x0102040810204080 >> 56;
}

#endif
