/* cutoff.c against tests/vectors/cutoffs.inc, which tests/cutoffs.py --check recomputes exactly. */
#include "health/cutoff.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

struct row {
	const char *name;
	double h_per_sample;
	int alpha_log2;
	uint32_t window_w; /* 0: RCT */
	uint32_t cutoff_c;
};

#define RCT(h, alpha, c)    {"RCT, H " #h ", alpha 2^" #alpha ": C = " #c, (h), (alpha), 0, (c)},
#define APT(h, alpha, w, c) {"APT, H " #h ", alpha 2^" #alpha ", W " #w ": C = " #c, (h), (alpha), (w), (c)},
static const struct row rows[] = {
#include "../vectors/cutoffs.inc"
};
enum { ROWS = sizeof(rows) / sizeof(rows[0]) };

static void test_row(void **state)
{
	const struct row *r = *state;
	uint32_t c = r->window_w == 0 ? cutoff_rct(r->alpha_log2, r->h_per_sample)
				      : cutoff_apt(r->alpha_log2, r->h_per_sample, r->window_w);

	assert_int_equal(c, r->cutoff_c);
}

int main(void)
{
	struct CMUnitTest tests[ROWS];

	for (size_t i = 0; i < ROWS; i++)
		tests[i] = (struct CMUnitTest){rows[i].name, test_row, NULL, NULL, (void *)&rows[i]};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
