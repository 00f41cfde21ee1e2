/* place.h - where FILE is: its directory, held open, and its name in it. Private to sink/.
 *
 * Symbolic links in the last component are followed once, here; the directories before it are left to the kernel. A
 * link that another user may have planted (in a directory that everybody may write, owner neither root nor us) is
 * refused: the daemon starts as root and would replace a file of that user's choice. So is one of /proc/PID/fd that
 * leads to what has no path. */
#ifndef REFRESHER_SINK_PLACE_H
#define REFRESHER_SINK_PLACE_H

#include "base/err.h"
#include "base/io.h"
#include "sink/sink.h"

#include <stdbool.h>

struct place {
	char path[SINK_PATH_MAX]; /* dir/base, links followed; as relative as FILE was */
	char dir[SINK_PATH_MAX];
	char base[256];
	int dir_fd;  /* owned; -1 when not held */
	bool exists; /* when it was looked at, and then: */
	struct stat st;
};

/* Fills *p; -1 with *e (ERR_CANTCREAT, ERR_NOPERM), nothing is held then. */
int place_find(struct place *p, const struct io *io, const char *file, struct err *e);
void place_fini(struct place *p, const struct io *io);

/* Opens the directory again when its path leads to another one now: it was removed and made again, or a volume was
 * mounted there. 0, or -1 with *e when it is gone. A path that can no longer be looked at (we have become another
 * user) is no failure: the held directory is used. */
int place_refresh(struct place *p, const struct io *io, struct err *e);

/* "/a/b" -> "/a" and "b"; "b" -> "." and "b"; "/b" -> "/" and "b". False when a part does not fit. Pure. */
bool place_split(const char *path, char *dir, size_t dir_len, char *base, size_t base_len);

/* The path that a link `text` in directory `dir` means. False when it does not fit. Pure. */
bool place_join(const char *dir, const char *text, char *out, size_t out_len);

#endif
