#include "numbers/decimal.h"
#include "numbers/format.h"

static size_t int32_random_max(const struct numbers_config *c)
{
	(void)c;
	return sizeof(int32_t);
}

static size_t int32_text_max(const struct numbers_config *c)
{
	(void)c;
	return sizeof "-2147483648\n" - 1;
}

FORMAT_INLINE char *int32_put(const void *self, const uint8_t *rnd, char *out)
{
	(void)self;
	out = decimal_i32(out, (int32_t)format_load32(rnd));
	*out = '\n';
	return out + 1;
}

static struct numbers_step int32_fill(const struct format_job *job)
{
	return format_each(job, sizeof(int32_t), DECIMAL_TOUCH, int32_put, NULL);
}

const struct format format_int32 = {"int32", int32_random_max, int32_text_max, int32_fill};
