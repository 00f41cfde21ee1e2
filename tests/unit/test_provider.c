/* provider.c at OpenSSL's own door: DRBGs of OpenSSL with our parent, without the checks that drbg.c makes before. */
#include "seed/provider.h"

#include <openssl/core_dispatch.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <openssl/provider.h>
#include <stdarg.h>
#include <string.h>

#include <setjmp.h>

#include <cmocka.h>

enum { CAP = 1024 };

struct rig {
	struct pool *pool;
	struct provider_params params;
	OSSL_LIB_CTX *lib;
	OSSL_PROVIDER *theirs, *ours;
	EVP_RAND_CTX *parent, *drbg;
};

static void fill(struct rig *r, size_t n)
{
	uint8_t samples[CAP];
	memset(samples, 0xA5, sizeof samples);
	assert_int_equal(pool_put(r->pool, samples, n), n);
}

static EVP_RAND_CTX *new_drbg(struct rig *r)
{
	EVP_RAND *algorithm = EVP_RAND_fetch(r->lib, "CTR-DRBG", "provider=default");
	EVP_RAND_CTX *ctx = EVP_RAND_CTX_new(algorithm, r->parent);
	EVP_RAND_free(algorithm);
	OSSL_PARAM params[] = {
		OSSL_PARAM_construct_utf8_string(OSSL_DRBG_PARAM_CIPHER, (char *)"AES-256-CTR", 0),
		OSSL_PARAM_construct_end(),
	};
	assert_non_null(ctx);
	assert_true(EVP_RAND_CTX_set_params(ctx, params));
	return ctx;
}

struct row {
	const char *name;
	double h;
	unsigned margin_bits;
	size_t instantiate, reseed; /* samples */
};
static const struct row rows[] = {
	{"H 8, margin 0: 48 and 32 samples", 8, 0, 48, 32},
	{"H 8, margin 64: 56 and 40 samples", 8, 64, 56, 40},
	{"H 7.9, margin 64: 57 and 41 samples", 7.9, 64, 57, 41},
	{"H 4, margin 64: 112 and 80 samples", 4, 64, 112, 80},
	{"H 0.5, margin 64: 896 and 640 samples", 0.5, 64, 896, 640},
};
enum { ROWS = sizeof rows / sizeof rows[0] };

static struct rig rig_new(double h, unsigned margin_bits)
{
	struct err e = {0};
	struct rig r = {.params = {.h_per_sample = h, .margin_bits = margin_bits}};
	r.pool = r.params.pool = pool_new(CAP, NULL, &e);
	assert_non_null(r.pool);
	r.lib = OSSL_LIB_CTX_new();
	r.theirs = OSSL_PROVIDER_load(r.lib, "default");
	r.ours = provider_load(r.lib);
	assert_true(r.theirs && r.ours);
	return r;
}

static void rig_free(struct rig *r)
{
	EVP_RAND_CTX_free(r->drbg);
	EVP_RAND_CTX_free(r->parent);
	OSSL_PROVIDER_unload(r->ours);
	OSSL_PROVIDER_unload(r->theirs);
	OSSL_LIB_CTX_free(r->lib);
	pool_free(r->pool);
}

static void openssl_gets_a_seed_only_from_enough(void **state)
{
	const struct row *row = *state;
	struct rig r = rig_new(row->h, row->margin_bits);
	r.parent = provider_parent_new(r.lib, &r.params);
	assert_non_null(r.parent);
	r.drbg = new_drbg(&r);

	fill(&r, row->instantiate - 1);
	assert_false(EVP_RAND_instantiate(r.drbg, 256, 0, NULL, 0, NULL));
	assert_int_equal(pool_counts(r.pool).level, row->instantiate - 1);
	EVP_RAND_uninstantiate(r.drbg);
	fill(&r, 1);
	assert_true(EVP_RAND_instantiate(r.drbg, 256, 0, NULL, 0, NULL));
	assert_int_equal(pool_counts(r.pool).level, 0);

	fill(&r, row->reseed);
	assert_true(EVP_RAND_reseed(r.drbg, 0, NULL, 0, NULL, 0));
	assert_int_equal(pool_counts(r.pool).level, 0);
	fill(&r, row->reseed - 1);
	assert_false(EVP_RAND_reseed(r.drbg, 0, NULL, 0, NULL, 0));
	assert_int_equal(pool_counts(r.pool).level, row->reseed - 1);
	rig_free(&r);
}

