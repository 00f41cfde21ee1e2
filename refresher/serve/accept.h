/* accept.h - which exposition format a scraper wants (RFC 9110 12.5.1). Pure. */
#ifndef REFRESHER_SERVE_ACCEPT_H
#define REFRESHER_SERVE_ACCEPT_H

#include <stdbool.h>

struct accept_choice {
	bool openmetrics;
	bool underscores; /* the chosen range asked for escaping=underscores; it is echoed. Our names need no escape. */
};

/* OpenMetrics when `application/openmetrics-text` (version 1.0.0 or none) is listed with q > 0 and text/plain (version
 * 0.0.4 or none), text/star or star/star is not preferred to it. Anything else, also NULL and what cannot be parsed, is
 * the text format: a scraper gets an answer in any case. */
struct accept_choice accept_parse(const char *accept);

/* The Content-Type that goes with the choice. */
const char *accept_type(struct accept_choice c);

#endif
