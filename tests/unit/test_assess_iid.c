/* The IID track: NIST's tool on four inputs, integers equal and reals to 1e-11 (tests/vectors/assess_iid.inc); small
 * inputs counted by hand; a plain reading of the sections on any data; permutations that follow from the seed alone. */
#include "assess/gamma.h"
#include "assess/iid.h"
#include "assess/runs.h"
#include "assess/shuffle.h"
#include "assess_inputs.h"
#include "rows.h"

#include <math.h>
#include <stdio.h>

static void near(const char *what, double got, double wanted)
{
	if (!(fabs(got - wanted) <= 1e-11 * fabs(wanted)))
		fail_msg("%s: %.17g is not %.17g", what, got, wanted);
}

/* ---- the reference ---- */

static const struct vector {
	const char *name;
	enum assess_input input;
	double mean, median;
	struct chi_square independence, fit;
	struct iid_repeat repeat;
	double statistics[IID_STATISTICS];
} vectors[] = {
#include "../vectors/assess_iid.inc"
};

static void test_vector(void **state)
{
	const struct vector *v = *state;
	uint8_t *samples = malloc(ASSESS_SAMPLES), *space = malloc(ASSESS_SAMPLES), *bytes = malloc(ASSESS_SAMPLES);
	assess_make_input(v->input, samples);
	const struct symbols t = symbols_literal(samples, ASSESS_SAMPLES, space);

	struct chi_square got;
	assert_int_equal(chi_square_independence(t, &got), 0);
	near("independence", got.t, v->independence.t);
	near("independence p", got.p, v->independence.p);
	assert_int_equal(got.df, v->independence.df);
	got = chi_square_fit(t);
	near("fit", got.t, v->fit.t);
	near("fit p", got.p, v->fit.p);
	assert_int_equal(got.df, v->fit.df);

	struct iid_repeat repeat;
	assert_int_equal(iid_repeat_test(t, &repeat), 0);
	assert_int_equal(repeat.w, v->repeat.w);
	near("p_col", repeat.p_col, v->repeat.p_col);
	near("Pr(X >= 1)", repeat.p, v->repeat.p);
	assert_true(repeat.passed);

	struct iid_samples s;
	struct iid_space *own = iid_space_new(ASSESS_SAMPLES);
	double statistics[IID_STATISTICS];
	iid_samples_init(&s, samples, t, bytes);
	near("mean", s.mean, v->mean);
	near("median", s.median, v->median);
	iid_statistics(own, &s, bytes, IID_ALL_STATISTICS, statistics);
	statistics[IID_EXCURSION] /= ASSESS_SAMPLES;
	for (unsigned i = 0; i < IID_STATISTICS; i++)
		if (i == IID_EXCURSION || i == IID_AVERAGE_COLLISION)
			near(iid_statistic_keys[i], statistics[i], v->statistics[i]);
		else if (statistics[i] != v->statistics[i])
			fail_msg("%s: %.17g is not %.17g", iid_statistic_keys[i], statistics[i], v->statistics[i]);
	iid_space_free(own);
	free(samples);
	free(space);
	free(bytes);
}

/* ---- counted by hand, and by a plain reading ---- */

static const struct {
	const char *bits;
	struct runs want;
} runs_by_hand[] = {
	{"", {0, 0, 0}},
	{"0", {0, 1, 1}},
	{"1", {1, 1, 1}},
	{"0110001", {3, 4, 3}},
	{"1111111111111111111111111111111111111111111111111111111111111111", {64, 1, 64}},
	{"0111111111111111111111111111111111111111111111111111111111111111"
	 "1111111111111111111111111111111111111111111111111111111111111111"
	 "1111111111111111111111111111111111111111111111111111111111111110",
	 {190, 3, 190}},
};