static void a_seed_is_all_that_the_pool_holds(void **state)
{
	(void)state;
	struct rig r = rig_new(8, 0);
	r.parent = provider_parent_new(r.lib, &r.params);
	r.drbg = new_drbg(&r);
	fill(&r, CAP);
	assert_true(EVP_RAND_instantiate(r.drbg, 256, 0, NULL, 0, NULL));
	assert_int_equal(pool_counts(r.pool).level, 0);
	rig_free(&r);
}

static void the_parent_tells_state_and_strength(void **state)
{
	(void)state;
	struct rig r = rig_new(8, 0);
	r.parent = provider_parent_new(r.lib, &r.params);
	assert_int_equal(EVP_RAND_get_state(r.parent), EVP_RAND_STATE_READY);
	assert_int_equal(EVP_RAND_get_strength(r.parent), 256);
	assert_true(EVP_RAND_uninstantiate(r.parent));
	assert_int_equal(EVP_RAND_get_state(r.parent), EVP_RAND_STATE_UNINITIALISED);
	rig_free(&r);
}

static void the_parent_never_generates(void **state)
{
	(void)state;
	struct rig r = rig_new(8, 0);
	uint8_t out[16];
	r.parent = provider_parent_new(r.lib, &r.params);
	fill(&r, CAP);
	assert_false(EVP_RAND_generate(r.parent, out, sizeof out, 256, 0, NULL, 0));
	assert_int_equal(pool_counts(r.pool).level, CAP);
	rig_free(&r);
}

static void an_uninstantiated_parent_gives_no_seed(void **state)
{
	(void)state;
	struct rig r = rig_new(8, 0);
	r.parent = provider_parent_new(r.lib, &r.params);
	r.drbg = new_drbg(&r);
	assert_true(EVP_RAND_uninstantiate(r.parent));
	fill(&r, CAP);
	assert_false(EVP_RAND_instantiate(r.drbg, 256, 0, NULL, 0, NULL));
	assert_int_equal(pool_counts(r.pool).level, CAP);
	rig_free(&r);
}

static void a_parent_needs_its_parameters(void **state)
{
	(void)state;
	struct rig r = rig_new(8, 0);
	EVP_RAND *algorithm = EVP_RAND_fetch(r.lib, "REFRESHER-POOL", NULL);
	r.parent = EVP_RAND_CTX_new(algorithm, NULL);
	EVP_RAND_free(algorithm);
	assert_non_null(r.parent);
	assert_false(EVP_RAND_instantiate(r.parent, 256, 0, NULL, 0, NULL));
	assert_int_equal(EVP_RAND_get_state(r.parent), EVP_RAND_STATE_UNINITIALISED);
	rig_free(&r);
}

static void a_parent_is_instantiated_once_and_up_to_its_strength(void **state)
{
	(void)state;
	struct rig r = rig_new(8, 0);
	const struct provider_params *params = &r.params;
	OSSL_PARAM handed[] = {
		OSSL_PARAM_construct_octet_string("refresher-params", (void *)&params, sizeof params),
		OSSL_PARAM_construct_end(),
	};
	r.parent = provider_parent_new(r.lib, &r.params);
	assert_false(EVP_RAND_instantiate(r.parent, 256, 0, NULL, 0, handed));
	assert_true(EVP_RAND_uninstantiate(r.parent));
	assert_false(EVP_RAND_instantiate(r.parent, 257, 0, NULL, 0, handed));
	assert_true(EVP_RAND_instantiate(r.parent, 256, 0, NULL, 0, handed));
	rig_free(&r);
}

/* The calls as OpenSSL's DRBG makes them, found in the dispatch table of the loaded provider. */
static void (*parent_call(struct rig *r, int id))(void)
{
	int no_cache;
	const OSSL_ALGORITHM *a = OSSL_PROVIDER_query_operation(r->ours, OSSL_OP_RAND, &no_cache);
	assert_non_null(a);
	for (const OSSL_DISPATCH *d = a->implementation; d->function_id != 0; d++)
		if (d->function_id == id)
			return d->function;
	fail_msg("no function %d", id);
	return NULL;
}

