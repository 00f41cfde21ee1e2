/* Any random bytes in any format: exactly the lines that a plain formatter gives, none beyond the room, no random byte
 * used twice or skipped; numbers of a range lie in it. An input is 40 bytes of parameters, then the random bytes. */
#include "fuzz.h"

#include "numbers/numbers.h"

#include <inttypes.h>

enum { LINE_MAX_BYTES = 2 * NUMBERS_BYTES_MAX + 64, CAP_MAX = 65536 };

struct job {
	struct numbers_config c;
	struct numbers_stamp stamp;
	uint64_t want;
	size_t cap, rnd_len;
	uint8_t *rnd;
};

static uint64_t word_of(const uint8_t *rnd, size_t bytes)
{
	uint64_t v = 0;

	for (size_t i = bytes; i > 0; i--)
		v = v << 8 | rnd[i - 1];
	return v;
}

/* Lemire, in the form of his paper: reject when the low half is below 2^W mod span. 0 characters: rejected. */
static int put_range(const struct numbers_config *c, const uint8_t *rnd, char *line)
{
	uint64_t span_less_1 = (uint64_t)c->max - (uint64_t)c->min;
	unsigned bits = span_less_1 <= UINT32_MAX ? 32 : 64;
	unsigned __int128 words = (unsigned __int128)1 << bits, span = (unsigned __int128)span_less_1 + 1;
	unsigned __int128 word = word_of(rnd, bits / 8), high = word, low = 0;

	if (span < words || bits == 32) {
		high = word * span / words;
		low = word * span % words;
	}
	if (low < words % span)
		return 0;
	int64_t n = (int64_t)((uint64_t)c->min + (uint64_t)high);
	FUZZ_CHECK(n >= c->min && n <= c->max, "%" PRId64, n);
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
	int n = sprintf(line, "0.%.*s%c%.16s\n", zeros, "0000000000000000", text[0], text + 2);
	FUZZ_CHECK(strtod(line, NULL) >= v && strtod(line, NULL) <= v && v < 1, "%s", line);
	return n;
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
	line[n++] = '\n';
	return (int)n;
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

/* The line that one draw makes; its length, 0 when the draw is rejected. */
static size_t put_plain(const struct job *j, const uint8_t *rnd, char *line)
{
	switch (j->c.format) {
	case NUMBERS_INT32:
		return (size_t)sprintf(line, "%" PRId32 "\n", (int32_t)word_of(rnd, 4));
	case NUMBERS_UINT32:
		return (size_t)sprintf(line, "%" PRIu32 "\n", (uint32_t)word_of(rnd, 4));
	case NUMBERS_UINT64:
		return (size_t)sprintf(line, "%" PRIu64 "\n", word_of(rnd, 8));
	case NUMBERS_RANGE:
		return (size_t)put_range(&j->c, rnd, line);
	case NUMBERS_FLOAT64:
		return (size_t)put_float64(rnd, line);
	case NUMBERS_HEX:
		return (size_t)put_hex(rnd, j->c.bytes, line);
	case NUMBERS_BASE64:
		return (size_t)put_base64(rnd, j->c.bytes, line);
	case NUMBERS_UUID:
		return (size_t)put_uuid(rnd, line);
	case NUMBERS_RUNNER:
		return (size_t)put_runner(&j->stamp, rnd, line);
	default: /* binary */
		memcpy(line, rnd, 4);
		return 4;
	}
}

/* All draws in order, until random bytes, wanted numbers or room run out; compares with what was made. */
static void check_against_plain(const struct job *j, const struct numbers_step *s, const char *out)
{
	const size_t draw = numbers_random_max(&j->c);
	struct numbers_step plain = {0};
	char line[LINE_MAX_BYTES];

	while (plain.made < j->want && j->rnd_len - plain.used >= draw) {
		size_t len = put_plain(j, j->rnd + plain.used, line);
		FUZZ_CHECK(len <= numbers_text_max(&j->c), "a line of %zu", len);
		if (len > j->cap - plain.written)
			break;
		FUZZ_CHECK(plain.written + len <= s->written, "a line is missing: %.*s", (int)len, line);
		FUZZ_CHECK(memcmp(out + plain.written, line, len) == 0, "%.*s, not %.*s", (int)len, out + plain.written,
			   (int)len, line);
		plain.used += draw;
		plain.written += len;
		plain.made += len > 0;
	}
	FUZZ_CHECK(plain.used == s->used && plain.written == s->written && plain.made == s->made,
		   "%zu %zu %" PRIu64 ", not %zu %zu %" PRIu64, s->used, s->written, s->made, plain.used, plain.written,
		   plain.made);
}

static void read_job(struct fuzz_input *in, struct job *j)
{
	j->c.format = fuzz_u8(in) % NUMBERS_FORMATS;
	j->c.count = 1;
	j->c.bytes = 1 + (uint32_t)fuzz_uint(in, 2) % NUMBERS_BYTES_MAX;
	j->c.min = (int64_t)fuzz_uint(in, 8);
	j->c.max = (int64_t)fuzz_uint(in, 8);
	if (j->c.min > j->c.max)
		j->c.max = j->c.min < INT64_MAX - 255 ? j->c.min + (j->c.max & 255) : INT64_MAX;
	j->stamp.real_ns = (int64_t)fuzz_uint(in, 8);
	j->stamp.nanos = (int64_t)fuzz_uint(in, 8);
	snprintf(j->stamp.uuid, sizeof j->stamp.uuid, "01234567-89ab-4def-8123-456789abcdef");
	j->want = fuzz_uint(in, 2);
	j->cap = fuzz_uint(in, 3) % CAP_MAX;
	j->rnd_len = in->left;
	j->rnd = fuzz_copy(in->p, in->left);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct fuzz_input in = {data, len};
	struct job j;

	read_job(&in, &j);
	char *out = malloc(j.cap ? j.cap : 1); /* of exactly its size: a write beyond is seen */
	if (!out)
		abort();
	struct numbers_step s = numbers_fill(&j.c, &j.stamp, j.rnd, j.rnd_len, j.want, out, j.cap);
	FUZZ_CHECK(s.used <= j.rnd_len && s.written <= j.cap && s.made <= j.want, "%zu %zu", s.used, s.written);
	if (j.rnd_len >= numbers_random_max(&j.c) && j.cap >= numbers_text_max(&j.c) && j.want > 0)
		FUZZ_CHECK(s.used > 0, "no progress");
	check_against_plain(&j, &s, out);
	free(out);
	free(j.rnd);
	return 0;
}
