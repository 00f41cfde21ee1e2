#include "seed/provider.h"

#include "base/wipe.h"

#include <math.h>
#include <openssl/core_dispatch.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <openssl/provider.h>
#include <stdlib.h>

/* Parent context of one DRBG. OpenSSL holds it as void *. */
struct parent {
	struct provider_params *params; /* NULL until instantiated */
	uint8_t *seed;                  /* of locked_new: handed out by get_seed, wiped by clear_seed */
	size_t seed_cap;
};

enum { PARENT_STRENGTH_BITS = 256 };

static const char provider_name[] = "refresher";
static const char parent_name[] = "REFRESHER-POOL";
static const char param_key[] = "refresher-params"; /* octet string: the address of a struct provider_params */

size_t provider_need(double h_per_sample, size_t bits)
{
	return (size_t)ceil((double)bits / h_per_sample);
}

/* OpenSSL makes and frees contexts by these calls; a context is empty until it is instantiated. */
static void *parent_new(void *provctx, void *grandparent, const OSSL_DISPATCH *grandparent_calls)
{
	(void)provctx, (void)grandparent, (void)grandparent_calls;
	return calloc(1, sizeof(struct parent));
}

static int parent_uninstantiate(void *self)
{
	struct parent *c = self;
	locked_free(c->seed, c->seed_cap);
	*c = (struct parent){0};
	return 1;
}

static void parent_free(void *self)
{
	if (self)
		parent_uninstantiate(self);
	free(self);
}

static int parent_instantiate(void *self, unsigned int strength, int prediction_resistance, const unsigned char *pers,
			      size_t pers_len, const OSSL_PARAM params[])
{
	(void)prediction_resistance, (void)pers, (void)pers_len;
	struct parent *c = self;
	struct provider_params *given = NULL;
	void *into = (void *)&given;

	/* The address of what the parent must know comes as a parameter; without it, or a second time, nothing is done.
	 */
	const OSSL_PARAM *p = OSSL_PARAM_locate_const(params, param_key);
	if (c->params || strength > PARENT_STRENGTH_BITS || !p ||
	    !OSSL_PARAM_get_octet_string(p, &into, sizeof given, NULL))
		return 0;

	/* A seed is handed out in memory of ours: as much as the pool may ever hold, locked as the pool is. */
	c->seed_cap = pool_counts(given->pool).capacity;
	c->seed = locked_new(c->seed_cap, given->account);
	if (!c->seed)
		return 0;
	c->params = given;
	return 1;
}

/* Entropy leaves only through get_seed, where its amount is known. */
static int parent_generate(void *self, unsigned char *out, size_t len, unsigned int strength, int prediction_resistance,
			   const unsigned char *adin, size_t adin_len)
{
	(void)self, (void)out, (void)len, (void)strength, (void)prediction_resistance, (void)adin, (void)adin_len;
	return 0;
}

static int parent_get_ctx_params(void *self, OSSL_PARAM params[])
{
	const struct parent *c = self;

	/* A child asks how strong its parent is, and for its reseed counter, which stands still: when it moves, OpenSSL
	 * reseeds by itself. The state is for whoever inspects the parent. */
	OSSL_PARAM *state = OSSL_PARAM_locate(params, OSSL_RAND_PARAM_STATE);
	OSSL_PARAM *strength = OSSL_PARAM_locate(params, OSSL_RAND_PARAM_STRENGTH);
	OSSL_PARAM *counter = OSSL_PARAM_locate(params, OSSL_DRBG_PARAM_RESEED_COUNTER);
	int state_now = c->params ? EVP_RAND_STATE_READY : EVP_RAND_STATE_UNINITIALISED;
	return (!state || OSSL_PARAM_set_int(state, state_now)) &&
	       (!strength || OSSL_PARAM_set_uint(strength, PARENT_STRENGTH_BITS)) &&
	       (!counter || OSSL_PARAM_set_uint(counter, 0));
}

