/* No bias in `range`: by counting the words behind each result, and by chi-square over the whole format. */
#include <inttypes.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "numbers/lemire.h"
#include "numbers/numbers.h"

/* Every word of a width: each result below span must come from the same number of accepted words. */
static void count_words(unsigned width_bits, uint64_t span, uint32_t *words_of)
{
	uint64_t words = UINT64_C(1) << width_bits, reject_below = lemire_reject_below(width_bits, span), n;

	memset(words_of, 0, span * sizeof *words_of);
	for (uint64_t word = 0; word < words; word++) {
		if (!lemire_draw(width_bits, word, span, reject_below, &n))
			continue;
		assert_true(n < span);
		words_of[n]++;
	}
	for (n = 0; n < span; n++)
		assert_int_equal(words_of[n], words / span);
}

static void test_each_span_of_8_bits(void **state)
{
	uint32_t words_of[256];
	(void)state;
	for (uint64_t span = 1; span <= 256; span++)
		count_words(8, span, words_of);
}

static void test_spans_of_16_bits(void **state)
{
	static const uint64_t spans[] = {1,     2,     3,     7,     99,    100,   255,   256,   257,   1000,
					 10007, 21845, 21846, 32767, 32768, 32769, 43691, 65521, 65535, 65536};
	uint32_t *words_of = malloc(65536 * sizeof *words_of);
	(void)state;
	assert_non_null(words_of);
	for (size_t i = 0; i < sizeof spans / sizeof spans[0]; i++)
		count_words(16, spans[i], words_of);
	free(words_of);
}

/* Without the rejection the count must see the bias: 256 words cannot serve 100 results alike. */
static void test_counting_sees_bias(void **state)
{
	uint32_t words_of[100] = {0}, thrice = 0;
	uint64_t n;
	(void)state;
	for (uint64_t word = 0; word < 256; word++) {
		assert_true(lemire_draw(8, word, 100, 0, &n));
		words_of[n]++;
	}
	for (n = 0; n < 100; n++)
		thrice += words_of[n] == 3;
	assert_int_equal(thrice, 256 - 2 * 100);
}

/* The real widths have too many words to count. The accepted words of a result are one interval: its ends are computed
 * here and tried. */
struct interval_row {
	const char *sentence;
	unsigned width_bits;
	uint64_t span;
};

static const struct interval_row interval_rows[] = {
	{"32 bits, span 1", 32, 1},
	{"32 bits, span 3", 32, 3},
	{"32 bits, span 100", 32, 100},
	{"32 bits, span 10^9", 32, 1000000000},
	{"32 bits, span 2^31 - 1", 32, 0x7fffffff},
	{"32 bits, span 2^31", 32, 0x80000000},
	{"32 bits, span 2^31 + 1", 32, 0x80000001},
	{"32 bits, span 3 * 2^30", 32, 0xc0000000},
	{"32 bits, span 2^32 - 1", 32, 0xffffffff},
	{"32 bits, span 2^32", 32, 0x100000000},
	{"64 bits, span 2^32 + 1", 64, 0x100000001},
	{"64 bits, span 10^18", 64, 1000000000000000000},
	{"64 bits, span 2^63 - 1", 64, 0x7fffffffffffffff},
	{"64 bits, span 2^63", 64, 0x8000000000000000},
	{"64 bits, span 2^63 + 1", 64, 0x8000000000000001},
	{"64 bits, span 2^64 - 1", 64, 0xffffffffffffffff},
};

enum { INTERVAL_ROWS = sizeof interval_rows / sizeof interval_rows[0] };

static bool makes(const struct interval_row *row, unsigned __int128 word, uint64_t result)
{
	uint64_t n, reject_below = lemire_reject_below(row->width_bits, row->span);
	if (word >> row->width_bits != 0)
		return false;
	return lemire_draw(row->width_bits, (uint64_t)word, row->span, reject_below, &n) && n == result;
}

static void check_interval(const struct interval_row *row, uint64_t result)
{
	unsigned __int128 words = (unsigned __int128)1 << row->width_bits;
	uint64_t words_each = (uint64_t)(words / row->span);
	unsigned __int128 least = result * words + (uint64_t)(words % row->span);
	unsigned __int128 first = (least + row->span - 1) / row->span;

	if (row->span == 1)
		words_each = UINT32_MAX; /* 2^W - 1, the last word's index; no interval is beyond it */
	if (first > 0)
		assert_false(makes(row, first - 1, result));
	assert_true(makes(row, first, result));
	assert_true(makes(row, first + (words_each - 1) / 2, result));
	assert_true(makes(row, first + words_each - 1, result));
	if (row->span != 1)
		assert_false(makes(row, first + words_each, result));
}

static void test_interval(void **state)
{
	const struct interval_row *row = *state;

	for (uint64_t i = 0; i < 1000; i++) {
		check_interval(row, i % row->span);
		check_interval(row, row->span - 1 - i % row->span);
		check_interval(row, (row->span / 1000 + 1) * i % row->span);
	}
}

/* splitmix64 (S. Vigna). */
static uint64_t random_next(uint64_t *state)
{
	uint64_t z = *state += 0x9e3779b97f4a7c15u;
	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
	z = (z ^ z >> 27) * 0x94d049bb133111ebu;
	return z ^ z >> 31;
}

