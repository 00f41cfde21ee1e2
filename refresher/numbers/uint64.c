/* uint64 - a word of 64 bits as a decimal number. */
#include "numbers/decimal.h"

FORMAT_INLINE char *uint64_put(const void *self, const uint8_t *rnd, char *out)
{
	(void)self;
	return decimal_u64(out, format_load64(rnd));
}

FORMAT_OF(uint64, sizeof(uint64_t), DECIMAL_TOUCH);
