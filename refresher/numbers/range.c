/* range - numbers of an interval, each as likely as any other. */
#include "numbers/decimal.h"
#include "numbers/lemire.h"

struct range {
	uint64_t min;           /* two's complement: min + n wraps to the right number */
	unsigned __int128 span; /* how many numbers there are, 2^64 at most */
	uint64_t reject_below;
};

static struct range range_of(const struct format_job *job, unsigned width_bits)
{
	struct range r = {.min = (uint64_t)job->config->min};
	r.span = (unsigned __int128)((uint64_t)job->config->max - r.min) + 1;
	r.reject_below = lemire_reject_below(width_bits, r.span);
	return r;
}

FORMAT_INLINE char *range_put32(const void *self, const uint8_t *rnd, char *out)
{
	const struct range *r = self;
	uint64_t n;
	bool taken = lemire_draw(32, format_load32(rnd), (uint64_t)r->span, r->reject_below, &n);
	return taken ? decimal_i64(out, (int64_t)(r->min + n)) : out;
}

FORMAT_INLINE char *range_put64(const void *self, const uint8_t *rnd, char *out)
{
	const struct range *r = self;
	uint64_t n;
	bool taken = lemire_draw(64, format_load64(rnd), r->span, r->reject_below, &n);
	return taken ? decimal_i64(out, (int64_t)(r->min + n)) : out;
}

/* Up to 2^32 numbers. */
static struct numbers_step range_fill(const struct format_job *job)
{
	struct range r = range_of(job, 32);
	return format_each(job, sizeof(uint32_t), DECIMAL_TOUCH, range_put32, &r);
}

static struct numbers_step range_fill_wide(const struct format_job *job)
{
	struct range r = range_of(job, 64);
	return format_each(job, sizeof(uint64_t), DECIMAL_TOUCH, range_put64, &r);
}

const struct format format_range = {sizeof(uint32_t), range_fill};
const struct format format_range_wide = {sizeof(uint64_t), range_fill_wide};
