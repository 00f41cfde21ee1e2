/* output_path.h - where FILE is: its directory, held open, and its name in it. Private to sink/.
 *
 * The path is walked once, at the start, one component after the other. A symbolic link on it, the last component or
 * one before, is followed only where its owner is root or the user of this process: whoever else made it could lead the
 * daemon, which starts as root, to a file of his choice, whatever the mode of the directory is. Nor is a link of
 * /proc/PID followed that leads to what its text does not name (a pipe, a file that was removed, another name space).
 * After the walk nothing is found by path again; the path is only compared with what is open. */
#ifndef REFRESHER_SINK_OUTPUT_PATH_H
#define REFRESHER_SINK_OUTPUT_PATH_H

#include "base/err.h"
#include "base/io.h"
#include "sink/sink.h"

#include <stdbool.h>

enum { OUTPUT_NAME_MAX = 256 }; /* a component's, with its NUL */

/* The directory is /; it is the root of a mount; it is of proc, sysfs or their like, which take no files. */
enum { DIR_IS_ROOT = 1, DIR_IS_MOUNT = 2, DIR_IS_KERNELS = 4 };

struct output_path {
	const struct io *io;
	char path[SINK_PATH_MAX]; /* dir/base without links; as relative as FILE was */
	char dir[SINK_PATH_MAX];
	char base[OUTPUT_NAME_MAX];
	int dir_fd;          /* owned; -1: not open */
	bool dir_is_counted; /* it has links, as directories do but on a few file systems */
	unsigned dir_kind;   /* bits of DIR_IS_ROOT ...: what a sentence may need to know of it */
	bool exists;         /* something was there at the start, and then: */
	bool mounted;        /* it is the root of a mount of its own */
	bool pinned;         /* FILE itself is held open, for writing into it, and st tells of that */
	struct stat st;
};

/* Fills *p; -1 with *e (ERR_CANTCREAT, ERR_NOPERM), nothing is open then. */
int output_path_find(struct output_path *p, const struct io *io, const char *file, struct err *e);
void output_path_close(struct output_path *p);

/* The name of FILE<suffix> in its directory; a base that is too long for both is cut. */
void output_path_name(const struct output_path *p, const char *suffix, char name[OUTPUT_NAME_MAX]);

/* Does the path still lead to the directory that is open, and to the FILE that is pinned? 0, or -1 with *e, which says
 * that only a restart helps. A path that this user may not look at is no failure: what is open is used. */
int output_path_check(const struct output_path *p, struct err *e);

/* The same file: device and inode. Pure. */
bool stat_same(const struct stat *a, const struct stat *b);

/* The steps of the walk over texts. Pure; -1 or false means that a part does not fit.
 * path_take cuts the first component off `rest`: 1 with its name, 0 when there is none left. path_enter goes from the
 * directory `done` ("": the current one) into `name`; path_link puts the text of a link before what is left to be
 * walked. `done` and `rest` have SINK_PATH_MAX bytes. */
int path_take(char *rest, char name[OUTPUT_NAME_MAX]);
bool path_enter(char *done, const char *name);
bool path_link(char *rest, const char *text);

#endif
