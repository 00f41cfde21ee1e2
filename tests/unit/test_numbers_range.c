/* `range` has no bias: of the 2^W words, exactly 2^W mod span are rejected, fewer than half of them and fewer than
 * span, and each result has floor(2^W / span) of the others. Counted for every narrow width; for the real ones
 * computed, and tried at the ends of the interval of words that make one result. */

#include "numbers/lemire.h"
#include "rows.h"

enum { WIDTH_MAX = 11 };

static void count_words(unsigned width_bits, uint64_t span)
{
	uint32_t words_of[1 << WIDTH_MAX] = {0};
	uint64_t words = UINT64_C(1) << width_bits, reject_below = lemire_reject_below(width_bits, span), n,
		 rejected = 0;

	for (uint64_t word = 0; word < words; word++) {
		if (!lemire_draw(width_bits, word, span, reject_below, &n)) {
			rejected++;
			continue;
		}
		assert_true(n < span);
		words_of[n]++;
	}
	assert_int_equal(rejected, words % span);
	assert_int_equal(rejected, reject_below);
	assert_true(rejected < span && 2 * rejected < words);
	for (n = 0; n < span; n++)
		assert_int_equal(words_of[n], words / span);
}

static void test_every_width(void **state)
{
	(void)state;
	for (unsigned width_bits = 1; width_bits <= WIDTH_MAX; width_bits++) {
		for (uint64_t span = 1; span <= UINT64_C(1) << width_bits; span++)
			count_words(width_bits, span);
	}
}

static void check_bound(unsigned width_bits, uint64_t span)
{
	unsigned __int128 words = (unsigned __int128)1 << width_bits;
	uint64_t reject_below = lemire_reject_below(width_bits, span);

	assert_true(reject_below == (uint64_t)(words % span));
	assert_true(reject_below < span && 2 * (unsigned __int128)reject_below < words);
}

/* About every power of two, every power of three, and every power of ten. */
static void test_real_widths(void **state)
{
	static const unsigned bases[] = {2, 3, 10}, widths[] = {32, 64};
	(void)state;
	for (size_t b = 0; b < 6; b++) {
		unsigned width_bits = widths[b / 3];
		unsigned __int128 span_max = width_bits == 32 ? (unsigned __int128)1 << 32 : UINT64_MAX;
		for (unsigned __int128 power = 1; power <= span_max; power *= bases[b % 3]) {
			for (int off = -2; off <= 2; off++) {
				unsigned __int128 span = power + (unsigned __int128)off;
				if (span >= 1 && span <= span_max)
					check_bound(width_bits, (uint64_t)span);
			}
		}
	}
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

int main(void)
{
	const struct CMUnitTest others[] = {
		{"widths up to 11 bits, each span: every word counted", test_every_width},
		{"32 and 64 bits: the bound about every power of 2, 3 and 10", test_real_widths},
		{"the count sees a missing rejection", test_counting_sees_bias},
	};
	int failed = ROWS_RUN("range, intervals", test_interval, interval_rows);
	return failed + cmocka_run_group_tests_name("range without bias", others, NULL, NULL);
}
