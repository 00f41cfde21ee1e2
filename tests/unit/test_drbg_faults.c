/* drbg.c, provider.c and selftest.c, by inclusion, above a pool that is discarded by another hand in the middle: the
 * level is still read as before, but the samples are gone. And self-tests with a wrong known answer. */
#include "seed/pool.h"

#include <stdbool.h>

struct lie {
	bool discard; /* the level is told once more, then all but `left` samples are gone */
	size_t left;
	size_t boast;     /* so many samples are told that are not there */
	int calls_before; /* so many calls of pool_counts still tell the truth */
};
static struct lie lie;

static void discard_but(struct pool *p, size_t left)
{
	uint8_t samples[1024];
	pool_take(p, samples, left);
	pool_discard(p);
	pool_put(p, samples, left);
}

static struct pool_counts lying_counts(struct pool *p)
{
	struct pool_counts c = pool_counts(p);
	if (lie.calls_before-- > 0)
		return c;
	if (lie.discard)
		discard_but(p, lie.left);
	lie.discard = false;
	c.level += lie.boast;
	return c;
}
#define pool_counts lying_counts
#include "../../refresher/seed/drbg.c"
#include "../../refresher/seed/provider.c"
#undef pool_counts
#include "../../refresher/seed/selftest.c"

#include <stdarg.h>

#include <setjmp.h>

#include <cmocka.h>

enum { CAP = 1024 };

static void fill(struct pool *p)
{
	uint8_t samples[CAP];
	memset(samples, 0xA5, sizeof samples);
	pool_discard(p);
	assert_int_equal(pool_put(p, samples, CAP), CAP);
}

enum step { INSTANTIATE, RESEED, GENERATE_PR };
struct row {
	const char *name;
	enum step step;
	int calls_before; /* 0: discarded between drbg.c's look and OpenSSL; 1: between get_seed's look and its take */
	size_t left;      /* 90 would do for OpenSSL, not for H 4 at instantiate; 70 not at reseed */
};
static const struct row rows[] = {
	{"discarded before OpenSSL asks, at instantiate", INSTANTIATE, 0, 0},
	{"discarded while OpenSSL asks, at instantiate", INSTANTIATE, 1, 0},
	{"discarded in part while OpenSSL asks, at instantiate", INSTANTIATE, 1, 90},
	{"discarded before OpenSSL asks, at reseed", RESEED, 0, 0},
	{"discarded while OpenSSL asks, at reseed", RESEED, 1, 0},
	{"discarded in part while OpenSSL asks, at reseed", RESEED, 1, 70},
	{"discarded before OpenSSL asks, at generate", GENERATE_PR, 0, 0},
	{"discarded while OpenSSL asks, at generate", GENERATE_PR, 1, 0},
	{"discarded in part while OpenSSL asks, at generate", GENERATE_PR, 1, 70},
};
enum { ROWS = sizeof rows / sizeof rows[0] };

static int do_step(struct drbg *d, enum step step, uint8_t *out, size_t len, struct err *e)
{
	if (step == INSTANTIATE)
		return drbg_instantiate(d, NULL, 0, e);
	if (step == RESEED)
		return drbg_reseed(d, NULL, 0, e);
	return drbg_generate(d, out, len, true, NULL, 0, e);
}

static void a_discard_in_the_middle_leaves_it_uninstantiated(void **state)
{
	const struct row *r = *state;
	struct err e = {0};
	uint8_t out[32];
	const struct drbg_params params = {.h_per_sample = 4, .margin_bits = DRBG_MARGIN_BITS};
	struct pool *pool = pool_new(CAP, NULL, &e);
	struct drbg *d = drbg_new(pool, &params, &e);
	assert_non_null(d);
	fill(pool);
	assert_int_equal(drbg_instantiate(d, NULL, 0, &e), 0);

	fill(pool);
	memset(out, 0xA5, sizeof out);
	lie = (struct lie){.discard = true, .left = r->left, .calls_before = r->calls_before};
	assert_int_equal(do_step(d, r->step, out, sizeof out, &e), -1);
	lie = (struct lie){0};
	assert_int_equal(e.code, ERR_UNAVAILABLE); /* a matter of the source; OpenSSL is well */
	assert_non_null(strstr(e.msg, "discarded meanwhile"));
	assert_false(drbg_is_ready(d));
	assert_int_equal(EVP_RAND_get_state(d->ctx), EVP_RAND_STATE_UNINITIALISED);
	assert_int_equal(ERR_peek_error(), 0);
	if (r->step == GENERATE_PR)
		assert_int_equal(out[0] | out[31], 0);

	fill(pool); /* and it goes on after a fresh instantiation only */
	assert_int_equal(drbg_generate(d, out, sizeof out, false, NULL, 0, &e), -1);
	assert_int_equal(drbg_instantiate(d, NULL, 0, &e), 0);
	assert_int_equal(drbg_generate(d, out, sizeof out, false, NULL, 0, &e), 0);
	drbg_free(d);
	pool_free(pool);
}

