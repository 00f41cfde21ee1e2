/* int32 - a word of 32 bits as a signed decimal number. */
#include "numbers/decimal.h"

FORMAT_INLINE char *int32_put(const void *self, const uint8_t *rnd, char *out)
{
	(void)self;
	return decimal_i32(out, (int32_t)format_load32(rnd));
}

FORMAT_OF(int32, sizeof(int32_t), DECIMAL_TOUCH);
