/* OpenSSL fails: each of its functions that seed/ calls refuses its nth call. There is an error, never half a result,
 * no output, and an instantiation afterwards makes all well again. And the parent's answers to odd questions. */
#include "drbg_rig.h"
#include "seed/digest.h"
#include "seed/provider.h"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <openssl/provider.h>

enum call {
	NONE,
	LIB_CTX_NEW,
	PROVIDER_LOAD,
	ADD_BUILTIN,
	RAND_FETCH,
	RAND_CTX_NEW,
	SET_PARAMS,
	GET_STRENGTH,
	INSTANTIATE,
	RESEED,
	GENERATE,
	MD_FETCH,
	MD_CTX_NEW,
	DIGEST_INIT,
	DIGEST_UPDATE,
	DIGEST_FINAL,
};

static struct fault {
	enum call call;
	unsigned nth, count;
} fault;

static bool refuse(enum call call)
{
	return call == fault.call && ++fault.count == fault.nth;
}

/* Declares the linker's two names of a function and defines the one that stands between. */
#define BETWEEN(call_, type_, name_, params_, args_, refused_)                                                         \
	type_ __real_##name_ params_;                                                                                  \
	type_ __wrap_##name_ params_;                                                                                  \
	type_ __wrap_##name_ params_                                                                                   \
	{                                                                                                              \
		return refuse(call_) ? (refused_) : __real_##name_ args_;                                              \
	}

BETWEEN(LIB_CTX_NEW, OSSL_LIB_CTX *, OSSL_LIB_CTX_new, (void), (), NULL)
BETWEEN(PROVIDER_LOAD, OSSL_PROVIDER *, OSSL_PROVIDER_load, (OSSL_LIB_CTX * lib, const char *name), (lib, name), NULL)
BETWEEN(ADD_BUILTIN, int, OSSL_PROVIDER_add_builtin,
	(OSSL_LIB_CTX * lib, const char *name, OSSL_provider_init_fn *init), (lib, name, init), 0)
BETWEEN(RAND_FETCH, EVP_RAND *, EVP_RAND_fetch, (OSSL_LIB_CTX * lib, const char *name, const char *properties),
	(lib, name, properties), NULL)
BETWEEN(RAND_CTX_NEW, EVP_RAND_CTX *, EVP_RAND_CTX_new, (EVP_RAND * rand, EVP_RAND_CTX *parent), (rand, parent), NULL)
BETWEEN(SET_PARAMS, int, EVP_RAND_CTX_set_params, (EVP_RAND_CTX * ctx, const OSSL_PARAM params[]), (ctx, params), 0)
BETWEEN(GET_STRENGTH, unsigned, EVP_RAND_get_strength, (EVP_RAND_CTX * ctx), (ctx), 128)
BETWEEN(INSTANTIATE, int, EVP_RAND_instantiate,
	(EVP_RAND_CTX * ctx, unsigned strength, int resistance, const unsigned char *pers, size_t pers_len,
	 const OSSL_PARAM params[]),
	(ctx, strength, resistance, pers, pers_len, params), 0)
BETWEEN(RESEED, int, EVP_RAND_reseed,
	(EVP_RAND_CTX * ctx, int resistance, const unsigned char *entropy, size_t entropy_len,
	 const unsigned char *adin, size_t adin_len),
	(ctx, resistance, entropy, entropy_len, adin, adin_len), 0)
BETWEEN(GENERATE, int, EVP_RAND_generate,
	(EVP_RAND_CTX * ctx, unsigned char *out, size_t len, unsigned strength, int resistance,
	 const unsigned char *adin, size_t adin_len),
	(ctx, out, len, strength, resistance, adin, adin_len), 0)
BETWEEN(MD_FETCH, EVP_MD *, EVP_MD_fetch, (OSSL_LIB_CTX * lib, const char *name, const char *properties),
	(lib, name, properties), NULL)
BETWEEN(MD_CTX_NEW, EVP_MD_CTX *, EVP_MD_CTX_new, (void), (), NULL)
BETWEEN(DIGEST_INIT, int, EVP_DigestInit_ex2, (EVP_MD_CTX * ctx, const EVP_MD *md, const OSSL_PARAM params[]),
	(ctx, md, params), 0)
BETWEEN(DIGEST_UPDATE, int, EVP_DigestUpdate, (EVP_MD_CTX * ctx, const void *p, size_t len), (ctx, p, len), 0)
BETWEEN(DIGEST_FINAL, int, EVP_DigestFinal_ex, (EVP_MD_CTX * ctx, unsigned char *md, unsigned *len), (ctx, md, len), 0)

/* --- making a DRBG or a digest --- */

