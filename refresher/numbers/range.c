#include "numbers/decimal.h"
#include "numbers/format.h"
#include "numbers/lemire.h"

struct range {
	uint64_t min;  /* two's complement: min + n wraps to the right number */
	uint64_t span; /* 0 stands for 2^64 */
	uint64_t reject_below;
};

/* A span up to 2^32 draws words of 32 bits. */
static bool range_is_narrow(const struct numbers_config *c)
{
	return (uint64_t)c->max - (uint64_t)c->min <= UINT32_MAX;
}

static size_t range_random_max(const struct numbers_config *c)
{
	return range_is_narrow(c) ? sizeof(uint32_t) : sizeof(uint64_t);
}

static size_t range_text_max(const struct numbers_config *c)
{
	(void)c;
	return sizeof "-9223372036854775808\n" - 1;
}

FORMAT_INLINE char *range_line(const struct range *r, uint64_t n, char *out)
{
	out = decimal_i64(out, (int64_t)(r->min + n));
	*out = '\n';
	return out + 1;
}

FORMAT_INLINE char *range_put32(const void *self, const uint8_t *rnd, char *out)
{
	const struct range *r = self;
	uint64_t n;
	if (!lemire_draw(32, format_load32(rnd), r->span, r->reject_below, &n))
		return out;
	return range_line(r, n, out);
}

FORMAT_INLINE char *range_put64(const void *self, const uint8_t *rnd, char *out)
{
	const struct range *r = self;
	uint64_t n;
	if (!lemire_draw(64, format_load64(rnd), r->span, r->reject_below, &n))
		return out;
	return range_line(r, n, out);
}

/* Every word of 64 bits is a number. */
FORMAT_INLINE char *range_put_all(const void *self, const uint8_t *rnd, char *out)
{
	return range_line(self, format_load64(rnd), out);
}

static struct numbers_step range_fill(const struct format_job *job)
{
	const struct numbers_config *c = job->config;
	struct range r = {.min = (uint64_t)c->min, .span = (uint64_t)c->max - (uint64_t)c->min + 1};

	if (range_is_narrow(c)) {
		r.reject_below = lemire_reject_below(32, r.span);
		return format_each(job, sizeof(uint32_t), DECIMAL_TOUCH, range_put32, &r);
	}
	if (r.span != 0) {
		r.reject_below = lemire_reject_below(64, r.span);
		return format_each(job, sizeof(uint64_t), DECIMAL_TOUCH, range_put64, &r);
	}
	return format_each(job, sizeof(uint64_t), DECIMAL_TOUCH, range_put_all, &r);
}

const struct format format_range = {"range", range_random_max, range_text_max, range_fill};
