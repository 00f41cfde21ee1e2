/* supply.h - where the responses get their data: serve/ knows nothing else of the program. */
#ifndef REFRESHER_SERVE_SUPPLY_H
#define REFRESHER_SERVE_SUPPLY_H

#include "run/status.h"

#include <sys/stat.h>

/* Where the handler gets its data. Members are called in the main thread. */
struct http_source {
	void *self;
	/* with_process: the figures of the process as well, which cost some system calls. */
	void (*snapshot)(void *self, bool with_process, struct status *out);
	/* The published file, opened for reading, and its state; the descriptor is closed here. -1 with errno: ENOENT,
	 * there is none; EINVAL, something else stands in its place; EPERM, another's file does. */
	int (*open_numbers)(void *self, struct stat *st);
};

#endif
