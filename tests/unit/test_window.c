/* window.c and the chunks of health_feed against the sample-by-sample tests that specify them. */
#include "health/health.h"
#include "health/window.h"
#include "health_samples.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

enum { STREAM = 60000 };

static void assert_rct_equal(const struct rct *a, const struct rct *b)
{
	assert_int_equal(a->run_b, b->run_b);
	assert_int_equal(a->peak, b->peak);
	assert_int_equal(a->last_a, b->last_a);
	assert_int_equal(a->primed, b->primed);
}

static void assert_apt_equal(const struct apt *a, const struct apt *b)
{
	assert_int_equal(a->index_i, b->index_i);
	assert_int_equal(a->count_b, b->count_b);
	assert_int_equal(a->last_count, b->last_count);
	assert_int_equal(a->windows, b->windows);
	assert_int_equal(a->sample_a, b->sample_a);
}

static void assert_health_equal(const struct health *a, const struct health *b)
{
	assert_rct_equal(&a->rct, &b->rct);
	assert_apt_equal(&a->apt, &b->apt);
	assert_int_equal(a->startup_left, b->startup_left);
	assert_int_equal(a->on_demand_left, b->on_demand_left);
	assert_int_equal(a->failed, b->failed);
	assert_memory_equal(&a->counts, &b->counts, sizeof(a->counts));
	assert_memory_equal(&a->last, &b->last, sizeof(a->last));
}

/* One window: if the fast path takes it, both must stand as after the plain one, which must have been silent; else the
 * fast path must have changed nothing. Returns whether it was taken. */
static bool check_window(const struct rct *rct, const struct apt *apt, const uint8_t *samples)
{
	struct rct fast_rct = *rct, plain_rct = *rct;
	struct apt fast_apt = *apt, plain_apt = *apt;
	int level = 0;

	if (!window_feed(&fast_rct, &fast_apt, samples)) {
		assert_rct_equal(&fast_rct, rct);
		assert_apt_equal(&fast_apt, apt);
		return false;
	}
	for (uint32_t i = 0; i < apt->window_w; i++)
		level |= rct_feed(&plain_rct, samples[i]) | apt_feed(&plain_apt, samples[i]);
	assert_int_equal(level, 0);
	assert_rct_equal(&fast_rct, &plain_rct);
	assert_apt_equal(&fast_apt, &plain_apt);
	return true;
}

/* Every place of every run of up to 36, with a run of every length up to C under way before the window. */
static void check_runs(uint32_t w, uint32_t cutoff_c, uint32_t peak)
{
	const uint32_t too_long = peak + 1 < cutoff_c ? peak + 1 : cutoff_c;
	uint8_t samples[APT_WINDOW_BINARY];
	struct rct rct;
	struct apt apt;

	apt_init(&apt, w, 71, 92);
	for (uint32_t length = 1; length <= 36; length++) {
		for (uint32_t at = 0; at + length <= w; at++) {
			for (size_t i = 0; i < w; i++)
				samples[i] = i >= at && i < at + length ? 0 : sample_clean(i);
			rct_init(&rct, cutoff_c, 2 * cutoff_c);
			rct_feed(&rct, 0);
			rct.peak = peak;
			rct.run_b = (at + length) % cutoff_c + 1;
			uint32_t run = at == 0 ? rct.run_b + length : length;
			assert_int_equal(check_window(&rct, &apt, samples), run < too_long);
		}
	}
}

static void test_every_run_w512(void **state)
{
	(void)state;
	for (uint32_t peak = 1; peak <= 9; peak++)
		check_runs(512, 9, peak);
	check_runs(512, 31, 40);
	check_runs(512, 800, 700);
}

static void test_every_run_w1024(void **state)
{
	(void)state;
	check_runs(1024, 31, 31);
	check_runs(1024, 31, 18);
}

/* A at the first sample and at `count - 1` others, in steps of `step`. */
static void check_count(uint32_t w, uint32_t count, uint32_t step, bool taken)
{
	uint8_t samples[APT_WINDOW_BINARY];
	struct rct rct;
	struct apt apt;

	apt_init(&apt, w, 71, 92);
	rct_init(&rct, 9, 16);
	rct.peak = 9;
	for (size_t i = 0; i < w; i++)
		samples[i] = i % step == 0 && i / step < count ? 0 : sample_clean(i);
	assert_int_equal(check_window(&rct, &apt, samples), taken);
}

static void test_counts(void **state)
{
	(void)state;
	for (uint32_t step = 2; step <= 7; step++) {
		check_count(512, 1, step, true);
		check_count(512, 70, step, true);
		check_count(512, 71, step, false);
		check_count(1024, 70, 2 * step, true);
		check_count(1024, 71, 2 * step, false);
	}
}

static void test_begun_window_is_refused(void **state)
{
	uint8_t samples[APT_WINDOW_NONBINARY];
	struct rct rct;
	struct apt apt;

	(void)state;
	for (size_t i = 0; i < sizeof(samples); i++)
		samples[i] = sample_clean(i);
	rct_init(&rct, 9, 16);
	rct.peak = 9;
	apt_init(&apt, APT_WINDOW_NONBINARY, 71, 92);
	assert_true(check_window(&rct, &apt, samples));
	assert_int_equal(apt_feed(&apt, 0), 0);
	assert_false(check_window(&rct, &apt, samples));
}

static void test_other_window_is_refused(void **state)
{
	uint8_t samples[16] = {1, 2, 3, 4, 5, 6, 7, 8, 9};
	struct rct rct;
	struct apt apt;

	(void)state;
	rct_init(&rct, 9, 16);
	rct.peak = 9;
	apt_init(&apt, sizeof(samples), 8, 12);
	assert_false(check_window(&rct, &apt, samples));
}

