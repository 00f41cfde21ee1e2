/* page.h - /status (one JSON document, RFC 8259, of a status) and / (a page for people, which asks for /status).
 *
 * The JSON document holds every member of struct status. Times are *_unix_seconds (since 1970) or *_seconds (a length);
 * null where there is none, and what cannot be read is left out. Pure, no allocation. */
#ifndef REFRESHER_SERVE_PAGE_H
#define REFRESHER_SERVE_PAGE_H

#include "base/text.h"
#include "run/status.h"
#include "serve/facts.h"
#include "serve/history.h"

enum { PAGE_MAX = 49152 }; /* enough for each page that serve/ renders, which is asserted where it is sent */

/* Appends the document: application/json. */
void page_status(struct text *t, const struct status *s, const struct history *h);

/* Appends one fact as a member of the object that is being written; nothing where it is optional and not known. */
void page_fact(struct text *t, const struct fact *f, const struct status *s);

extern const char page_index[]; /* text/html; charset=utf-8: index.html, ends with NUL */

#endif
