/* line.h - how the program is, in one line that a person at a terminal sees change. Pure, no allocation. */
#ifndef REFRESHER_RUN_LINE_H
#define REFRESHER_RUN_LINE_H

#include "base/text.h"
#include "run/status.h"

/* Appends the line: printable ASCII, without a line feed; the state, how far a start-up test or a refresh is and how
 * long it will still take if it goes on like this, the file and its age, and how to end it. */
void line_render(struct text *t, const struct status *s);

#endif
