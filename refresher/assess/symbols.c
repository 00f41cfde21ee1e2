#include "assess/symbols.h"

#include <stdbool.h>
#include <string.h>

unsigned symbols_width(const uint8_t *samples, size_t n)
{
	unsigned any = 0, width = 1;

	/* The highest bit that any sample has. */
	for (size_t i = 0; i < n; i++)
		any |= samples[i];
	while (any >> width)
		width++;
	return width;
}

struct symbols symbols_literal(const uint8_t *samples, size_t n, uint8_t *out)
{
	bool occurs[SYMBOLS_MAX] = {false};
	uint8_t number[SYMBOLS_MAX] = {0};
	unsigned k = 0;

	/* Which values occur; the lower value gets the lower number. */
	for (size_t i = 0; i < n; i++)
		occurs[samples[i]] = true;
	for (unsigned value = 0; value < SYMBOLS_MAX; value++)
		if (occurs[value])
			number[value] = (uint8_t)k++;

	/* Each sample by the number of its value. */
	for (size_t i = 0; i < n; i++)
		out[i] = number[samples[i]];
	return (struct symbols){.s = out, .n = n, .k = k};
}

struct symbols symbols_bitstring(const uint8_t *samples, size_t n, unsigned bits, uint8_t *out)
{
	uint8_t unpacked[SYMBOLS_MAX][8] = {{0}};

	/* The bits of every value are spread once, and then copied. */
	for (unsigned value = 0; value < SYMBOLS_MAX; value++)
		for (unsigned i = 0; i < bits; i++)
			unpacked[value][i] = (uint8_t)(value >> (bits - 1 - i) & 1);
	for (size_t i = 0; i < n; i++)
		memcpy(out + i * bits, unpacked[samples[i]], bits);

	/* Bits that are all equal are one symbol, which has the number 0. */
	const size_t length = n * bits;
	const bool one = memchr(out, 1, length), zero = memchr(out, 0, length);
	if (!zero)
		memset(out, 0, length);
	return (struct symbols){.s = out, .n = length, .k = one && zero ? 2 : 1};
}
