/* drbg.c and selftest.c: needs, refusals that leave the state alone, splitting of requests, the reseed interval. Twins
 * are two DRBGs with the same samples: what one may do beyond the other must not show in the output. */
#include "seed/drbg.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <setjmp.h>

#include <cmocka.h>

enum { CAP = 1024, KINDS = 3 };

struct rig {
	struct pool *pool;
	struct drbg *drbg;
	struct drbg_params params;
};

static struct rig rig_new(enum drbg_kind kind, double h, unsigned margin_bits)
{
	struct err e = {0};
	struct rig r = {.params = {.kind = kind, .h_per_sample = h, .margin_bits = margin_bits}};
	r.pool = pool_new(CAP, NULL, &e);
	assert_non_null(r.pool);
	r.drbg = drbg_new(r.pool, &r.params, &e);
	assert_non_null(r.drbg);
	return r;
}

static void rig_free(struct rig *r)
{
	drbg_free(r->drbg);
	pool_free(r->pool);
}

static void fill(struct rig *r, uint8_t value, size_t n)
{
	uint8_t samples[CAP];
	memset(samples, value, sizeof samples);
	assert_int_equal(pool_put(r->pool, samples, n), n);
}

static struct rig rig_seeded(enum drbg_kind kind)
{
	struct err e = {0};
	struct rig r = rig_new(kind, 4, DRBG_MARGIN_BITS);
	fill(&r, 1, drbg_instantiate_need(&r.params));
	assert_int_equal(drbg_instantiate(r.drbg, NULL, 0, &e), 0);
	return r;
}

static void assert_same_output(struct rig *a, struct rig *b, bool same)
{
	struct err e = {0};
	uint8_t x[64], y[64];
	assert_int_equal(drbg_generate(a->drbg, x, sizeof x, false, NULL, 0, &e), 0);
	assert_int_equal(drbg_generate(b->drbg, y, sizeof y, false, NULL, 0, &e), 0);
	assert_int_equal(memcmp(x, y, sizeof x) == 0, same);
}

static bool all_are(const uint8_t *p, size_t n, uint8_t value)
{
	for (size_t i = 0; i < n; i++)
		if (p[i] != value)
			return false;
	return true;
}

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

static int reseed(struct rig *r, struct err *e)
{
	return drbg_reseed(r->drbg, NULL, 0, e);
}

static int generate_pr(struct rig *r, struct err *e)
{
	uint8_t out[32];
	return drbg_generate(r->drbg, out, sizeof out, true, NULL, 0, e);
}

static int instantiate(struct rig *r, struct err *e)
{
	return drbg_instantiate(r->drbg, NULL, 0, e);
}

static void one_less_fails_and_need_suffices(struct rig *r, int (*step)(struct rig *, struct err *), size_t need)
{
	struct err e = {0};
	bool ready = drbg_is_ready(r->drbg);
	fill(r, 1, need - 1);
	assert_int_equal(step(r, &e), -1);
	assert_int_equal(e.code, ERR_UNAVAILABLE);
	assert_int_equal(pool_level(r->pool), need - 1);
	assert_int_equal(drbg_is_ready(r->drbg), ready);
	fill(r, 2, 1);
	assert_int_equal(step(r, &e), 0);
	assert_int_equal(pool_level(r->pool), 0);
	assert_true(drbg_is_ready(r->drbg));
}

