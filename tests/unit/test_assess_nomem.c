/* Assessments without memory: each request fails in turn, and each time that is said and nothing is kept. */
#include "assess/iid.h"
#include "assess/non_iid.h"
#include "assess/restart.h"
#include "health_samples.h"
#include "rows.h"

void *__real_malloc(size_t size);
void *__real_calloc(size_t n, size_t size);
void *__real_aligned_alloc(size_t alignment, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_aligned_alloc(size_t alignment, size_t size);

/* How many requests are granted yet. One thread asks. */
static long left = -1;

static int refused(void)
{
	return left >= 0 && left-- == 0;
}

void *__wrap_malloc(size_t size)
{
	return refused() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t n, size_t size)
{
	return refused() ? NULL : __real_calloc(n, size);
}

void *__wrap_aligned_alloc(size_t alignment, size_t size)
{
	return refused() ? NULL : __real_aligned_alloc(alignment, size);
}

static void make_samples(uint8_t *s, size_t n, size_t block, uint8_t mask)
{
	uint64_t random = 5;

	for (size_t i = 0; i < n; i++)
		s[i] = i < block ? sample_byte(&random) & mask : s[i - block];
}

enum { N = 6100, N_IID = IID_SAMPLES_MIN };

static int non_iid(const uint8_t *s, struct err *e)
{
	static const struct non_iid_run run = {.threads = 1};
	struct non_iid out;

	return assess_non_iid(s, N, 0, NON_IID_INITIAL, &run, &out, e);
}

static int independent(const uint8_t *s, struct err *e)
{
	static const struct iid_run run = {.threads = 1, .seed = 1};
	static struct iid out;

	return assess_iid(s, N_IID, 8, false, &run, &out, e);
}

/* Random samples, or a block again and again, for which tuples are counted in the other way. */
static const struct row {
	const char *name;
	int (*assess)(const uint8_t *s, struct err *e);
	size_t block;
	long least; /* requests */
} rows[] = {
	{"random samples", non_iid, N, 20},
	{"a block again and again", non_iid, 300, 20},
	{"an IID claim", independent, N_IID, 15},
};

static void test_each(void **state)
{
	const struct row *row = *state;
	static uint8_t s[N_IID];
	long granted = 0;
	int result;

	make_samples(s, sizeof s, row->block, 0xff);
	do {
		struct err e = {0};
		left = granted++;
		result = row->assess(s, &e);
		left = -1;
		if (result < 0)
			assert_int_equal(e.code, ERR_OS);
	} while (result < 0);
	assert_true(granted > row->least);
}

/* A pass on its own says so too. */
static void test_pass(void **state)
{
	static const struct non_iid_run run = {.threads = 1};
	static uint8_t s[N];
	struct non_iid_pass pass;
	struct err e = {0};
	(void)state;

	make_samples(s, N, N, 0xff);
	left = 0;
	assert_int_equal(non_iid_pass((struct symbols){s, N, SYMBOLS_MAX}, 8, &run, &pass, &e), -1);
	left = -1;
	assert_int_equal(e.code, ERR_OS);
}

/* A million samples each time: only the first requests are refused, and the last one, which is of the columns. */
static void test_restart(void **state)
{
	static const struct iid_run run = {.threads = 1, .seed = 1};
	enum { FIRST = 5, MANY = 1 << 20 };
	uint8_t *s = __real_malloc(RESTART_SAMPLES);
	static struct restart out;
	struct err e = {0};
	(void)state;

	make_samples(s, RESTART_SAMPLES, RESTART_SAMPLES, 1);
	left = MANY;
	assert_int_equal(assess_restart(s, 1, 0.9, false, &run, &out, &e), 0);
	const long requests = MANY - left;
	assert_true(out.valid && requests > FIRST);
	for (long i = 0; i <= FIRST; i++) {
		left = i < FIRST ? i : requests - 1;
		e.code = 0;
		assert_int_equal(assess_restart(s, 1, 0.9, false, &run, &out, &e), -1);
		assert_int_equal(e.code, ERR_OS);
	}
	left = -1;
	free(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_pass),
		cmocka_unit_test(test_restart),
	};
	return ROWS_RUN("assessment without memory", test_each, rows) + cmocka_run_group_tests(tests, NULL, NULL);
}
