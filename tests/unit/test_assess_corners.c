/* Small spans counted by hand, at the edges of what the estimators and tests take. */
#include "assess/chi_square.h"
#include "assess/estimators.h"
#include "assess/gamma.h"
#include "assess/iid.h"
#include "assess/jobs.h"
#include "assess/permutation.h"
#include "assess/suffix.h"
#include "assess/table.h"
#include "health_samples.h"
#include "rows.h"

#include <errno.h>
#include <math.h>

/* ---- chi-square ---- */

/* So few pairs that one bin takes them all, and too few bits for strings: neither says anything. */
static void test_too_few_for_chi_square(void **state)
{
	static const uint8_t three[] = {0, 1, 2, 0, 1, 2, 0, 1}, two[] = {0, 1, 1, 0};
	struct chi_square got;
	(void)state;

	assert_int_equal(chi_square_independence((struct symbols){three, sizeof three, 3}, &got), 0);
	assert_true(got.p == 1 && got.df <= 0);
	assert_int_equal(chi_square_independence((struct symbols){two, sizeof two, 2}, &got), 0);
	assert_true(got.p == 1 && got.df == 0);
}

/* Of a normal variable's square a half is below 0.4549364231195724. */
static void test_lower_tail(void **state)
{
	(void)state;
	assert_true(fabs(chi_square_tail(0.4549364231195724, 1) - 0.5) < 1e-10);
}

/* ---- estimators ---- */

/* Six bits that count: each block comes again after 64, further than among random ones, so nothing speaks against a
 * full bit per bit. */
static void test_compression_of_a_counter(void **state)
{
	static uint8_t bits[6 * 64 * 32];
	struct compression got;
	(void)state;

	for (size_t i = 0; i < sizeof bits; i++)
		bits[i] = i / 6 % 64 >> (5 - i % 6) & 1;
	assert_int_equal(compression_estimate((struct symbols){bits, sizeof bits, 2}, &got), 0);
	assert_true(!got.found && got.mean == 6 && got.mean_l > 5.9 && got.p == 1 / 64.0 && got.h == 1);
}

/* One symbol comes 40 times, each time before another one: no pair comes twice, so LRS has no length to look at. */
static void test_no_longer_repeats(void **state)
{
	uint8_t s[80];
	struct tuples got;
	(void)state;

	for (unsigned i = 0; i < 40; i++) {
		s[2 * i] = 0;
		s[2 * i + 1] = (uint8_t)(i + 1);
	}
	assert_int_equal(tuples_estimate((struct symbols){s, sizeof s, 41}, &got), 0);
	assert_true(got.t == 1 && got.v == 1 && got.t_tuple.p == 0.5 && got.lrs.h < 0);

	/* Of the last 30 none comes 35 times, and of 40 that differ none comes twice. */
	assert_int_equal(tuples_estimate((struct symbols){s, 60, 31}, &got), 0);
	assert_true(got.t == 0 && got.v == 1 && got.t_tuple.h < 0 && got.lrs.h > 0);
}

static void check_suffixes(const uint8_t *s, size_t n, unsigned k)
{
	struct suffix got;

	assert_int_equal(suffix_build((struct symbols){s, n, k}, &got), 0);
	assert_int_equal(got.common[got.order[0]], 0);
	for (size_t i = 1; i < n; i++) {
		/* Each is greater than the one before it: by its first symbol behind what they share, or as the longer
		 * one. */
		const size_t a = (size_t)got.order[i - 1], b = (size_t)got.order[i], same = (size_t)got.common[b];
		assert_true(b + same < n && memcmp(s + a, s + b, same) == 0);
		assert_true(a + same == n || s[a + same] < s[b + same]);
	}
	suffix_free(&got);
}

/* Every text of up to 12 symbols of two kinds, of up to 7 of three, and of up to 6 of four. */
static void test_suffixes_of_every_text(void **state)
{
	static const size_t longest[] = {0, 0, 12, 7, 6};
	(void)state;

	for (unsigned k = 2; k <= 4; k++)
		for (size_t n = 1, texts = k; n <= longest[k]; n++, texts *= k)
			for (size_t text = 0; text < texts; text++) {
				uint8_t s[12];
				size_t rest = text;
				for (size_t i = 0; i < n; i++, rest /= k)
					s[i] = (uint8_t)(rest % k);
				check_suffixes(s, n, k);
			}
}

static void test_no_suffixes(void **state)
{
	struct suffix got;
	(void)state;

	assert_int_equal(suffix_build((struct symbols){NULL, 0, 2}, &got), 0);
	assert_int_equal(got.n, 0);
	suffix_free(&got);
}

