/* Random configurations, random bytes, random limits: each step does what the plain formatter does, to the last byte.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "numbers/numbers.h"
#include "numbers_plain.h"

enum { ROUNDS = 20000, RANDOM_BYTES = 4096, CANARY = 0xa5, CANARY_BYTES = 64, SEED = 20261123 };

static const struct numbers_stamp stamp = {
	.real_ns = 1700000000123456789, .nanos = 34567, .uuid = "01234567-89ab-4def-8123-456789abcdef"};

/* Each size as often as any other. */
static uint64_t any_size(uint64_t *seed)
{
	uint64_t word = plain_random(seed);
	return word >> plain_random(seed) % 64;
}

static struct numbers_config random_config(enum numbers_format format, uint64_t *seed)
{
	struct numbers_config c = {.format = format};
	int64_t a = (int64_t)plain_random(seed) >> plain_random(seed) % 64;
	int64_t b = (int64_t)plain_random(seed) >> plain_random(seed) % 64;

	c.min = a < b ? a : b;
	c.max = a < b ? b : a;
	c.bytes = 1 + (uint32_t)(any_size(seed) % (plain_random(seed) % 4 ? 40 : NUMBERS_BYTES_MAX));
	return c;
}

/* Uniform words, and some small or all equal, of which there are too few otherwise. */
static void random_fill(uint8_t *p, size_t len, uint64_t *seed)
{
	for (size_t i = 0; i < len; i++)
		p[i] = (uint8_t)(plain_random(seed) >> 56);
	for (size_t i = 0; i + 8 <= len; i += 8 * (1 + plain_random(seed) % 8)) {
		uint64_t word = plain_random(seed) % 4 ? any_size(seed) : 0 - plain_random(seed) % 2;
		memcpy(p + i, &word, sizeof word);
	}
}

/* Buffers of exactly these sizes, so that the sanitizer sees their ends; the canary sees one of them without it. */
static void check_step(const struct numbers_config *c, const uint8_t *rnd, size_t rnd_len, uint64_t want, size_t cap)
{
	uint8_t *in = malloc(rnd_len + (rnd_len == 0)), canary[CANARY_BYTES];
	char *out = malloc(cap + CANARY_BYTES), *plain = malloc(cap + 1);

	assert_true(in && out && plain);
	memset(canary, CANARY, sizeof canary);
	memcpy(in, rnd, rnd_len);
	memset(out, CANARY, cap + CANARY_BYTES);
	struct numbers_step s = numbers_fill(c, &stamp, in, rnd_len, want, out, cap);
	struct numbers_step expected = plain_fill(c, &stamp, rnd, rnd_len, want, plain, cap);
	assert_memory_equal(out + cap, canary, sizeof canary);
	assert_memory_equal(in, rnd, rnd_len);
	assert_int_equal(s.used, expected.used);
	assert_int_equal(s.written, expected.written);
	assert_int_equal(s.made, expected.made);
	assert_memory_equal(s.text, plain, s.written);
	free(in);
	free(out);
	free(plain);
}

static void test_random_limits(void **state)
{
	static uint8_t rnd[RANDOM_BYTES];
	uint64_t seed = SEED;

	for (int i = 0; i < ROUNDS; i++) {
		struct numbers_config c = random_config(*(const enum numbers_format *)*state, &seed);
		size_t rnd_len = any_size(&seed) % (RANDOM_BYTES + 1);
		size_t cap = plain_random(&seed) % (UINT64_C(8192) >> plain_random(&seed) % 14 | 1);
		if (plain_random(&seed) % 2)
			rnd_len %= 256;
		random_fill(rnd, rnd_len, &seed);
		check_step(&c, rnd, rnd_len, any_size(&seed), cap);
	}
}

/* As much as one number takes at the least: it is made. */
static void test_progress(void **state)
{
	static uint8_t rnd[NUMBERS_BYTES_MAX];
	static char out[NUMBERS_TEXT_MAX];
	uint64_t seed = SEED + 1;

	for (int i = 0; i < 1000; i++) {
		struct numbers_config c = random_config(*(const enum numbers_format *)*state, &seed);
		size_t draw = numbers_draw_bytes(&c);
		random_fill(rnd, draw, &seed);
		assert_int_equal(numbers_fill(&c, &stamp, rnd, draw, 1, out, sizeof out).used, draw);
		assert_int_equal(numbers_fill(&c, &stamp, rnd, draw - 1, 1, out, sizeof out).used, 0);
	}
}

int main(void)
{
	static enum numbers_format formats[NUMBERS_FORMATS];
	struct CMUnitTest limits[NUMBERS_FORMATS], progress[NUMBERS_FORMATS];

	for (unsigned f = 0; f < NUMBERS_FORMATS; f++) {
		formats[f] = (enum numbers_format)f;
		limits[f] = (struct CMUnitTest){.name = numbers_format_names[formats[f]],
						.test_func = test_random_limits,
						.initial_state = &formats[f]};
		progress[f] = limits[f];
		progress[f].test_func = test_progress;
	}
	print_message("seed %d\n", SEED);
	return cmocka_run_group_tests_name("the plain formatter agrees", limits, NULL, NULL) +
	       cmocka_run_group_tests_name("one draw suffices", progress, NULL, NULL);
}
