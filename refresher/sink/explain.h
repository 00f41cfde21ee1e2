/* explain.h - what failed at the output, as a sentence with its remedy. Private to sink/.
 *
 * The facts are looked up first; the sentence is then chosen from them alone (explain_facts, pure). Where the facts do
 * not decide what the cause is, the sentence names the candidates. */
#ifndef REFRESHER_SINK_EXPLAIN_H
#define REFRESHER_SINK_EXPLAIN_H

#include "base/err.h"
#include "base/io.h"

#include <stdint.h>

struct output_path;

enum doing {
	DOING_INSPECT, /* at FILE, in its directory */
	DOING_CREATE,  /* a file in the directory */
	DOING_OPEN,    /* FILE itself, for writing */
	DOING_EMPTY,   /* FILE itself, which is open */
	DOING_OWN,     /* fchown, fchmod, and a look at what came of it */
	DOING_SYNC,
	DOING_LOCK,
	DOING_RENAME, /* a new file over FILE */
	DOING_REMOVE,
};

/* What a sentence may need to know. */
struct facts {
	enum doing doing;
	int sys_errno;
	const char *path, *suffix, *dir; /* FILE, what stands behind its name ("" or ".json"), its directory */
	unsigned dir_kind;               /* DIR_IS_ROOT ... of output_path.h */
	uid_t uid;                       /* ours */
	struct stat dir_st, file_st;     /* as they are now; of FILE<suffix>; all 0: it could not be looked up */
};

/* Fills *e and returns -1. Codes: ERR_NOPERM for EACCES and EPERM; ERR_IO for ENOSPC, EDQUOT, EIO; ERR_OS for a
 * shortage of descriptors or memory, whose limit is looked up; else ERR_CANTCREAT. Else pure. */
int explain_facts(const struct facts *f, struct err *e);

/* Looks the facts up and explains them for FILE<suffix>; "": for FILE. */
int explain(const struct output_path *p, enum doing doing, const char *suffix, int sys_errno, struct err *e);

/* A failed write after `written` bytes, of `len` more. ERR_IO. */
int explain_write(const char *path, uint64_t written, size_t len, int sys_errno, struct err *e);

/* The directory `dir` on the way to `file`, as the user gave it, cannot be entered or opened. */
int explain_directory(const char *dir, const char *file, int sys_errno, struct err *e);

#endif
