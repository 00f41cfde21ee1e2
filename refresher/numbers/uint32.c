/* uint32 - a word of 32 bits as a decimal number. */
#include "numbers/decimal.h"

FORMAT_INLINE char *uint32_put(const void *self, const uint8_t *rnd, char *out)
{
	(void)self;
	return decimal_u32(out, format_load32(rnd));
}

FORMAT_OF(uint32, sizeof(uint32_t), DECIMAL_TOUCH);