struct new_row {
	const char *name;
	enum call call;
	unsigned nth;
};
static const struct new_row drbg_rows[] = {
	{"no library context", LIB_CTX_NEW, 1},
	{"no default provider", PROVIDER_LOAD, 1},
	{"our provider is not taken", ADD_BUILTIN, 1},
	{"our provider is not loaded", PROVIDER_LOAD, 2},
	{"no parent algorithm", RAND_FETCH, 1},
	{"no parent context", RAND_CTX_NEW, 1},
	{"the parent is not instantiated", INSTANTIATE, 1},
	{"no DRBG algorithm", RAND_FETCH, 2},
	{"no DRBG context", RAND_CTX_NEW, 2},
	{"the parameters are not taken", SET_PARAMS, 1},
	{"the security strength is too low", GET_STRENGTH, 1},
};

static void no_drbg(void **state)
{
	const struct new_row *row = *state;
	const struct drbg_params params = {.h_per_sample = 4, .margin_bits = DRBG_MARGIN_BITS};
	struct err e = {0};
	struct pool *pool = pool_new(CAP, NULL, &e);
	fault = (struct fault){.call = row->call, .nth = row->nth};
	struct drbg *d = drbg_new(pool, &params, &e);
	assert_int_equal(fault.count >= fault.nth, true);
	fault = (struct fault){NONE};
	assert_null(d);
	assert_int_equal(e.code, ERR_SOFTWARE);
	assert_ptr_equal(strstr(e.msg, "CTR-DRBG: "), e.msg);
	d = drbg_new(pool, &params, &e);
	assert_non_null(d);
	drbg_free(d);
	pool_free(pool);
}

static const struct new_row digest_rows[] = {
	{"a digest without a library context", LIB_CTX_NEW, 1},
	{"a digest without SHA-256", MD_FETCH, 1},
	{"a digest without a context", MD_CTX_NEW, 1},
	{"a digest that does not begin", DIGEST_INIT, 1},
};

static void no_digest(void **state)
{
	const struct new_row *row = *state;
	struct err e = {0};
	fault = (struct fault){.call = row->call, .nth = row->nth};
	struct digest *d = digest_new(&e);
	fault = (struct fault){NONE};
	assert_null(d);
	assert_int_equal(e.code, ERR_SOFTWARE);
}

static const struct new_row step_rows[] = {
	{"a digest that does not begin again", DIGEST_INIT, 1},
	{"a digest that takes no bytes", DIGEST_UPDATE, 1},
	{"a digest that takes no more bytes", DIGEST_UPDATE, 2},
	{"a digest that does not end", DIGEST_FINAL, 1},
};

static const char sha256_of_abc[] = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

static void hash_abc(struct digest *d, char out[DIGEST_HEX_SIZE])
{
	digest_reset(d);
	digest_add(d, "a", 1);
	digest_add(d, "bc", 2);
	digest_hex(d, out);
}

static void an_empty_digest_and_then_the_right_one(void **state)
{
	const struct new_row *row = *state;
	char out[DIGEST_HEX_SIZE];
	struct err e = {0};
	struct digest *d = digest_new(&e);
	assert_non_null(d);
	fault = (struct fault){.call = row->call, .nth = row->nth};
	hash_abc(d, out);
	fault = (struct fault){NONE};
	assert_string_equal(out, "");
	hash_abc(d, out);
	assert_string_equal(out, sha256_of_abc);
	digest_free(d);
}

/* --- using a DRBG --- */

static int generate_plain(struct rig *r, struct err *e)
{
	uint8_t out[100000]; /* two requests */
	memset(out, 0xA5, sizeof out);
	int rc = drbg_generate(r->drbg, out, sizeof out, false, NULL, 0, e);
	for (size_t i = 0; rc != 0 && i < sizeof out; i++)
		assert_int_equal(out[i], 0);
	return rc;
}

struct use_row {
	const char *name;
	enum call call;
	unsigned nth;
	int (*use)(struct rig *r, struct err *e);
};
static const struct use_row use_rows[] = {
	{"an instantiation fails", INSTANTIATE, 1, instantiate},
	{"a reseed fails", RESEED, 1, reseed},
	{"a reseed for prediction resistance fails", RESEED, 1, generate_pr},
	{"a request behind a reseed fails", GENERATE, 1, generate_pr},
	{"the first request fails", GENERATE, 1, generate_plain},
	{"the second request fails: nothing of the first is given", GENERATE, 2, generate_plain},
};

static void uninstantiated_until_instantiated_again(void **state)
{
	const struct use_row *row = *state;
	struct err e = {0};
	struct rig r = rig_seeded();
	fill(&r, 2, CAP / 2);
	fault = (struct fault){.call = row->call, .nth = row->nth};
	assert_int_equal(row->use(&r, &e), -1);
	assert_int_equal(fault.count, row->nth);
	fault = (struct fault){NONE};
	assert_int_equal(e.code, ERR_SOFTWARE);
	assert_false(drbg_is_ready(r.drbg));
	assert_int_equal(generate_plain(&r, &e), -1);
	pool_discard(r.pool);
	fill(&r, 3, CAP);
	assert_int_equal(instantiate(&r, &e), 0);
	assert_int_equal(generate_plain(&r, &e), 0);
	rig_free(&r);
}

