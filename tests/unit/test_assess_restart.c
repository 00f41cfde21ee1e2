/* Restart tests: the cutoff against the binomial distribution and the reference's simulations; samples that fail each
 * step. */
#include "assess/restart.h"
#include "assess/shuffle.h"
#include "rows.h"

#include <math.h>

/* One likely value that comes with more than one half: its count alone can be the greatest, and is binomial. The rows
 * with no binomial tail were simulated by NIST's tool with 5,000,000 trials: 25 and 27. */
static const struct cutoff {
	const char *name;
	double h;
	int cutoff;
} cutoffs[] = {
	{"no entropy", 0, 1000},
	{"0.6 bits: 4.04e-6 above 725, 5.57e-6 above 724", 0.6, 725},
	{"0.85 bits: 4.00e-6 above 624, 5.40e-6 above 623", 0.85, 624},
	{"1 bit: 4.37e-6 above 572 of either value, 5.91e-6 above 571", 1, 572},
	{"7 bits, simulated", 7, 27},
	{"7.14 bits, simulated", 7.14, 25},
};

static void test_cutoff(void **state)
{
	const struct cutoff *row = *state;

	assert_int_equal(restart_cutoff(row->h), row->cutoff);
}

static uint8_t *make_samples(void)
{
	uint8_t *samples = malloc(RESTART_SAMPLES);
	struct stream_of_numbers r;

	numbers_begin(&r, 11, 0);
	for (size_t i = 0; i < RESTART_SAMPLES; i++)
		samples[i] = (uint8_t)(numbers_next(&r) >> 60);
	return samples;
}

static int run(const uint8_t *samples, struct restart *out)
{
	static const struct iid_run two = {.threads = 2, .seed = 1};
	struct err e;

	return assess_restart(samples, 4, 3.9, false, &two, out, &e);
}

/* One column in which a value comes too often; the same in a row. */
static void test_sanity(void **state)
{
	uint8_t *samples = make_samples();
	static struct restart got;
	(void)state;

	for (size_t row = 0; row < 200; row++)
		samples[row * 1000 + 17] = 3;
	assert_int_equal(run(samples, &got), 0);
	assert_true(!got.sane && !got.valid && got.h == 0);
	assert_true(got.column_most > 230 && got.row_most < 120);
	memset(samples + 5000, 3, 200);
	assert_int_equal(run(samples, &got), 0);
	assert_true(got.row_most > 230);
	free(samples);
}

/* Good samples keep what was claimed at most; starts of which each repeats the first one are found by the rows. */
static void test_validation(void **state)
{
	uint8_t *samples = make_samples();
	static struct restart got;
	(void)state;

	assert_int_equal(run(samples, &got), 0);
	assert_true(got.sane && got.valid);
	assert_true(got.h == fmin(3.9, fmin(got.h_rows, got.h_columns)) && got.h > 3);

	/* Each sample is the one of the start before, moved by one: no value is frequent anywhere. */
	for (size_t i = 1000; i < RESTART_SAMPLES; i++)
		samples[i] = (samples[i - 1000] + 1) & 15;
	assert_int_equal(run(samples, &got), 0);
	assert_true(got.sane && !got.valid && got.h == 0);
	assert_true(fmin(got.h_rows, got.h_columns) < 3.9 / 2);
	free(samples);
}

static void tell(void *self, double part)
{
	double *latest = self;

	assert_true(part >= *latest && part <= 1);
	*latest = part;
}

/* Of an IID claim the most common value counts, where rows and columns pass; progress tells of both, one behind the
 * other. */
static void test_iid_claim(void **state)
{
	uint8_t *samples = make_samples();
	static struct restart got;
	double latest = 0;
	const struct iid_run two = {.threads = 2, .seed = 1, .progress = tell, .self = &latest};
	struct err e;
	(void)state;

	for (size_t i = 0; i < RESTART_SAMPLES; i++)
		samples[i] &= 1;
	assert_int_equal(assess_restart(samples, 1, 0.99, true, &two, &got, &e), 0);
	assert_true(got.sane && got.valid && got.iid && latest == 1);
	assert_true(got.h == fmin(0.99, fmin(got.rows_iid.h, got.columns_iid.h)));
	free(samples);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sanity),
		cmocka_unit_test(test_validation),
		cmocka_unit_test(test_iid_claim),
	};
	return ROWS_RUN("cutoff of the sanity check", test_cutoff, cutoffs) + cmocka_run_group_tests(tests, NULL, NULL);
}
