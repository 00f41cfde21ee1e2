/* runner - the four columns of the program that this one replaces. Only the last differs within one call. */
#include "numbers/decimal.h"
#include "numbers/format.h"

enum { RUNNER_PREFIX_MAX = sizeof "23:59:59.999,01234567-89ab-4def-8123-456789abcdef,-9223372036854775808," - 1 };

struct runner {
	char prefix[RUNNER_PREFIX_MAX + DECIMAL_TOUCH]; /* whole words may be stored past its end */
	size_t len;
};

static size_t runner_random_max(const struct numbers_config *c)
{
	(void)c;
	return sizeof(int32_t);
}

static size_t runner_text_max(const struct numbers_config *c)
{
	(void)c;
	return RUNNER_PREFIX_MAX + sizeof "-2147483648\n" - 1;
}

static char *runner_two_digits(char *out, int64_t n, char after)
{
	out[0] = (char)('0' + n / 10);
	out[1] = (char)('0' + n % 10);
	out[2] = after;
	return out + 3;
}

/* HH:mm:ss.SSS, UTC. A time before 1970 counts from the midnight before it as well. */
static char *runner_time(char *out, int64_t real_ns)
{
	const int64_t day_ms = INT64_C(24) * 60 * 60 * 1000, ms_ns = 1000000;
	int64_t ms = real_ns / ms_ns - (real_ns % ms_ns < 0);

	ms = (ms % day_ms + day_ms) % day_ms;
	out = runner_two_digits(out, ms / 3600000, ':');
	out = runner_two_digits(out, ms / 60000 % 60, ':');
	out = runner_two_digits(out, ms / 1000 % 60, '.');
	*out++ = (char)('0' + ms / 100 % 10);
	return runner_two_digits(out, ms % 100, ',');
}

static void runner_init(struct runner *r, const struct numbers_stamp *stamp)
{
	char *out = runner_time(r->prefix, stamp->real_ns);
	size_t uuid_len = strnlen(stamp->uuid, sizeof stamp->uuid - 1);

	memcpy(out, stamp->uuid, uuid_len);
	out += uuid_len;
	*out++ = ',';
	out = decimal_i64(out, stamp->nanos);
	*out++ = ',';
	r->len = (size_t)(out - r->prefix);
}

/* The fixed size makes the copy a few vector moves. */
FORMAT_INLINE char *runner_put(const void *self, const uint8_t *rnd, char *out)
{
	const struct runner *r = self;

	memcpy(out, r->prefix, RUNNER_PREFIX_MAX);
	out = decimal_i32(out + r->len, (int32_t)format_load32(rnd));
	*out = '\n';
	return out + 1;
}

static struct numbers_step runner_fill(const struct format_job *job)
{
	struct runner r = {0};
	runner_init(&r, job->stamp);
	return format_each(job, sizeof(int32_t), RUNNER_PREFIX_MAX + DECIMAL_TOUCH, runner_put, &r);
}

const struct format format_runner = {"runner", runner_random_max, runner_text_max, runner_fill};
