/* Exhaustive tests at the windows of SP 800-90B 4.4.2: the count starts anew at every turn-over, and a stream may be
 * cut into calls at any sample. */
#include "health/health.h"
#include "health_samples.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

/* Two windows that both begin with A; `before` more of it stand at the end of the first, the second begins with `after`
 * of it. */
static void check_turn_over(uint32_t w, const uint32_t cutoff_c[2], uint32_t before, uint32_t after)
{
	const uint8_t a = 0;
	uint32_t failed[2][2] = {{0}};
	struct apt t;

	apt_init(&t, w, cutoff_c[0], cutoff_c[1]);
	for (uint32_t i = 0; i < 2 * w; i++) {
		bool is_a = i == 0 || (i >= w - before && i < w + after);
		int level = apt_feed(&t, is_a ? a : sample_clean(i));
		if (level > 0)
			failed[i / w][level - 1]++;
		if (i == w - 1)
			assert_int_equal(t.last_count, before + 1);
	}
	assert_int_equal(t.last_count, after);
	assert_int_equal(t.windows, 2);
	for (int level = 0; level < 2; level++) {
		assert_int_equal(failed[0][level], before + 1 >= cutoff_c[level]);
		assert_int_equal(failed[1][level], after >= cutoff_c[level]);
	}
}

struct window_row {
	const char *name;
	uint32_t w, cutoff_c[2];
};
static const struct window_row window_rows[] = {
	{"W 512, C 20 and 23: every stretch over the turn-over", 512, {20, 23}},
	{"W 1024, C 30 and 34: every stretch over the turn-over", 1024, {30, 34}},
};

static void test_turn_over(void **state)
{
	const struct window_row *r = *state;

	for (uint32_t before = 0; before <= r->cutoff_c[1]; before++) {
		for (uint32_t after = 1; after <= r->cutoff_c[1] + 1; after++)
			check_turn_over(r->w, r->cutoff_c, before, after);
	}
}

/* --- cuts --- */

enum { STREAM = 3 * 512 + 40, STARTUP = 100 };

struct cut_row {
	const char *name;
	uint32_t stuck_at, stuck; /* a run of equal samples */
	uint32_t biased_from;     /* every 6th sample of a window is A, 86 in all; STREAM: none */
	unsigned failures;
};
static const struct cut_row cut_rows[] = {
	{"a clean stream, cut anywhere", 0, 0, STREAM, 0},
	{"a run over the turn-over, cut anywhere", 508, 9, STREAM, 1},
	{"a run up to the permanent cutoff, cut anywhere", 1000, 16, STREAM, 2},
	{"a run in the start-up test, cut anywhere", 92, 9, STREAM, 1},
	{"a proportion in the second and third window, cut anywhere", 0, 0, 512, 2},
};

static void make_stream(const struct cut_row *r, uint8_t samples[STREAM])
{
	for (uint32_t i = 0; i < STREAM; i++) {
		bool biased = i >= r->biased_from && i % 512 % 6 == 0;
		bool stuck = i >= r->stuck_at && i < r->stuck_at + r->stuck;
		samples[i] = stuck || biased ? 0 : sample_clean(i);
	}
}

/* Feeds n samples in calls that end at each failure. Returns how many of the last ones are usable. */
static size_t feed_all(struct health *t, const uint8_t *samples, size_t n)
{
	size_t used = 0, usable = 0;

	for (size_t at = 0; at < n && !t->failed; at += used)
		health_feed(t, samples + at, n - at, &used, &usable);
	return usable;
}

static unsigned failures(const struct health *t)
{
	unsigned n = 0;

	for (unsigned i = 0; i < HEALTH_TESTS; i++)
		n += (unsigned)(t->counts.failures[i][0] + t->counts.failures[i][1]);
	return n;
}

static void assert_same(const struct health *a, const struct health *b)
{
	assert_memory_equal(&a->counts, &b->counts, sizeof a->counts);
	assert_int_equal(a->failed, b->failed);
	assert_int_equal(a->startup_left, b->startup_left);
	assert_int_equal(a->rct.run_b, b->rct.run_b);
	assert_int_equal(a->rct.peak, b->rct.peak);
	assert_int_equal(a->rct.last_a, b->rct.last_a);
	assert_int_equal(a->apt.index_i, b->apt.index_i);
	assert_int_equal(a->apt.count_b, b->apt.count_b);
	assert_int_equal(a->apt.last_count, b->apt.last_count);
	assert_int_equal(a->apt.sample_a, b->apt.sample_a);
}

static void test_cut(void **state)
{
	const struct cut_row *r = *state;
	const struct health_config config = {
		.alpha_log2_intermittent = -30, .alpha_log2_permanent = -60, .startup_samples = STARTUP};
	struct health fresh, whole;
	uint8_t samples[STREAM];

	make_stream(r, samples);
	health_init(&fresh, &config, 4, 8);
	whole = fresh;
	size_t usable = feed_all(&whole, samples, STREAM);
	assert_int_equal(failures(&whole), r->failures);
	for (size_t cut = 0; cut <= STREAM; cut++) {
		struct health t = fresh;
		feed_all(&t, samples, cut);
		size_t last = feed_all(&t, samples + cut, STREAM - cut);
		assert_same(&t, &whole);
		assert_int_equal(last, usable < STREAM - cut ? usable : STREAM - cut);
	}
}

int main(void)
{
	enum { WINDOWS = sizeof window_rows / sizeof *window_rows, CUTS = sizeof cut_rows / sizeof *cut_rows };
	struct CMUnitTest tests[WINDOWS + CUTS];
	size_t n = 0;

	for (size_t i = 0; i < WINDOWS; i++)
		tests[n++] = (struct CMUnitTest){window_rows[i].name, test_turn_over, NULL, NULL,
						 (void *)(uintptr_t)&window_rows[i]};
	for (size_t i = 0; i < CUTS; i++)
		tests[n++] =
			(struct CMUnitTest){cut_rows[i].name, test_cut, NULL, NULL, (void *)(uintptr_t)&cut_rows[i]};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
