#include "numbers/decimal.h"
#include "numbers/format.h"

static size_t uint64_random_max(const struct numbers_config *c)
{
	(void)c;
	return sizeof(uint64_t);
}

static size_t uint64_text_max(const struct numbers_config *c)
{
	(void)c;
	return sizeof "18446744073709551615\n" - 1;
}

FORMAT_INLINE char *uint64_put(const void *self, const uint8_t *rnd, char *out)
{
	(void)self;
	out = decimal_u64(out, format_load64(rnd));
	*out = '\n';
	return out + 1;
}

static struct numbers_step uint64_fill(const struct format_job *job)
{
	return format_each(job, sizeof(uint64_t), DECIMAL_TOUCH, uint64_put, NULL);
}

const struct format format_uint64 = {"uint64", uint64_random_max, uint64_text_max, uint64_fill};
