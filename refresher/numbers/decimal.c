#include "numbers/decimal.h"

/* The preprocessor writes out the thousand strings of three digits; the last NUL is the compiler's. */
#define FIVE(h, t, a, b, c, d, e) #h #t #a "\0" #h #t #b "\0" #h #t #c "\0" #h #t #d "\0" #h #t #e "\0"
#define TEN(h, t)                 FIVE(h, t, 0, 1, 2, 3, 4) FIVE(h, t, 5, 6, 7, 8, 9)
#define FIFTY(h, a, b, c, d, e)   TEN(h, a) TEN(h, b) TEN(h, c) TEN(h, d) TEN(h, e)
#define HUNDRED(h)                FIFTY(h, 0, 1, 2, 3, 4) FIFTY(h, 5, 6, 7, 8, 9)

const char decimal_triples[4001] =
	HUNDRED(0) HUNDRED(1) HUNDRED(2) HUNDRED(3) HUNDRED(4) HUNDRED(5) HUNDRED(6) HUNDRED(7) HUNDRED(8) HUNDRED(9);