static void test_empty_table(void **state)
{
	const struct table none = {0};
	(void)state;

	assert_null(table_find(&none, 1));
}

/* ---- the IID track ---- */

/* All 256 values once: no value comes twice, and the median lies between two of them. */
static void test_each_value_once(void **state)
{
	uint8_t samples[256], literal[256], bytes[256];
	double got[IID_STATISTICS];
	struct iid_samples s;
	struct iid_space *space = iid_space_new(sizeof samples);
	(void)state;

	for (unsigned i = 0; i < 256; i++)
		samples[i] = (uint8_t)i;
	iid_samples_init(&s, samples, symbols_literal(samples, sizeof samples, literal), bytes);
	assert_true(s.mean == 127.5 && s.median == 127.5);
	iid_statistics(space, &s, bytes, IID_ALL_STATISTICS, got);
	assert_true(got[IID_AVERAGE_COLLISION] == 0 && got[IID_MAXIMUM_COLLISION] == 0);
	assert_true(got[IID_LONGEST_DIRECTIONAL] == 255 && got[IID_LONGEST_MEDIAN] == 128);
	iid_space_free(space);
}

/* Sorted samples: hardly a permutation has so few runs, so all of them are looked at, and the claim fails. */
static void test_sorted_samples(void **state)
{
	static const struct iid_run run = {.threads = 8, .seed = 1};
	static struct permutation_tests got;
	uint8_t samples[300], literal[300];
	struct err e;
	(void)state;

	for (unsigned i = 0; i < 300; i++)
		samples[i] = (uint8_t)(i / 50);
	const struct symbols t = symbols_literal(samples, sizeof samples, literal);
	assert_int_equal(permutation_test(samples, t, &run, &got, &e), 0);
	assert_false(got.passed);
	assert_int_equal(got.permutations, PERMUTATIONS);
	assert_false(got.decided >> IID_DIRECTIONAL_RUNS & 1);
}

/* Of conditioned samples the bits alone are assessed. */
static void test_conditioned(void **state)
{
	static const struct iid_run run = {.threads = 2, .seed = 1};
	static uint8_t samples[IID_SAMPLES_MIN];
	static struct iid got;
	uint64_t random = 1;
	struct err e;
	(void)state;

	for (size_t i = 0; i < sizeof samples; i++)
		samples[i] = sample_byte(&random);
	assert_int_equal(assess_iid(samples, sizeof samples, 8, true, &run, &got, &e), 0);
	assert_true(got.has_bitstring && !got.has_literal && got.h_original == 8);
	assert_true(got.h == 8 * got.h_bitstring && got.h > 7);
}

/* ---- jobs ---- */

static int succeed(void *self)
{
	(void)self;
	return 0;
}

static int run_out(void *self)
{
	(void)self;
	return -1;
}

static void tell(void *self, double part)
{
	double *latest = self;

	assert_true(part > *latest && part <= 1);
	*latest = part;
}

/* More threads than jobs, more of both than is allowed, and one that fails: what comes behind it is left. */
static const struct crew {
	const char *name;
	size_t n, failing;
	unsigned threads;
} crews[] = {
	{"one job, five threads", 1, 1, 5},
	{"two jobs, one thread", 2, 2, 1},
	{"a hundred of both", 100, 100, 100},
	{"the third of ten fails", 10, 2, 1},
};

static void test_jobs(void **state)
{
	const struct crew *row = *state;
	struct job jobs[100] = {{0}};
	double latest = 0;
	struct err e = {0};

	for (size_t i = 0; i < row->n; i++)
		jobs[i] = (struct job){i == row->failing ? run_out : succeed, NULL, 1};
	const bool fails = row->failing < row->n;
	assert_int_equal(jobs_run(jobs, row->n, row->threads, tell, &latest, &e), fails ? -1 : 0);
	assert_int_equal(e.code, fails ? ERR_OS : 0);
	assert_true(fails ? latest < 0.25 : latest == 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_too_few_for_chi_square),
		cmocka_unit_test(test_lower_tail),
		cmocka_unit_test(test_compression_of_a_counter),
		cmocka_unit_test(test_no_longer_repeats),
		cmocka_unit_test(test_suffixes_of_every_text),
		cmocka_unit_test(test_no_suffixes),
		cmocka_unit_test(test_empty_table),
		cmocka_unit_test(test_each_value_once),
		cmocka_unit_test(test_sorted_samples),
		cmocka_unit_test(test_conditioned),
	};
	return ROWS_RUN("jobs", test_jobs, crews) + cmocka_run_group_tests(tests, NULL, NULL);
}
