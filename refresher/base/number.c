#include "base/number.h"

#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Writes n / 10^decimals with its sign, and without zeros at the end of its fraction. Returns the length. */
static size_t put_fixed(bool negative, uint64_t n, unsigned decimals, char out[NUMBER_MAX])
{
	char text[NUMBER_MAX], *end = text + sizeof text, *at = end;
	for (; decimals > 0 && n % 10 == 0; n /= 10)
		decimals--;

	/* From the last digit to the first, of which one stands before the point at least. */
	*--at = '\0';
	for (unsigned i = 0; i <= decimals || n > 0; i++, n /= 10) {
		if (i == decimals && i > 0)
			*--at = '.';
		*--at = (char)('0' + n % 10);
	}
	if (negative)
		*--at = '-';
	memcpy(out, at, (size_t)(end - at));
	return (size_t)(end - at) - 1;
}

size_t number_put(double v, char out[NUMBER_MAX])
{
	int len = 0;
	const double size = fabs(v);
	const unsigned decimals = size == trunc(size) ? 0 : size < 0x1p51 / 1e9 ? 9 : 6;
	const double scale = decimals == 0 ? 1 : decimals == 9 ? 1e9 : 1e6, scaled = round(size * scale);

	/* Nearly all that is shown is whole, or a time in nanoseconds or microseconds: printf(3) would take ten times
	 * as long for it. Below 2^51 the rounded product is the fraction that v was made of, if there is one, and only
	 * then does it read back as v. */
	if (scaled < (decimals ? 0x1p51 : 0x1p53) && scaled / scale == size)
		return put_fixed(v < 0, (uint64_t)scaled, decimals, out);

	/* 17 digits tell every double from its neighbours, but would show a third as 0.33333333333333331. So fewer are
	 * tried first, and the text is read back. */
	for (int precision = 15; precision <= 17 && (len == 0 || strtod(out, NULL) != v); precision++)
		len = snprintf(out, NUMBER_MAX, "%.*g", precision, v);
	return (size_t)len;
}
