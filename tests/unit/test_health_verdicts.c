/* health.c: failures that come too often; what is counted, and how often; peaks; openings of the source; texts. */
#include "health/health.h"
#include "health_rig.h"
#include "health_samples.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static const struct health_config config = {
	.alpha_log2_intermittent = -30, .alpha_log2_permanent = -60, .startup_samples = 1024};

static enum health_verdict feed_one(struct health *t, uint8_t sample)
{
	size_t used, usable;

	return health_feed(t, &sample, 1, &used, &usable);
}

/* Good samples, never the same ones: *at goes on. */
static void feed_good(struct health *t, size_t *at, size_t n)
{
	for (; n > 0; n--)
		assert_int_equal(feed_one(t, sample_clean((*at)++)), HEALTH_PASS);
}

/* Zeros up to the first failure. */
static enum health_verdict feed_zeros(struct health *t)
{
	enum health_verdict v = HEALTH_PASS;

	for (unsigned i = 0; i < 20 && v == HEALTH_PASS; i++)
		v = feed_one(t, 0);
	return v;
}

static void feed_stuck(struct health *t)
{
	assert_int_equal(feed_zeros(t), HEALTH_INTERMITTENT);
	assert_int_equal(feed_zeros(t), HEALTH_PERMANENT);
}

/* ---- failures that come too often ---- */

static void test_the_sixth_is_one_too_many(void **state)
{
	struct health t;
	size_t at = 0;

	(void)state;
	health_rig(&t, &config, 4, 8);
	for (unsigned i = 0; i < 5; i++) {
		feed_good(&t, &at, 2000);
		assert_int_equal(feed_zeros(&t), HEALTH_INTERMITTENT);
		assert_false(t.failed);
	}
	feed_good(&t, &at, 2000);
	assert_int_equal(feed_zeros(&t), HEALTH_PERMANENT);
	assert_true(t.failed);
	assert_int_equal(t.last.test, HEALTH_RATE);
	assert_int_equal(t.last.count, 6);
	assert_int_equal(t.last.cutoff, 6);
	assert_int_equal(t.last.latest, HEALTH_RCT);
	assert_int_equal(t.counts.failures[HEALTH_RCT][0], 6);
	assert_int_equal(t.counts.failures[HEALTH_RCT][1], 0);
	assert_int_equal(t.counts.failures[HEALTH_RATE][0], 0);
	assert_int_equal(t.counts.failures[HEALTH_RATE][1], 1);
	assert_int_equal(t.counts.tests[HEALTH_RATE], 6);
}

/* A start-up test that is passed does not make the others undone: only samples do. */
static void test_a_restart_does_not_forget_them(void **state)
{
	struct health t;
	size_t at = 0;

	(void)state;
	health_rig(&t, &config, 4, 8);
	for (unsigned i = 0; i < 5; i++) {
		feed_good(&t, &at, 2000);
		assert_int_equal(feed_zeros(&t), HEALTH_INTERMITTENT);
		health_restart(&t);
	}
	for (unsigned i = 0; i < 3; i++) {
		feed_good(&t, &at, 2000);
		assert_int_equal(feed_zeros(&t), HEALTH_PERMANENT);
		health_restart(&t);
	}
	feed_good(&t, &at, RATE_SPAN);
	assert_int_equal(feed_zeros(&t), HEALTH_INTERMITTENT);
	assert_int_equal(t.counts.failures[HEALTH_RATE][1], 3);
}

static void test_five_in_the_span_again_and_again(void **state)
{
	struct health t;
	size_t at = 0;

	(void)state;
	health_rig(&t, &config, 4, 8);
	for (unsigned i = 0; i < 25; i++) {
		feed_good(&t, &at, RATE_SPAN / 5);
		assert_int_equal(feed_zeros(&t), HEALTH_INTERMITTENT);
	}
}

