#include "rows.h"

#include "base/clock.h"

struct row {
	const char *name;
	int64_t ns, seconds, rest;
};

static const struct row rows[] = {
	{"before 0 is 0", -1, 0, 0},
	{"long before 0 is 0", INT64_MIN, 0, 0},
	{"0", 0, 0, 0},
	{"a nanosecond", 1, 0, 1},
	{"just below a second", 999999999, 0, 999999999},
	{"a second", 1000000000, 1, 0},
	{"two and a half seconds", 2500000000, 2, 500000000},
	{"the largest", INT64_MAX, 9223372036, 854775807},
};

static void check_row(void **state)
{
	const struct row *row = *state;
	struct timespec t = clock_timespec(row->ns);
	assert_int_equal(t.tv_sec, row->seconds);
	assert_int_equal(t.tv_nsec, row->rest);
}

static void the_wall_clock_is_that_of_the_library(void **state)
{
	(void)state;
	time_t before = time(NULL);
	int64_t now = clock_ns(CLOCK_REALTIME);
	assert_in_range(now, (before - 1) * (int64_t)NS_PER_S, (time(NULL) + 1) * (int64_t)NS_PER_S);
}

/* The time left until a moment of the one clock is the time left on the other: never less, and hardly more. */
static void a_deadline_is_as_far_away_on_both_clocks(void **state)
{
	static const int64_t distances[] = {0, 1, 5 * (int64_t)NS_PER_S, 86400 * (int64_t)NS_PER_S};
	(void)state;
	for (size_t i = 0; i < sizeof distances / sizeof *distances; i++) {
		struct timespec t = clock_deadline(clock_ns(CLOCK_BOOTTIME) + distances[i]);
		int64_t left = t.tv_sec * (int64_t)NS_PER_S + t.tv_nsec - clock_ns(CLOCK_MONOTONIC);
		assert_true(left <= distances[i]);
		assert_true(left > distances[i] - 10 * (int64_t)NS_PER_S); /* a machine that was busy meanwhile */
	}
}

static void no_deadline_is_generations_away(void **state)
{
	(void)state;
	const int64_t year = 365 * 86400;
	int64_t left = clock_deadline(INT64_MAX).tv_sec - clock_ns(CLOCK_MONOTONIC) / NS_PER_S;
	assert_in_range(left, 99 * year, 101 * year);
}

int main(void)
{
	const struct CMUnitTest others[] = {
		cmocka_unit_test(the_wall_clock_is_that_of_the_library),
		cmocka_unit_test(a_deadline_is_as_far_away_on_both_clocks),
		cmocka_unit_test(no_deadline_is_generations_away),
	};
	int failed = ROWS_RUN("clock", check_row, rows);
	return failed + cmocka_run_group_tests_name("clock", others, NULL, NULL);
}
