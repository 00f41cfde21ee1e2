/* drbg.h - the SP 800-90A DRBG, by OpenSSL, with our pool as its parent.
 *
 * CTR_DRBG with AES-256 and derivation function (10.2.1), and no other mechanism; security strength 256. Entropy input
 * comes through provider.h, a RAND provider of ours that implements get_seed on the pool: no cryptography is ours. The
 * library context is our own and reads no openssl.cnf; OpenSSL's automatic reseeding is switched off, the caller
 * reseeds. Deviations: OpenSSL's own TEST-RAND is not used, and our parent is outside any FIPS module boundary. One
 * owner: the worker thread. Opaque; free wipes. */
#ifndef REFRESHER_SEED_DRBG_H
#define REFRESHER_SEED_DRBG_H

#include "base/err.h"
#include "seed/pool.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define DRBG_NAME "CTR-DRBG" /* as OpenSSL spells it; begins every error of this module */

enum {
	DRBG_STRENGTH_BITS = 256,
	DRBG_MARGIN_BITS = 64,                    /* entropy input beyond the request: a margin of ours */
	DRBG_NONCE_BITS = DRBG_STRENGTH_BITS / 2, /* taken from the pool with the entropy input on instantiate */
	DRBG_MAX_REQUEST = 65536, /* bytes of one generate request: 2^19 bits, all that SP 800-90A allows */
};
#define DRBG_RESEED_INTERVAL (UINT64_C(1) << 48) /* generate requests; SP 800-90A, table of CTR_DRBG */

struct seed_config {
	uint64_t reseed_bytes; /* reseed inside a long refresh after so many bytes; default 64 MiB; 64 KiB ... 2^40 */
};

struct drbg_params {
	double h_per_sample;      /* bits of min-entropy in each sample of the pool; above 0, at most 8 */
	unsigned margin_bits;     /* DRBG_MARGIN_BITS; known-answer tests use 0 */
	uint64_t reseed_interval; /* requests after a seed, then drbg_generate refuses; 0: DRBG_RESEED_INTERVAL */
	struct locked *account;   /* of the seed buffer: see locked_new */
};

/* Samples that the pool must hold before drbg_instantiate / drbg_reseed: ceil((bits + margin) / H). */
size_t drbg_instantiate_need(const struct drbg_params *p);
size_t drbg_reseed_need(const struct drbg_params *p);

/* Why a seed was taken: the fixed label set of drbg_reseeds_total{reason}. */
enum drbg_reason { DRBG_START, DRBG_REFRESH, DRBG_INTERVAL, DRBG_RECOVERY, DRBG_REASONS };
extern const char *const drbg_reason_names[DRBG_REASONS]; /* "start", "refresh", "interval", "recovery" */

/* For observers. Moments are nanoseconds of struct io's clock, 0: never. Owner: who drives the DRBG. */
struct drbg_counts {
	bool ok; /* the last known-answer test passed, and OpenSSL has not failed since the last seed */
	char error[256];
	uint64_t self_tests; /* known-answer tests that were run ... */
	int64_t last_self_test_ns;
	bool self_test_ok; /* ... and whether the last one passed */
	uint64_t reseeds[DRBG_REASONS];
	int64_t last_reseed_ns;
	uint64_t generated_bytes;
};

struct drbg;

/* Loads the library context and the provider; takes nothing from the pool, which must outlive the DRBG. NULL with *e:
 * ERR_CONFIG when the pool can never hold what instantiation needs, else ERR_SOFTWARE. */
struct drbg *drbg_new(struct pool *pool, const struct drbg_params *p, struct err *e);
void drbg_free(struct drbg *d); /* uninstantiates and wipes; NULL is accepted */

/* Each takes everything that the pool holds (at most what OpenSSL accepts) as entropy input and fails
 * (ERR_UNAVAILABLE), state and pool untouched, when that is less than needed. pers: personalization string; adin:
 * additional input; either may be NULL with length 0. Instantiate begins anew, whatever was before. 0, or -1 with *e.
 * Should OpenSSL itself fail (ERR_SOFTWARE), or the pool be discarded in the middle of it (ERR_UNAVAILABLE), the DRBG
 * is left uninstantiated. Never blocks. */
int drbg_instantiate(struct drbg *d, const uint8_t *pers, size_t pers_len, struct err *e);
int drbg_reseed(struct drbg *d, const uint8_t *adin, size_t adin_len, struct err *e);

/* Fills out[len], len any size (split into requests of DRBG_MAX_REQUEST). prediction_resistance: reseed from the pool
 * first, with adin; without it adin goes into the first request. -1 with *e and zeros in out when it is not
 * instantiated, the reseed interval is used up, the reseed failed or OpenSSL failed. */
int drbg_generate(struct drbg *d, uint8_t *out, size_t len, bool prediction_resistance, const uint8_t *adin,
		  size_t adin_len, struct err *e);

bool drbg_is_ready(const struct drbg *d);

/* Known-answer test through a pool and provider of its own (SP 800-90A 11.3): instantiate, generate with prediction
 * resistance, and the refusals of an empty pool and of an uninstantiated DRBG. No DRBG in use is touched. Any thread,
 * behind seccomp too. 0 or -1 with *e (ERR_SOFTWARE; ERR_OS: no memory). */
int drbg_self_test(struct err *e);

/* The OpenSSL release in use, for build_info: "3.0.19". */
const char *drbg_library_version(void);

#endif
