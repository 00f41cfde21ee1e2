/* caps.h - the capabilities of this process (capabilities(7)). Of the calling thread, so before any other starts.
 *
 * What is gone already needs no system call but the questions: a container may be run under a filter that refuses
 * capset(2) and prctl(2), or kills for them. */
#ifndef REFRESHER_CONFINE_CAPS_H
#define REFRESHER_CONFINE_CAPS_H

#include "base/err.h"
#include "confine/layer.h"

/* Empties the bounding set and fixes the secure bits, so that neither uid 0 nor a file can bring a capability back.
 * Needs CAP_SETPCAP, so call it before the user changes; without it nothing happens. */
void caps_bound(void);

/* Empties the permitted, effective and inheritable sets; the kernel empties the ambient set with them. 0, or -1 with *e
 * (ERR_OS). Nothing is needed for it. */
int caps_clear(struct err *e);

/* Looks whether the calling thread has none left; fills *l. 0, or -1 with *e (ERR_SOFTWARE; ERR_OS, the kernel does not
 * tell). A bounding set that is not empty is said in the detail: with no_new_privs and no exec nothing can be gained
 * from it. */
int caps_verify(struct confine_layer *l, struct err *e);

#endif
