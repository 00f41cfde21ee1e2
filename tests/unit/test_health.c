/* health.c: which sample fails which test, whatever the chunks. test_health_life.c: what is usable, and when. */
#include "health/health.h"
#include "health_rig.h"
#include "health_samples.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define LEN(a) (sizeof(a) / sizeof((a)[0]))

static const struct health_config plain_config = {
	.alpha_log2_intermittent = -30, .alpha_log2_permanent = -60, .startup_samples = 1024};

enum kind {
	CLEAN,
	ZERO,
	ONE,
	ALTERNATE,
	COUNTER,
	EVERY_2ND_ZERO,
	EVERY_7TH_ZERO,
	EVERY_8TH_ZERO,
	RANDOM,
	NIBBLES,
	BITS,
	LEAN_BITS
};

static uint8_t make_sample(enum kind kind, size_t i, size_t offset, uint64_t *seed)
{
	switch (kind) {
	case ZERO:
	case ONE:
		return kind == ONE;
	case ALTERNATE:
		return offset % 2;
	case COUNTER:
		return (uint8_t)offset;
	case EVERY_2ND_ZERO:
		return offset % 2 == 0 ? 0 : sample_clean(i);
	case EVERY_7TH_ZERO:
		return offset % 7 == 0 ? 0 : sample_clean(i);
	case EVERY_8TH_ZERO:
		return offset % 8 == 0 ? 0 : sample_clean(i);
	case RANDOM:
		return sample_byte(seed);
	case NIBBLES:
		return sample_byte(seed) & 15;
	case BITS:
		return sample_byte(seed) & 1;
	case LEAN_BITS:
		return offset == 0 || sample_byte(seed) < 224; /* 7 of 8 are ones */
	default:
		return sample_clean(i);
	}
}

/* A row is a stream in pieces, the samples, counted from 1, that fail, and the start-up tests completed and broken off.
 */
struct row {
	const char *name;
	double h_per_sample;
	unsigned sample_bits;
	struct {
		enum kind kind;
		size_t n;
	} pieces[5];
	struct event {
		size_t at;
		struct health_failure failure;
	} events[5];
	unsigned startup_runs, startup_failures;
};

