/* int32 - a word of 32 bits as a signed decimal number. */
#include "numbers/decimal.h"

FORMAT_INLINE char *int32_put(const void *self, const uint8_t *rnd, char *out)
{
	(void)self;
	return decimal_i32(out, (int32_t)format_load32(rnd));
}

static struct numbers_step int32_fill(const struct format_job *job)
{
	return format_each(job, sizeof(int32_t), DECIMAL_TOUCH, int32_put, NULL);
}

const struct format format_int32 = {sizeof(int32_t), int32_fill};
