/* publish.h - a small file appears whole or not at all: written beside its place, and renamed. */
#ifndef REFRESHER_ASSESS_CLI_PUBLISH_H
#define REFRESHER_ASSESS_CLI_PUBLISH_H

#include "base/err.h"

#include <stddef.h>

/* Mode 0666 less the umask. An existing file is replaced, a symbolic link too. -1 with *e: ERR_CANTCREAT, ERR_IO; then
 * what was there before is untouched. */
int publish_file(const char *path, const char *text, size_t length, struct err *e);

#endif
