#include "config/scan.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DIGITS  "0123456789"
#define LETTERS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_"

/* Each is 1024 of the one before it. */
static const char *const units[] = {"", "KiB", "MiB", "GiB", "TiB"};
enum { UNITS = sizeof units / sizeof units[0] };

/* The bytes of the integer at the start of text, its sign among them; 0: there is none, or it has a leading zero. */
static size_t integer_len(const char *text)
{
	size_t sign = text[0] == '-', digits = strspn(text + sign, DIGITS);
	bool leading_zero = text[sign] == '0' && digits > 1;
	return digits == 0 || leading_zero ? 0 : sign + digits;
}

enum scan_result scan_int(const char *text, bool with_unit, int64_t *v)
{
	/* Behind the digits the text ends, or the name of a unit is all that stands there. */
	size_t len = integer_len(text), unit = 0, end = with_unit ? UNITS : 1;
	while (unit < end && strcmp(text + len, units[unit]) != 0)
		unit++;
	if (len == 0 || unit == end)
		return SCAN_WRONG;

	/* The digits alone may be too many for the type, or become so with their unit. */
	errno = 0;
	int64_t number = strtoll(text, NULL, 10);
	bool beyond = __builtin_mul_overflow(number, INT64_C(1) << (10 * unit), v);
	return errno || beyond ? SCAN_RANGE : SCAN_OK;
}

bool scan_decimal(const char *text, double *v)
{
	/* A point counts only with digits on both of its sides. */
	size_t len = integer_len(text);
	size_t fraction = text[len] == '.' ? strspn(text + len + 1, DIGITS) : 0;
	if (len == 0 || text[len + (fraction ? 1 + fraction : 0)])
		return false;
	*v = strtod(text, NULL) + 0.0; /* -0 becomes 0 */
	return true;
}

bool scan_is_name(const char *text)
{
	/* A digit in front would be a uid, a '-' an option of some program. */
	size_t len = strlen(text);
	return strspn(text, LETTERS) > 0 && strspn(text, LETTERS DIGITS "-.") == len && len <= 32;
}

void scan_put_size(int64_t v, char *out, size_t cap)
{
	/* As long as nothing is lost by it, the next greater unit; 0 would never end. */
	size_t unit = 0;
	for (; v != 0 && v % 1024 == 0 && unit + 1 < UNITS; v /= 1024)
		unit++;
	snprintf(out, cap, "%" PRId64 "%s", v, units[unit]);
}
