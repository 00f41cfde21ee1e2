#include "seed/drbg.h"

#include "base/wipe.h"
#include "seed/provider.h"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <openssl/provider.h>
#include <stdlib.h>
#include <string.h>

struct drbg {
	OSSL_LIB_CTX *lib;
	OSSL_PROVIDER *ours, *theirs;
	EVP_RAND_CTX *parent, *ctx;
	struct provider_params seed; /* the parent keeps its address; too_few: it refused, and OpenSSL did not fail */
	struct drbg_params params;
	uint64_t requests; /* since the last seed */
};

const char *const drbg_reason_names[DRBG_REASONS] = {"start", "refresh", "interval", "recovery"};

const char *drbg_library_version(void)
{
	return OpenSSL_version(OPENSSL_VERSION_STRING);
}

/* The oldest entry of OpenSSL's error queue is the cause; the later ones are its callers. */
static int fail(struct err *e, const char *step)
{
	const char *reason = ERR_reason_error_string(ERR_peek_error());
	ERR_clear_error();
	return err_set(e, ERR_SOFTWARE, 0, DRBG_NAME ": %s: %s", step, reason ? reason : "OpenSSL gave no reason");
}

/* SP 800-90A 8.6.7: on instantiate a nonce of half the strength is needed beside the entropy input, and comes from the
 * same samples. */
size_t drbg_instantiate_need(const struct drbg_params *p)
{
	return provider_need(p->h_per_sample, DRBG_STRENGTH_BITS + DRBG_NONCE_BITS + p->margin_bits);
}

/* A reseed mixes with the state that is there, and needs no nonce. */
size_t drbg_reseed_need(const struct drbg_params *p)
{
	return provider_need(p->h_per_sample, DRBG_STRENGTH_BITS + p->margin_bits);
}

/* What a caller may have wrong: a min-entropy that is none, and a pool that can never hold a seed. */
static int check_params(struct pool *pool, const struct drbg_params *p, struct err *e)
{
	/* Written so that what is no number at all is refused too. */
	if (!(p->h_per_sample > 0 && p->h_per_sample <= 8))
		return err_set(e, ERR_SOFTWARE, 0,
			       DRBG_NAME ": min-entropy %g is not above 0 and at most 8 bits per sample",
			       p->h_per_sample);

	/* The greatest need is the first one; who waits for a pool that is too small waits for ever. */
	size_t need = drbg_instantiate_need(p);
	if (need > pool_counts(pool).capacity)
		return err_set(e, ERR_CONFIG, 0,
			       DRBG_NAME
			       ": a seed needs %zu samples of %g bits, more than the %zu that the pool can hold",
			       need, p->h_per_sample, pool_counts(pool).capacity);
	return 0;
}

/* Algorithm, and no reseeding by request count or by clock: OpenSSL would do it in the middle of a request. */
static int set_up(struct drbg *d)
{
	unsigned never_by_count = 0;
	time_t never_by_time = 0;
	int use_df = 1;
	OSSL_PARAM params[] = {
		OSSL_PARAM_construct_utf8_string(OSSL_DRBG_PARAM_CIPHER, (char *)"AES-256-CTR", 0),
		OSSL_PARAM_construct_int(OSSL_DRBG_PARAM_USE_DF, &use_df),
		OSSL_PARAM_construct_uint(OSSL_DRBG_PARAM_RESEED_REQUESTS, &never_by_count),
		OSSL_PARAM_construct_time_t(OSSL_DRBG_PARAM_RESEED_TIME_INTERVAL, &never_by_time),
		OSSL_PARAM_construct_end(),
	};

	/* The strength follows from the cipher: another one than we promise would be a mistake of OpenSSL or of ours.
	 */
	return EVP_RAND_CTX_set_params(d->ctx, params) && EVP_RAND_get_strength(d->ctx) >= DRBG_STRENGTH_BITS ? 0 : -1;
}

static int open_openssl(struct drbg *d, struct err *e)
{
	/* The library is told not to read openssl.cnf, which could name other providers, and to leave no exit handler,
	 * which would clear the library while a thread that the kernel holds back still uses it. */
	OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG | OPENSSL_INIT_NO_ATEXIT, NULL);

	/* A library context of our own holds OpenSSL's default provider, which has the DRBG, and ours, which has the
	 * noise source as its parent. */
	d->lib = OSSL_LIB_CTX_new();
	d->theirs = d->lib ? OSSL_PROVIDER_load(d->lib, "default") : NULL;
	d->ours = d->theirs ? provider_load(d->lib) : NULL;
	if (!d->ours)
		return fail(e, "load the providers");

	/* The DRBG is made above that parent, so that it takes its entropy input from there and nowhere else. */
	d->parent = provider_parent_new(d->lib, &d->seed);
	EVP_RAND *algorithm = EVP_RAND_fetch(d->lib, DRBG_NAME, "provider=default");
	d->ctx = d->parent && algorithm ? EVP_RAND_CTX_new(algorithm, d->parent) : NULL;
	EVP_RAND_free(algorithm); /* the context holds it */
	if (!d->ctx || set_up(d) < 0)
		return fail(e, "set up");
	return 0;
}

struct drbg *drbg_new(struct pool *pool, const struct drbg_params *p, struct err *e)
{
	if (check_params(pool, p, e) < 0)
		return NULL;
	struct drbg *d = calloc(1, sizeof *d);
	if (!d) {
		err_set(e, ERR_SOFTWARE, 0, DRBG_NAME ": no memory");
		return NULL;
	}

