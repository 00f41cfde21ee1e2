/* range - numbers of an interval, each as likely as any other. */
#include "numbers/decimal.h"
#include "numbers/lemire.h"

struct range {
	uint64_t min;  /* two's complement: min + n wraps to the right number */
	uint64_t span; /* how many numbers there are; 0 stands for 2^64 */
	uint64_t reject_below;
};

static struct range range_of(const struct format_job *job)
{
	uint64_t min = (uint64_t)job->config->min;
	return (struct range){.min = min, .span = (uint64_t)job->config->max - min + 1};
}

FORMAT_INLINE char *range_put32(const void *self, const uint8_t *rnd, char *out)
{
	const struct range *r = self;
	uint64_t n;
	bool taken = lemire_draw(32, format_load32(rnd), r->span, r->reject_below, &n);
	return taken ? decimal_i64(out, (int64_t)(r->min + n)) : out;
}

FORMAT_INLINE char *range_put64(const void *self, const uint8_t *rnd, char *out)
{
	const struct range *r = self;
	uint64_t n;
	bool taken = lemire_draw(64, format_load64(rnd), r->span, r->reject_below, &n);
	return taken ? decimal_i64(out, (int64_t)(r->min + n)) : out;
}

FORMAT_INLINE char *range_put_all(const void *self, const uint8_t *rnd, char *out)
{
	const struct range *r = self;
	return decimal_i64(out, (int64_t)(r->min + format_load64(rnd)));
}

/* Up to 2^32 numbers. */
static struct numbers_step range_fill(const struct format_job *job)
{
	struct range r = range_of(job);
	r.reject_below = lemire_reject_below(32, r.span);
	return format_each(job, sizeof(uint32_t), DECIMAL_TOUCH, range_put32, &r);
}

static struct numbers_step range_fill_wide(const struct format_job *job)
{
	struct range r = range_of(job);

	/* Where every number of 64 bits is asked for, each word is one and none is rejected. */
	if (r.span == 0)
		return format_each(job, sizeof(uint64_t), DECIMAL_TOUCH, range_put_all, &r);
	r.reject_below = lemire_reject_below(64, r.span);
	return format_each(job, sizeof(uint64_t), DECIMAL_TOUCH, range_put64, &r);
}

const struct format format_range = {sizeof(uint32_t), range_fill};
const struct format format_range_wide = {sizeof(uint64_t), range_fill_wide};