/* One value with 0.117, where 2^-4 is allowed: the proportion fails in one window of 58, and never permanently. */
static void test_a_source_with_too_little(void **state)
{
	uint64_t seed = 3, alarms = 0;
	struct health t;

	(void)state;
	health_rig(&t, &config, 4, 8);
	for (unsigned i = 0; i < 2000000 && !t.failed; i++) {
		uint8_t sample = sample_below(&seed, 1000) < 117 ? 0 : (uint8_t)(1 + sample_below(&seed, 255));
		alarms += feed_one(&t, sample) == HEALTH_INTERMITTENT;
	}
	assert_true(t.failed);
	assert_int_equal(alarms, 5);
	assert_int_equal(t.last.test, HEALTH_RATE);
	assert_int_equal(t.last.latest, HEALTH_APT);
	assert_int_equal(t.counts.failures[HEALTH_APT][0], 6);
	assert_int_equal(t.counts.failures[HEALTH_APT][1], 0);
}

/* Each time that it is stuck is an intermittent failure on the way to a permanent one: never too many. */
static void test_a_stuck_source_stays_a_stuck_source(void **state)
{
	struct health t;

	(void)state;
	health_rig(&t, &config, 4, 8);
	for (unsigned i = 0; i < 20; i++) {
		feed_stuck(&t);
		assert_int_equal(t.last.test, HEALTH_RCT);
		assert_int_equal(t.last.count, 16);
		health_restart(&t);
	}
	assert_int_equal(t.counts.failures[HEALTH_RATE][1], 0);
}

/* ---- what is counted ---- */

static void test_a_stuck_source_is_counted_once_each_time(void **state)
{
	struct health t;

	(void)state;
	health_rig(&t, &config, 4, 8);
	for (unsigned i = 1; i <= 3; i++) {
		feed_stuck(&t);
		assert_int_equal(t.counts.failures[HEALTH_STARTUP][0], i);
		assert_int_equal(t.counts.failures[HEALTH_RCT][0], i);
		assert_int_equal(t.counts.failures[HEALTH_RCT][1], i);
		assert_int_equal(t.counts.samples, 16 * i);
		assert_int_equal(feed_one(&t, 0), HEALTH_PERMANENT); /* not tested, not counted */
		assert_int_equal(t.counts.samples, 16 * i);
		health_restart(&t);
	}
	assert_int_equal(t.counts.tests[HEALTH_STARTUP], 0);
}

static void test_tries_of_one_start_up_test(void **state)
{
	struct health t;
	size_t at = 0;

	(void)state;
	health_rig(&t, &config, 4, 8);
	for (unsigned i = 0; i < 2; i++) {
		feed_stuck(&t);
		health_try_again(&t);
		assert_int_equal(t.startup_left, 1024);
	}
	assert_int_equal(t.counts.failures[HEALTH_STARTUP][0], 1);
	feed_good(&t, &at, 1024);
	assert_int_equal(t.counts.tests[HEALTH_STARTUP], 1);

	/* It was passed: the next one is another one, which the first failure behind it only begins. */
	assert_int_equal(feed_zeros(&t), HEALTH_INTERMITTENT);
	assert_int_equal(t.counts.failures[HEALTH_STARTUP][0], 1);
	assert_int_equal(feed_zeros(&t), HEALTH_PERMANENT);
	assert_int_equal(t.counts.failures[HEALTH_STARTUP][0], 2);
}

/* ---- peaks ---- */

static void check_peaks(const struct health *t, uint32_t rct, uint32_t apt, uint32_t rate)
{
	assert_int_equal(t->counts.peaks[HEALTH_RCT], rct);
	assert_int_equal(t->counts.peaks[HEALTH_APT], apt);
	assert_int_equal(t->counts.peaks[HEALTH_REPEAT], 0);
	assert_int_equal(t->counts.peaks[HEALTH_RATE], rate);
}

static void test_peaks_show_what_failed(void **state)
{
	struct health t;

	(void)state;
	health_rig(&t, &config, 4, 8);
	assert_int_equal(feed_zeros(&t), HEALTH_INTERMITTENT);
	check_peaks(&t, 9, 9, 1);
	assert_int_equal(feed_zeros(&t), HEALTH_PERMANENT);
	check_peaks(&t, 16, 16, 1);
	health_restart(&t);
	check_peaks(&t, 16, 16, 1); /* until there is something newer */
}

