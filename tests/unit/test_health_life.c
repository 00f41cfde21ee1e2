/* health.c: each row is a list of calls, and what each of them says; start-up and on-demand tests, latch, restart. */
#include "health/health.h"
#include "health_rig.h"
#include "health_samples.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

enum action { END, FEED, STUCK, DEMAND, RESTART };

struct step {
	enum action action;
	size_t n; /* FEED: clean samples, STUCK: zeros */
	enum health_verdict verdict;
	size_t used, usable;
};

struct row {
	const char *name;
	unsigned startup_samples;
	struct step steps[9];
	bool startup_done;
	unsigned startup_runs, startup_failures, on_demand_runs, on_demand_failures;
};

/* clang-format off */
#define PASSES(n, usable)           {FEED, (n), HEALTH_PASS, (n), (usable)}
#define STUCK_PASSES(n, usable)     {STUCK, (n), HEALTH_PASS, (n), (usable)}
#define STUCK_FAILS(n, level, used) {STUCK, (n), HEALTH_##level, (used), 0}
#define REFUSED(n)                  {FEED, (n), HEALTH_PERMANENT, 0, 0}
static const struct row rows[] = {
	{"1023 samples: the start-up test is not done", 1024, {PASSES(1023, 0)}, false, 0, 0, 0, 0},
	{"1024 samples: done, none of them usable", 1024, {PASSES(1024, 0)}, true, 1, 0, 0, 0},
	{"1025 samples: the last one is usable", 1024, {PASSES(1025, 1)}, true, 1, 0, 0, 0},
	{"one by one over the end", 1024, {PASSES(1023, 0), PASSES(1, 0), PASSES(1, 1)}, true, 1, 0, 0, 0},
	{"a longer start-up test", 2000, {PASSES(1999, 0), PASSES(700, 699)}, true, 1, 0, 0, 0},
	{"behind the start-up test all are usable", 1024, {PASSES(1024, 0), PASSES(3000, 3000)}, true, 1, 0, 0, 0},
	{"no samples", 1024, {PASSES(0, 0), PASSES(1024, 0), PASSES(0, 0)}, true, 1, 0, 0, 0},
	{"samples before a failure in the same call are given up, those behind it not taken", 1024,
	 {PASSES(1024, 0), STUCK_PASSES(1, 1), STUCK_FAILS(12, INTERMITTENT, 8), STUCK_PASSES(4, 0)},
	 false, 1, 0, 0, 0},
	{"an intermittent failure begins a full start-up test", 1024,
	 {PASSES(2000, 976), STUCK_FAILS(9, INTERMITTENT, 9), PASSES(1023, 0), PASSES(2, 1)}, true, 2, 0, 0, 0},
	{"an on-demand test takes as many samples as a start-up test", 1024,
	 {PASSES(1024, 0), {DEMAND}, PASSES(1023, 0), PASSES(2, 1)}, true, 1, 0, 1, 0},
	{"an on-demand test that is not complete is not counted", 1024,
	 {PASSES(1024, 0), {DEMAND}, PASSES(1023, 0)}, true, 1, 0, 0, 0},
	{"an on-demand test during the start-up test ends after it", 1024,
	 {PASSES(1000, 0), {DEMAND}, PASSES(1024, 0), PASSES(1, 1)}, true, 1, 0, 1, 0},
	{"a second request begins again", 1024,
	 {PASSES(1024, 0), {DEMAND}, PASSES(1000, 0), {DEMAND}, PASSES(1024, 0), PASSES(1, 1)}, true, 1, 0, 1, 0},
	{"a failure breaks an on-demand test off", 1024,
	 {PASSES(1024, 0), {DEMAND}, STUCK_FAILS(9, INTERMITTENT, 9), PASSES(1024, 0), PASSES(1, 1)},
	 true, 2, 0, 0, 1},
	{"a failure while both run counts for both", 1024,
	 {{DEMAND}, STUCK_FAILS(9, INTERMITTENT, 9), PASSES(1024, 0)}, true, 1, 1, 0, 1},
	{"a permanent failure is latched", 1024,
	 {PASSES(1024, 0), STUCK_FAILS(9, INTERMITTENT, 9), STUCK_FAILS(9, PERMANENT, 7),
	  REFUSED(9000), REFUSED(0), REFUSED(1)}, false, 1, 1, 0, 0},
	{"only a restart and a full start-up test lead out", 1024,
	 {STUCK_FAILS(9, INTERMITTENT, 9), STUCK_FAILS(9, PERMANENT, 7), REFUSED(9000), {RESTART},
	  PASSES(1023, 0), PASSES(2, 1)}, true, 1, 1, 0, 0},
	{"a restart in the middle of the start-up test begins it again", 1024,
	 {PASSES(1000, 0), {RESTART}, PASSES(1025, 1)}, true, 1, 0, 0, 0},
	{"a restart forgets the run", 1024,
	 {PASSES(1024, 0), STUCK_PASSES(8, 8), {RESTART}, STUCK_PASSES(8, 0)}, false, 1, 0, 0, 0},
	{"a latched failure: an on-demand test waits for the restart", 1024,
	 {STUCK_FAILS(9, INTERMITTENT, 9), STUCK_FAILS(9, PERMANENT, 7), {DEMAND}, REFUSED(9), {RESTART},
	  PASSES(1024, 0), PASSES(1, 1)}, true, 1, 1, 1, 0},
	{"a restart in the middle of an on-demand test: 1023 more samples do not end it", 1024,
	 {PASSES(1024, 0), {DEMAND}, PASSES(500, 0), {RESTART}, PASSES(1023, 0)}, false, 1, 0, 0, 0},
	{"a restart in the middle of an on-demand test: 1024 more samples end it", 1024,
	 {PASSES(1024, 0), {DEMAND}, PASSES(500, 0), {RESTART}, PASSES(1023, 0), PASSES(2, 1)}, true, 2, 0, 1, 0},
};
/* clang-format on */
enum { ROWS = sizeof(rows) / sizeof(rows[0]) };

