/* terminal.h - what a person who has started the program at a terminal sees of it: one line that changes each second.
 *
 * An observer as the pages are. Main thread; but for terminal_line, which is pure. */
#ifndef REFRESHER_SERVE_TERMINAL_H
#define REFRESHER_SERVE_TERMINAL_H

#include "base/text.h"
#include "run/status.h"
#include "serve/supply.h"

struct terminal {
	struct http_source source;
	int64_t due_ns; /* of struct io's clock, when the line is shown next; 0: there is no line */
};

/* Before any confinement. to_stdout: the numbers go to standard output; where that is a terminal too, the line would
 * write over them, so there is none. The source is copied. */
void terminal_init(struct terminal *t, const struct http_source *source, bool to_stdout);

void terminal_show(struct terminal *t);            /* in each turn of the main loop; does nothing before its time */
int terminal_timeout_ms(const struct terminal *t); /* the loop's longest wait; -1: as long as it likes */

/* Takes the line away. The last word of a daemon is in the log: how much it did, and what failed. */
void terminal_end(struct terminal *t, bool is_daemon);

/* Appends the line: printable ASCII, without a line feed; the state, how far a start-up test or a refresh is and how
 * long it will still take if it goes on like this, the file and its age, and how to end it. */
void terminal_line(struct text *t, const struct status *s);

#endif
