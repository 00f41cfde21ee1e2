/* page.h - /status (one JSON document, RFC 8259, of a status) and / (a page for people, which asks for /status).
 *
 * The JSON document holds every member of struct status. Times are *_unix_seconds (since 1970) or *_seconds (a length);
 * null where there is none, and what cannot be read is left out. Pure, no allocation. */
#ifndef REFRESHER_SERVE_PAGE_H
#define REFRESHER_SERVE_PAGE_H

#include "run/status.h"
#include "serve/text.h"

#include <stdbool.h>
#include <stddef.h>

/* application/json: the length of the text in out[cap], cap >= TEXT_PAGE_MAX. */
size_t page_status(const struct status *s, char *out, size_t cap);

extern const char page_index[]; /* text/html; charset=utf-8: index.html, ends with NUL */

#endif
