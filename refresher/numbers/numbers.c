#include "numbers/numbers.h"

#include <assert.h>

#include "numbers/format.h"

static const struct format *const formats[NUMBERS_FORMATS] = {
	[NUMBERS_INT32] = &format_int32,   [NUMBERS_UINT32] = &format_uint32,   [NUMBERS_UINT64] = &format_uint64,
	[NUMBERS_RANGE] = &format_range,   [NUMBERS_FLOAT64] = &format_float64, [NUMBERS_HEX] = &format_hex,
	[NUMBERS_BASE64] = &format_base64, [NUMBERS_UUID] = &format_uuid,       [NUMBERS_BINARY] = &format_binary,
	[NUMBERS_RUNNER] = &format_runner,
};

const char *numbers_format_name(enum numbers_format f)
{
	assert((unsigned)f < NUMBERS_FORMATS);
	return formats[f]->name;
}

/* A range of more than 2^32 numbers has a row of its own, for it draws words of 64 bits. */
static const struct format *format_of(const struct numbers_config *c)
{
	assert((unsigned)c->format < NUMBERS_FORMATS);
	if (c->format == NUMBERS_RANGE && (uint64_t)c->max - (uint64_t)c->min > UINT32_MAX)
		return &format_range_wide;
	return formats[c->format];
}

size_t numbers_draw_bytes(const struct numbers_config *c)
{
	size_t fixed = format_of(c)->draw_bytes;
	return fixed > 0 ? fixed : c->bytes;
}

struct numbers_step numbers_fill(const struct numbers_config *c, const struct numbers_stamp *stamp, const uint8_t *rnd,
				 size_t rnd_len, uint64_t want, char *out, size_t cap)
{
	const struct format_job job = {c, stamp, rnd, rnd_len, want, out, cap};
	return format_of(c)->fill(&job);
}
