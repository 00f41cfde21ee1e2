/* condition.h - conditional requests for one file (RFC 9110 section 13). Pure. */
#ifndef REFRESHER_SERVE_CONDITION_H
#define REFRESHER_SERVE_CONDITION_H

#include "serve/route.h"

#include <stdint.h>

enum { CONDITION_ETAG_MAX = 64, CONDITION_DATE_MAX = 32 };

/* Values of the request's header fields; NULL where absent. */
struct condition {
	const char *if_match, *if_none_match, *if_modified_since, *if_unmodified_since;
};

/* What the client may have kept of the file. */
struct validators {
	char etag[CONDITION_ETAG_MAX]; /* strong, with its quotes: a new generation has a new inode, size or time */
	char date[CONDITION_DATE_MAX]; /* Last-Modified; "" where the year does not fit into one */
	int64_t modified;              /* the same in seconds since 1970 */
};

/* inode, size and changed_ns (the time that the file system shows) make the tag; modified is only shown, and may be
 * corrected by the caller. */
void validators_set(struct validators *v, uint64_t inode, uint64_t size, uint64_t changed_ns, int64_t modified);

/* CODE_200, CODE_304 or CODE_412, decided in the order of 13.2.2. */
enum http_code condition_evaluate(const struct condition *c, const struct validators *v);

/* An HTTP-date in any of the three forms (5.6.7) as seconds since 1970; 0, or -1 if it is none. */
int condition_date(const char *text, int64_t *seconds);

#endif
