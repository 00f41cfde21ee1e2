/* route.h - method, path and query -> what to do. Pure: no HTTP library, no allocation.
 *
 * GET and HEAD are answered; every other method, OPTIONS included, gets 405 with `Allow: GET, HEAD`. Paths are compared
 * as they stand after percent-decoding: no trailing slash, no dot segments. A request in absolute form
 * (http://host/path) is taken as its path (RFC 9112 3.2.2). */
#ifndef REFRESHER_SERVE_ROUTE_H
#define REFRESHER_SERVE_ROUTE_H

#include "serve/probes.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Fixed label set of http_requests_total. */
enum http_handler {
	/* The probes come first. */
	HANDLER_HEALTHZ,
	HANDLER_LIVEZ,
	HANDLER_READYZ,
	HANDLER_STARTUPZ,
	HANDLER_METRICS,
	HANDLER_STATUS,
	HANDLER_REPORT,
	HANDLER_INDEX,
	HANDLER_NUMBERS,
	HANDLER_OTHER, /* every path that is none of ours */
	HTTP_HANDLERS
};

const char *handler_name(enum http_handler h); /* "healthz", ... "index", "numbers", "other" */

/* Every code that a response of ours has, in rising order. */
enum { HTTP_CODES = 9 };
extern const unsigned http_codes[HTTP_CODES];

/* Requests by handler and by the code of our response. Owned by struct http, changed by the main thread alone. A
 * request that the library cannot parse (400, 414, 431, 505) never reaches a handler and is not counted. */
struct http_counts {
	uint64_t requests[HTTP_HANDLERS][HTTP_CODES]; /* by the place of the code in http_codes */
};
void http_count(struct http_counts *c, enum http_handler h, unsigned code); /* one request; a code of http_codes */

enum { ROUTE_BODY_MAX = 4096, ROUTE_HEAD_MAX = 8192 };

struct route {
	enum http_handler handler;
	bool allowed;                 /* the method is GET or HEAD */
	struct probe_request request; /* for the four probe handlers; `only` is a part of `target` */
};

struct route route_find(const char *method, const char *target);

/* The query of a probe. Fed one argument after the other, already percent-decoded; value NULL: none was given. Unknown
 * arguments are ignored. `verbose` counts unless its value is 0 or false; `exclude` may repeat, one name each; those
 * beyond PROBE_EXCLUDES are dropped, so that their checks count. */
void route_argument(struct probe_request *r, const char *key, const char *value);

/* The fields of a head, fed one after the other. Not clear: what two programs could read differently, so that a second
 * request could hide behind the first (RFC 9112 11.2): a name that is no token, as with a blank before the colon; a
 * control character in a value; an empty Content-Length, or two that differ; two Hosts. */
struct route_head {
	const char *length; /* the last one; NULL: none */
	bool has_host, is_encoded;
	bool unclear;
};

void route_field(struct route_head *h, const char *name, const char *value);

/* Whether a body follows. A small one is left unread. */
bool route_has_body(const struct route_head *h);

/* What a request is refused with, whatever it asks for. */
struct refusal {
	unsigned code;
	const char *text; /* one sentence, without a line feed */
};

/* Of a head of that many bytes: 431 it is too long, 400 it is not clear, 413 a body follows that is too large or of
 * unknown length; NULL: nothing is wrong. */
const struct refusal *route_refusal(const struct route_head *h, size_t size);

/* Which exposition format a scraper gets: true for OpenMetrics 1.0.0, false for the text format 0.0.4. The first type
 * of the Accept header (RFC 9110 12.5.1) that we know decides, whatever the weights; NULL where there is no header. */
bool route_openmetrics(const char *accept);

#endif
