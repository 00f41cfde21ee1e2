/* float64 - k / 2^53 as "0." and 17 significant digits, never an exponent.
 *
 * 17 digits, rounded right, identify a double (C17 5.2.4.2.2, DBL_DECIMAL_DIG), so that any reader which rounds right
 * gets k / 2^53 back. The digits are exact integer arithmetic. k / 2^53 = k * 5^17 / 2^36 / 10^17, and k * 5^17 < 2^93;
 * each zero after the point is one more factor of ten, which keeps the product below 10^17 * 2^36 < 2^93. */
#include "numbers/decimal.h"

enum { FLOAT64_SHIFT = 36, FLOAT64_TOUCH = sizeof "0.00000000000000011102230246251565\n" - 1 }; /* 2^-53, the longest */

/* Ties go to even, as IEEE 754 has it. The result never reaches 10^17: the largest k below 2^53 / 10^z misses it by
 * at least 10^-z, since 2^53 mod 10^z >= 1, and a rounding up to the next power of ten needs a miss of
 * 2^53 / 10^z * 5e-18 < 0.05 * 10^-z at most. For the same reason no text is "1.0". */
FORMAT_INLINE uint64_t float64_round(unsigned __int128 scaled)
{
	const uint64_t half = 1ull << (FLOAT64_SHIFT - 1);
	uint64_t digits = (uint64_t)(scaled >> FLOAT64_SHIFT);
	uint64_t rest = (uint64_t)scaled & (2 * half - 1);
	return digits + (rest > half || (rest == half && digits % 2 == 1));
}

FORMAT_INLINE char *float64_put(const void *self, const uint8_t *rnd, char *out)
{
	const uint64_t pow5_17 = 762939453125, e7 = 10000000;
	const unsigned __int128 least = (unsigned __int128)10000000000000000 << FLOAT64_SHIFT; /* 10^16: 17 digits */
	uint64_t k = format_load64(rnd) >> 11;                                                 /* the upper 53 bits */
	unsigned __int128 scaled = (unsigned __int128)k * pow5_17;
	(void)self;

	/* A zero after the point for each power of ten that the product lacks. There are 15 at most; the seventeen
	 * digits of 0 itself are zeros, none of which is skipped. */
	memcpy(out, "0.00000000000000000", 20);
	out += 2;
	for (; scaled < least && k != 0; scaled *= 10)
		out++;

	/* Seventeen digits, ten and seven; the eighth byte of the last store is overwritten by what follows. */
	uint64_t digits = float64_round(scaled);
	out = decimal_padded10(out, digits / e7);
	format_store64(out, decimal_ten(digits % e7 * 1000).first7);
	return out + 7;
}

FORMAT_OF(float64, sizeof(uint64_t), FLOAT64_TOUCH);
