#include "numbers/decimal.h"

#include <string.h>

#define TEN(h, t)                                                                                                      \
#h #t "0\0" #h #t "1\0" #h #t "2\0" #h #t "3\0" #h #t "4\0" #h #t "5\0" #h #t "6\0" #h #t "7\0" #h #t          \
	      "8\0" #h #t "9\0"
#define HUNDRED(h) TEN(h, 0) TEN(h, 1) TEN(h, 2) TEN(h, 3) TEN(h, 4) TEN(h, 5) TEN(h, 6) TEN(h, 7) TEN(h, 8) TEN(h, 9)

const char decimal_triples[4001] =
	HUNDRED(0) HUNDRED(1) HUNDRED(2) HUNDRED(3) HUNDRED(4) HUNDRED(5) HUNDRED(6) HUNDRED(7) HUNDRED(8) HUNDRED(9);

char *decimal_plain(char *out, uint64_t n)
{
	char digits[20];
	size_t len = 0;

	do {
		digits[sizeof digits - ++len] = (char)('0' + n % 10);
		n /= 10;
	} while (n > 0);
	memcpy(out, digits + sizeof digits - len, len);
	return out + len;
}