/* clang-format off */
#define INTERMITTENT(test, at, c) {(at), {HEALTH_##test, HEALTH_INTERMITTENT, (c), (c), HEALTH_##test}}
#define PERMANENT(test, at, c)    {(at), {HEALTH_##test, HEALTH_PERMANENT, (c), (c), HEALTH_##test}}
static const struct row rows[] = {
	{"clean samples pass", 4, 8, {{CLEAN, 9000}}, {{0}}, 1, 0},
	{"random bytes pass at H 7.9", 7.9, 8, {{RANDOM, 20000}}, {{0}}, 1, 0},
	{"8 zeros pass", 4, 8, {{CLEAN, 1024}, {ZERO, 8}, {CLEAN, 2000}}, {{0}}, 1, 0},
	{"9 zeros: intermittent at the 9th, and a new start-up test", 4, 8,
	 {{CLEAN, 1024}, {ZERO, 9}, {CLEAN, 1024}}, {INTERMITTENT(RCT, 1033, 9)}, 2, 0},
	{"15 zeros: not permanent", 4, 8,
	 {{CLEAN, 1024}, {ZERO, 15}, {CLEAN, 1017}}, {INTERMITTENT(RCT, 1033, 9)}, 1, 0},
	{"16 zeros: permanent at the 16th", 4, 8,
	 {{CLEAN, 1024}, {ZERO, 90}}, {INTERMITTENT(RCT, 1033, 9), PERMANENT(RCT, 1040, 16)}, 1, 1},
	{"zeros over the end of a window", 4, 8,
	 {{CLEAN, 1530}, {ZERO, 90}}, {INTERMITTENT(RCT, 1539, 9), PERMANENT(RCT, 1546, 16)}, 1, 1},
	{"zeros from the first sample on", 4, 8,
	 {{ZERO, 90}}, {INTERMITTENT(RCT, 9, 9), PERMANENT(RCT, 16, 16)}, 0, 1},
	{"9 zeros in the start-up test: 1023 clean samples are not enough", 4, 8,
	 {{CLEAN, 500}, {ZERO, 9}, {CLEAN, 1023}}, {INTERMITTENT(RCT, 509, 9)}, 0, 1},
	{"9 zeros in the start-up test: 1024 clean samples are enough", 4, 8,
	 {{CLEAN, 500}, {ZERO, 9}, {CLEAN, 1024}}, {INTERMITTENT(RCT, 509, 9)}, 1, 1},
	{"the last start-up sample fails", 4, 8,
	 {{CLEAN, 1015}, {ZERO, 9}}, {INTERMITTENT(RCT, 1024, 9)}, 0, 1},
	{"the sample behind the start-up test fails", 4, 8,
	 {{CLEAN, 1016}, {ZERO, 9}}, {INTERMITTENT(RCT, 1025, 9)}, 1, 0},
	{"two bad stretches", 4, 8,
	 {{ZERO, 9}, {CLEAN, 1100}, {ZERO, 9}, {CLEAN, 100}, {ZERO, 1}},
	 {INTERMITTENT(RCT, 9, 9), INTERMITTENT(RCT, 1118, 9)}, 1, 1},
	{"each 2nd sample equal: the proportion fails alone", 4, 8,
	 {{CLEAN, 1024}, {EVERY_2ND_ZERO, 512}}, {INTERMITTENT(APT, 1165, 71), PERMANENT(APT, 1207, 92)}, 1, 1},
	{"two samples by turns: a block that is repeated, before the proportion can fail", 4, 8,
	 {{CLEAN, 1024}, {ALTERNATE, 512}}, {PERMANENT(REPEAT, 1058, 18)}, 1, 0},
	{"a counter from the first sample on", 4, 8, {{COUNTER, 1024}}, {PERMANENT(REPEAT, 288, 18)}, 0, 1},
	{"a counter behind good samples", 4, 8,
	 {{CLEAN, 5000}, {COUNTER, 1024}}, {PERMANENT(REPEAT, 5024 + 256, 18)}, 1, 0},
	{"a counter at H 8", 8, 8, {{COUNTER, 1024}}, {PERMANENT(REPEAT, 288, 9)}, 0, 1},
	{"each 8th sample equal, 64 in a window: passes", 4, 8,
	 {{CLEAN, 1024}, {EVERY_8TH_ZERO, 5120}}, {{0}}, 1, 0},
	{"each 7th sample equal, 74 in a window: intermittent at the 71st", 4, 8,
	 {{CLEAN, 1024}, {EVERY_7TH_ZERO, 512}}, {INTERMITTENT(APT, 1515, 71)}, 1, 0},
	{"random bits pass at H 0.9", 0.9, 1, {{BITS, 60000}}, {{0}}, 1, 0},
	{"two bits by turns", 1, 1, {{ALTERNATE, 9000}}, {PERMANENT(REPEAT, 98, 72)}, 0, 1},
	{"a stuck bit", 1, 1,
	 {{BITS, 1024}, {ZERO, 1}, {ONE, 90}}, {INTERMITTENT(RCT, 1056, 31), PERMANENT(RCT, 1086, 61)}, 1, 1},
	{"biased bits: the window is 1024", 0.5, 1,
	 {{BITS, 1024}, {LEAN_BITS, 1024}}, {INTERMITTENT(APT, 1936, 810), PERMANENT(APT, 1982, 847)}, 1, 1},
	{"four of eight bits are zero: enough for H 1", 1, 8, {{NIBBLES, 6000}}, {{0}}, 1, 0},
};
/* clang-format on */

static size_t make_stream(const struct row *r, uint8_t *samples, size_t cap)
{
	uint64_t seed = 1;
	size_t n = 0;

	for (size_t p = 0; p < LEN(r->pieces); p++) {
		for (size_t i = 0; i < r->pieces[p].n; i++, n++) {
			assert_true(n < cap);
			samples[n] = make_sample(r->pieces[p].kind, n, i, &seed);
		}
	}
	return n;
}

static void check_event(const struct health *t, const struct event *e, size_t at, enum health_verdict verdict)
{
	assert_int_equal(at, e->at);
	assert_int_equal(verdict, e->failure.severity);
	assert_int_equal(t->last.test, e->failure.test);
	assert_int_equal(t->last.severity, e->failure.severity);
	assert_int_equal(t->last.count, e->failure.count);
	assert_int_equal(t->last.cutoff, e->failure.cutoff);
	assert_int_equal(t->last.latest, e->failure.latest);
}

static void feed_stream(const struct row *r, const uint8_t *samples, size_t n, size_t chunk)
{
	const struct event *next = r->events;
	struct health t;
	size_t at = 0, used, usable;

	health_rig(&t, &plain_config, r->h_per_sample, r->sample_bits);
	while (at < n && !t.failed) {
		size_t len = n - at < chunk ? n - at : chunk;
		enum health_verdict v = health_feed(&t, samples + at, len, &used, &usable);
		assert_in_range(used, 1, len);
		assert_true(v != HEALTH_PASS || used == len);
		assert_true(v == HEALTH_PASS || usable == 0);
		at += used;
		if (v != HEALTH_PASS)
			check_event(&t, next++, at, v);
	}
	assert_int_equal(next->at, 0);
	assert_int_equal(t.counts.samples, at);
	assert_int_equal(t.counts.tests[HEALTH_RCT], at);
	assert_int_equal(t.counts.tests[HEALTH_REPEAT], at);
	assert_int_equal(t.counts.tests[HEALTH_APT], at / t.apt.window_w);
	assert_int_equal(t.counts.tests[HEALTH_STARTUP], r->startup_runs);
	assert_int_equal(t.counts.failures[HEALTH_STARTUP][0], r->startup_failures);
}

