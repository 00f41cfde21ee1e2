/* rct.c: each row is a sequence of samples (letters), the level that each must return (digits) and the peak behind it.
 */
#include "health/rct.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

struct row {
	const char *name;
	uint32_t cutoff_c[2];
	const char *samples;
	const char *levels;
	uint32_t peak;
};

static const struct row rows[] = {
	{"the first sample never fails", {2, 3}, "a", "0", 1},
	{"a zero as first sample is not a repetition", {2, 3}, "@", "0", 1},
	{"a run of C-1 passes", {4, 6}, "aaab", "0000", 3},
	{"a run of C fails at its C-th sample", {4, 6}, "aaaa", "0001", 4},
	{"the intermittent level signals once per run", {4, 6}, "aaaaab", "000100", 5},
	{"the run goes on to the permanent cutoff", {4, 6}, "aaaaaa", "000102", 6},
	{"the permanent level signals once per run", {4, 6}, "aaaaaaaa", "00010200", 8},
	{"a second run signals again", {4, 6}, "aaaabaaaa", "000100001", 4},
	{"a run right behind a run of another value", {3, 5}, "aaabbb", "001001", 3},
	{"equal cutoffs signal the permanent level", {3, 3}, "aaaa", "0020", 4},
	{"the smallest cutoff, 2", {2, 3}, "abaabbb", "0001012", 3},
	{"alternating samples pass", {2, 3}, "abababab", "00000000", 1},
	{"equal samples that are not neighbours pass", {3, 4}, "aabaabaab", "000000000", 2},
	{"the peak is the longest run, not the last", {9, 16}, "aaaabbc", "0000000", 4},
};
enum { ROWS = sizeof(rows) / sizeof(rows[0]) };

static void test_row(void **state)
{
	const struct row *r = *state;
	struct rct t;

	rct_init(&t, r->cutoff_c[0], r->cutoff_c[1]);
	assert_int_equal(strlen(r->samples), strlen(r->levels));
	for (size_t i = 0; r->samples[i] != '\0'; i++)
		assert_int_equal(rct_feed(&t, (uint8_t)(r->samples[i] - '@')), r->levels[i] - '0');
	assert_int_equal(rct_take_peak(&t), r->peak);
}

static void feed_run(struct rct *t, uint8_t sample, size_t n)
{
	while (n-- > 0)
		assert_int_equal(rct_feed(t, sample), 0);
}

static void test_peak_restarts_at_the_present_run(void **state)
{
	struct rct t;

	(void)state;
	rct_init(&t, 9, 16);
	assert_int_equal(rct_take_peak(&t), 0);
	feed_run(&t, 1, 5);
	feed_run(&t, 2, 2);
	assert_int_equal(rct_take_peak(&t), 5);
	assert_int_equal(rct_take_peak(&t), 2);
	feed_run(&t, 2, 1);
	assert_int_equal(rct_take_peak(&t), 3);
	feed_run(&t, 3, 1);
	assert_int_equal(rct_take_peak(&t), 3);
	assert_int_equal(rct_take_peak(&t), 1);
}

static void test_run_length_saturates(void **state)
{
	struct rct t;

	(void)state;
	rct_init(&t, UINT32_MAX - 1, UINT32_MAX);
	feed_run(&t, 7, 1);
	t.run_b = UINT32_MAX - 3;
	assert_int_equal(rct_feed(&t, 7), 0);
	assert_int_equal(rct_feed(&t, 7), 1);
	assert_int_equal(rct_feed(&t, 7), 2);
	assert_int_equal(rct_feed(&t, 7), 0);
	assert_int_equal(t.run_b, UINT32_MAX);
	assert_int_equal(rct_feed(&t, 8), 0);
	assert_int_equal(t.run_b, 1);
}

static void test_init_forgets_the_run(void **state)
{
	struct rct t;

	(void)state;
	rct_init(&t, 3, 5);
	feed_run(&t, 1, 2);
	rct_init(&t, 3, 5);
	feed_run(&t, 1, 2);
	assert_int_equal(rct_feed(&t, 1), 1);
}

static const struct CMUnitTest singles[] = {
	{"take_peak restarts at the present run", test_peak_restarts_at_the_present_run, NULL, NULL, NULL},
	{"the run length saturates and signals once", test_run_length_saturates, NULL, NULL, NULL},
	{"init forgets the run", test_init_forgets_the_run, NULL, NULL, NULL},
};
enum { SINGLES = sizeof(singles) / sizeof(singles[0]) };

int main(void)
{
	struct CMUnitTest tests[ROWS + SINGLES];

	for (size_t i = 0; i < ROWS; i++)
		tests[i] = (struct CMUnitTest){rows[i].name, test_row, NULL, NULL, (void *)&rows[i]};
	memcpy(tests + ROWS, singles, sizeof(singles));
	return cmocka_run_group_tests(tests, NULL, NULL);
}
