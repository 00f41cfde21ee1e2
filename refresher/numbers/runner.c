/* runner - the four columns of the program that this one replaces. Only the last differs within one call. */
#include "numbers/decimal.h"

#include <inttypes.h>
#include <stdio.h>

enum { RUNNER_PREFIX_MAX = sizeof "23:59:59.999,01234567-89ab-4def-8123-456789abcdef,-9223372036854775808," - 1 };

struct runner {
	char prefix[RUNNER_PREFIX_MAX + 1]; /* the first three columns */
	size_t len;
};

static void runner_init(struct runner *r, const struct numbers_stamp *stamp)
{
	const int64_t ms_ns = 1000000, day_ms = INT64_C(24) * 60 * 60 * 1000;

	/* Milliseconds since midnight, UTC, both times rounded down, so that it holds for a time before 1970 as well.
	 */
	int64_t ms = stamp->real_ns / ms_ns - (stamp->real_ns % ms_ns < 0);
	ms = (ms % day_ms + day_ms) % day_ms;

	r->len = (size_t)snprintf(r->prefix, sizeof r->prefix, "%02d:%02d:%02d.%03d,%.36s,%" PRId64 ",",
				  (int)(ms / 3600000), (int)(ms / 60000 % 60), (int)(ms / 1000 % 60), (int)(ms % 1000),
				  stamp->uuid, stamp->nanos);
}

/* The fixed size makes the copy a few vector moves. */
FORMAT_INLINE char *runner_put(const void *self, const uint8_t *rnd, char *out)
{
	const struct runner *r = self;

	memcpy(out, r->prefix, RUNNER_PREFIX_MAX);
	return decimal_i32(out + r->len, (int32_t)format_load32(rnd));
}

static struct numbers_step runner_fill(const struct format_job *job)
{
	struct runner r = {0};
	runner_init(&r, job->stamp);
	return format_each(job, sizeof(int32_t), RUNNER_PREFIX_MAX + DECIMAL_TOUCH, runner_put, &r);
}

const struct format format_runner = {sizeof(int32_t), runner_fill};
