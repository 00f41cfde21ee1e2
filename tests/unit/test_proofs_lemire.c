/* Lemire's bound: of the 2^W words, exactly 2^W mod span are rejected, fewer than half of them and fewer than span, and
 * each result has floor(2^W / span) of the others. Counted for every narrow width; computed for the real ones. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "numbers/lemire.h"

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

int main(void)
{
	static const struct CMUnitTest tests[] = {
		{"widths up to 11 bits, each span: every word counted", test_every_width, NULL, NULL, NULL},
		{"32 and 64 bits: the bound about every power of 2, 3 and 10", test_real_widths, NULL, NULL, NULL},
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
