/* cutoff.c against tests/vectors/cutoffs.inc, which tests/cutoffs.py --check recomputes exactly. */
#include "health/cutoff.h"
#include "health/rate.h"
#include "health/repeat.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

struct row {
	const char *name;
	enum test { RCT, APT, REPEAT, RATE } test;
	double h_per_sample;
	int alpha_log2;
	uint32_t window_w;
	uint32_t cutoff;
};

#define RCT(h, alpha, c)    {"RCT, H " #h ", alpha 2^" #alpha ": C = " #c, RCT, (h), (alpha), 0, (c)},
#define APT(h, alpha, w, c) {"APT, H " #h ", alpha 2^" #alpha ", W " #w ": C = " #c, APT, (h), (alpha), (w), (c)},
#define REPEAT(h, k)        {"block repetition, H " #h ": k = " #k, REPEAT, (h), 0, 0, (k)},
#define RATE(alpha, w, n)   {"failures in 2^20 samples, alpha 2^" #alpha ", W " #w ": " #n, RATE, 0, (alpha), (w), (n)},
static const struct row rows[] = {
#include "../vectors/cutoffs.inc"
};
enum { ROWS = sizeof(rows) / sizeof(rows[0]) };

static uint32_t cutoff_of(const struct row *r)
{
	switch (r->test) {
	case RCT:
		return cutoff_rct(r->alpha_log2, r->h_per_sample);
	case APT:
		return cutoff_apt(r->alpha_log2, r->h_per_sample, r->window_w);
	case REPEAT:
		return cutoff_repeat(r->h_per_sample, REPEAT_PRINTS_LOG2);
	default:
		return cutoff_rate(r->alpha_log2, r->window_w, RATE_SPAN_LOG2);
	}
}

static void test_row(void **state)
{
	const struct row *r = *state;

	assert_int_equal(cutoff_of(r), r->cutoff);
}

/* What repeat.h proves: log2 of N (2^-kH + (k / 2^61)^2), false alarms per sample. */
static double repeat_alpha_log2(double h_per_sample, uint32_t k)
{
	double same = exp2(-(double)k * h_per_sample);
	double look_same = k * 0x1p-61;

	return REPEAT_PRINTS_LOG2 + log2(same + look_same * look_same);
}

/* Every H from 0.1 to 8 in thousandths: k keeps 2^-60 but for a thousand-millionth, and k - 1 would not. */
static void test_repeat_bound(void **state)
{
	const double limit = -60 + 1.5e-9;

	(void)state;
	for (unsigned h_1000 = 100; h_1000 <= 8000; h_1000++) {
		double h = h_1000 / 1000.0;
		uint32_t k = cutoff_repeat(h, REPEAT_PRINTS_LOG2);
		assert_in_range(k, 9, REPEAT_LENGTH_MAX);
		assert_true(repeat_alpha_log2(h, k) <= limit);
		assert_true(repeat_alpha_log2(h, k - 1) > limit);
	}
}

int main(void)
{
	struct CMUnitTest tests[ROWS + 1];

	for (size_t i = 0; i < ROWS; i++)
		tests[i] = (struct CMUnitTest){rows[i].name, test_row, NULL, NULL, (void *)&rows[i]};
	tests[ROWS] =
		(struct CMUnitTest){"block repetition: the bound at every H", test_repeat_bound, NULL, NULL, NULL};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