static void test_runs_by_hand(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof runs_by_hand / sizeof *runs_by_hand; i++) {
		uint8_t bits[256];
		uint64_t words[4];
		const size_t n = strlen(runs_by_hand[i].bits);
		for (size_t j = 0; j < n; j++)
			bits[j] = runs_by_hand[i].bits[j] == '1';
		runs_pack(bits, n, words);
		const struct runs got = runs_count(words, n), want = runs_by_hand[i].want;
		assert_int_equal(got.ones, want.ones);
		assert_int_equal(got.count, want.count);
		assert_int_equal(got.longest, want.longest);
	}
}

/* Bits that stay as they are with probability stay/256, as the definitions say it. */
static void test_runs_plainly(void **state)
{
	struct stream_of_numbers r;
	(void)state;

	for (unsigned round = 0; round < 3000; round++) {
		uint8_t bits[700] = {0};
		uint64_t words[11];
		numbers_begin(&r, 1, round);
		const size_t n = 1 + numbers_next(&r) % sizeof bits;
		const unsigned stay = (unsigned)(numbers_next(&r) % 256);
		for (size_t i = 1; i < n; i++)
			bits[i] = numbers_next(&r) % 256 < stay ? bits[i - 1] : !bits[i - 1];

		struct runs want = {.count = 1, .longest = 1, .ones = bits[0]};
		uint64_t now = 1;
		for (size_t i = 1; i < n; i++) {
			now = bits[i] == bits[i - 1] ? now + 1 : 1;
			want.count += now == 1;
			want.longest = now > want.longest ? now : want.longest;
			want.ones += bits[i];
		}
		runs_pack(bits, n, words);
		const struct runs got = runs_count(words, n);
		assert_int_equal(got.ones, want.ones);
		assert_int_equal(got.count, want.count);
		assert_int_equal(got.longest, want.longest);
	}
}

/* 2, 0, 1, 0, 3 and so on, four values, as long as the lags need. */
static void test_statistics_by_hand(void **state)
{
	static const uint8_t period[] = {20, 0, 10, 0, 30};
	enum { N = 2000 };
	uint8_t samples[N], literal[N], bytes[N];
	double got[IID_STATISTICS];
	struct iid_samples s;
	struct iid_space *space = iid_space_new(N);
	(void)state;

	for (size_t i = 0; i < N; i++)
		samples[i] = period[i % 5];
	iid_samples_init(&s, samples, symbols_literal(samples, N, literal), bytes);
	assert_true(s.mean == 12 && s.median == 1);
	iid_statistics(space, &s, bytes, IID_ALL_STATISTICS, got);

	/* Sums less the mean: 8, -4, -6, -18, 0. Down, up, down, up, down. */
	assert_true(got[IID_EXCURSION] == 18.0 * N);
	assert_true(got[IID_DIRECTIONAL_RUNS] == 4 * (N / 5.0));
	assert_true(got[IID_LONGEST_DIRECTIONAL] == 2);
	assert_true(got[IID_INCREASES] == 3 * (N / 5.0) - 1);

	/* At least the median, 10: 1 0 1 0 1, 1 0 1 0 1. */
	assert_true(got[IID_MEDIAN_RUNS] == 4 * (N / 5.0) + 1);
	assert_true(got[IID_LONGEST_MEDIAN] == 2);

	/* 20 0 10 0 | 30 20 0 10 0 | 30 20 0 10 0 | ... */
	assert_true(got[IID_MAXIMUM_COLLISION] == 5);
	near("average collision", got[IID_AVERAGE_COLLISION], (N - 1) / (N / 5.0));
	assert_true(got[IID_PERIODICITY_1] == 0);
	assert_true(got[IID_PERIODICITY_2] == N / 5.0);
	assert_true(got[IID_COVARIANCE_1] == 600 * (N / 5.0 - 1));
	iid_space_free(space);
}

static const struct {
	const char *name;
	double t;
	int df;
	double p;
} tails[] = {
	{"two degrees of freedom: e^-t/2", 3, 2, 0.22313016014842982},
	{"one: what a normal variable exceeds", 3.8414588206941236, 1, 0.05},
	{"far out", 2000, 10, 0},
	{"nothing", 0, 10, 1},
	{"no degree of freedom", 5, 0, 1},
	{"too few bins", 5, -3, 1},
	{"many, on the lower side", 900, 1000, 0.989282761908710},
};

