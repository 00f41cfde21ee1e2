#include "numbers/hex.h"

#include "numbers/format.h"

static size_t hex_random_max(const struct numbers_config *c)
{
	return c->bytes;
}

static size_t hex_text_max(const struct numbers_config *c)
{
	return (size_t)2 * c->bytes + 1;
}

FORMAT_INLINE char *hex_put(const void *self, const uint8_t *rnd, char *out)
{
	size_t left = *(const uint32_t *)self;

	for (; left >= 4; left -= 4, rnd += 4, out += 8)
		format_store64(out, hex_of4(format_load32(rnd)));
	for (; left > 0; left--, rnd++, out += 2)
		format_store64(out, hex_of4(*rnd));
	*out = '\n';
	return out + 1;
}

/* A last word may stick out by six bytes. */
static struct numbers_step hex_fill(const struct format_job *job)
{
	uint32_t bytes = job->config->bytes;
	return format_each(job, bytes, (size_t)2 * bytes + 8, hex_put, &bytes);
}

const struct format format_hex = {"hex", hex_random_max, hex_text_max, hex_fill};
