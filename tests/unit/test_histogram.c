/* histogram.c: which bucket takes what. */
#include "rows.h"

#include "base/histogram.h"

#include <string.h>

struct add_row {
	const char *name;
	double seconds;
	unsigned bucket;
};

static const struct add_row add_rows[] = {
	{"zero goes into the first bucket", 0, 0},
	{"a bucket includes its bound", 0.001, 0},
	{"just over a bound is the next bucket", 0.0010001, 1},
	{"the last bound", 60, 8},
	{"over the last bound is +Inf", 60.0001, 9},
	{"a huge value is +Inf", 1e9, 9},
};
enum { ADD_ROWS = sizeof add_rows / sizeof *add_rows };

static void test_add(void **state)
{
	const struct add_row *r = *state;
	struct histogram h = {.count = 0};
	histogram_add(&h, r->seconds);
	for (unsigned i = 0; i <= HISTOGRAM_BOUNDS; i++)
		assert_int_equal(h.buckets[i], i == r->bucket);
	assert_int_equal(h.count, 1);
	assert_true(h.sum == r->seconds);
}

static void test_the_sum_is_of_whole_nanoseconds(void **state)
{
	(void)state;
	struct histogram h = {.count = 0};
	for (int i = 0; i < 10; i++)
		histogram_add(&h, 0.1);
	assert_true(h.sum == 1);
	histogram_add(&h, 0.0000000004);
	assert_true(h.sum == 1);
	histogram_add(&h, 0.0000000006);
	assert_true(h.sum == 1.000000001);
}

static void test_bounds_rise(void **state)
{
	(void)state;
	for (unsigned i = 1; i < HISTOGRAM_BOUNDS; i++)
		assert_true(histogram_bounds[i - 1] < histogram_bounds[i]);
}

int main(void)
{
	const struct CMUnitTest others[] = {
		cmocka_unit_test(test_bounds_rise),
		cmocka_unit_test(test_the_sum_is_of_whole_nanoseconds),
	};
	int failed = ROWS_RUN("histogram", test_add, add_rows);
	return failed + cmocka_run_group_tests_name("histogram", others, NULL, NULL);
}