static void need_is_exact_for_every_kind(void **state)
{
	const struct need *n = *state;
	for (int kind = 0; kind < KINDS; kind++) {
		struct rig r = rig_new((enum drbg_kind)kind, n->h, n->margin_bits);
		assert_false(drbg_is_ready(r.drbg));
		one_less_fails_and_need_suffices(&r, instantiate, n->instantiate);
		one_less_fails_and_need_suffices(&r, reseed, n->reseed);
		one_less_fails_and_need_suffices(&r, generate_pr, n->reseed);
		one_less_fails_and_need_suffices(&r, instantiate, n->instantiate);
		rig_free(&r);
	}
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

/* ---- lengths: a long request is the same as its parts ---- */

struct length {
	const char *name;
	size_t len;
};
static const struct length lengths[] = {
	{"0 bytes", 0},
	{"1 byte", 1},
	{"one byte less than a request", DRBG_MAX_REQUEST - 1},
	{"one request", DRBG_MAX_REQUEST},
	{"one request and one byte", DRBG_MAX_REQUEST + 1},
	{"three requests and some bytes", 3 * DRBG_MAX_REQUEST + 77},
};
enum { LENGTHS = sizeof lengths / sizeof lengths[0] };

static void check_length(void **state)
{
	const struct length *row = *state;
	const uint8_t adin[] = "additional";
	struct err e = {0};
	struct rig whole = rig_seeded(DRBG_CTR), parts = rig_seeded(DRBG_CTR);
	uint8_t *x = malloc(row->len + 1), *y = malloc(row->len + 1);
	assert_true(x && y);
	memset(x, 0xA5, row->len + 1);
	assert_int_equal(drbg_generate(whole.drbg, x, row->len, false, adin, sizeof adin, &e), 0);
	for (size_t done = 0, n; done < row->len; done += n) {
		n = row->len - done < DRBG_MAX_REQUEST ? row->len - done : DRBG_MAX_REQUEST;
		bool first = done == 0;
		assert_int_equal(
			drbg_generate(parts.drbg, y + done, n, false, first ? adin : NULL, first ? sizeof adin : 0, &e),
			0);
	}
	assert_memory_equal(x, y, row->len);
	assert_int_equal(x[row->len], 0xA5);
	assert_same_output(&whole, &parts, true);
	free(y);
	free(x);
	rig_free(&parts);
	rig_free(&whole);
}

/* ---- state ---- */

static void a_refused_reseed_leaves_the_state(void **state)
{
	(void)state;
	for (int kind = 0; kind < KINDS; kind++) {
		struct err e = {0};
		struct rig a = rig_seeded((enum drbg_kind)kind), b = rig_seeded((enum drbg_kind)kind);
		assert_same_output(&a, &b, true);
		fill(&a, 9, drbg_reseed_need(&a.params) - 1);
		assert_int_equal(reseed(&a, &e), -1);
		assert_int_equal(generate_pr(&a, &e), -1);
		assert_int_equal(instantiate(&a, &e), -1);
		assert_same_output(&a, &b, true);
		rig_free(&b);
		rig_free(&a);
	}
}

static void a_reseed_changes_the_output(void **state)
{
	(void)state;
	struct err e = {0};
	struct rig a = rig_seeded(DRBG_CTR), b = rig_seeded(DRBG_CTR);
	fill(&a, 9, 100);
	assert_int_equal(reseed(&a, &e), 0);
	assert_int_equal(pool_level(a.pool), 0); /* all of it, not only the need */
	assert_same_output(&a, &b, false);
	rig_free(&b);
	rig_free(&a);
}

static void every_sample_of_a_full_pool_counts(void **state)
{
	(void)state;
	struct err e = {0};
	struct rig a = rig_new(DRBG_CTR, 4, DRBG_MARGIN_BITS), b = rig_new(DRBG_CTR, 4, DRBG_MARGIN_BITS);
	fill(&a, 1, CAP);
	fill(&b, 1, CAP - 1);
	fill(&b, 2, 1);
	assert_int_equal(instantiate(&a, &e), 0);
	assert_int_equal(instantiate(&b, &e), 0);
	assert_int_equal(pool_level(a.pool), 0);
	assert_same_output(&a, &b, false);
	rig_free(&b);
	rig_free(&a);
}

static void instantiate_begins_anew(void **state)
{
	(void)state;
	struct err e = {0};
	struct rig a = rig_seeded(DRBG_CTR), b = rig_seeded(DRBG_CTR);
	uint8_t out[10];
	assert_int_equal(drbg_generate(a.drbg, out, sizeof out, false, NULL, 0, &e), 0);
	fill(&a, 1, drbg_instantiate_need(&a.params));
	assert_int_equal(instantiate(&a, &e), 0);
	assert_same_output(&a, &b, true);
	rig_free(&b);
	rig_free(&a);
}

static void uninstantiated_generates_nothing(void **state)
{
	(void)state;
	struct err e = {0};
	struct rig r = rig_new(DRBG_CTR, 4, DRBG_MARGIN_BITS);
	uint8_t out[100];
	memset(out, 0xA5, sizeof out);
	fill(&r, 1, CAP);
	assert_int_equal(drbg_generate(r.drbg, out, sizeof out, false, NULL, 0, &e), -1);
	assert_int_equal(e.code, ERR_SOFTWARE);
	assert_true(all_are(out, sizeof out, 0));
	assert_int_equal(drbg_generate(r.drbg, out, 0, false, NULL, 0, &e), -1);
	assert_int_equal(generate_pr(&r, &e), -1);
	assert_int_equal(reseed(&r, &e), -1);
	assert_int_equal(pool_level(r.pool), CAP);
	assert_false(drbg_is_ready(r.drbg));
	rig_free(&r);
}

static void a_refused_generate_leaves_zeros(void **state)
{
	(void)state;
	struct err e = {0};
	struct rig r = rig_seeded(DRBG_CTR);
	uint8_t out[100];
	memset(out, 0xA5, sizeof out);
	assert_int_equal(drbg_generate(r.drbg, out, sizeof out, true, NULL, 0, &e), -1);
	assert_true(all_are(out, sizeof out, 0));
	rig_free(&r);
}

static void a_missing_personalization_string_is_an_empty_one(void **state)
{
	(void)state;
	struct err e = {0};
	struct rig a = rig_seeded(DRBG_CTR), b = rig_new(DRBG_CTR, 4, DRBG_MARGIN_BITS);
	fill(&b, 1, drbg_instantiate_need(&b.params));
	assert_int_equal(drbg_instantiate(b.drbg, (const uint8_t *)"", 0, &e), 0);
	assert_same_output(&a, &b, true);
	rig_free(&b);
	rig_free(&a);
}

static void prediction_resistance_is_a_reseed_first(void **state)
{
	(void)state;
	struct err e = {0};
	const uint8_t adin[] = "additional";
	uint8_t x[50], y[50];
	struct rig a = rig_seeded(DRBG_CTR), b = rig_seeded(DRBG_CTR);
	fill(&a, 5, 80);
	fill(&b, 5, 80);
	assert_int_equal(drbg_generate(a.drbg, x, sizeof x, true, adin, sizeof adin, &e), 0);
	assert_int_equal(drbg_reseed(b.drbg, adin, sizeof adin, &e), 0);
	assert_int_equal(drbg_generate(b.drbg, y, sizeof y, false, NULL, 0, &e), 0);
	assert_memory_equal(x, y, sizeof x);
	rig_free(&b);
	rig_free(&a);
}

static void openssl_never_reseeds_by_itself(void **state)
{
	(void)state;
	for (int kind = 0; kind < KINDS; kind++) {
		struct err e = {0};
		struct rig r = rig_seeded((enum drbg_kind)kind);
		uint8_t out[1];
		fill(&r, 7, CAP);
		for (int i = 0; i < 1000; i++) /* 256 is OpenSSL's own interval for the first DRBG of a process */
			assert_int_equal(drbg_generate(r.drbg, out, sizeof out, false, NULL, 0, &e), 0);
		assert_int_equal(pool_level(r.pool), CAP);
		rig_free(&r);
	}
}

static void the_reseed_interval_holds(void **state)
{
	(void)state;
	struct err e = {0};
	uint8_t out[2 * DRBG_MAX_REQUEST];
	struct rig r = {.params = {.kind = DRBG_CTR, .h_per_sample = 8, .reseed_interval = 3}};
	r.pool = pool_new(CAP, NULL, &e);
	r.drbg = drbg_new(r.pool, &r.params, &e);
	assert_non_null(r.drbg);
	fill(&r, 1, 48);
	assert_int_equal(instantiate(&r, &e), 0);
	assert_int_equal(drbg_generate(r.drbg, out, sizeof out, false, NULL, 0, &e), 0); /* two requests */
	assert_int_equal(drbg_generate(r.drbg, out, 1, false, NULL, 0, &e), 0);
	assert_int_equal(drbg_generate(r.drbg, out, 1, false, NULL, 0, &e), -1);
	assert_int_equal(e.code, ERR_SOFTWARE);
	assert_true(drbg_is_ready(r.drbg));
	fill(&r, 1, 32);
	assert_int_equal(reseed(&r, &e), 0);
	assert_int_equal(drbg_generate(r.drbg, out, sizeof out, false, NULL, 0, &e), 0);
	memset(out, 0xA5, sizeof out);
	assert_int_equal(drbg_generate(r.drbg, out, sizeof out, false, NULL, 0, &e), -1); /* its second request */
	assert_true(all_are(out, sizeof out, 0));
	fill(&r, 1, 48);
	assert_int_equal(instantiate(&r, &e), 0);
	assert_int_equal(drbg_generate(r.drbg, out, sizeof out, false, NULL, 0, &e), 0);
	rig_free(&r);
}

static void kinds_have_names_and_pass_their_self_test(void **state)
{
	(void)state;
	static const char *const names[KINDS] = {"CTR-DRBG", "HASH-DRBG", "HMAC-DRBG"};
	for (int kind = 0; kind < KINDS; kind++) {
		struct err e = {0};
		assert_string_equal(drbg_kind_name((enum drbg_kind)kind), names[kind]);
		assert_int_equal(drbg_self_test((enum drbg_kind)kind, &e), 0);
		assert_int_equal(e.code, ERR_NONE);
	}
}

static void the_version_is_major_minor_patch(void **state)
{
	(void)state;
	int major, minor, patch;
	assert_int_equal(sscanf(drbg_library_version(), "%d.%d.%d", &major, &minor, &patch), 3);
	assert_true(major >= 3);
}

#define ROW(table, run, i) ((struct CMUnitTest){(table)[i].name, (run), NULL, NULL, (void *)&(table)[i]})

int main(void)
{
	static const struct CMUnitTest singles[] = {
		cmocka_unit_test(a_refused_reseed_leaves_the_state),
		cmocka_unit_test(a_reseed_changes_the_output),
		cmocka_unit_test(every_sample_of_a_full_pool_counts),
		cmocka_unit_test(instantiate_begins_anew),
		cmocka_unit_test(uninstantiated_generates_nothing),
		cmocka_unit_test(a_refused_generate_leaves_zeros),
		cmocka_unit_test(a_missing_personalization_string_is_an_empty_one),
		cmocka_unit_test(prediction_resistance_is_a_reseed_first),
		cmocka_unit_test(openssl_never_reseeds_by_itself),
		cmocka_unit_test(the_reseed_interval_holds),
		cmocka_unit_test(kinds_have_names_and_pass_their_self_test),
		cmocka_unit_test(the_version_is_major_minor_patch),
	};
	enum { SINGLES = sizeof singles / sizeof singles[0] };
	struct CMUnitTest tests[2 * NEEDS + PARAMS_ROWS + LENGTHS + SINGLES];
	size_t n = 0;
	for (size_t i = 0; i < NEEDS; i++) {
		tests[n++] = ROW(needs, check_need, i);
		tests[n++] = ROW(needs, need_is_exact_for_every_kind, i);
	}
	for (size_t i = 0; i < PARAMS_ROWS; i++)
		tests[n++] = ROW(params_rows, check_params, i);
	for (size_t i = 0; i < LENGTHS; i++)
		tests[n++] = ROW(lengths, check_length, i);
	for (size_t i = 0; i < SINGLES; i++)
		tests[n++] = singles[i];
	return cmocka_run_group_tests(tests, NULL, NULL);
}