static void test_peaks_of_whole_windows(void **state)
{
	struct health t;
	size_t at = 0;

	(void)state;
	health_rig(&t, &config, 4, 8);
	for (unsigned i = 0; i < 512; i++) /* 8 zeros in the midst, the first sample 19 times more */
		feed_one(&t, i >= 100 && i < 108 ? 0 : i % 25 == 0 ? sample_clean(0) : sample_clean(1000 + i));
	check_peaks(&t, 8, t.apt.last_count, 0);
	assert_in_range(t.counts.peaks[HEALTH_APT], 20, 30);
	feed_good(&t, &at, 511);
	check_peaks(&t, 8, t.apt.last_count, 0);
	feed_good(&t, &at, 1);
	assert_in_range(t.counts.peaks[HEALTH_RCT], 1, 3);
	assert_in_range(t.counts.peaks[HEALTH_APT], 1, 10);
}

/* ---- openings ---- */

static void test_a_generator_that_replays_its_start(void **state)
{
	struct health t;
	size_t at = 0, again = 0;

	(void)state;
	health_rig(&t, &config, 4, 8);
	feed_good(&t, &at, 300000);
	health_opened(&t);
	assert_int_equal(t.startup_left, 1024);
	feed_good(&t, &again, 31);
	assert_int_equal(feed_one(&t, sample_clean(31)), HEALTH_PERMANENT);
	assert_int_equal(t.last.test, HEALTH_REPEAT);
	assert_int_equal(t.last.count, 18);
	assert_int_equal(t.counts.failures[HEALTH_REPEAT][0], 0);
	assert_int_equal(t.counts.failures[HEALTH_REPEAT][1], 1);

	/* And each time again, however often it is restarted. */
	for (unsigned i = 0; i < 40; i++) {
		again = 0;
		health_restart(&t);
		feed_good(&t, &again, 31);
		assert_int_equal(feed_one(&t, sample_clean(31)), HEALTH_PERMANENT);
	}
}

static void test_nothing_of_the_samples_is_left(void **state)
{
	static const uint8_t zeros[REPEAT_LENGTH_MAX];
	struct health t;
	size_t at = 0;

	(void)state;
	health_rig(&t, &config, 4, 8);
	feed_good(&t, &at, 2000);
	assert_memory_not_equal(t.repeat.last, zeros, sizeof(zeros));
	feed_zeros(&t);
	assert_memory_not_equal(t.repeat.last, zeros, sizeof(zeros));
	feed_zeros(&t);
	assert_memory_equal(t.repeat.last, zeros, sizeof(zeros)); /* a failure that is latched */
	health_restart(&t);
	feed_good(&t, &at, 100);
	health_restart(&t);
	assert_memory_equal(t.repeat.last, zeros, sizeof(zeros));
}

static void test_a_restart_keeps_the_cutoffs(void **state)
{
	struct health t;

	(void)state;
	health_rig(&t, &config, 4, 8);
	feed_stuck(&t);
	health_restart(&t);
	assert_int_equal(t.rct.cutoff_c[0], 9);
	assert_int_equal(t.rct.cutoff_c[1], 16);
	assert_int_equal(t.apt.cutoff_c[0], 71);
	assert_int_equal(t.apt.cutoff_c[1], 92);
	assert_int_equal(t.apt.window_w, 512);
	assert_int_equal(t.repeat.k, 18);
	assert_int_equal(t.rate->cutoff_n, 6);
}

/* ---- cutoffs and texts ---- */

static void test_cutoffs(void **state)
{
	struct health t;

	(void)state;
	health_rig(&t, &config, 4, 8);
	assert_int_equal(t.counts.cutoffs[HEALTH_RCT][0], 9);
	assert_int_equal(t.counts.cutoffs[HEALTH_RCT][1], 16);
	assert_int_equal(t.counts.cutoffs[HEALTH_APT][0], 71);
	assert_int_equal(t.counts.cutoffs[HEALTH_APT][1], 92);
	assert_int_equal(t.counts.cutoffs[HEALTH_REPEAT][0], 0);
	assert_int_equal(t.counts.cutoffs[HEALTH_REPEAT][1], 18);
	assert_int_equal(t.counts.cutoffs[HEALTH_RATE][0], 0);
	assert_int_equal(t.counts.cutoffs[HEALTH_RATE][1], 6);
}

