/* pem.h - the two files of a TLS endpoint, whole, in memory that is wiped, and locked where that is wanted. */
#ifndef REFRESHER_SERVE_PEM_H
#define REFRESHER_SERVE_PEM_H

#include "base/err.h"

#include <stdbool.h>

enum { PEM_MAX = 65536 };

struct pem {
	char *text; /* ends with NUL; NULL: none */
};

/* Reads the file, a regular one; blocks on the disk only. 0, or -1 with ERR_CONFIG or ERR_NOPERM naming the key
 * (`http.tls.cert`) and the file. */
int pem_read(struct pem *p, bool lock, const char *key, const char *path, struct err *e);
void pem_fini(struct pem *p); /* accepts one that was never read */

#endif
