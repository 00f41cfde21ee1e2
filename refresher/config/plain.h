/* plain.h - which characters may stand in a configuration, and in a value. Pure.
 *
 * A text that looks otherwise in an editor than to its reader is refused: control characters (C0, DEL, C1), the line
 * separators that only some programs obey (NEL, U+2028, U+2029), a byte order mark within, noncharacters, and bytes
 * that are not UTF-8. */
#ifndef REFRESHER_CONFIG_PLAIN_H
#define REFRESHER_CONFIG_PLAIN_H

#include <stdbool.h>
#include <stddef.h>

enum { PLAIN_FAULT_MAX = 64 };

/* What is wrong with the character at text, "U+0085 is a control character"; "": nothing. The text ends with a NUL,
 * which is a control character too. Returns its bytes, 1 for one that is no UTF-8. */
size_t plain_check(const char *text, char fault[PLAIN_FAULT_MAX]);

/* For a value: printable characters on one line, which can be logged, shown, and written as YAML. "" is fine. */
bool plain_is_printable(const char *text);

/* Makes a message one printable line: whatever is not becomes '?'. */
void plain_make_printable(char *text);

#endif