static void test_row(void **state)
{
	static const size_t chunks[] = {1, 7, 64, 511, 512, 513, 1023, 1024, 1025, 4096, SIZE_MAX};
	uint8_t samples[60000];
	size_t n = make_stream(*state, samples, sizeof(samples));

	for (size_t i = 0; i < LEN(chunks); i++)
		feed_stream(*state, samples, n, chunks[i]);
}

/* Zeros, with other cutoffs than health_init computes: two tests fail at one sample. */
static void feed_stuck(struct health *t, uint32_t rct_c[2], uint32_t apt_c[2], size_t n, enum health_verdict verdict)
{
	static const uint8_t zeros[16];
	size_t used, usable;

	health_rig(t, &plain_config, 4, 8);
	memcpy(t->rct.cutoff_c, rct_c, sizeof(t->rct.cutoff_c));
	memcpy(t->apt.cutoff_c, apt_c, sizeof(t->apt.cutoff_c));
	assert_int_equal(health_feed(t, zeros, sizeof(zeros), &used, &usable), verdict);
	assert_int_equal(used, n);
}

static void test_both_fail(void **state)
{
	struct health t;

	(void)state;
	feed_stuck(&t, (uint32_t[]){5, 9}, (uint32_t[]){5, 9}, 5, HEALTH_INTERMITTENT);
	assert_int_equal(t.counts.failures[HEALTH_RCT][0], 1);
	assert_int_equal(t.counts.failures[HEALTH_APT][0], 1);
	assert_int_equal(t.last.test, HEALTH_RCT);
}

static void test_worse_is_reported(void **state)
{
	struct health t;

	(void)state;
	feed_stuck(&t, (uint32_t[]){5, 9}, (uint32_t[]){5, 5}, 5, HEALTH_PERMANENT);
	assert_int_equal(t.counts.failures[HEALTH_RCT][0], 1);
	assert_int_equal(t.counts.failures[HEALTH_APT][0], 0);
	assert_int_equal(t.counts.failures[HEALTH_APT][1], 1);
	assert_int_equal(t.last.test, HEALTH_APT);
	assert_int_equal(t.last.count, 5);
	assert_true(t.failed);
}

static void feed_random(struct health *t, uint64_t *seed, size_t n)
{
	size_t used, usable;

	for (; n > 0; n--)
		assert_int_equal(health_feed(t, &(uint8_t){sample_byte(seed)}, 1, &used, &usable), HEALTH_PASS);
}

static void test_restart_forgets(void **state)
{
	struct health t;
	uint64_t seed = 1;

	(void)state;
	health_rig(&t, &plain_config, 4, 8);
	feed_random(&t, &seed, 1000);
	assert_int_equal(t.counts.tests[HEALTH_APT], 1);
	health_restart(&t);
	feed_random(&t, &seed, 511);
	assert_int_equal(t.counts.tests[HEALTH_APT], 1);
	feed_random(&t, &seed, 1);
	assert_int_equal(t.counts.tests[HEALTH_APT], 2);
}

static void test_names(void **state)
{
	(void)state;
	assert_string_equal(health_test_names[HEALTH_RCT], "repetition_count");
	assert_string_equal(health_test_names[HEALTH_APT], "adaptive_proportion");
	assert_string_equal(health_test_names[HEALTH_REPEAT], "block_repetition");
	assert_string_equal(health_test_names[HEALTH_RATE], "failure_rate");
	assert_string_equal(health_verdict_names[HEALTH_PASS], "pass");
	assert_string_equal(health_verdict_names[HEALTH_INTERMITTENT], "intermittent");
	assert_string_equal(health_verdict_names[HEALTH_PERMANENT], "permanent");
}

static const struct CMUnitTest singles[] = {
	{"both tests fail at one sample: both are counted, one is reported", test_both_fail, NULL, NULL, NULL},
	{"the worse failure of a sample is reported", test_worse_is_reported, NULL, NULL, NULL},
	{"a restart forgets the window, not the counts", test_restart_forgets, NULL, NULL, NULL},
	{"names", test_names, NULL, NULL, NULL},
};

int main(void)
{
	struct CMUnitTest tests[LEN(rows) + LEN(singles)], *t = tests;

	for (size_t i = 0; i < LEN(rows); i++)
		*t++ = (struct CMUnitTest){rows[i].name, test_row, NULL, NULL, (void *)&rows[i]};
	memcpy(t, singles, sizeof(singles));
	return cmocka_run_group_tests(tests, NULL, NULL);
}
