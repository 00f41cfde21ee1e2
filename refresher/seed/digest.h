/* digest.h - SHA-256 of the published bytes, for the manifest; by OpenSSL, in a library context of its own.
 *
 * Opaque: it owns foreign objects. One owner at a time. Nothing here blocks. */
#ifndef REFRESHER_SEED_DIGEST_H
#define REFRESHER_SEED_DIGEST_H

#include "base/err.h"

#include <stddef.h>

enum { DIGEST_HEX_SIZE = 65 }; /* 64 lower-case digits and the final NUL */

struct digest;

/* Ready for digest_add. NULL with *e (ERR_SOFTWARE). */
struct digest *digest_new(struct err *e);
void digest_free(struct digest *d); /* NULL is accepted */

void digest_reset(struct digest *d); /* begins anew, whatever was added */
void digest_add(struct digest *d, const void *p, size_t len);
/* Ends it; digest_reset begins the next. An empty string when it has ended already or
 * OpenSSL failed on the way. */
void digest_hex(struct digest *d, char out[DIGEST_HEX_SIZE]);

#endif
