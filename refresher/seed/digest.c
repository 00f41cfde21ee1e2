#include "seed/digest.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

enum { SHA256_SIZE = 32 };

struct digest {
	OSSL_LIB_CTX *lib; /* our own: the default one would read openssl.cnf */
	EVP_MD *sha256;
	EVP_MD_CTX *ctx;
	bool spent; /* ended, or OpenSSL refused a step, since the last reset */
};

struct digest *digest_new(struct err *e)
{
	struct digest *d = calloc(1, sizeof *d);

	/* Whatever is missing at the end, the first that is not there leaves the rest out. */
	if (d) {
		d->lib = OSSL_LIB_CTX_new();
		d->sha256 = d->lib ? EVP_MD_fetch(d->lib, "SHA2-256", NULL) : NULL;
		d->ctx = d->sha256 ? EVP_MD_CTX_new() : NULL;
	}
	if (d && d->ctx) {
		digest_reset(d);
		if (!d->spent)
			return d;
	}

	/* A digest that cannot begin is no use: the caller has one kind of failure to expect. */
	digest_free(d);
	err_set(e, ERR_SOFTWARE, 0, "SHA-256: OpenSSL does not give it");
	return NULL;
}

void digest_free(struct digest *d)
{
	if (!d)
		return;

	/* The algorithm belongs to the library context, so that one goes last; OpenSSL takes NULL for each. */
	EVP_MD_CTX_free(d->ctx);
	EVP_MD_free(d->sha256);
	OSSL_LIB_CTX_free(d->lib);
	free(d);
}

/* The algorithm is given each time: a context that has ended, or failed, begins anew with it. */
void digest_reset(struct digest *d)
{
	d->spent = EVP_DigestInit_ex2(d->ctx, d->sha256, NULL) != 1;
}

/* A step that OpenSSL refused spoils the whole digest, and is seen at its end. */
void digest_add(struct digest *d, const void *p, size_t len)
{
	d->spent = d->spent || EVP_DigestUpdate(d->ctx, p, len) != 1;
}

void digest_hex(struct digest *d, char out[DIGEST_HEX_SIZE])
{
	unsigned char md[SHA256_SIZE];

	/* An end that fails, or a second one, gives an empty string, which no manifest takes for a digest. */
	out[0] = '\0';
	bool spent = d->spent;
	d->spent = true; /* OpenSSL 3.0 would go on from an ended state */
	if (spent || EVP_DigestFinal_ex(d->ctx, md, NULL) != 1)
		return;

	/* Two digits a byte; each one's final NUL is written over by the next. */
	for (size_t i = 0; i < sizeof md; i++)
		snprintf(out + 2 * i, 3, "%02x", md[i]);
}
