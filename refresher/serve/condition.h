/* condition.h - whether a client has a file already (RFC 9110 section 13, for GET and HEAD of whole files). Pure.
 *
 * If-None-Match and If-Modified-Since are what a client that keeps a copy sends. The other conditions are for changes
 * and for ranges, which there are none of, and are not looked at. */
#ifndef REFRESHER_SERVE_CONDITION_H
#define REFRESHER_SERVE_CONDITION_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>

enum { CONDITION_ETAG_MAX = 64, CONDITION_DATE_MAX = 32 };

/* What the client may have kept of the file. */
struct validators {
	char etag[CONDITION_ETAG_MAX]; /* strong, with its quotes: a new generation has a new inode, size or time */
	char date[CONDITION_DATE_MAX]; /* Last-Modified; "" where the year does not fit into one */
	int64_t modified;              /* the same in seconds since 1970 */
};

/* The file's own inode, size and time make the tag; the time that is shown is the caller's, in seconds since 1970. */
void validators_set(struct validators *v, const struct stat *st, int64_t modified);

/* True: 304, the client's copy is the file. The arguments are the values of the header fields, NULL where absent. */
bool validators_match(const struct validators *v, const char *if_none_match, const char *if_modified_since);

#endif
