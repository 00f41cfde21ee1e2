/* numbers.h - DRBG bytes -> unbiased numbers -> text. Pure given the bytes: no I/O, no allocation, no state but the
 * caller's.
 *
 * One file per format; each is a row of a table and fills a caller's buffer from a caller's random bytes. One number
 * per line, LF, except `binary`. The worker streams: generate bytes, format, write, repeat: memory does not grow with
 * count. */
#ifndef REFRESHER_NUMBERS_NUMBERS_H
#define REFRESHER_NUMBERS_NUMBERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum numbers_format {
	NUMBERS_INT32, /* signed decimal, the domain of Java's Random.nextInt; default */
	NUMBERS_UINT32,
	NUMBERS_UINT64,
	NUMBERS_RANGE,   /* min <= n <= max, unbiased (Lemire's rejection) */
	NUMBERS_FLOAT64, /* k / 2^53 in [0,1), 17 significant digits: reads back as the same double */
	NUMBERS_HEX,     /* `bytes` bytes each, lower case */
	NUMBERS_BASE64,  /* `bytes` bytes each, RFC 4648 section 4 with padding */
	NUMBERS_UUID,    /* version 4, RFC 9562 */
	NUMBERS_BINARY,  /* 4 raw bytes each, no separator */
	NUMBERS_RUNNER,  /* HH:mm:ss.SSS,<uuid>,<nanos>,<int32>: the old program's columns */
	NUMBERS_FORMATS
};

const char *numbers_format_name(enum numbers_format f); /* "int32", ... */

enum { NUMBERS_BYTES_MAX = 1024 };

struct numbers_config {
	enum numbers_format format;
	uint64_t count;   /* 1 ... 10^9; default 10000 */
	int64_t min, max; /* range only: min <= max; defaults 0, 99 */
	uint32_t bytes;   /* hex, base64: 1 ... NUMBERS_BYTES_MAX bytes each; default 16 */
	bool manifest;    /* FILE.json beside the file */
};

/* What a format may need besides random bytes; only `runner` looks at it. */
struct numbers_stamp {
	int64_t real_ns; /* wall clock, UTC */
	int64_t nanos;   /* third column: nanoseconds spent on one number */
	char uuid[37];   /* second column: this process's identity */
};

struct numbers_step {
	size_t used;    /* random bytes consumed; they must be wiped and never used again */
	size_t written; /* bytes put into out */
	uint64_t made;  /* numbers in them */
};

/* Formats as many numbers as the random bytes, `want` and `cap` allow (any may end it first). A rejected draw consumes
 * bytes and makes nothing. Progress is certain when rnd_len >= numbers_random_max(c), cap >= numbers_text_max(c) and
 * want >= 1, but for rejections, which consume. The same random bytes make the same text however they are cut into
 * steps. Nothing is written past cap; what stands in out between `written` and cap is undefined. out and rnd do not
 * overlap, but for `binary`, where out may be rnd: then nothing is moved. */
struct numbers_step numbers_fill(const struct numbers_config *c, const struct numbers_stamp *stamp, const uint8_t *rnd,
				 size_t rnd_len, uint64_t want, char *out, size_t cap);

size_t numbers_random_max(const struct numbers_config *c); /* random bytes that one draw consumes at most */
size_t numbers_text_max(const struct numbers_config *c);   /* bytes of text of one number at most, line feed included */

/* Formats a version-4 UUID of 16 random bytes: 36 characters and NUL. */
void numbers_uuid(const uint8_t rnd[16], char out[37]);

#endif
