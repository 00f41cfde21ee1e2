/* report.h - /status.txt: a status as a person reads it, in a terminal or in a browser without script. Pure.
 *
 * The first line is the verdict, "ready", "not ready" or "not live", then come the checks that failed, with their
 * reasons, then a line for each thing that one wants to know: its name, blanks, a sentence. No program should read more
 * of it than the first line; /status is for them. */
#ifndef REFRESHER_SERVE_REPORT_H
#define REFRESHER_SERVE_REPORT_H

#include "base/text.h"
#include "run/status.h"

/* Appends the page: text/plain. */
void report_render(struct text *t, const struct status *s);

/* Appends the same as an HTML table, in which nothing that a name or a message holds is markup. */
void report_html(struct text *t, const struct status *s);

#endif