/* ---- the self-test itself ---- */

static void one_wrong_bit_anywhere_fails_the_known_answer(void **state)
{
	(void)state;
	const struct drbg_params params = {.h_per_sample = 8, .margin_bits = 0};
	struct err e = {0};
	for (size_t i = 0; i < sizeof(struct kat); i++) {
		struct kat wrong = known;
		((uint8_t *)&wrong)[i] ^= 0x10;
		struct pool *pool = pool_new(KAT_POOL, NULL, &e);
		struct drbg *d = drbg_new(pool, &params, &e);
		assert_int_equal(run_kat(&wrong, pool, d, &e), -1);
		assert_int_equal(e.code, ERR_SOFTWARE);
		drbg_free(d);
		pool_free(pool);
	}
}

enum { LOOKS_OF_NEW = 2 }; /* drbg_new asks so often for the capacity alone */

static void the_self_test_fails_when_the_seed_is_lost(void **state)
{
	(void)state;
	for (int calls_before = 0; calls_before < 6; calls_before++) {
		struct err e = {0};
		lie = (struct lie){.discard = true, .calls_before = LOOKS_OF_NEW + calls_before};
		int rc = drbg_self_test(&e);
		lie = (struct lie){0};
		assert_int_equal(rc, -1);
		assert_int_equal(e.code, ERR_SOFTWARE);
		assert_int_equal(strncmp(e.msg, "CTR-DRBG", 8), 0);
	}
}

static void the_self_test_sees_a_refusal_that_costs_the_state(void **state)
{
	(void)state;
	struct err e = {0};
	/* Three seeds with two looks each, then the refusals. */
	lie = (struct lie){.boast = KAT_POOL, .calls_before = LOOKS_OF_NEW + 6};
	int rc = drbg_self_test(&e);
	lie = (struct lie){0};
	assert_int_equal(rc, -1);
	assert_int_equal(e.code, ERR_SOFTWARE);
}

static void the_self_test_sees_a_pool_that_is_not_refused(void **state)
{
	(void)state;
	const struct drbg_params params = {.h_per_sample = 8, .margin_bits = 0};
	struct err e = {0};
	struct pool *pool = pool_new(CAP, NULL, &e);
	struct drbg *d = drbg_new(pool, &params, &e);
	fill(pool);
	assert_int_equal(drbg_instantiate(d, NULL, 0, &e), 0);
	fill(pool);
	assert_int_equal(run_refusals(d, &e), -1);
	assert_int_equal(e.code, ERR_SOFTWARE);
	drbg_free(d);
	pool_free(pool);
}

int main(void)
{
	struct CMUnitTest tests[ROWS + 4];
	for (size_t i = 0; i < ROWS; i++)
		tests[i] = (struct CMUnitTest){rows[i].name, a_discard_in_the_middle_leaves_it_uninstantiated, NULL,
					       NULL, (void *)&rows[i]};
	tests[ROWS] = (struct CMUnitTest)cmocka_unit_test(one_wrong_bit_anywhere_fails_the_known_answer);
	tests[ROWS + 1] = (struct CMUnitTest)cmocka_unit_test(the_self_test_fails_when_the_seed_is_lost);
	tests[ROWS + 2] = (struct CMUnitTest)cmocka_unit_test(the_self_test_sees_a_pool_that_is_not_refused);
	tests[ROWS + 3] = (struct CMUnitTest)cmocka_unit_test(the_self_test_sees_a_refusal_that_costs_the_state);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
