/* json_check.h - is a text one JSON value (RFC 8259)? A recogniser for tests. */
#ifndef REFRESHER_TESTS_JSON_CHECK_H
#define REFRESHER_TESTS_JSON_CHECK_H

#include <stdbool.h>

/* True: one value, perhaps with white space around it, in UTF-8 of which only ASCII is checked. */
bool json_check(const char *text);

/* The text of the value behind "a.b.c" in an object of objects, up to cap - 1 bytes of it; false: no such member.
 * Member names are taken literally. */
bool json_find(const char *text, const char *path, char *out, unsigned long cap);

#endif
