/* drbg.h - the SP 800-90A DRBG, by OpenSSL, with our pool as its parent.
 *
 * CTR_DRBG with AES-256 and derivation function (10.2.1), Hash_DRBG or HMAC_DRBG with SHA-512 (10.1); security strength
 * 256. Entropy input comes through provider.h, a RAND provider of ours that implements get_seed on the pool: no
 * cryptography is ours. The library context is our own; OpenSSL's automatic reseeding is switched off, the caller
 * reseeds. Deviation: OpenSSL's own TEST-RAND is not used, and our parent is outside any FIPS module boundary. One
 * owner: the worker thread. Opaque; free wipes. */
#ifndef REFRESHER_SEED_DRBG_H
#define REFRESHER_SEED_DRBG_H

#include "base/err.h"
#include "seed/pool.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum drbg_kind { DRBG_CTR, DRBG_HASH, DRBG_HMAC };
const char *drbg_kind_name(enum drbg_kind k); /* "CTR-DRBG", "HASH-DRBG", "HMAC-DRBG" */

enum {
	DRBG_STRENGTH_BITS = 256,
	DRBG_MARGIN_BITS = 64,                    /* entropy input beyond the request, for full entropy (SP 800-90C) */
	DRBG_NONCE_BITS = DRBG_STRENGTH_BITS / 2, /* taken from the pool with the entropy input on instantiate */
	DRBG_MAX_REQUEST = 65536,                 /* bytes of one generate request; OpenSSL's limit, below 2^19 bits */
};

struct seed_config {
	enum drbg_kind drbg;   /* default DRBG_CTR */
	uint64_t reseed_bytes; /* reseed inside a long refresh after so many bytes; default 64 MiB; 64 KiB ... 2^40 */
};

struct drbg_params {
	enum drbg_kind kind;
	double h_per_sample;  /* bits of min-entropy in each sample of the pool */
	unsigned margin_bits; /* DRBG_MARGIN_BITS; known-answer tests use 0 */
};

/* Samples that the pool must hold before drbg_instantiate / drbg_reseed: ceil((bits + margin) / H). */
size_t drbg_instantiate_need(const struct drbg_params *p);
size_t drbg_reseed_need(const struct drbg_params *p);

struct drbg;

/* Loads the library context and the provider; takes nothing from the pool, which must outlive the DRBG. NULL with *e.
 */
struct drbg *drbg_new(struct pool *pool, const struct drbg_params *p, struct err *e);
void drbg_free(struct drbg *d); /* uninstantiates and wipes; NULL is accepted */

/* Each takes everything that the pool holds (at most what the mechanism accepts) as entropy input and fails, state
 * untouched, when that is less than needed. pers: personalization string; adin: additional input; either may be NULL
 * with length 0. 0, or -1 with *e. Never blocks. */
int drbg_instantiate(struct drbg *d, const uint8_t *pers, size_t pers_len, struct err *e);
int drbg_reseed(struct drbg *d, const uint8_t *adin, size_t adin_len, struct err *e);

/* Fills out[len], len any size (split into requests of DRBG_MAX_REQUEST). prediction_resistance: reseed from the pool
 * first, with adin. -1 with *e and nothing usable in out when it is not instantiated or the reseed failed. */
int drbg_generate(struct drbg *d, uint8_t *out, size_t len, bool prediction_resistance, const uint8_t *adin,
		  size_t adin_len, struct err *e);

bool drbg_is_ready(const struct drbg *d);

/* Known-answer test of the mechanism through a pool and provider of its own (SP 800-90A 11.3), run at start and by
 * SIGUSR2. 0 or -1 with *e (ERR_SOFTWARE). */
int drbg_self_test(enum drbg_kind kind, struct err *e);

/* The OpenSSL release in use, for build_info: "3.0.19". */
const char *drbg_library_version(void);

/* SHA-256 of the published bytes, for the manifest. NULL with *e (ERR_SOFTWARE). */
struct digest;
struct digest *digest_new(struct err *e);
void digest_reset(struct digest *d);
void digest_add(struct digest *d, const void *p, size_t len);
void digest_hex(struct digest *d, char out[65]); /* ends it; digest_reset begins the next */
void digest_free(struct digest *d);

#endif
