/* hex - so many bytes as lower-case hexadecimal digits, two each. */
#include "numbers/hex.h"

#include "numbers/format.h"

FORMAT_INLINE char *hex_put(const void *self, const uint8_t *rnd, char *out)
{
	size_t left = *(const uint32_t *)self;

	/* Four bytes at a time, then the others one at a time: what a single byte stores beyond its two digits is
	 * overwritten by the next one. */
	for (; left >= 4; left -= 4, rnd += 4, out += 8)
		format_store64(out, hex_of4(format_load32(rnd)));
	for (; left > 0; left--, rnd++, out += 2)
		format_store64(out, hex_of4(*rnd));
	return out;
}

/* The last byte stores six characters too many. */
static struct numbers_step hex_fill(const struct format_job *job)
{
	uint32_t bytes = job->config->bytes;
	return format_each(job, bytes, (size_t)2 * bytes + 6, hex_put, &bytes);
}

const struct format format_hex = {0, hex_fill};