struct ask {
	const char *name;
	size_t stored;
	int entropy_bits;
	size_t min_len, max_len;
	size_t given;
};
static const struct ask asks[] = {
	{"the strength alone, nonce in the least length (OpenSSL 3.0)", 48, 256, 48, 1000, 48},
	{"the strength alone, nonce in the least length, one missing", 47, 256, 48, 1000, 0},
	{"the nonce in both (OpenSSL 3.5)", 48, 384, 48, 1000, 48},
	{"the nonce in both, one missing", 47, 384, 48, 1000, 0},
	{"the nonce in the bits alone", 48, 384, 32, 1000, 48},
	{"the nonce in the bits alone, one missing", 47, 384, 32, 1000, 0},
	{"no bits: the least length rules", 32, 0, 32, 1000, 32},
	{"negative bits: the least length rules", 31, -1, 32, 1000, 0},
	{"no more than the greatest length", 100, 256, 32, 60, 60},
	{"a greatest length just enough", 100, 256, 32, 32, 32},
	{"a greatest length too small for the bits", 100, 256, 16, 31, 0},
	{"a seed of the whole capacity", CAP, 256, 32, 5000, CAP},
	{"more than the pool can ever hold", CAP, 8 * CAP + 1, 32, 5000, 0},
};
enum { ASKS = sizeof asks / sizeof asks[0] };

static void get_seed_gives_what_it_may_and_clear_seed_wipes(void **state)
{
	const struct ask *a = *state;
	struct rig r = rig_new(8, 0);
	void (*(*call)(struct rig *, int))(void) = parent_call;
	OSSL_FUNC_rand_newctx_fn *newctx = (OSSL_FUNC_rand_newctx_fn *)call(&r, OSSL_FUNC_RAND_NEWCTX);
	OSSL_FUNC_rand_freectx_fn *freectx = (OSSL_FUNC_rand_freectx_fn *)call(&r, OSSL_FUNC_RAND_FREECTX);
	OSSL_FUNC_rand_instantiate_fn *instantiate =
		(OSSL_FUNC_rand_instantiate_fn *)call(&r, OSSL_FUNC_RAND_INSTANTIATE);
	OSSL_FUNC_rand_get_seed_fn *get_seed = (OSSL_FUNC_rand_get_seed_fn *)call(&r, OSSL_FUNC_RAND_GET_SEED);
	OSSL_FUNC_rand_clear_seed_fn *clear_seed = (OSSL_FUNC_rand_clear_seed_fn *)call(&r, OSSL_FUNC_RAND_CLEAR_SEED);
	const struct provider_params *params = &r.params;
	OSSL_PARAM handed[] = {
		OSSL_PARAM_construct_octet_string("refresher-params", (void *)&params, sizeof params),
		OSSL_PARAM_construct_end(),
	};
	void *ctx = newctx(NULL, NULL, NULL);
	assert_true(instantiate(ctx, 256, 0, NULL, 0, handed));
	fill(&r, a->stored);
	unsigned char *seed = NULL;
	assert_int_equal(get_seed(ctx, &seed, a->entropy_bits, a->min_len, a->max_len, 0, NULL, 0), a->given);
	assert_int_equal(pool_counts(r.pool).level, a->stored - a->given);
	for (size_t i = 0; i < a->given; i++)
		assert_int_equal(seed[i], 0xA5);
	clear_seed(ctx, seed, a->given); /* OpenSSL calls it after a refusal too, with nothing */
	for (size_t i = 0; i < a->given; i++)
		assert_int_equal(seed[i], 0);
	freectx(ctx);
	rig_free(&r);
}

#define ROW(table, run, i) ((struct CMUnitTest){(table)[i].name, (run), NULL, NULL, (void *)&(table)[i]})

int main(void)
{
	static const struct CMUnitTest singles[] = {
		cmocka_unit_test(a_seed_is_all_that_the_pool_holds),
		cmocka_unit_test(the_parent_tells_state_and_strength),
		cmocka_unit_test(the_parent_never_generates),
		cmocka_unit_test(an_uninstantiated_parent_gives_no_seed),
		cmocka_unit_test(a_parent_needs_its_parameters),
		cmocka_unit_test(a_parent_is_instantiated_once_and_up_to_its_strength),
	};
	enum { SINGLES = sizeof singles / sizeof singles[0] };
	struct CMUnitTest tests[ROWS + ASKS + SINGLES];
	size_t n = 0;
	for (size_t i = 0; i < ROWS; i++)
		tests[n++] = ROW(rows, openssl_gets_a_seed_only_from_enough, i);
	for (size_t i = 0; i < ASKS; i++)
		tests[n++] = ROW(asks, get_seed_gives_what_it_may_and_clear_seed_wipes, i);
	for (size_t i = 0; i < SINGLES; i++)
		tests[n++] = singles[i];
	return cmocka_run_group_tests(tests, NULL, NULL);
}
