/* refuse.h - says what is wrong with a value and what is allowed. Pure.
 *
 * Messages do not name the key: the caller knows how the user called it (a key, an option, an operand). */
#ifndef REFRESHER_CONFIG_REFUSE_H
#define REFRESHER_CONFIG_REFUSE_H

#include "base/err.h"
#include "config/keys.h"

#include <stddef.h>

/* "an integer from 1 to 1024", "hold, remove or exit"; out[cap], cut at the end. */
void key_allowed(const struct key *k, char *out, size_t cap);

/* Fills *e (ERR_CONFIG) with: "TEXT" what; allowed: ... Returns -1. Bytes that are not printable ASCII are shown as
 * '?'; a long text is cut. A value that left (removed.h) is refused with what to do instead. */
int key_refuse(const struct key *k, const char *text, const char *what, struct err *e);

/* Fills *e (ERR_CONFIG) for a name that is no key: what to do instead of one that left, or else the nearest key.
 * Returns -1. */
int key_unknown(const char *name, struct err *e);

#endif
