/* uint32 - a word of 32 bits as a decimal number. */
#include "numbers/decimal.h"

FORMAT_INLINE char *uint32_put(const void *self, const uint8_t *rnd, char *out)
{
	(void)self;
	return decimal_u32(out, format_load32(rnd));
}

static struct numbers_step uint32_fill(const struct format_job *job)
{
	return format_each(job, sizeof(uint32_t), DECIMAL_TOUCH, uint32_put, NULL);
}

const struct format format_uint32 = {sizeof(uint32_t), uint32_fill};
