/* file.h - the text of the configuration file.
 *
 * At the start a pipe or a device will do: `-c <(...)`, /dev/stdin, /dev/null. Its data are waited for, and SIGTERM and
 * SIGINT, taken by signals.h, end that wait: by their default action, or for process 1 as an error. A reload takes a
 * regular file only: what was read from a pipe is gone, and the main loop may not wait. */
#ifndef REFRESHER_CONFIG_FILE_H
#define REFRESHER_CONFIG_FILE_H

#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>

enum { FILE_NAME_SHOWN = 160 }; /* so much of its name in messages */

/* Up to cap bytes into text; *len says how many. -1 with *e: ERR_NOPERM, or ERR_CONFIG for any other reason. */
int file_read(const char *path, bool reload, char *text, size_t cap, size_t *len, struct err *e);

#endif
