/* apt.c: each row is a sequence of samples (letters), the level that each must return (digits) and the window counts
 * behind it; then the windows of 4.4.2 around their cutoffs. */
#include "health/apt.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

struct row {
	const char *name;
	uint32_t window_w, cutoff_c[2];
	const char *samples;
	const char *levels;
	uint32_t index_i, last_count;
	uint64_t windows;
};

static const struct row rows[] = {
	{"W-1 samples: the window is not complete", 5, {4, 5}, "abcd", "0000", 4, 0, 0},
	{"W samples: the window is complete", 5, {4, 5}, "abcde", "00000", 0, 1, 1},
	{"W+1 samples: a new window has begun", 5, {4, 5}, "abcdea", "000000", 1, 1, 1},
	{"the first sample counts itself", 5, {4, 5}, "abbbb", "00000", 0, 1, 1},
	{"only the first sample's value is counted", 5, {3, 5}, "abbbbb", "000000", 1, 1, 1},
	{"C-1 in a window passes", 5, {4, 5}, "aabac", "00000", 0, 3, 1},
	{"C in a window fails at the C-th", 5, {4, 5}, "aabaa", "00001", 0, 4, 1},
	{"the intermittent level signals once per window", 6, {3, 6}, "aaabaa", "001000", 0, 5, 1},
	{"the window goes on to the permanent cutoff", 6, {3, 5}, "aaabaa", "001002", 0, 5, 1},
	{"the permanent level signals once per window", 6, {3, 4}, "aaaaaa", "001200", 0, 6, 1},
	{"equal cutoffs signal the permanent level", 5, {4, 4}, "aaaaa", "00020", 0, 5, 1},
	{"C = W: a window of equal samples fails at its last", 4, {4, 4}, "aaaa", "0002", 0, 4, 1},
	{"C = W: W-1 equal samples pass", 4, {4, 4}, "aaab", "0000", 0, 3, 1},
	{"the count does not reach over windows", 4, {4, 4}, "baaaaabb", "00000000", 0, 2, 2},
	{"the next window signals again", 4, {3, 4}, "aaabaaab", "00100010", 0, 3, 2},
	{"a failure at the last sample leaves a new window", 4, {3, 4}, "abaaccca", "00010010", 0, 3, 2},
	{"the shortest window, 2", 2, {2, 2}, "aabbab", "020200", 0, 1, 3},
	{"a zero as first sample", 4, {3, 4}, "@@@a", "0010", 0, 3, 1},
};
enum { ROWS = sizeof(rows) / sizeof(rows[0]) };

static void test_row(void **state)
{
	const struct row *r = *state;
	struct apt t;

	apt_init(&t, r->window_w, r->cutoff_c[0], r->cutoff_c[1]);
	assert_int_equal(strlen(r->samples), strlen(r->levels));
	for (size_t i = 0; r->samples[i] != '\0'; i++)
		assert_int_equal(apt_feed(&t, (uint8_t)(r->samples[i] - '@')), r->levels[i] - '0');
	assert_int_equal(t.index_i, r->index_i);
	assert_int_equal(t.last_count, r->last_count);
	assert_int_equal(t.windows, r->windows);
}

/* A window whose first `count` samples or whose first sample and last `count - 1` samples equal A. */
struct window_row {
	const char *name;
	uint32_t window_w, cutoff_c[2], count;
	uint32_t level_1_at, level_2_at; /* sample 1 ... W; 0: never */
	int at_end;
};

static const struct window_row window_rows[] = {
	{"W 512, 70 of A: passes C = 71", 512, {71, 92}, 70, 0, 0, 0},
	{"W 512, 71 of A: intermittent at the 71st", 512, {71, 92}, 71, 71, 0, 0},
	{"W 512, 91 of A: not permanent", 512, {71, 92}, 91, 71, 0, 0},
	{"W 512, 92 of A: permanent at the 92nd", 512, {71, 92}, 92, 71, 92, 0},
	{"W 512, 70 of A at the end: passes", 512, {71, 92}, 70, 0, 0, 1},
	{"W 512, 71 of A at the end: fails at sample 512", 512, {71, 92}, 71, 512, 0, 1},
	{"W 512, 92 of A at the end", 512, {71, 92}, 92, 491, 512, 1},
	{"W 1024, 608 of A: passes C = 609", 1024, {609, 653}, 608, 0, 0, 0},
	{"W 1024, 609 of A at the end: fails at sample 1024", 1024, {609, 653}, 609, 1024, 0, 1},
	{"W 1024, C = W, all equal: fails at the last", 1024, {1024, 1024}, 1024, 0, 1024, 0},
};
enum { WINDOW_ROWS = sizeof(window_rows) / sizeof(window_rows[0]) };

static uint8_t window_sample(const struct window_row *r, uint32_t i)
{
	if (i == 0 || (r->at_end ? i > r->window_w - r->count : i < r->count))
		return 'A';
	return i % 2 ? 'b' : 'c';
}

static void test_window(void **state)
{
	const struct window_row *r = *state;
	struct apt t;

	apt_init(&t, r->window_w, r->cutoff_c[0], r->cutoff_c[1]);
	for (uint64_t round = 0; round < 3; round++) {
		for (uint32_t i = 0; i < r->window_w; i++) {
			int expected = i + 1 == r->level_2_at ? 2 : i + 1 == r->level_1_at;
			assert_int_equal(apt_feed(&t, window_sample(r, i)), expected);
		}
		assert_int_equal(t.windows, round + 1);
		assert_int_equal(t.last_count, r->count);
		assert_int_equal(t.index_i, 0);
	}
}

int main(void)
{
	struct CMUnitTest tests[ROWS + WINDOW_ROWS];

	for (size_t i = 0; i < ROWS; i++)
		tests[i] = (struct CMUnitTest){rows[i].name, test_row, NULL, NULL, (void *)&rows[i]};
	for (size_t i = 0; i < WINDOW_ROWS; i++)
		tests[ROWS + i] =
			(struct CMUnitTest){window_rows[i].name, test_window, NULL, NULL, (void *)&window_rows[i]};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