struct text {
	const char *name;
	struct health_failure failure;
	const char *text;
};
static const struct text texts[] = {
	{"text: repetition count",
	 {HEALTH_RCT, HEALTH_PERMANENT, 16, 16, HEALTH_RCT},
	 "repetition_count: count 16 reached cutoff 16 (permanent failure)"},
	{"text: adaptive proportion",
	 {HEALTH_APT, HEALTH_INTERMITTENT, 71, 71, HEALTH_APT},
	 "adaptive_proportion: count 71 reached cutoff 71 (intermittent failure)"},
	{"text: block repetition",
	 {HEALTH_REPEAT, HEALTH_PERMANENT, 18, 18, HEALTH_REPEAT},
	 "block_repetition: the last 18 samples came before (permanent failure)"},
	{"text: failure rate",
	 {HEALTH_RATE, HEALTH_PERMANENT, 6, 6, HEALTH_APT},
	 "failure_rate: 6 failures in 1048576 samples, the last of adaptive_proportion (permanent failure)"},
	{"text: the longest numbers fit",
	 {HEALTH_RATE, HEALTH_PERMANENT, UINT32_MAX, UINT32_MAX, HEALTH_APT},
	 "failure_rate: 4294967295 failures in 1048576 samples, the last of adaptive_proportion (permanent failure)"},
};
enum { TEXTS = sizeof(texts) / sizeof(texts[0]) };

static void test_text(void **state)
{
	const struct text *r = *state;
	char text[HEALTH_TEXT];

	health_failure_text(&r->failure, text);
	assert_string_equal(text, r->text);
}

static const struct CMUnitTest singles[] = {
	{"the sixth intermittent failure in 2^20 samples is permanent", test_the_sixth_is_one_too_many, NULL, NULL,
	 NULL},
	{"a restart and a passed start-up test do not forget the others", test_a_restart_does_not_forget_them, NULL,
	 NULL, NULL},
	{"five in 2^20 samples again and again are not too many", test_five_in_the_span_again_and_again, NULL, NULL,
	 NULL},
	{"a source with 3.1 bits where 4 are assumed", test_a_source_with_too_little, NULL, NULL, NULL},
	{"a stuck source does not fail by the number of its failures", test_a_stuck_source_stays_a_stuck_source, NULL,
	 NULL, NULL},
	{"a stuck source: one failure each time", test_a_stuck_source_is_counted_once_each_time, NULL, NULL, NULL},
	{"several tries of a start-up test are one that fails", test_tries_of_one_start_up_test, NULL, NULL, NULL},
	{"peaks show the window that failed", test_peaks_show_what_failed, NULL, NULL, NULL},
	{"peaks are of whole windows", test_peaks_of_whole_windows, NULL, NULL, NULL},
	{"a generator that replays its start when it is opened again", test_a_generator_that_replays_its_start, NULL,
	 NULL, NULL},
	{"a latched failure and a restart wipe the last samples", test_nothing_of_the_samples_is_left, NULL, NULL,
	 NULL},
	{"a restart keeps the cutoffs", test_a_restart_keeps_the_cutoffs, NULL, NULL, NULL},
	{"cutoffs of all tests", test_cutoffs, NULL, NULL, NULL},
};
enum { SINGLES = sizeof(singles) / sizeof(singles[0]) };

int main(void)
{
	struct CMUnitTest tests[SINGLES + TEXTS];

	memcpy(tests, singles, sizeof(singles));
	for (size_t i = 0; i < TEXTS; i++)
		tests[SINGLES + i] = (struct CMUnitTest){texts[i].name, test_text, NULL, NULL, (void *)&texts[i]};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
