/* response.h - one answer for each request: from the route to a response of libmicrohttpd, rendered from a copy of the
 * status. Main thread, inside http_run. Only for http.c. */
#ifndef REFRESHER_SERVE_RESPONSE_H
#define REFRESHER_SERVE_RESPONSE_H

#include "run/status.h"
#include "serve/route.h"
#include "serve/supply.h"
#include "serve/text.h"

#include <microhttpd.h>
#include <stdbool.h>

/* What the answers are made of. In the caller's memory; `source` and `serve_numbers` are set by the caller. */
struct responder {
	struct http_source source;
	bool serve_numbers;
	struct http_counts counts;
	struct status status;
	char page[TEXT_PAGE_MAX];
};

/* What the path asks for. MHD_NO: no memory, the library closes the connection. */
enum MHD_Result response_send(struct responder *a, struct MHD_Connection *c, const struct route *route);

/* A code and a sentence, whatever the path asks for; the text is not copied. */
enum MHD_Result response_refuse(struct responder *a, struct MHD_Connection *c, const struct route *route,
				enum http_code code, const char *text);

#endif
