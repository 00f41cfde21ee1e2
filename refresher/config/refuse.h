/* refuse.h - says what is wrong with a value and what is allowed. Pure.
 *
 * Messages do not name the key: the caller knows how the user called it (a key, an option, an operand). */
#ifndef REFRESHER_CONFIG_REFUSE_H
#define REFRESHER_CONFIG_REFUSE_H

#include "base/err.h"
#include "config/keys.h"

/* Fills *e (ERR_CONFIG) with: "TEXT" what; allowed: ... Returns -1. What is not printable is shown as '?'; a long text
 * is cut; NULL: none is shown. A value that was removed (removed.h) is refused with what to do instead. */
int key_refuse(const struct key *k, const char *text, const char *what, struct err *e);

/* Fills *e (ERR_CONFIG) for a name that is no key: what to do instead of one that was removed, or else the nearest
 * key. Returns -1. */
int key_unknown(const char *name, struct err *e);

#endif
