#include "numbers_plain.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static uint64_t word_of(const uint8_t *rnd, size_t bytes)
{
	uint64_t v = 0;
	for (size_t i = bytes; i > 0; i--)
		v = v << 8 | rnd[i - 1];
	return v;
}

static size_t draw_bytes(const struct numbers_config *c)
{
	switch (c->format) {
	case NUMBERS_UINT64:
	case NUMBERS_FLOAT64:
		return 8;
	case NUMBERS_RANGE:
		return (uint64_t)c->max - (uint64_t)c->min > UINT32_MAX ? 8 : 4;
	case NUMBERS_HEX:
	case NUMBERS_BASE64:
		return c->bytes;
	case NUMBERS_UUID:
		return 16;
	default:
		return 4;
	}
}

/* Lemire, in the form of his paper: reject when the low half is below 2^W mod span. */
static int put_range(const struct numbers_config *c, const uint8_t *rnd, char *line)
{
	unsigned bits = 8 * (unsigned)draw_bytes(c);
	unsigned __int128 words = (unsigned __int128)1 << bits;
	unsigned __int128 span = (unsigned __int128)((uint64_t)c->max - (uint64_t)c->min) + 1;
	unsigned __int128 word = word_of(rnd, bits / 8), high = word, low = 0;

	/* The product of two numbers of 64 bits fits; with a span of 2^64 it would not, and the word is the number. */
	if (span <= UINT64_MAX) {
		high = word * span / words;
		low = word * span % words;
	}
	if (low < words % span)
		return 0;
	int64_t n = (int64_t)((uint64_t)c->min + (uint64_t)high);
	if (n < c->min || n > c->max)
		abort();
	return sprintf(line, "%" PRId64 "\n", n);
}

/* printf rounds k / 2^53 to 17 significant digits; "0." is written out, for there is no exponent. */
static int put_float64(const uint8_t *rnd, char *line)
{
	double v = (double)(word_of(rnd, 8) >> 11) * 0x1p-53;
	char text[64];

	if (v <= 0)
		return sprintf(line, "0.00000000000000000\n");
	snprintf(text, sizeof text, "%.16e", v);
	int zeros = -1 - (int)strtol(strchr(text, 'e') + 1, NULL, 10);
	return sprintf(line, "0.%.*s%c%.16s\n", zeros, "0000000000000000", text[0], text + 2);
}

static int put_hex(const uint8_t *rnd, size_t bytes, char *line)
{
	for (size_t i = 0; i < bytes; i++)
		sprintf(line + 2 * i, "%02x", rnd[i]);
	return (int)(2 * bytes) + sprintf(line + 2 * bytes, "\n");
}

static int put_base64(const uint8_t *rnd, size_t bytes, char *line)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	size_t chars = (bytes * 8 + 5) / 6, n;

	for (n = 0; n < chars; n++) {
		unsigned v = 0;
		for (size_t bit = n * 6; bit < n * 6 + 6; bit++)
			v = v << 1 | (bit < bytes * 8 ? rnd[bit / 8] >> (7 - bit % 8) & 1 : 0);
		line[n] = digits[v];
	}
	while (n % 4)
		line[n++] = '=';
	return (int)n + sprintf(line + n, "\n");
}

static int put_uuid(const uint8_t *rnd, char *line)
{
	uint8_t b[16];

	memcpy(b, rnd, sizeof b);
	b[6] = (uint8_t)(0x40 | (b[6] & 15));
	b[8] = (uint8_t)(0x80 | (b[8] & 63));
	return sprintf(line, "%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-%02x%02x%02x%02x%02x%02x\n", b[0], b[1], b[2],
		       b[3], b[4], b[5], b[6], b[7], b[8], b[9], b[10], b[11], b[12], b[13], b[14], b[15]);
}

static int put_runner(const struct numbers_stamp *s, const uint8_t *rnd, char *line)
{
	__int128 day_ns = (__int128)86400 * 1000000000, ns = (s->real_ns % day_ns + day_ns) % day_ns;
	unsigned ms = (unsigned)(ns / 1000000);

	return sprintf(line, "%02u:%02u:%02u.%03u,%s,%" PRId64 ",%" PRId32 "\n", ms / 3600000, ms / 60000 % 60,
		       ms / 1000 % 60, ms % 1000, s->uuid, s->nanos, (int32_t)word_of(rnd, 4));
}

size_t plain_line(const struct numbers_config *c, const struct numbers_stamp *s, const uint8_t *rnd,
		  char line[PLAIN_LINE_MAX])
{
	switch (c->format) {
	case NUMBERS_INT32:
		return (size_t)sprintf(line, "%" PRId32 "\n", (int32_t)word_of(rnd, 4));
	case NUMBERS_UINT32:
		return (size_t)sprintf(line, "%" PRIu32 "\n", (uint32_t)word_of(rnd, 4));
	case NUMBERS_UINT64:
		return (size_t)sprintf(line, "%" PRIu64 "\n", word_of(rnd, 8));
	case NUMBERS_RANGE:
		return (size_t)put_range(c, rnd, line);
	case NUMBERS_FLOAT64:
		return (size_t)put_float64(rnd, line);
	case NUMBERS_HEX:
		return (size_t)put_hex(rnd, c->bytes, line);
	case NUMBERS_BASE64:
		return (size_t)put_base64(rnd, c->bytes, line);
	case NUMBERS_UUID:
		return (size_t)put_uuid(rnd, line);
	case NUMBERS_RUNNER:
		return (size_t)put_runner(s, rnd, line);
	default: /* binary */
		memcpy(line, rnd, 4);
		line[4] = '\0';
		return 4;
	}
}

struct numbers_step plain_fill(const struct numbers_config *c, const struct numbers_stamp *stamp, const uint8_t *rnd,
			       size_t rnd_len, uint64_t want, char *out, size_t cap)
{
	struct numbers_step s = {0};
	char line[PLAIN_LINE_MAX];

	for (; s.made < want && rnd_len - s.used >= draw_bytes(c); s.used += draw_bytes(c)) {
		size_t len = plain_line(c, stamp, rnd + s.used, line);
		if (len > cap - s.written)
			break;
		memcpy(out + s.written, line, len);
		s.written += len;
		s.made += len > 0;
	}
	return s;
}

uint64_t plain_random(uint64_t *state)
{
	uint64_t z = *state += 0x9e3779b97f4a7c15u;
	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
	z = (z ^ z >> 27) * 0x94d049bb133111ebu;
	return z ^ z >> 31;
}
