#include "numbers/decimal.h"
#include "numbers/format.h"

static size_t uint32_random_max(const struct numbers_config *c)
{
	(void)c;
	return sizeof(uint32_t);
}

static size_t uint32_text_max(const struct numbers_config *c)
{
	(void)c;
	return sizeof "4294967295\n" - 1;
}

FORMAT_INLINE char *uint32_put(const void *self, const uint8_t *rnd, char *out)
{
	(void)self;
	out = decimal_u32(out, format_load32(rnd));
	*out = '\n';
	return out + 1;
}

static struct numbers_step uint32_fill(const struct format_job *job)
{
	return format_each(job, sizeof(uint32_t), DECIMAL_TOUCH, uint32_put, NULL);
}

const struct format format_uint32 = {"uint32", uint32_random_max, uint32_text_max, uint32_fill};
