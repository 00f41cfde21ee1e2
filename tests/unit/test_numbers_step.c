/* Random configurations, random limits: what holds of every step, whatever the format. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "numbers/numbers.h"

enum {
	ROUNDS = 20000,
	RANDOM_BYTES = 8192,
	TEXT_BYTES = 256 * 1024,
	CANARY = 0xa5,
	CANARY_BYTES = 64,
	SEED = 20261123
};

static const struct numbers_stamp stamp = {
	.real_ns = 1700000000123456789, .nanos = 34567, .uuid = "01234567-89ab-4def-8123-456789abcdef"};

/* splitmix64 (S. Vigna). */
static uint64_t random_next(uint64_t *state)
{
	uint64_t z = *state += 0x9e3779b97f4a7c15u;
	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
	z = (z ^ z >> 27) * 0x94d049bb133111ebu;
	return z ^ z >> 31;
}

static struct numbers_config random_config(enum numbers_format format, uint64_t *seed)
{
	struct numbers_config c = {.format = format};
	int64_t a = (int64_t)random_next(seed) >> random_next(seed) % 64;
	int64_t b = (int64_t)random_next(seed) >> random_next(seed) % 64;

	c.min = a < b ? a : b;
	c.max = a < b ? b : a;
	c.bytes = 1 + (uint32_t)(random_next(seed) % NUMBERS_BYTES_MAX >> random_next(seed) % 10);
	return c;
}

static void random_fill(uint8_t *p, size_t len, uint64_t *seed)
{
	for (size_t i = 0; i < len; i++)
		p[i] = (uint8_t)(random_next(seed) >> 56);
}

static uint64_t count_lines(const char *text, size_t len)
{
	uint64_t lines = 0;
	for (size_t i = 0; i < len; i++)
		lines += text[i] == '\n';
	return lines;
}

/* No line is longer than promised, none is empty, and the text ends with one. */
static void check_lines(const struct numbers_config *c, const char *text, struct numbers_step s)
{
	size_t start = 0;

	if (c->format == NUMBERS_BINARY) {
		assert_int_equal(s.written, s.made * 4);
		return;
	}
	assert_int_equal(count_lines(text, s.written), s.made);
	for (size_t i = 0; i < s.written; i++) {
		if (text[i] != '\n')
			continue;
		assert_in_range(i + 1 - start, 2, numbers_text_max(c));
		start = i + 1;
	}
	assert_int_equal(start, s.written);
}

/* In buffers of exactly these sizes, so that the sanitizer sees their ends; the canary sees one side without it. */
static struct numbers_step fill_checked(const struct numbers_config *c, const uint8_t *rnd, size_t rnd_len,
					uint64_t want, char *text, size_t cap)
{
	uint8_t *in = malloc(rnd_len + (rnd_len == 0)), canary[CANARY_BYTES];
	char *out = malloc(cap + CANARY_BYTES);

	assert_non_null(in);
	assert_non_null(out);
	memset(canary, CANARY, sizeof canary);
	memcpy(in, rnd, rnd_len);
	memset(out, CANARY, cap + CANARY_BYTES);
	struct numbers_step s = numbers_fill(c, &stamp, in, rnd_len, want, out, cap);
	assert_memory_equal(out + cap, canary, sizeof canary);
	assert_memory_equal(in, rnd, rnd_len);
	assert_true(s.used <= rnd_len && s.written <= cap && s.made <= want);
	assert_int_equal(s.used % numbers_random_max(c), 0);
	assert_true(s.made <= s.used / numbers_random_max(c));
	assert_true(s.written <= s.made * numbers_text_max(c));
	check_lines(c, out, s);
	memcpy(text, out, s.written);
	free(in);
	free(out);
	return s;
}

/* A step that ended with room, wishes and random bytes left would be a stand-still. */
static void check_ended_for_cause(const struct numbers_config *c, struct numbers_step s, size_t rnd_len, uint64_t want,
				  size_t cap)
{
	bool random_left = rnd_len - s.used >= numbers_random_max(c);
	bool room_left = cap - s.written >= numbers_text_max(c);
	assert_false(random_left && room_left && s.made < want);
}

static void test_random_limits(void **state)
{
	enum numbers_format format = *(const enum numbers_format *)*state;
	static uint8_t rnd[RANDOM_BYTES];
	static char text[TEXT_BYTES];
	uint64_t seed = SEED;

	for (int i = 0; i < ROUNDS; i++) {
		struct numbers_config c = random_config(format, &seed);
		size_t rnd_len = random_next(&seed) % (UINT64_C(2048) >> random_next(&seed) % 12);
		size_t cap = random_next(&seed) % (UINT64_C(8192) >> random_next(&seed) % 14 | 1);
		uint64_t want = random_next(&seed) >> random_next(&seed) % 64;
		random_fill(rnd, rnd_len, &seed);
		struct numbers_step s = fill_checked(&c, rnd, rnd_len, want, text, cap);
		check_ended_for_cause(&c, s, rnd_len, want, cap);
	}
}

/* The text does not depend on how it was cut into steps: random bytes that a step did not use open the next. */
static void check_pieces(const struct numbers_config *c, const uint8_t *rnd, uint64_t *seed)
{
	static char whole[TEXT_BYTES], piece[TEXT_BYTES];
	struct numbers_step all = numbers_fill(c, &stamp, rnd, RANDOM_BYTES, UINT64_MAX, whole, sizeof whole);
	struct numbers_step sum = {0};

	while (RANDOM_BYTES - sum.used >= numbers_random_max(c)) {
		size_t left = RANDOM_BYTES - sum.used;
		size_t rnd_len = numbers_random_max(c) + random_next(seed) % 512;
		size_t cap = numbers_text_max(c) + random_next(seed) % 1024;
		uint64_t want = 1 + random_next(seed) % 200;
		struct numbers_step s =
			fill_checked(c, rnd + sum.used, rnd_len < left ? rnd_len : left, want, piece, cap);
		assert_true(s.used > 0);
		assert_true(sum.written + s.written <= all.written);
		assert_memory_equal(piece, whole + sum.written, s.written);
		sum.used += s.used;
		sum.written += s.written;
		sum.made += s.made;
	}
	assert_int_equal(sum.used, all.used);
	assert_int_equal(sum.written, all.written);
	assert_int_equal(sum.made, all.made);
}

static void test_pieces_join(void **state)
{
	enum numbers_format format = *(const enum numbers_format *)*state;
	static uint8_t rnd[RANDOM_BYTES];
	uint64_t seed = SEED + 1;

	for (int i = 0; i < ROUNDS / 500; i++) {
		struct numbers_config c = random_config(format, &seed);
		random_fill(rnd, sizeof rnd, &seed);
		check_pieces(&c, rnd, &seed);
	}
}

int main(void)
{
	static enum numbers_format formats[NUMBERS_FORMATS];
	struct CMUnitTest limits[NUMBERS_FORMATS], pieces[NUMBERS_FORMATS];

	for (unsigned f = 0; f < NUMBERS_FORMATS; f++) {
		formats[f] = (enum numbers_format)f;
		limits[f] = (struct CMUnitTest){.name = numbers_format_name(formats[f]),
						.test_func = test_random_limits,
						.initial_state = &formats[f]};
		pieces[f] = limits[f];
		pieces[f].test_func = test_pieces_join;
	}
	print_message("seed %d\n", SEED);
	return cmocka_run_group_tests_name("random limits are kept", limits, NULL, NULL) +
	       cmocka_run_group_tests_name("the text does not depend on its steps", pieces, NULL, NULL);
}
