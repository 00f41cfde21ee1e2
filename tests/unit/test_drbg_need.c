/* drbg.c: how many samples a seed needs, exactly, and which parameters are refused. */
#include "drbg_rig.h"

#include <math.h>

/* ---- how many samples ---- */

struct need {
	const char *name;
	double h;
	unsigned margin_bits;
	size_t instantiate, reseed;
};
static const struct need needs[] = {
	{"H 0.5, margin 64: 896 and 640 samples", 0.5, 64, 896, 640},
	{"H 1, margin 64: 448 and 320 samples", 1, 64, 448, 320},
	{"H 4, margin 64: 112 and 80 samples", 4, 64, 112, 80},
	{"H 7.9, margin 64: 57 and 41 samples", 7.9, 64, 57, 41},
	{"H 8, margin 64: 56 and 40 samples", 8, 64, 56, 40},
	{"H 7.9, margin 0: 49 and 33 samples", 7.9, 0, 49, 33},
	{"H 8, margin 0: 48 and 32 samples", 8, 0, 48, 32},
	{"H 8, margin 1: one bit more is one sample more", 8, 1, 49, 33},
};
enum { NEEDS = sizeof needs / sizeof needs[0] };

static void check_need(void **state)
{
	const struct need *n = *state;
	const struct drbg_params p = {.h_per_sample = n->h, .margin_bits = n->margin_bits};
	assert_int_equal(drbg_instantiate_need(&p), n->instantiate);
	assert_int_equal(drbg_reseed_need(&p), n->reseed);
}

static void one_less_fails_and_need_suffices(struct rig *r, int (*step)(struct rig *, struct err *), size_t need)
{
	struct err e = {0};
	bool ready = drbg_is_ready(r->drbg);
	fill(r, 1, need - 1);
	assert_int_equal(step(r, &e), -1);
	assert_int_equal(e.code, ERR_UNAVAILABLE);
	assert_int_equal(pool_counts(r->pool).level, need - 1);
	assert_int_equal(drbg_is_ready(r->drbg), ready);
	fill(r, 2, 1);
	assert_int_equal(step(r, &e), 0);
	assert_int_equal(pool_counts(r->pool).level, 0);
	assert_true(drbg_is_ready(r->drbg));
}

static void need_is_exact(void **state)
{
	const struct need *n = *state;
	struct rig r = rig_new(n->h, n->margin_bits);
	assert_false(drbg_is_ready(r.drbg));
	one_less_fails_and_need_suffices(&r, instantiate, n->instantiate);
	one_less_fails_and_need_suffices(&r, reseed, n->reseed);
	one_less_fails_and_need_suffices(&r, generate_pr, n->reseed);
	one_less_fails_and_need_suffices(&r, instantiate, n->instantiate);
	rig_free(&r);
}

/* ---- parameters ---- */

struct params_row {
	const char *name;
	size_t capacity;
	double h;
	enum err_code code;
};
static const struct params_row params_rows[] = {
	{"H 0 is refused", 1024, 0, ERR_SOFTWARE},
	{"a negative H is refused", 1024, -1, ERR_SOFTWARE},
	{"an H that is not a number is refused", 1024, NAN, ERR_SOFTWARE},
	{"H 8 is accepted", 1024, 8, ERR_NONE},
	{"H above 8 is refused", 1024, 8.001, ERR_SOFTWARE},
	{"a pool that holds just one seed is accepted", 64, 7, ERR_NONE},
	{"a pool that lacks one sample for a seed is refused", 64, 6.99, ERR_CONFIG},
};
enum { PARAMS_ROWS = sizeof params_rows / sizeof params_rows[0] };

static void check_params(void **state)
{
	const struct params_row *row = *state;
	const struct drbg_params p = {.h_per_sample = row->h, .margin_bits = DRBG_MARGIN_BITS};
	struct err e = {0};
	struct pool *pool = pool_new(row->capacity, NULL, &e);
	struct drbg *d = drbg_new(pool, &p, &e);
	assert_int_equal(d != NULL, row->code == ERR_NONE);
	assert_int_equal(e.code, row->code);
	drbg_free(d);
	pool_free(pool);
}

#define ROW(table, run, i) ((struct CMUnitTest){(table)[i].name, (run), NULL, NULL, (void *)&(table)[i]})

int main(void)
{
	struct CMUnitTest tests[2 * NEEDS + PARAMS_ROWS];
	size_t n = 0;
	for (size_t i = 0; i < NEEDS; i++) {
		tests[n++] = ROW(needs, check_need, i);
		tests[n++] = ROW(needs, need_is_exact, i);
	}
	for (size_t i = 0; i < PARAMS_ROWS; i++)
		tests[n++] = ROW(params_rows, check_params, i);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
