#include "numbers/numbers.h"

#include <assert.h>

#include "numbers/format.h"

#define FORMAT_NAME(constant, name) #name,
const char *const numbers_format_names[] = {NUMBERS_FORMAT_LIST(FORMAT_NAME) NULL};

#define FORMAT_POINTER(constant, name) &format_##name,
static const struct format *const formats[] = {NUMBERS_FORMAT_LIST(FORMAT_POINTER)};

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
	/* hex and base64 draw as many as one of their numbers has. */
	size_t fixed = format_of(c)->draw_bytes;
	return fixed > 0 ? fixed : c->bytes;
}

struct numbers_step numbers_fill(const struct numbers_config *c, const struct numbers_stamp *stamp, const uint8_t *rnd,
				 size_t rnd_len, uint64_t want, char *out, size_t cap)
{
	const struct format_job job = {c, stamp, rnd, rnd_len, want, out, cap};
	struct numbers_step s = format_of(c)->fill(&job);

	/* Only a format that leaves the random bytes where they are says so itself. */
	if (!s.text)
		s.text = out;
	return s;
}
