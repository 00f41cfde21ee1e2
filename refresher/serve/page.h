/* page.h - status -> /status (one JSON document, RFC 8259) and / (a short page for people). Pure, no allocation.
 *
 * The JSON document holds every member of struct status. Times are *_unix_seconds (since 1970) or *_seconds (a length);
 * null where there is none. */
#ifndef REFRESHER_SERVE_PAGE_H
#define REFRESHER_SERVE_PAGE_H

#include "run/status.h"
#include "serve/text.h"

#include <stdbool.h>
#include <stddef.h>

/* Length of the text in out[cap], cap >= TEXT_PAGE_MAX. */
size_t page_status(const struct status *s, char *out, size_t cap);                    /* application/json */
size_t page_index(const struct status *s, bool serve_numbers, char *out, size_t cap); /* text/html; charset=utf-8 */

#endif