static size_t parent_get_seed(void *self, unsigned char **out, int entropy_bits, size_t min_len, size_t max_len,
			      int prediction_resistance, const unsigned char *adin, size_t adin_len)
{
	/* Every seed comes live from the noise source, and adin (the DRBG's address) has nothing to part here. */
	(void)prediction_resistance, (void)adin, (void)adin_len;
	struct parent *c = self;
	if (!c->params)
		return 0;

	/* The request may be told as bits or as a least length: the greater one is heeded, with the margin on top. */
	size_t bits = entropy_bits > 0 ? (size_t)entropy_bits : 0;
	if (bits < 8 * min_len)
		bits = 8 * min_len;
	size_t need = provider_need(c->params->h_per_sample, bits + c->params->margin_bits);
	size_t cap = max_len < c->seed_cap ? max_len : c->seed_cap;
	if (need > cap)
		return 0;

	/* All that the pool holds, and nothing at all where that is not enough. */
	size_t n = pool_counts(c->params->pool).level < need ? 0 : pool_take(c->params->pool, c->seed, cap);
	if (n < need) { /* discarded meanwhile, by a health-test failure */
		wipe(c->seed, n);
		c->params->too_few = true;
		return 0;
	}
	*out = c->seed;
	return n;
}

/* The DRBG has used its seed, and no copy of it may stay behind. */
static void parent_clear_seed(void *self, unsigned char *seed, size_t len)
{
	(void)self;
	wipe(seed, len);
}

/* What a RAND algorithm must have, and get_seed with its clear_seed, by which a DRBG draws from its parent. The types
 * of the calls stand in core_dispatch.h; the table holds them all as one type. */
static const OSSL_DISPATCH parent_calls[] = {
	{OSSL_FUNC_RAND_NEWCTX, (void (*)(void))parent_new},
	{OSSL_FUNC_RAND_FREECTX, (void (*)(void))parent_free},
	{OSSL_FUNC_RAND_INSTANTIATE, (void (*)(void))parent_instantiate},
	{OSSL_FUNC_RAND_UNINSTANTIATE, (void (*)(void))parent_uninstantiate},
	{OSSL_FUNC_RAND_GENERATE, (void (*)(void))parent_generate},
	{OSSL_FUNC_RAND_GET_CTX_PARAMS, (void (*)(void))parent_get_ctx_params},
	{OSSL_FUNC_RAND_GET_SEED, (void (*)(void))parent_get_seed},
	{OSSL_FUNC_RAND_CLEAR_SEED, (void (*)(void))parent_clear_seed},
	{0, NULL},
};

static const OSSL_ALGORITHM rand_algorithms[] = {
	{parent_name, "provider=refresher", parent_calls, "pool of tested samples"},
	{NULL, NULL, NULL, NULL},
};

/* Of random generators we have the one, of everything else nothing; the table is constant, so OpenSSL may keep it. */
static const OSSL_ALGORITHM *query(void *provctx, int operation, int *no_cache)
{
	(void)provctx;
	*no_cache = 0;
	return operation == OSSL_OP_RAND ? rand_algorithms : NULL;
}

static const OSSL_DISPATCH provider_calls[] = {
	{OSSL_FUNC_PROVIDER_QUERY_OPERATION, (void (*)(void))query},
	{0, NULL},
};

/* OpenSSL's own interface: the members of a dispatch table are cast back to their types before they are called. */
static int provider_init(const OSSL_CORE_HANDLE *handle, const OSSL_DISPATCH *in, const OSSL_DISPATCH **out,
			 void **provctx)
{
	(void)in;
	*out = provider_calls;
	*provctx = (void *)handle; /* never read; OpenSSL takes NULL for a failure */
	return 1;
}

/* No file is loaded: the provider is part of this program, and known in this library context alone. */
OSSL_PROVIDER *provider_load(OSSL_LIB_CTX *lib)
{
	if (!OSSL_PROVIDER_add_builtin(lib, provider_name, provider_init))
		return NULL;
	return OSSL_PROVIDER_load(lib, provider_name);
}

/* The parent needs no parent: it is the pool that its samples come from. */
EVP_RAND_CTX *provider_parent_new(OSSL_LIB_CTX *lib, struct provider_params *params)
{
	/* Our one algorithm, without a parent of its own ... */
	EVP_RAND *algorithm = EVP_RAND_fetch(lib, parent_name, "provider=refresher");
	EVP_RAND_CTX *ctx = EVP_RAND_CTX_new(algorithm, NULL);
	EVP_RAND_free(algorithm); /* the context holds it */

	/* ... is told where its parameters are, by address: they outlive it. */
	OSSL_PARAM handed[] = {
		OSSL_PARAM_construct_octet_string(param_key, (void *)&params, sizeof params),
		OSSL_PARAM_construct_end(),
	};
	if (ctx && EVP_RAND_instantiate(ctx, PARENT_STRENGTH_BITS, 0, NULL, 0, handed))
		return ctx;
	EVP_RAND_CTX_free(ctx);
	return NULL;
}
