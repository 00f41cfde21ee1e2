/* response.h - one response for each request: from the route to a response of libmicrohttpd, rendered from a copy of
 * the status. Main thread, inside http_run. Only for http.c. */
#ifndef REFRESHER_SERVE_RESPONSE_H
#define REFRESHER_SERVE_RESPONSE_H

#include "base/text.h"
#include "run/status.h"
#include "serve/history.h"
#include "serve/route.h"
#include "serve/supply.h"

#include <microhttpd.h>
#include <stdbool.h>

/* What the responses are made of. In the caller's memory; `source` and `serve_numbers` are set by the caller. */
struct responder {
	struct http_source source;
	bool serve_numbers;
	struct http_counts counts;
	struct status status;
	struct history history;
	struct text page; /* of the present response */
};

/* Sends what the route asks for, or the refusal if it is not NULL, or 405. MHD_NO: no memory, the library closes the
 * connection. */
enum MHD_Result response_send(struct responder *r, struct MHD_Connection *c, const struct route *route,
			      const struct refusal *refusal);

#endif
