/* Estimates of a source that runs: where a span ends, what it says, and below what somebody should look. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "assess/running.h"

#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

enum { SPANS = 2, TOTAL = SPANS * RUNNING_SPAN + 1000 };

static uint8_t *random_samples(size_t n)
{
	uint8_t *samples = malloc(n);

	assert_non_null(samples);
	for (size_t at = 0; at < n; at += 256)
		assert_int_equal(getrandom(samples + at, n - at < 256 ? n - at : 256, 0), n - at < 256 ? n - at : 256);
	return samples;
}

/* However the stream is cut, each span ends behind its last sample and says what estimate.h says of it alone. */
static void spans_end_where_they_are_full(void **state)
{
	static const size_t cuts[] = {1, 255, 256, 4096, RUNNING_SPAN - 1, RUNNING_SPAN, TOTAL};
	uint8_t *samples = random_samples(TOTAL);
	struct running t;
	struct estimate span;

	(void)state;
	for (size_t c = 0; c < sizeof cuts / sizeof *cuts; c++) {
		unsigned told = 0;
		running_init(&t, 8, 4);
		for (size_t at = 0; at < TOTAL; at += cuts[c])
			told += running_feed(&t, samples + at, TOTAL - at < cuts[c] ? TOTAL - at : cuts[c],
					     (int64_t)at + 1);
		assert_int_equal(t.counts.spans, SPANS);
		assert_int_equal(told, cuts[c] == TOTAL ? 1 : SPANS);
		assert_int_equal(t.counts.samples, TOTAL - SPANS * RUNNING_SPAN);
		assert_int_equal(t.counts.last_ns, (SPANS * RUNNING_SPAN - 1) / cuts[c] * cuts[c] + 1);

		estimate_init(&span, 8);
		estimate_feed(&span, samples + (size_t)(SPANS - 1) * RUNNING_SPAN, RUNNING_SPAN);
		const struct estimates e = estimate_result(&span);
		assert_true(t.counts.ratio[RUNNING_MCV] == (e.samples.h / 8 < e.bits.h ? e.samples.h / 8 : e.bits.h));
		assert_true(t.counts.ratio[RUNNING_COLLISION] == e.collision.h);
		assert_true(t.counts.ratio[RUNNING_MARKOV] == e.markov.h);
	}
	free(samples);
}

static void until_a_span_is_full_nothing_is_said(void **state)
{
	uint8_t *samples = random_samples(RUNNING_SPAN);
	struct running t;

	(void)state;
	running_init(&t, 8, 4);
	assert_false(running_feed(&t, samples, RUNNING_SPAN - 1, 5));
	for (unsigned i = 0; i < RUNNING_ESTIMATORS; i++)
		assert_true(t.counts.ratio[i] < 0);
	assert_int_equal(t.counts.last_ns, 0);

	/* Behind a restart the span begins anew: what came before it counts no more. */
	running_restart(&t);
	assert_int_equal(t.counts.samples, 0);
	memset(samples, 0, RUNNING_SPAN);
	assert_true(running_feed(&t, samples, RUNNING_SPAN, 7));
	for (unsigned i = 0; i < RUNNING_ESTIMATORS; i++)
		assert_true(t.counts.ratio[i] == 0);
	assert_int_equal(t.counts.last_ns, 7);

	/* The last estimates outlive a restart. */
	running_restart(&t);
	assert_int_equal(t.counts.spans, 1);
	assert_true(t.counts.ratio[RUNNING_MCV] == 0);
	free(samples);
}

/* Samples of four ones at least: as bytes they are nearly ideal, as bits they are not. */
static void the_lower_of_bytes_and_bits_counts(void **state)
{
	uint8_t *samples = random_samples(RUNNING_SPAN);
	struct running t;

	(void)state;
	running_init(&t, 8, 4);
	for (size_t i = 0; i < RUNNING_SPAN; i++)
		if (__builtin_popcount(samples[i]) < 4)
			samples[i] = (uint8_t)~samples[i];
	assert_true(running_feed(&t, samples, RUNNING_SPAN, 1));

	/* A value has a probability of 2/256 at most, 7/8 of a bit per bit; a bit is one in 1304 of 2048 cases. */
	assert_true(t.counts.ratio[RUNNING_MCV] > 0.64 && t.counts.ratio[RUNNING_MCV] < 0.66);
	free(samples);
}

struct floor_row {
	const char *name;
	unsigned sample_bits;
	double h, floor[RUNNING_ESTIMATORS];
};

static const struct floor_row floor_rows[] = {
	{"bytes, H = 4: half a bit per bit", 8, 4, {0.5, 0.5, 0.5}},
	{"bytes, H = 7.5: collision is bound by what ideal samples give", 8, 7.5, {0.9375, 0.890, 0.9375}},
	{"bytes, H = 8: all are", 8, 8, {0.977, 0.890, 0.997}},
	{"bits, H = 0.1", 1, 0.1, {0.1, 0.1, 0.1}},
	{"bits, H = 1", 1, 1, {0.990, 0.840, 0.992}},
};

/* And of ideal samples every estimate lies above. */
static void check_floor(void **state)
{
	const struct floor_row *row = *state;
	uint8_t *samples = random_samples(RUNNING_SPAN);
	struct running t;

	running_init(&t, row->sample_bits, row->h);
	if (row->sample_bits == 1)
		for (size_t i = 0; i < RUNNING_SPAN; i++)
			samples[i] &= 1;
	assert_true(running_feed(&t, samples, RUNNING_SPAN, 1));
	for (unsigned i = 0; i < RUNNING_ESTIMATORS; i++) {
		assert_true(t.counts.floor[i] == row->floor[i]);
		assert_true(t.counts.ratio[i] > row->floor[i] && t.counts.ratio[i] <= 1);
	}
	free(samples);
}

static void names_are_those_of_the_label(void **state)
{
	(void)state;
	assert_string_equal(running_estimator_names[RUNNING_MCV], "most_common_value");
	assert_string_equal(running_estimator_names[RUNNING_COLLISION], "collision");
	assert_string_equal(running_estimator_names[RUNNING_MARKOV], "markov");
}

int main(void)
{
	enum { ROWS = sizeof floor_rows / sizeof *floor_rows };
	struct CMUnitTest floors[ROWS];
	const struct CMUnitTest others[] = {
		cmocka_unit_test(spans_end_where_they_are_full),
		cmocka_unit_test(until_a_span_is_full_nothing_is_said),
		cmocka_unit_test(the_lower_of_bytes_and_bits_counts),
		cmocka_unit_test(names_are_those_of_the_label),
	};

	for (unsigned i = 0; i < ROWS; i++)
		floors[i] = (struct CMUnitTest){floor_rows[i].name, check_floor, NULL, NULL, (void *)&floor_rows[i]};
	int failed = cmocka_run_group_tests_name("floors", floors, NULL, NULL);
	return failed + cmocka_run_group_tests_name("spans", others, NULL, NULL);
}
