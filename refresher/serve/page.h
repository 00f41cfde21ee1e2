/* page.h - status -> /status (one JSON document) and / (a short page for people). Pure, no allocation. */
#ifndef REFRESHER_SERVE_PAGE_H
#define REFRESHER_SERVE_PAGE_H

#include "run/status.h"

#include <stddef.h>

enum { PAGE_MAX = 32768 };

size_t page_status(const struct status *s, char *out, size_t cap); /* application/json */
size_t page_index(const struct status *s, char *out, size_t cap);  /* text/html; charset=utf-8 */

#endif