static size_t feed_step(struct health *t, const struct step *s, size_t at)
{
	uint8_t samples[9000];
	size_t used = 99, usable = 99;

	for (size_t i = 0; i < s->n; i++)
		samples[i] = s->action == FEED ? sample_clean(at + i) : 0;
	assert_int_equal(health_feed(t, samples, s->n, &used, &usable), s->verdict);
	assert_int_equal(used, s->used);
	assert_int_equal(usable, s->usable);
	return used;
}

static void test_row(void **state)
{
	const struct row *r = *state;
	const struct health_config config = {
		.alpha_log2_intermittent = -30,
		.alpha_log2_permanent = -60,
		.startup_samples = r->startup_samples,
	};
	struct health t;
	size_t at = 0;

	health_rig(&t, &config, 4, 8);
	for (const struct step *s = r->steps; s->action != END; s++) {
		if (s->action == DEMAND)
			health_on_demand(&t);
		else if (s->action == RESTART)
			health_restart(&t);
		else
			at += feed_step(&t, s, at);
	}
	assert_int_equal(t.counts.samples, at);
	assert_int_equal(health_startup_done(&t), r->startup_done);
	assert_int_equal(t.counts.tests[HEALTH_STARTUP], r->startup_runs);
	assert_int_equal(t.counts.failures[HEALTH_STARTUP][0], r->startup_failures);
	assert_int_equal(t.counts.tests[HEALTH_ON_DEMAND], r->on_demand_runs);
	assert_int_equal(t.counts.failures[HEALTH_ON_DEMAND][0], r->on_demand_failures);
}

int main(void)
{
	struct CMUnitTest tests[ROWS];

	for (size_t i = 0; i < ROWS; i++)
		tests[i] = (struct CMUnitTest){rows[i].name, test_row, NULL, NULL, (void *)&rows[i]};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