/* --- the parent, asked by others than OpenSSL's DRBG --- */

struct parent_rig {
	struct pool *pool;
	struct provider_params params;
	OSSL_LIB_CTX *lib;
	OSSL_PROVIDER *provider;
	EVP_RAND_CTX *parent;
};

static int parent_rig_new(void **state)
{
	static struct parent_rig r;
	struct err e = {0};
	r = (struct parent_rig){.params = {.h_per_sample = 4}};
	r.pool = r.params.pool = pool_new(CAP, NULL, &e);
	r.lib = OSSL_LIB_CTX_new();
	r.provider = provider_load(r.lib);
	r.parent = provider_parent_new(r.lib, &r.params);
	*state = &r;
	return r.parent ? 0 : -1;
}

static int parent_rig_free(void **state)
{
	struct parent_rig *r = *state;
	EVP_RAND_CTX_free(r->parent);
	OSSL_PROVIDER_unload(r->provider);
	OSSL_LIB_CTX_free(r->lib);
	pool_free(r->pool);
	return 0;
}

static void the_parent_answers_only_in_the_right_types(void **state)
{
	static const char *const keys[] = {OSSL_RAND_PARAM_STATE, OSSL_RAND_PARAM_STRENGTH,
					   OSSL_DRBG_PARAM_RESEED_COUNTER};
	struct parent_rig *r = *state;
	char text[16];
	for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
		OSSL_PARAM wrong[] = {OSSL_PARAM_construct_utf8_string(keys[i], text, sizeof text),
				      OSSL_PARAM_construct_end()};
		assert_false(EVP_RAND_CTX_get_params(r->parent, wrong));
	}
	OSSL_PARAM none[] = {OSSL_PARAM_construct_end()};
	assert_true(EVP_RAND_CTX_get_params(r->parent, none));
}

static void the_parent_is_instantiated_once_and_by_us_alone(void **state)
{
	struct parent_rig *r = *state;
	const struct provider_params *other = &r->params;
	char key[] = "refresher-params", wrong[] = "no address";
	OSSL_PARAM ours[] = {OSSL_PARAM_construct_octet_string(key, &other, sizeof other), OSSL_PARAM_construct_end()};
	OSSL_PARAM text[] = {OSSL_PARAM_construct_utf8_string(key, wrong, 0), OSSL_PARAM_construct_end()};
	OSSL_PARAM none[] = {OSSL_PARAM_construct_end()};
	assert_false(EVP_RAND_instantiate(r->parent, 256, 0, NULL, 0, ours)); /* it is already */
	assert_true(EVP_RAND_uninstantiate(r->parent));
	assert_false(EVP_RAND_instantiate(r->parent, 257, 0, NULL, 0, ours));
	assert_false(EVP_RAND_instantiate(r->parent, 256, 0, NULL, 0, none));
	assert_false(EVP_RAND_instantiate(r->parent, 256, 0, NULL, 0, text));
	assert_true(EVP_RAND_instantiate(r->parent, 256, 0, NULL, 0, ours));
}

static void the_parent_never_generates(void **state)
{
	struct parent_rig *r = *state;
	uint8_t samples[64] = {0}, out[16];
	pool_put(r->pool, samples, sizeof samples);
	assert_false(EVP_RAND_generate(r->parent, out, sizeof out, 256, 0, NULL, 0));
	assert_int_equal(pool_counts(r->pool).level, sizeof samples);
}

#define ADD_ROWS(rows, check)                                                                                          \
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)                                                      \
		tests[n++] = (struct CMUnitTest)                                                                       \
		{                                                                                                      \
			rows[i].name, check, NULL, NULL, (void *)&rows[i]                                              \
		}
#define COUNT(rows)     (sizeof rows / sizeof rows[0])
#define PARENT_TEST(f_) cmocka_unit_test_setup_teardown(f_, parent_rig_new, parent_rig_free)

int main(void)
{
	struct CMUnitTest tests[COUNT(drbg_rows) + COUNT(digest_rows) + COUNT(step_rows) + COUNT(use_rows)];
	const struct CMUnitTest parent_tests[] = {
		PARENT_TEST(the_parent_answers_only_in_the_right_types),
		PARENT_TEST(the_parent_is_instantiated_once_and_by_us_alone),
		PARENT_TEST(the_parent_never_generates),
	};
	size_t n = 0;
	ADD_ROWS(drbg_rows, no_drbg);
	ADD_ROWS(digest_rows, no_digest);
	ADD_ROWS(step_rows, an_empty_digest_and_then_the_right_one);
	ADD_ROWS(use_rows, uninstantiated_until_instantiated_again);
	int failed = cmocka_run_group_tests_name("OpenSSL fails", tests, NULL, NULL);
	return failed + cmocka_run_group_tests_name("the parent", parent_tests, NULL, NULL);
}
