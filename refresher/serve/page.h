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

enum { PAGE_MAX = 65536 }; /* enough for each page that serve/ renders, which is asserted where it is sent */

/* Appends the document: application/json. */
void page_status(struct text *t, const struct status *s, const struct history *h);

/* Appends one fact as a member of the object that is being written; nothing where it is optional and not known. */
void page_fact(struct text *t, const struct fact *f, const struct status *s);

extern const char page_file[]; /* index.html, ends with NUL; 16 kB at most */

/* Appends the page for people, text/html: the file with a table of the present status for who has no script. */
void page_index(struct text *t, const struct status *s);

#endif
