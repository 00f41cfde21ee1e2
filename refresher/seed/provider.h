/* provider.h - our RAND provider: the pool as the parent of OpenSSL's DRBG.
 *
 * A built-in OpenSSL provider with one RAND algorithm that implements get_seed, so that entropy input reaches the DRBG
 * by OpenSSL's own door. It has no state of its own: what it needs is handed to each parent context by an OSSL_PARAM.
 * Deviations: the parent is outside any FIPS module boundary; it never generates (it is no DRBG), nor does it give a
 * separate nonce, so that OpenSSL takes the nonce with the entropy input (SP 800-90A 9.1). OpenSSL 3.0 asks by the
 * strength alone and puts the nonce into the least length, 3.5 puts it into both: the parent heeds the greater. Only
 * for the files of seed/; thread rule as for the DRBG above it. */
#ifndef REFRESHER_SEED_PROVIDER_H
#define REFRESHER_SEED_PROVIDER_H

#include "seed/pool.h"

#include <stdbool.h>
#include <stddef.h>

struct ossl_lib_ctx_st;  /* OSSL_LIB_CTX */
struct ossl_provider_st; /* OSSL_PROVIDER */
struct evp_rand_ctx_st;  /* EVP_RAND_CTX */

struct provider_params {
	struct pool *pool;
	double h_per_sample;    /* above 0, at most 8 */
	unsigned margin_bits;   /* asked of the pool beyond OpenSSL's request */
	struct locked *account; /* of the seed buffer: see locked_new */
	bool too_few;           /* set when a request is refused for want of samples; the caller takes it down */
};

/* Samples for an entropy input of so many bits: ceil(bits / H). */
size_t provider_need(double h_per_sample, size_t bits);

/* Makes our provider known in lib and loads it. The caller unloads it (OSSL_PROVIDER_unload). NULL: OpenSSL's error
 * queue tells. */
struct ossl_provider_st *provider_load(struct ossl_lib_ctx_st *lib);

/* A parent context, instantiated, that keeps p; *p and its pool must outlive it. Its get_seed hands out all that the
 * pool holds (at most what is asked for), and refuses, taking nothing, when that is less than provider_need of the
 * request and the margin. The caller frees it (EVP_RAND_CTX_free), which wipes its buffer. NULL: OpenSSL's error queue
 * tells. */
struct evp_rand_ctx_st *provider_parent_new(struct ossl_lib_ctx_st *lib, struct provider_params *p);

#endif
