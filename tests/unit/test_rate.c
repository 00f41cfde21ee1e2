/* rate.c: rows of failures, each with the sample it comes with, and whether it is one too many. */
#include "health/rate.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

struct row {
	const char *name;
	uint32_t cutoff_n;
	uint64_t first, step; /* the failures come with first, first + step, ... */
	unsigned failures;
	uint64_t last;    /* one more comes with this sample */
	bool too_many;    /* that one is too many */
	uint32_t counted; /* in the span that ends with it */
};

/* clang-format off */
static const struct row rows[] = {
	{"the first of six", 6, 7, 1, 0, 7, false, 1},
	{"the fifth of six", 6, 7, 1, 4, 100, false, 5},
	{"the sixth of six", 6, 7, 1, 5, 100, true, 6},
	{"the seventh is one too many as well", 6, 7, 1, 6, 100, true, 6},
	{"all six with one sample", 6, 100, 0, 5, 100, true, 6},
	{"six in exactly 2^20 samples", 6, 1, 1, 5, RATE_SPAN, true, 6},
	{"six in one sample more", 6, 1, 1, 5, RATE_SPAN + 1, false, 5},
	{"six with the samples from 0 on", 6, 0, 1, 5, RATE_SPAN - 1, true, 6},
	{"five in 2^20 samples again and again", 6, 3, RATE_SPAN / 5 + 1, 1000, 3 + 1000 * (uint64_t)(RATE_SPAN / 5 + 1), false, 5},
	{"six in 2^20 samples again and again", 6, 3, RATE_SPAN / 5 - 1, 1000, 3 + 1000 * (uint64_t)(RATE_SPAN / 5 - 1), true, 6},
	{"the old ones leave all at once", 6, 3, 1, 600, 3 + 600 + RATE_SPAN, false, 1},
	{"beyond 2^32 samples nothing comes near again", 6, 3, 1, 5, UINT64_C(1) << 32, false, 1},
	{"the second of two", 2, 9, 1, 1, 10, true, 2},
	{"one is too many", 1, 0, 1, 0, 0, true, 1},
	{"the largest cutoff: one less", CUTOFF_RATE_MAX, 5, 700, CUTOFF_RATE_MAX - 2, 1000000, false, CUTOFF_RATE_MAX - 1},
	{"the largest cutoff", CUTOFF_RATE_MAX, 5, 700, CUTOFF_RATE_MAX - 1, 1000000, true, CUTOFF_RATE_MAX},
};
/* clang-format on */
enum { ROWS = sizeof(rows) / sizeof(rows[0]) };

/* As rate.h says it, over all failures so far. */
static uint32_t count_plainly(const struct row *r, unsigned failures, uint64_t sample)
{
	uint32_t n = 1;

	for (unsigned i = 0; i < failures; i++)
		n += sample - (r->first + i * r->step) < RATE_SPAN;
	return n;
}

static void test_row(void **state)
{
	const struct row *r = *state;
	struct rate t;

	rate_init(&t, r->cutoff_n);
	for (unsigned i = 0; i < r->failures; i++) {
		uint64_t sample = r->first + i * r->step;
		uint32_t plain = count_plainly(r, i, sample);
		assert_int_equal(rate_note(&t, sample), plain >= r->cutoff_n);
		assert_int_equal(rate_count(&t, sample), plain < r->cutoff_n ? plain : r->cutoff_n);
	}
	assert_int_equal(rate_note(&t, r->last), r->too_many);
	assert_int_equal(rate_count(&t, r->last), r->counted);
}

static void test_nothing_counted(void **state)
{
	struct rate t;

	(void)state;
	rate_init(&t, 6);
	assert_int_equal(rate_count(&t, 0), 0);
	rate_note(&t, 10);
	assert_int_equal(rate_count(&t, 9 + RATE_SPAN), 1);
	assert_int_equal(rate_count(&t, 10 + RATE_SPAN), 0);
}

static void test_forgotten(void **state)
{
	struct rate t;

	(void)state;
	rate_init(&t, 3);
	for (unsigned round = 0; round < 2; round++) {
		assert_false(rate_note(&t, 10));
		assert_false(rate_note(&t, 11));
		assert_true(rate_note(&t, 12));
		rate_forget(&t);
		assert_int_equal(rate_count(&t, 12), 0);
	}
}

int main(void)
{
	struct CMUnitTest tests[ROWS + 2];

	for (size_t i = 0; i < ROWS; i++)
		tests[i] = (struct CMUnitTest){rows[i].name, test_row, NULL, NULL, (void *)&rows[i]};
	tests[ROWS] = (struct CMUnitTest){"a failure is counted until the span has passed", test_nothing_counted, NULL,
					  NULL, NULL};
	tests[ROWS + 1] = (struct CMUnitTest){"forgotten", test_forgotten, NULL, NULL, NULL};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
