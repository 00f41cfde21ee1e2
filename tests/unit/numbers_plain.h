/* numbers_plain.h - the formats of numbers/ again, in the plainest way there is: printf, and bit by bit. Slow. */
#ifndef NUMBERS_PLAIN_H
#define NUMBERS_PLAIN_H

#include "numbers/step.h"

enum { PLAIN_LINE_MAX = 2 * NUMBERS_BYTES_MAX + 64 };

/* The line that one draw makes, with a NUL behind it; its length, 0 when the draw is rejected. */
size_t plain_line(const struct numbers_config *c, const struct numbers_stamp *s, const uint8_t *rnd,
		  char line[PLAIN_LINE_MAX]);

/* What numbers_fill() has to do: one draw after the other, until random bytes, wanted numbers or room run out. */
struct numbers_step plain_fill(const struct numbers_config *c, const struct numbers_stamp *stamp, const uint8_t *rnd,
			       size_t rnd_len, uint64_t want, char *out, size_t cap);

uint64_t plain_random(uint64_t *state); /* splitmix64 (S. Vigna) */

#endif
