/* plain.h - which characters may stand in a configuration, and in a value. Pure.
 *
 * A text that looks otherwise in an editor than to its reader is refused: control characters (C0, DEL, C1), the line
 * separators that only some programs obey (NEL, U+2028, U+2029), a byte order mark within, noncharacters, and bytes
 * that are not UTF-8. In a file TAB, LF and CR LF are taken. */
#ifndef REFRESHER_CONFIG_PLAIN_H
#define REFRESHER_CONFIG_PLAIN_H

#include <stdbool.h>
#include <stddef.h>

/* A walk over a text that ends with a NUL at text[len]; NULs before that are refused as any other. */
struct plain {
	char *text;
	size_t len, at;      /* the next byte to look at */
	size_t line, column; /* of that byte, from 1; a column is one character */
};

/* What may not stand there. */
struct plain_fault {
	size_t line, column;
	char what[64]; /* "U+0085, a control character" */
};

/* false: nothing more. Else what was found is overwritten with '_', so that a parser goes on behind it. */
bool plain_next(struct plain *p, struct plain_fault *f);

/* For a value: printable characters on one line, which can be logged, shown, and written as YAML. "" is fine. */
bool plain_is_printable(const char *text);

/* Makes a message one printable line: whatever is not becomes '?'. */
void plain_make_printable(char *text);

#endif