static void test_tails(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof tails / sizeof *tails; i++)
		if (!(fabs(chi_square_tail(tails[i].t, tails[i].df) - tails[i].p) <= 1e-8))
			fail_msg("%s: %.17g", tails[i].name, chi_square_tail(tails[i].t, tails[i].df));
}

/* ---- permutations ---- */

/* Each of the 24 orders of four bytes as often as any other: 24,000 trials, 1,000 each, give or take 5.5 deviations. */
static void test_shuffle_is_fair(void **state)
{
	unsigned count[256] = {0}, orders = 0;
	struct stream_of_numbers r;
	(void)state;

	for (uint64_t i = 0; i < 24000; i++) {
		uint8_t x[4] = {0, 1, 2, 3};
		numbers_begin(&r, 7, i);
		shuffle_bytes(&r, x, 4);
		count[x[0] << 6 | x[1] << 4 | x[2] << 2 | x[3]]++;
	}
	for (unsigned i = 0; i < 256; i++) {
		orders += count[i] > 0;
		assert_true(count[i] == 0 || (count[i] > 830 && count[i] < 1170));
	}
	assert_int_equal(orders, 24);
}

static void test_shuffle_keeps_the_bytes(void **state)
{
	(void)state;
	for (size_t n = 0; n < 300; n++) {
		uint8_t x[300];
		unsigned count[256] = {0};
		struct stream_of_numbers r;
		for (size_t i = 0; i < n; i++)
			x[i] = (uint8_t)i;
		numbers_begin(&r, 1, n);
		shuffle_bytes(&r, x, n);
		for (size_t i = 0; i < n; i++)
			count[x[i]]++;
		for (size_t i = 0; i < 256; i++)
			assert_int_equal(count[i], (n > i) + (n > i + 256));
	}
}

enum { FEW = 20000 };

static void make_few(uint8_t *samples, unsigned mask)
{
	struct stream_of_numbers r;

	numbers_begin(&r, 3, 0);
	for (size_t i = 0; i < FEW; i++)
		samples[i] = (uint8_t)(numbers_next(&r) >> 40 & mask);
}

static void test_seed_alone_decides(void **state)
{
	static const unsigned masks[] = {255, 1};
	static uint8_t samples[FEW];
	(void)state;

	for (size_t m = 0; m < 2; m++) {
		static struct iid first, other, third;
		struct err e;
		make_few(samples, masks[m]);
		const unsigned bits = masks[m] == 1 ? 1 : 8;
		assert_int_equal(assess_iid(samples, FEW, bits, false, &(struct iid_run){1, 5, NULL, NULL}, &first, &e),
				 0);
		assert_int_equal(assess_iid(samples, FEW, bits, false, &(struct iid_run){3, 5, NULL, NULL}, &other, &e),
				 0);
		assert_int_equal(assess_iid(samples, FEW, bits, false, &(struct iid_run){2, 6, NULL, NULL}, &third, &e),
				 0);
		assert_true(first.tests.passed && third.tests.passed);
		assert_memory_equal(&first.tests.permutation, &other.tests.permutation, sizeof first.tests.permutation);
		assert_memory_not_equal(&first.tests.permutation, &third.tests.permutation,
					sizeof first.tests.permutation);
	}
}

/* A count on either side, equal ones on both, and none more once it is decided. */
static void test_counters(void **state)
{
	static uint8_t samples[FEW];
	static struct iid got;
	struct err e;
	(void)state;

	make_few(samples, 15);
	assert_int_equal(assess_iid(samples, FEW, 4, false, &(struct iid_run){2, 1, NULL, NULL}, &got, &e), 0);
	const struct permutation_tests *p = &got.tests.permutation;
	assert_true(p->passed && p->decided == IID_ALL_STATISTICS);
	for (unsigned i = 0; i < IID_STATISTICS; i++) {
		const unsigned high = p->greater[i] + p->equal[i], low = p->less[i] + p->equal[i];
		assert_int_equal(high < low ? high : low, PERMUTATION_TAIL + 1);
		assert_true(p->greater[i] + p->equal[i] + p->less[i] <= p->permutations);
	}
}

