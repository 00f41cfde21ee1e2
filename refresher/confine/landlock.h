/* landlock.h - denies files, and from ABI 4 on the network (landlock(7)): all but the output and the
 * configuration.
 *
 * What is wider or narrower than one would hope for is a warning. A path that this user may not open is left out: it
 * could not be used later either. Rules are tied to directories that exist now, not to paths:
 *  - The output directory may be written. One that is removed and created again is a new directory, denied until a
 *    restart.
 *  - A FILE that is itself a mount is the only thing that may be written.
 *  - The directory of the configuration may be read, since editors and the kubelet replace the file by renaming; but
 *    only the file when that directory is / or lies directly in / and is no mount.
 *  - Descriptors that are open already keep their rights. */
#ifndef REFRESHER_CONFINE_LANDLOCK_H
#define REFRESHER_CONFINE_LANDLOCK_H

#include "confine/confine.h"

/* Restricts the calling thread and those that it starts. Needs no_new_privs. 0; a kernel without Landlock, or one that
 * refuses, is a warning in *l. -1 with *e (ERR_OS): no descriptor was left for a path that must stay allowed, so that
 * no refresh could succeed; nothing is restricted then. */
int landlock_enter(const struct confine_needs *n, struct confine_layer *l, struct err *e);

#endif
