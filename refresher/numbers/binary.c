/* binary - the random bytes as they are and where they are, four to a number. */
#include "numbers/format.h"

enum { BINARY_BYTES = 4 };

static struct numbers_step binary_fill(const struct format_job *job)
{
	uint64_t made = format_min(job->want, format_min(job->rnd_len, job->cap) / BINARY_BYTES);
	size_t len = (size_t)made * BINARY_BYTES;
	return (struct numbers_step){.used = len, .written = len, .made = made, .text = (const char *)job->rnd};
}

const struct format format_binary = {BINARY_BYTES, binary_fill};
