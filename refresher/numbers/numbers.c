#include "numbers/numbers.h"

#include <assert.h>
#include <string.h>

#include "numbers/format.h"

static const struct format *const formats[NUMBERS_FORMATS] = {
	[NUMBERS_INT32] = &format_int32,   [NUMBERS_UINT32] = &format_uint32,   [NUMBERS_UINT64] = &format_uint64,
	[NUMBERS_RANGE] = &format_range,   [NUMBERS_FLOAT64] = &format_float64, [NUMBERS_HEX] = &format_hex,
	[NUMBERS_BASE64] = &format_base64, [NUMBERS_UUID] = &format_uuid,       [NUMBERS_BINARY] = &format_binary,
	[NUMBERS_RUNNER] = &format_runner,
};

static const struct format *format_of(enum numbers_format f)
{
	assert((unsigned)f < NUMBERS_FORMATS);
	return formats[f];
}

const char *numbers_format_name(enum numbers_format f)
{
	return format_of(f)->name;
}

size_t numbers_random_max(const struct numbers_config *c)
{
	return format_of(c->format)->random_max(c);
}

size_t numbers_text_max(const struct numbers_config *c)
{
	return format_of(c->format)->text_max(c);
}

struct numbers_step numbers_fill(const struct numbers_config *c, const struct numbers_stamp *stamp, const uint8_t *rnd,
				 size_t rnd_len, uint64_t want, char *out, size_t cap)
{
	const struct format_job job = {c, stamp, rnd, rnd_len, want, out, cap};
	return format_of(c->format)->fill(&job);
}

struct numbers_step format_tail(const struct format_job *job, struct numbers_step done, size_t draw_bytes,
				format_put *put, const void *self)
{
	char line[FORMAT_TOUCH_MAX];

	while (done.made < job->want && job->rnd_len - done.used >= draw_bytes) {
		size_t len = (size_t)(put(self, job->rnd + done.used, line) - line);
		if (len > job->cap - done.written)
			break;
		memcpy(job->out + done.written, line, len);
		done.used += draw_bytes;
		done.written += len;
		done.made += len > 0;
	}
	return done;
}
