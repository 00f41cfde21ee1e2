/* explain.h - an errno of the output as a sentence with its remedy. Private to sink/. */
#ifndef REFRESHER_SINK_EXPLAIN_H
#define REFRESHER_SINK_EXPLAIN_H

#include "base/err.h"
#include "base/io.h"

#include <stdint.h>

struct place;

enum doing {
	DOING_LOOK,   /* at FILE, in its directory */
	DOING_CREATE, /* a file in the directory */
	DOING_OPEN,   /* FILE itself, for writing */
	DOING_OWN,    /* fchown, fchmod */
	DOING_SYNC,
	DOING_LOCK,
	DOING_RENAME,
	DOING_REMOVE,
};

/* Fill *e and return -1. Code: ERR_NOPERM for EACCES and EPERM, ERR_IO for ENOSPC, EDQUOT, EIO, else ERR_CANTCREAT. */
int explain(const struct place *p, const struct io *io, enum doing doing, int sys_errno, struct err *e);

/* The same for the rename of a temporary file to FILE<suffix>. */
int explain_rename(const struct place *p, const struct io *io, const char *suffix, int sys_errno, struct err *e);

/* A failed write after `written` bytes, of `len` more. ERR_IO. */
int explain_write(const char *path, uint64_t written, size_t len, int sys_errno, struct err *e);

/* The directory of FILE cannot be opened; `file` as the user gave it. */
int explain_directory(const struct place *p, const char *file, int sys_errno, struct err *e);

#endif