/* P(X > df + 2 sqrt(df x) + 2x) <= e^-x for chi-square (Laurent and Massart 2000, lemma 1); e^-20.73 < 1e-9. */
static double chi_square_limit(double df)
{
	const double x = 20.73;
	return df + 2 * sqrt(df * x) + 2 * x;
}

static double chi_square(const uint64_t *counts, size_t cells)
{
	double total = 0, sum = 0;
	for (size_t i = 0; i < cells; i++)
		total += (double)counts[i];
	for (size_t i = 0; i < cells; i++)
		sum += ((double)counts[i] - total / (double)cells) * ((double)counts[i] - total / (double)cells);
	return sum / (total / (double)cells);
}

/* `cells` divides the span: each cell holds as many numbers. */
struct chi_row {
	const char *sentence;
	int64_t min, max;
	size_t cells;
};

enum { CHI_NUMBERS = 1000 * 1000, CHI_CELLS_MAX = 1000, CHI_SEED = 20261123 };

static const struct chi_row chi_rows[] = {
	{"coin", 0, 1, 2},
	{"0..2", 0, 2, 3},
	{"0..99, the default", 0, 99, 100},
	{"-500..499", -500, 499, 1000},
	{"-3..3", -3, 3, 7},
	{"3 * 2^30 numbers: modulo would double every third", 0, 3 * (INT64_C(1) << 30) - 1, 3},
	{"2^32 - 1 numbers", -1, UINT32_MAX - INT64_C(2), 3},
	{"2^32 numbers", INT32_MIN, INT32_MAX, 256},
	{"2^32 + 1 numbers", 0, INT64_C(1) << 32, 641},
	{"3 * 2^61 numbers: modulo would favour two thirds", INT64_MIN, INT64_MIN + 3 * (INT64_C(1) << 61) - 1, 3},
	{"2^64 numbers", INT64_MIN, INT64_MAX, 256},
};

enum { CHI_ROWS = sizeof chi_rows / sizeof chi_rows[0] };

static size_t chi_cell(const struct chi_row *row, int64_t n)
{
	unsigned __int128 span = (unsigned __int128)((uint64_t)row->max - (uint64_t)row->min) + 1;
	assert_true(span % row->cells == 0);
	return (size_t)(((uint64_t)n - (uint64_t)row->min) / (span / row->cells));
}

/* Reads the lines back: in range, and counted by cell. */
static void chi_count(const struct chi_row *row, const char *text, uint64_t made, uint64_t *counts)
{
	for (char *end; made > 0; made--, text = end + 1) {
		int64_t n = strtoll(text, &end, 10);
		assert_int_equal(*end, '\n');
		assert_true(n >= row->min && n <= row->max);
		counts[chi_cell(row, n)]++;
	}
}

static void test_chi_square(void **state)
{
	const struct chi_row *row = *state;
	const struct numbers_config c = {.format = NUMBERS_RANGE, .min = row->min, .max = row->max};
	uint64_t counts[CHI_CELLS_MAX] = {0}, words[512], seed = CHI_SEED;
	char text[sizeof words / 4 * 21 + 1] = {0};

	for (uint64_t made = 0; made < CHI_NUMBERS;) {
		for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
			words[i] = random_next(&seed);
		struct numbers_step s =
			numbers_fill(&c, NULL, (const uint8_t *)words, sizeof words, UINT64_MAX, text, sizeof text - 1);
		chi_count(row, text, s.made, counts);
		made += s.made;
	}
	double x = chi_square(counts, row->cells), limit = chi_square_limit((double)row->cells - 1);
	if (x > limit)
		fail_msg("seed %d: chi-square %.1f above %.1f", CHI_SEED, x, limit);
}

/* The test has the power to see what it looks for: a word modulo 3 * 2^30. */
static void test_chi_square_sees_modulo(void **state)
{
	uint64_t counts[3] = {0}, seed = CHI_SEED;
	(void)state;
	for (int i = 0; i < 1000; i++)
		counts[(uint32_t)random_next(&seed) % 0xc0000000u >> 30]++;
	assert_true(chi_square(counts, 3) > chi_square_limit(2));
}

int main(void)
{
	struct CMUnitTest tests[4 + INTERVAL_ROWS + CHI_ROWS] = {
		{"each span up to 256, every word of 8 bits counted", test_each_span_of_8_bits},
		{"awkward spans, every word of 16 bits counted", test_spans_of_16_bits},
		{"the count sees a missing rejection", test_counting_sees_bias},
		{"chi-square sees a modulo", test_chi_square_sees_modulo},
	};
	size_t n = 4;

	for (size_t i = 0; i < INTERVAL_ROWS; i++)
		tests[n++] = (struct CMUnitTest){.name = interval_rows[i].sentence,
						 .test_func = test_interval,
						 .initial_state = (void *)(uintptr_t)&interval_rows[i]};
	for (size_t i = 0; i < CHI_ROWS; i++)
		tests[n++] = (struct CMUnitTest){.name = chi_rows[i].sentence,
						 .test_func = test_chi_square,
						 .initial_state = (void *)(uintptr_t)&chi_rows[i]};
	print_message("seed %d\n", CHI_SEED);
	return cmocka_run_group_tests_name("range without bias", tests, NULL, NULL);
}
