/* range.h - conditional and range requests for one file (RFC 9110 sections 13 and 14). Pure but for range_open. */
#ifndef REFRESHER_SERVE_RANGE_H
#define REFRESHER_SERVE_RANGE_H

#include "serve/route.h"

#include <stdbool.h>
#include <stdint.h>

enum { RANGE_ETAG_MAX = 64, RANGE_DATE_MAX = 32, RANGE_CONTENT_MAX = 80 };

/* Values of the request's header fields; NULL where absent. */
struct range_request {
	const char *if_match, *if_none_match, *if_modified_since, *if_unmodified_since, *if_range, *range;
};

/* The file as it is. The entity tag is strong: a new generation has a new inode, size or time. */
struct range_file {
	char etag[RANGE_ETAG_MAX]; /* with its quotes */
	char date[RANGE_DATE_MAX]; /* Last-Modified */
	int64_t modified;          /* seconds since 1970 */
	uint64_t size;
};

/* Opens the file and describes it. -1 with errno; EINVAL: it is not a regular file. A FIFO does not block it. */
int range_open(const char *path, struct range_file *f);
void range_file_set(struct range_file *f, uint64_t inode, int64_t modified, uint32_t modified_ns, uint64_t size);

struct range_answer {
	enum http_code code;     /* CODE_200, 206, 304, 412 or 416 */
	uint64_t offset, length; /* of the body, for 200 and 206 */
};

/* Evaluates the preconditions in the order of 13.2.2, then a single range. Several ranges, a unit other than bytes and
 * a malformed Range are answered with the whole file, as 14.2 allows. */
struct range_answer range_evaluate(const struct range_request *r, const struct range_file *f);

/* The value of Content-Range, for 206 and 416; false where none belongs. */
bool range_content(const struct range_answer *a, const struct range_file *f, char out[RANGE_CONTENT_MAX]);

/* An HTTP-date in any of the three forms (5.6.7) as seconds since 1970; 0, or -1 if it is none. */
int range_date(const char *text, int64_t *seconds);

#endif