static void tell(void *self, double part)
{
	double *latest = self;

	assert_true(part > *latest && part <= 1);
	*latest = part;
}

static void test_progress_only_grows(void **state)
{
	static uint8_t samples[FEW];
	static struct iid got;
	struct err e;
	double latest = 0;
	(void)state;

	make_few(samples, 255);
	assert_int_equal(assess_iid(samples, FEW, 8, false, &(struct iid_run){2, 1, tell, &latest}, &got, &e), 0);
	assert_true(latest == 1);
}

static void test_one_value_alone(void **state)
{
	static uint8_t samples[FEW];
	static struct iid got;
	struct err e;
	(void)state;

	memset(samples, 9, sizeof samples);
	assert_int_equal(assess_iid(samples, FEW, 4, false, &(struct iid_run){1, 1, NULL, NULL}, &got, &e), 0);
	assert_false(got.tests.passed);
	assert_true(got.k == 1 && got.h == 0 && !signbit(got.h));
}

/* The chi-square tests see samples that repeat the one before, the fit a share that changes. */
static void test_claims_that_fail(void **state)
{
	static uint8_t samples[FEW], space[FEW];
	struct chi_square got;
	struct iid_repeat repeat;
	(void)state;

	make_few(samples, 7);
	for (size_t i = 1; i < FEW; i += 2)
		samples[i] = samples[i - 1];
	assert_int_equal(chi_square_independence(symbols_literal(samples, FEW, space), &got), 0);
	assert_true(got.p < CHI_SQUARE_ALPHA);
	make_few(samples, 7);
	for (size_t i = 0; i < FEW / 2; i++)
		samples[i] &= 3;
	assert_true(chi_square_fit(symbols_literal(samples, FEW, space)).p < CHI_SQUARE_ALPHA);

	/* Half of the samples once more: a repeated substring that long is out of the question. */
	make_few(samples, 7);
	memcpy(samples + FEW / 2, samples, FEW / 2);
	assert_int_equal(iid_repeat_test(symbols_literal(samples, FEW, space), &repeat), 0);
	assert_int_equal(repeat.w, FEW / 2);
	assert_true(!repeat.passed && repeat.p == 0);
}

static void test_refusals(void **state)
{
	static uint8_t samples[FEW];
	static struct iid got;
	struct err e = {0};
	(void)state;

	make_few(samples, 15);
	assert_int_equal(assess_iid(samples, 9999, 4, false, &(struct iid_run){1, 1, NULL, NULL}, &got, &e), -1);
	assert_non_null(strstr(e.msg, "10000"));
	assert_int_equal(assess_iid(samples, FEW, 3, false, &(struct iid_run){1, 1, NULL, NULL}, &got, &e), -1);
	assert_int_equal(e.code, ERR_USAGE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_runs_by_hand),        cmocka_unit_test(test_runs_plainly),
		cmocka_unit_test(test_statistics_by_hand),  cmocka_unit_test(test_tails),
		cmocka_unit_test(test_shuffle_is_fair),     cmocka_unit_test(test_shuffle_keeps_the_bytes),
		cmocka_unit_test(test_seed_alone_decides),  cmocka_unit_test(test_counters),
		cmocka_unit_test(test_progress_only_grows), cmocka_unit_test(test_one_value_alone),
		cmocka_unit_test(test_claims_that_fail),    cmocka_unit_test(test_refusals),
	};
	return ROWS_RUN("the IID track of the reference", test_vector, vectors) +
	       cmocka_run_group_tests(tests, NULL, NULL);
}
