/* Exhaustive tests of the small pure parts of health/: every short sequence against a definition that looks at the
 * whole sequence; the order of the cutoffs over a grid; the latch over every short history. */
#include "health/cutoff.h"
#include "health/health.h"
#include "health_rig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

enum { VALUES = 3, LENGTH = 9, SEQUENCES = 19683 }; /* 3^9 */

static void make_sequence(uint8_t s[LENGTH], unsigned number)
{
	for (size_t i = 0; i < LENGTH; i++, number /= VALUES)
		s[i] = (uint8_t)(number % VALUES);
}

static int level_of(uint32_t count, const uint32_t cutoff_c[2])
{
	return count == cutoff_c[1] ? 2 : count == cutoff_c[0];
}

/* RCT: B at sample i is the number of equal samples that end there. */
static void check_rct(const uint8_t s[LENGTH], const uint32_t cutoff_c[2])
{
	uint32_t longest = 0;
	struct rct t;

	rct_init(&t, cutoff_c[0], cutoff_c[1]);
	for (size_t i = 0; i < LENGTH; i++) {
		uint32_t b = 1;
		while (b <= i && s[i - b] == s[i])
			b++;
		longest = b > longest ? b : longest;
		assert_int_equal(rct_feed(&t, s[i]), level_of(b, cutoff_c));
		assert_int_equal(t.run_b, b);
		assert_int_equal(t.peak, longest);
	}
}

static void test_rct_all_sequences(void **state)
{
	uint8_t s[LENGTH];

	(void)state;
	for (unsigned number = 0; number < SEQUENCES; number++) {
		make_sequence(s, number);
		for (uint32_t c0 = 2; c0 <= 5; c0++) {
			for (uint32_t c1 = c0; c1 <= 6; c1++)
				check_rct(s, (uint32_t[]){c0, c1});
		}
	}
}

/* APT: window k holds the samples kW ... kW+W-1; B is the number of samples so far that equal the first of them. */
static void check_apt(const uint8_t s[LENGTH], uint32_t w, const uint32_t cutoff_c[2])
{
	struct apt t;

	apt_init(&t, w, cutoff_c[0], cutoff_c[1]);
	for (size_t i = 0; i < LENGTH; i++) {
		size_t first = i - i % w;
		uint32_t b = 0;
		for (size_t j = first; j <= i; j++)
			b += s[j] == s[first];
		int expected = i > first && s[i] == s[first] ? level_of(b, cutoff_c) : 0;
		assert_int_equal(apt_feed(&t, s[i]), expected);
		assert_int_equal(t.windows, (i + 1) / w);
		if ((i + 1) % w == 0)
			assert_int_equal(t.last_count, b);
	}
}

static void test_apt_all_sequences(void **state)
{
	uint8_t s[LENGTH];

	(void)state;
	for (unsigned number = 0; number < SEQUENCES; number++) {
		make_sequence(s, number);
		for (uint32_t w = 2; w <= 5; w++) {
			for (uint32_t c0 = 2; c0 <= w; c0++)
				check_apt(s, w, (uint32_t[]){c0, (c0 + w + 1) / 2});
		}
	}
}

/* All H of three decimals and all alphas, against whole numbers: C = 1 + ceil(1000 a / (1000 H)). */
static void test_rct_cutoff_thousandths(void **state)
{
	(void)state;
	for (uint32_t a = 1; a <= 120; a++) {
		for (uint32_t h_1000 = 1; h_1000 <= 8000; h_1000++) {
			uint32_t c = 1 + (1000 * a + h_1000 - 1) / h_1000;
			assert_int_equal(cutoff_rct(-(int)a, h_1000 / 1000.0), c);
		}
	}
}

static void test_rct_cutoff_stops_at_32_bits(void **state)
{
	(void)state;
	assert_int_equal(cutoff_rct(-120, 1e-9), UINT32_MAX);
	assert_int_equal(cutoff_rct(-120, 1e-300), UINT32_MAX);
}

static const uint32_t windows[] = {2, 3, 16, 511, 512, 1024};
enum { WINDOWS = sizeof(windows) / sizeof(windows[0]) };

