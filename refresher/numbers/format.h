/* format.h - private to numbers/: what a format is, and the one loop that all formats share.
 *
 * A format is the length of its draws and its fill function. Most fill functions are format_each()
 * around a `put`, a function that formats one number. A put may touch `touch_max` bytes of out, more than it returns,
 * so that it can store whole words; format_each() calls it in place only where that many bytes are left, and
 * format_tail() sends the last numbers through a buffer of its own. */
#ifndef REFRESHER_NUMBERS_FORMAT_H
#define REFRESHER_NUMBERS_FORMAT_H

#include <endian.h>
#include <string.h>

#include "numbers/step.h"

/* The arguments of numbers_fill() in one piece. */
struct format_job {
	const struct numbers_config *config;
	const struct numbers_stamp *stamp;
	const uint8_t *rnd;
	size_t rnd_len;
	uint64_t want;
	char *out;
	size_t cap;
};

struct format {
	size_t draw_bytes; /* random bytes of one number; 0: as many as the configuration's `bytes` */
	struct numbers_step (*fill)(const struct format_job *job);
};

/* format_int32 in int32.c, and so on for each row of the list. */
#define FORMAT_DECLARATION(constant, name) extern const struct format format_##name;
NUMBERS_FORMAT_LIST(FORMAT_DECLARATION)
extern const struct format format_range_wide; /* of more than 2^32 numbers; in range.c */

/* Formats one draw at out and returns the end of the text; out itself when the draw is rejected. The line feed behind
 * the text is put there by whoever calls, so that no format needs one of its own.
 * `self` is what the format prepared once for the whole job. */
typedef char *format_put(const void *self, const uint8_t *rnd, char *out);

enum { FORMAT_TOUCH_MAX = 2 * NUMBERS_BYTES_MAX + 32 }; /* the largest touch_max: hex */

/* Goes on from `done` until random bytes, wanted numbers or room run out, one number at a time. */
struct numbers_step format_tail(const struct format_job *job, struct numbers_step done, size_t draw_bytes,
				format_put *put, const void *self);

/* Without it gcc leaves a put and its digits out of line, for each is compiled twice: for format_each() and for
 * format_tail(). In line, the multipliers stay in registers. Measured on int32 and uint64: 1.2 times the rate. */
#define FORMAT_INLINE static inline __attribute__((always_inline))

static inline uint64_t format_min(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

FORMAT_INLINE struct numbers_step format_each(const struct format_job *job, size_t draw_bytes, size_t touch_max,
					      format_put *put, const void *self)
{
	struct numbers_step s = {0};

	for (;;) {
		/* So many draws are possible whatever the lengths of their texts are. Where none is, the end is near.
		 */
		uint64_t n = format_min((job->rnd_len - s.used) / draw_bytes, (job->cap - s.written) / touch_max);
		n = format_min(n, job->want - s.made);
		if (n == 0)
			return format_tail(job, s, draw_bytes, put, self);

		/* Make them without looking at any limit, and take back what was rejected. Most texts are shorter than
		 * the longest, so that there is room for more the next time. */
		const uint8_t *rnd = job->rnd + s.used;
		char *out = job->out + s.written;
		s.used += (size_t)n * draw_bytes;
		s.made += n;
		for (; n > 0; n--, rnd += draw_bytes) {
			char *end = put(self, rnd, out);
			if (__builtin_expect(end == out, 0)) {
				s.made--;
				continue;
			}
			*end = '\n';
			out = end + 1;
		}
		s.written = (size_t)(out - job->out);
	}
}

/* The row and the fill function of a format whose put needs nothing but the random bytes. */
#define FORMAT_OF(name, draw_bytes, touch_max)                                                                         \
	static struct numbers_step name##_fill(const struct format_job *job)                                           \
	{                                                                                                              \
		return format_each(job, draw_bytes, touch_max, name##_put, NULL);                                      \
	}                                                                                                              \
	const struct format format_##name = {draw_bytes, name##_fill}

/* Random bytes are little-endian on every machine; so are the words of text. */
static inline uint32_t format_load32(const uint8_t *p)
{
	uint32_t v;
	memcpy(&v, p, sizeof v);
	return le32toh(v);
}

static inline uint64_t format_load64(const uint8_t *p)
{
	uint64_t v;
	memcpy(&v, p, sizeof v);
	return le64toh(v);
}

static inline void format_store32(char *p, uint32_t v)
{
	v = htole32(v);
	memcpy(p, &v, sizeof v);
}

static inline void format_store64(char *p, uint64_t v)
{
	v = htole64(v);
	memcpy(p, &v, sizeof v);
}

#endif