/* ---- Streams: health_feed in chunks of random lengths against health_feed sample by sample. */
struct row {
	const char *name;
	double h_per_sample;
	unsigned sample_bits;
	bool fips140;
	unsigned values, repeat, favoured; /* how many values; chances of 1024: the last sample again, the value 0 */
};

static const struct row rows[] = {
	{"random bytes, H 8", 8, 8, false, 256, 0, 0},
	{"random bytes, H 4", 4, 8, false, 256, 0, 0},
	{"random bytes, H 0.1, runs longer than a window allowed", 0.1, 8, false, 256, 0, 0},
	{"16 values, H 4: failures now and then", 4, 8, false, 16, 0, 0},
	{"16 values, H 3.8", 3.8, 8, false, 16, 0, 0},
	{"many runs, some too long", 4, 8, false, 256, 400, 0},
	{"very many runs", 1, 8, false, 256, 900, 0},
	{"biased bytes near the cutoff of the proportion", 4, 8, false, 256, 0, 130},
	{"biased bytes beyond it", 4, 8, false, 256, 0, 190},
	{"runs and bias", 3, 8, false, 64, 250, 100},
	{"bits, H 1", 1, 1, false, 2, 0, 0},
	{"bits, H 0.5", 0.5, 1, false, 2, 500, 0},
	{"bits, H 0.3, biased", 0.3, 1, false, 2, 300, 700},
	{"bytes with FIPS 140-2 blocks", 4, 8, true, 256, 0, 0},
	{"biased bytes with FIPS 140-2 blocks", 4, 8, true, 256, 100, 40},
	{"bits with FIPS 140-2 blocks", 0.5, 1, true, 2, 100, 0},
};
enum { ROWS = sizeof(rows) / sizeof(rows[0]) };

static void make_stream(const struct row *r, uint8_t *samples, size_t n, uint64_t *seed)
{
	uint8_t last = 0;

	for (size_t i = 0; i < n; i++) {
		size_t chance = sample_below(seed, 1024);
		if (chance >= r->repeat)
			last = chance < r->repeat + r->favoured ? 0 : (uint8_t)sample_below(seed, r->values);
		samples[i] = last;
	}
}

/* Feeds samples one by one up to the first failure; what health_feed says of them as one chunk. */
static enum health_verdict feed_one_by_one(struct health *t, const uint8_t *samples, size_t n, size_t *used,
					   size_t *usable)
{
	enum health_verdict v = HEALTH_PASS;
	size_t one_used, one_usable;

	*usable = *used = 0;
	while (*used < n && v == HEALTH_PASS) {
		v = health_feed(t, samples + *used, 1, &one_used, &one_usable);
		if (one_used == 0)
			return v;
		*used += 1;
		*usable += one_usable;
	}
	if (v != HEALTH_PASS)
		*usable = 0;
	return v;
}

static size_t random_chunk(uint64_t *seed, size_t left)
{
	static const size_t chunks[] = {1, 2, 511, 512, 513, 1023, 1024, 1025, 1536, 5000};
	size_t len = sample_below(seed, 2) ? chunks[sample_below(seed, 10)] : 1 + sample_below(seed, 3000);

	return len < left ? len : left;
}

static void feed_both(const struct row *r, const uint8_t *samples, uint64_t *seed)
{
	const struct health_config config = {-20, -40, 1024, r->fips140, HEALTH_HOLD, HEALTH_LIVENESS_PROCESS, 1, 300};
	struct health chunked, single;
	size_t used[2], usable[2];

	health_init(&chunked, &config, r->h_per_sample, r->sample_bits);
	single = chunked;
	for (size_t at = 0; at < STREAM; at += used[0]) {
		size_t len = random_chunk(seed, STREAM - at);
		enum health_verdict v = health_feed(&chunked, samples + at, len, &used[0], &usable[0]);
		assert_int_equal(v, feed_one_by_one(&single, samples + at, len, &used[1], &usable[1]));
		assert_int_equal(used[0], used[1]);
		assert_int_equal(usable[0], usable[1]);
		assert_health_equal(&chunked, &single);
		if (sample_below(seed, 20) == 0)
			assert_int_equal(rct_take_peak(&chunked.rct), rct_take_peak(&single.rct));
		if (sample_below(seed, 20) == 0)
			health_on_demand(&chunked), health_on_demand(&single);
		if (chunked.failed)
			health_restart(&chunked), health_restart(&single);
	}
}

static void test_stream(void **state)
{
	static uint8_t samples[STREAM];
	uint64_t seed = 7;

	for (unsigned round = 0; round < 12; round++) {
		make_stream(*state, samples, STREAM, &seed);
		feed_both(*state, samples, &seed);
	}
}

static const struct CMUnitTest singles[] = {
	{"W 512: every place and length of a run", test_every_run_w512, NULL, NULL, NULL},
	{"W 1024: every place and length of a run", test_every_run_w1024, NULL, NULL, NULL},
	{"C-1 and C of the proportion test", test_counts, NULL, NULL, NULL},
	{"a window that has begun goes sample by sample", test_begun_window_is_refused, NULL, NULL, NULL},
	{"a window of another length goes sample by sample", test_other_window_is_refused, NULL, NULL, NULL},
};
enum { SINGLES = sizeof(singles) / sizeof(singles[0]) };

int main(void)
{
	struct CMUnitTest tests[SINGLES + ROWS];

	memcpy(tests, singles, sizeof(singles));
	for (size_t i = 0; i < ROWS; i++)
		tests[SINGLES + i] = (struct CMUnitTest){rows[i].name, test_stream, NULL, NULL, (void *)&rows[i]};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
