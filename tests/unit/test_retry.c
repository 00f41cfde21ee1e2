/* retry.c: how long the pauses are, and how many start-up tests a retry has. */
#include "rows.h"
#include "run/retry.h"

#define SECOND INT64_C(1000000000)

static void pauses_double_up_to_the_longest(void **state)
{
	static const int64_t seconds[] = {1, 2, 4, 8, 10, 10};
	struct retry r;
	(void)state;
	retry_init(&r, 1, 10);
	for (unsigned i = 0; i < sizeof seconds / sizeof *seconds; i++) {
		retry_pause(&r, 100 * SECOND);
		assert_int_equal(r.at_ns, (100 + seconds[i]) * SECOND);
	}
}

struct row {
	const char *name;
	int64_t held_ns; /* from the start-up test that was passed to the next failure */
	int64_t pause;   /* seconds of the pause behind it; the one before was 2 s */
};

static const struct row rows[] = {
	{"a source that fails at once goes on doubling", 0, 4},
	{"one that held for the longest pause goes on doubling", 10 * SECOND, 4},
	{"one that held for longer begins anew", 10 * SECOND + 1, 1},
};

static void check_row(void **state)
{
	const struct row *row = *state;
	struct retry r;
	retry_init(&r, 1, 10);
	retry_pause(&r, 0);
	retry_pause(&r, 0);
	retry_passed(&r, 50 * SECOND);
	int64_t now = 50 * SECOND + row->held_ns;
	retry_pause(&r, now);
	assert_int_equal(r.at_ns - now, row->pause * SECOND);
	assert_int_equal(r.ok_since_ns, 0);
}

static void a_failure_outside_of_a_retry_pauses_at_once(void **state)
{
	struct retry r;
	(void)state;
	retry_init(&r, 1, 10);
	assert_false(retry_has_block(&r));
	assert_false(retry_is_repeated(&r));
}

static void a_retry_is_so_many_start_up_tests(void **state)
{
	struct retry r;
	(void)state;
	retry_init(&r, 1, 10);
	retry_begin(&r);
	for (unsigned i = 1; i < RETRY_BLOCKS; i++) {
		assert_int_equal(retry_is_repeated(&r), i > 1);
		assert_true(retry_has_block(&r));
	}
	assert_false(retry_has_block(&r));
	assert_false(retry_has_block(&r));
}

static void nothing_is_left_of_a_retry_that_ended(void **state)
{
	struct retry r;
	(void)state;
	retry_init(&r, 1, 10);
	retry_begin(&r);
	retry_passed(&r, 5);
	assert_false(retry_has_block(&r));
	retry_begin(&r);
	retry_break_off(&r);
	assert_false(retry_has_block(&r));
}

int main(void)
{
	const struct CMUnitTest others[] = {
		cmocka_unit_test(pauses_double_up_to_the_longest),
		cmocka_unit_test(a_failure_outside_of_a_retry_pauses_at_once),
		cmocka_unit_test(a_retry_is_so_many_start_up_tests),
		cmocka_unit_test(nothing_is_left_of_a_retry_that_ended),
	};
	int failed = ROWS_RUN("retry rows", check_row, rows);
	return failed + cmocka_run_group_tests_name("retry", others, NULL, NULL);
}
