/* number.h - a double as text. Pure. */
#ifndef REFRESHER_BASE_NUMBER_H
#define REFRESHER_BASE_NUMBER_H

#include <stddef.h>

enum { NUMBER_MAX = 32 }; /* bytes of the longest text, NUL included */

/* Writes a text that reads back as the same double, and returns its length: a whole number below 2^53 with all its
 * digits, what has at most six decimals (nine below 2^51 / 10^9) as a decimal fraction, and else the shortest of 15 to
 * 17 digits, which may have an exponent. v is finite. */
size_t number_put(double v, char out[NUMBER_MAX]);

#endif