/* A smaller alpha never gives a smaller C, nor does a smaller H, nor a larger W; 2 <= C <= W. */
static void check_order(int alpha_log2, double h)
{
	uint32_t smaller_w = 2;

	assert_true(cutoff_rct(alpha_log2, h) >= 2);
	assert_true(cutoff_rct(alpha_log2 - 1, h) >= cutoff_rct(alpha_log2, h));
	assert_true(cutoff_rct(alpha_log2, h / 1.25) >= cutoff_rct(alpha_log2, h));
	for (size_t i = 0; i < WINDOWS; i++) {
		uint32_t c = cutoff_apt(alpha_log2, h, windows[i]);
		assert_in_range(c, smaller_w, windows[i]);
		assert_true(cutoff_apt(alpha_log2 - 1, h, windows[i]) >= c);
		assert_true(cutoff_apt(alpha_log2, h / 1.25, windows[i]) >= c);
		smaller_w = c;
	}
}

static void test_cutoff_order(void **state)
{
	(void)state;
	for (int alpha_log2 = -119; alpha_log2 <= -1; alpha_log2 += 2) {
		for (double h = 0.05; h <= 8; h *= 1.25)
			check_order(alpha_log2, h);
	}
}

/* Every history of 8 calls out of: good samples, stuck samples, an on-demand request, a restart. Once failed, only a
 * restart leads out, into a full start-up test; a sample is usable only when nothing is left to test. */
enum { CALLS = 8, HISTORIES = 65536, STARTUP = 6 };

static void check_call(struct health *t, unsigned call, uint8_t *next)
{
	const struct health before = *t;
	uint8_t samples[4];
	size_t used, usable;

	if (call == 2) {
		health_on_demand(t);
		assert_int_equal(t->failed, before.failed);
		return;
	}
	if (call == 3) {
		health_restart(t);
		assert_int_equal(t->startup_left, STARTUP);
		assert_false(t->failed);
		return;
	}
	for (size_t i = 0; i < sizeof(samples); i++)
		samples[i] = call == 0 ? (*next)++ : 255;
	enum health_verdict v = health_feed(t, samples, sizeof(samples), &used, &usable);
	size_t untested = before.startup_left > before.on_demand_left ? before.startup_left : before.on_demand_left;
	assert_int_equal(usable, v == HEALTH_PASS && used > untested ? used - untested : 0);
	assert_int_equal(t->failed, v == HEALTH_PERMANENT);
	assert_int_equal(t->counts.samples - before.counts.samples, used);
	if (before.failed)
		assert_true(v == HEALTH_PERMANENT && used == 0);
	if (v != HEALTH_PASS)
		assert_true(t->startup_left == STARTUP && !health_startup_done(t));
	if (usable > 0)
		assert_true(health_startup_done(t) && t->on_demand_left == 0);
}

static void test_latch_all_histories(void **state)
{
	const struct health_config config = {
		.alpha_log2_intermittent = -30, .alpha_log2_permanent = -60, .startup_samples = STARTUP};
	unsigned failures = 0;

	(void)state;
	for (unsigned history = 0; history < HISTORIES; history++) {
		struct health t;
		uint8_t next = 0;
		health_rig(&t, &config, 8, 8);
		for (unsigned i = 0; i < CALLS; i++)
			check_call(&t, history >> 2 * i & 3, &next);
		failures += t.failed;
	}
	assert_in_range(failures, 1, HISTORIES - 1);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		{"RCT: every sequence of 9 samples of 3 values", test_rct_all_sequences, NULL, NULL, NULL},
		{"APT: every sequence of 9 samples of 3 values, W 2 ... 5", test_apt_all_sequences, NULL, NULL, NULL},
		{"RCT cutoff: every H in thousandths, every alpha", test_rct_cutoff_thousandths, NULL, NULL, NULL},
		{"RCT cutoff: C stops at 32 bits", test_rct_cutoff_stops_at_32_bits, NULL, NULL, NULL},
		{"cutoffs are ordered by alpha, H and W", test_cutoff_order, NULL, NULL, NULL},
		{"the latch: every history of 8 calls", test_latch_all_histories, NULL, NULL, NULL},
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
