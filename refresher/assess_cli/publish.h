/* publish.h - a small file appears whole or not at all: written beside its place, and renamed. */
#ifndef REFRESHER_ASSESS_CLI_PUBLISH_H
#define REFRESHER_ASSESS_CLI_PUBLISH_H

#include "base/err.h"

#include <stddef.h>

/* Whether publish_file is likely to succeed: asked before hours go into what it shall write. -1 with *e:
 * ERR_CANTCREAT. */
int publish_possible(const char *path, struct err *e);

/* Mode 0644 whatever the umask: others read it, such as the daemon after it has dropped its privileges. It is on the
 * disk when this returns. An existing file is replaced, a symbolic link too. -1 with *e: ERR_CANTCREAT, ERR_IO; then
 * what was there before is untouched, but where only its folder could not be brought to the disk. */
int publish_file(const char *path, const char *text, size_t length, struct err *e);

#endif
