/* base64 - RFC 4648 section 4: standard alphabet, with padding, in one line. */
#include "numbers/format.h"

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/* Three bytes, the first in the highest place, as four characters of six bits each. */
static void base64_quad(char *out, uint32_t group)
{
	out[0] = alphabet[group >> 18];
	out[1] = alphabet[group >> 12 & 63];
	out[2] = alphabet[group >> 6 & 63];
	out[3] = alphabet[group & 63];
}

FORMAT_INLINE char *base64_put(const void *self, const uint8_t *rnd, char *out)
{
	size_t left = *(const uint32_t *)self;

	for (; left >= 3; left -= 3, rnd += 3, out += 4)
		base64_quad(out, (uint32_t)rnd[0] << 16 | (uint32_t)rnd[1] << 8 | rnd[2]);

	/* One or two bytes are left: zeros fill the group, and '=' stands for each character that has none of their
	 * bits. */
	if (left > 0) {
		base64_quad(out, (uint32_t)rnd[0] << 16 | (left == 2 ? (uint32_t)rnd[1] << 8 : 0));
		out[3] = '=';
		if (left == 1)
			out[2] = '=';
		out += 4;
	}
	return out;
}

static struct numbers_step base64_fill(const struct format_job *job)
{
	uint32_t bytes = job->config->bytes;
	return format_each(job, bytes, ((size_t)bytes + 2) / 3 * 4 + 1, base64_put, &bytes);
}

const struct format format_base64 = {0, base64_fill};
