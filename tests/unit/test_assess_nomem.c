/* non_iid.c without memory: each request fails in turn, and each time that is said and nothing is kept. */
#include "assess/non_iid.h"
#include "health_samples.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

void *__real_malloc(size_t size);
void *__real_calloc(size_t n, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t n, size_t size);

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

enum { N = 6100 };

/* Random samples, or a block again and again, for which tuples are counted in the other way. */
static void test_each(void **state)
{
	const size_t block = *(const size_t *)*state;
	const struct non_iid_run run = {.threads = 1};
	static uint8_t s[N];
	uint64_t random = 5;
	long granted = 0;
	int result;

	for (size_t i = 0; i < N; i++)
		s[i] = i < block ? sample_byte(&random) : s[i - block];
	do {
		struct non_iid out;
		struct err e = {0};
		left = granted++;
		result = assess_non_iid(s, N, 0, NON_IID_INITIAL, &run, &out, &e);
		left = -1;
		if (result < 0)
			assert_int_equal(e.code, ERR_OS);
	} while (result < 0);
	assert_true(granted > 20);

	/* A pass on its own says so too. */
	struct non_iid_pass pass;
	struct err e = {0};
	left = 0;
	assert_int_equal(non_iid_pass((struct symbols){s, N, SYMBOLS_MAX}, 8, &run, &pass, &e), -1);
	left = -1;
	assert_int_equal(e.code, ERR_OS);
}

int main(void)
{
	static const size_t blocks[] = {N, 300};
	const struct CMUnitTest tests[] = {
		{"random samples", test_each, NULL, NULL, (void *)&blocks[0]},
		{"a block again and again", test_each, NULL, NULL, (void *)&blocks[1]},
	};
	return cmocka_run_group_tests_name("assessment without memory", tests, NULL, NULL);
}