	/* What it was asked for is kept, and what the parent must know stands where the parent finds it later. */
	*d = (struct drbg){.params = *p,
			   .seed = {.pool = pool,
				    .h_per_sample = p->h_per_sample,
				    .margin_bits = p->margin_bits,
				    .account = p->account}};
	if (p->reseed_interval == 0)
		d->params.reseed_interval = DRBG_RESEED_INTERVAL;

	/* A DRBG that is only half open is no use to anybody: it is taken apart again. */
	if (open_openssl(d, e) < 0) {
		drbg_free(d);
		return NULL;
	}
	return d;
}

void drbg_free(struct drbg *d)
{
	if (!d)
		return;

	/* The child goes before its parent, the parent before the provider that has its code. */
	if (d->ctx)
		EVP_RAND_uninstantiate(d->ctx);
	EVP_RAND_CTX_free(d->ctx);
	EVP_RAND_CTX_free(d->parent);
	if (d->ours)
		OSSL_PROVIDER_unload(d->ours);
	if (d->theirs)
		OSSL_PROVIDER_unload(d->theirs);
	OSSL_LIB_CTX_free(d->lib);
	free(d);
}

/* OpenSSL keeps the state of SP 800-90A: an instantiation that is there and has not failed. */
bool drbg_is_ready(const struct drbg *d)
{
	return EVP_RAND_get_state(d->ctx) == EVP_RAND_STATE_READY;
}

/* OpenSSL never sees a parent that fails: that would put the DRBG into its error state. */
static int check_pool(const struct drbg *d, size_t need, struct err *e)
{
	size_t level = pool_counts(d->seed.pool).level;
	if (level >= need)
		return 0;
	return err_set(e, ERR_UNAVAILABLE, 0, DRBG_NAME ": the pool holds %zu samples, the seed needs %zu", level,
		       need);
}

/* OpenSSL tries to mend an error state by itself, without our personalization string: we begin anew instead. */
static int drop(struct drbg *d, struct err *e, const char *step)
{
	/* A parent that had too few samples is no fault of OpenSSL: the caller may wait for more and try again. */
	fail(e, step);
	if (d->seed.too_few)
		err_set(e, ERR_UNAVAILABLE, 0, DRBG_NAME ": %s: the samples were discarded meanwhile", step);

	/* Without an instantiation nothing can be drawn until the caller makes a new one. */
	d->seed.too_few = false;
	EVP_RAND_uninstantiate(d->ctx);
	return -1;
}

int drbg_instantiate(struct drbg *d, const uint8_t *pers, size_t pers_len, struct err *e)
{
	if (check_pool(d, drbg_instantiate_need(&d->params), e) < 0)
		return -1;

	/* SP 800-90A, section "Instantiating a DRBG": entropy input and nonce come from the parent in one piece. For no
	 * personalization string OpenSSL would take one of its own, so it gets an empty one. */
	EVP_RAND_uninstantiate(d->ctx);
	if (!EVP_RAND_instantiate(d->ctx, DRBG_STRENGTH_BITS, 0, pers ? pers : (const uint8_t *)"", pers_len, NULL))
		return drop(d, e, "instantiate");
	d->requests = 0;
	return 0;
}

static int check_ready(const struct drbg *d, struct err *e)
{
	if (drbg_is_ready(d))
		return 0;
	return err_set(e, ERR_SOFTWARE, 0, DRBG_NAME ": not instantiated");
}

int drbg_reseed(struct drbg *d, const uint8_t *adin, size_t adin_len, struct err *e)
{
	if (check_ready(d, e) < 0 || check_pool(d, drbg_reseed_need(&d->params), e) < 0)
		return -1;

	/* SP 800-90A, section "Reseeding a DRBG Instantiation": the parent is asked for fresh entropy input. */
	if (!EVP_RAND_reseed(d->ctx, 0, NULL, 0, adin, adin_len))
		return drop(d, e, "reseed");
	d->requests = 0;
	return 0;
}

int drbg_generate(struct drbg *d, uint8_t *out, size_t len, bool prediction_resistance, const uint8_t *adin,
		  size_t adin_len, struct err *e)
{
	int rc = check_ready(d, e);

	/* SP 800-90A 9.3.1 step 7: the reseed takes the additional input, and none is left for the requests. */
	if (rc == 0 && prediction_resistance) {
		rc = drbg_reseed(d, adin, adin_len, e);
		adin = NULL;
		adin_len = 0;
	}

	/* In requests of the greatest size that the standard allows; the first takes the additional input. They are
	 * counted here against the reseed interval: OpenSSL's own counting was switched off. */
	for (size_t done = 0; rc == 0 && done < len; done += DRBG_MAX_REQUEST) {
		size_t n = len - done < DRBG_MAX_REQUEST ? len - done : DRBG_MAX_REQUEST;
		if (d->requests++ >= d->params.reseed_interval)
			rc = err_set(e, ERR_SOFTWARE, 0, DRBG_NAME ": the reseed interval is used up");
		else if (!EVP_RAND_generate(d->ctx, out + done, n, DRBG_STRENGTH_BITS, 0, adin, adin_len))
			rc = drop(d, e, "generate");
		adin = NULL;
		adin_len = 0;
	}

	/* Nobody shall take for random what was left half done. */
	if (rc < 0)
		wipe(out, len);
	return rc;
}
