/* compressed.c beside libbz2 itself: random samples of few and many values, texts that repeat, texts of a few letters,
 * and texts that end around the border of a block. */
#include "assess/compressed.h"
#include "assess/shuffle.h"
#include "rows.h"

#include <bzlib.h>
#include <stdio.h>

enum { N = 400000, BLOCK = 499981 };

struct rig {
	struct compressed *ours;
	uint8_t *bytes, value[256];
	char *text, *out;
};

static int set_up(void **state)
{
	struct rig *r = calloc(1, sizeof *r);
	*r = (struct rig){compressed_new(N), malloc(N), {0}, malloc(4 * N + 8), malloc(5 * N)};
	for (unsigned i = 0; i < 256; i++)
		r->value[i] = (uint8_t)i;
	*state = r;
	return 0;
}

static int tear_down(void **state)
{
	struct rig *r = *state;
	compressed_free(r->ours);
	free(r->bytes);
	free(r->text);
	free(r->out);
	free(r);
	return 0;
}

static void compare(struct rig *r, size_t n)
{
	char *end = r->text;
	unsigned size = 5 * N;
	for (size_t i = 0; i < n; i++)
		end += sprintf(end, "%u ", r->value[r->bytes[i]]);
	assert_int_equal(BZ2_bzBuffToBuffCompress(r->out, &size, r->text, (unsigned)(end - r->text - 1), 5, 0, 0),
			 BZ_OK);
	assert_int_equal(compressed_size(r->ours, r->bytes, n, r->value), size);
}

static void test_random(void **state)
{
	static const unsigned values[] = {2, 3, 16, 256};
	struct stream_of_numbers numbers;

	for (size_t v = 0; v < sizeof values / sizeof *values; v++) {
		struct rig *r = *state;
		numbers_begin(&numbers, 1, v);
		for (size_t i = 0; i < N; i++)
			r->bytes[i] = (uint8_t)(numbers_next(&numbers) % values[v]);
		compare(r, N);
	}
}

/* One value alone, short periods, blocks that come again, and samples that mostly do. */
static void test_what_repeats(void **state)
{
	struct rig *r = *state;
	struct stream_of_numbers numbers;
	numbers_begin(&numbers, 2, 0);

	for (size_t period = 1; period < 100000; period = period * 3 + 1) {
		for (size_t i = 0; i < N; i++)
			r->bytes[i] = i < period ? (uint8_t)numbers_next(&numbers) : r->bytes[i - period];
		compare(r, 60000);
		for (size_t i = period; i < N; i++)
			if (numbers_next(&numbers) % 10 == 0)
				r->bytes[i] = (uint8_t)numbers_next(&numbers);
		compare(r, 60000);
	}
}

/* Every length up to 300 samples, and some up to 900, of few values and of any that there are. */
static void test_short_ones(void **state)
{
	struct rig *r = *state;
	struct stream_of_numbers numbers;

	for (size_t n = 1; n <= 900; n += n < 300 ? 1 : 50) {
		numbers_begin(&numbers, 3, n);
		for (unsigned i = 0; i < 256; i++)
			r->value[i] = (uint8_t)numbers_next(&numbers);
		const unsigned values = 1 + (unsigned)(numbers_next(&numbers) % (n % 2 ? 256 : 4));
		for (size_t i = 0; i < n; i++)
			r->bytes[i] = (uint8_t)(numbers_next(&numbers) % values);
		compare(r, n);
	}
	for (unsigned i = 0; i < 256; i++)
		r->value[i] = (uint8_t)i;
}

/* 1, 11 and 111, so that runs lie across the border, and texts that end a few letters before and behind it. */
static void test_borders(void **state)
{
	struct rig *r = *state;
	struct stream_of_numbers numbers;

	for (unsigned round = 0; round < 5; round++) {
		size_t letters = 0;
		numbers_begin(&numbers, 4, round);
		r->value[0] = 1;
		r->value[1] = 11;
		r->value[2] = 111;
		for (size_t i = 0; i < N; i++) {
			r->bytes[i] = (uint8_t)(numbers_next(&numbers) % 3);
			letters += r->bytes[i] + 2U;
			if (letters >= BLOCK - 3 && letters <= BLOCK + 8)
				compare(r, i + 1);
		}
	}
}

/* A text that ends with one letter behind a full block, and one whose end and beginning together are as its midst: 1
 * and 1 make 11 there. */
static void test_the_end(void **state)
{
	struct rig *r = *state;
	const size_t n = (BLOCK + 1) / 2;

	r->value[0] = 1;
	r->value[1] = 11;
	memset(r->bytes, 0, n);
	r->bytes[0] = 1;
	compare(r, n);
	for (size_t i = 1; i + 2 < n; i += 2)
		r->bytes[i + 1] = 1;
	r->bytes[0] = 0;
	for (size_t pairs = 3; pairs < 50000; pairs *= 7) {
		r->bytes[1 + 2 * pairs] = r->bytes[2 + 2 * pairs] = 0;
		compare(r, 3 + 2 * pairs);
		r->bytes[2 + 2 * pairs] = 1;
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_random),  cmocka_unit_test(test_what_repeats), cmocka_unit_test(test_short_ones),
		cmocka_unit_test(test_borders), cmocka_unit_test(test_the_end),
	};
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
