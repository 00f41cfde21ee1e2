#include "confine/reach.h"

#include "base/limit.h"
#include "base/mount.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* A place that cannot be opened for want of a right could not be used later either, and is left out. A missing
 * descriptor comes back after the start, when nothing can be added to the rules any more: that has to be told. */
static bool add(struct reach *r, enum reach_kind kind, int dir_fd, const char *path, int flags)
{
	int fd = openat(dir_fd, path, flags | O_PATH | O_CLOEXEC);
	if (fd < 0 && err_is_shortage(errno))
		r->shortage = errno;
	if (fd >= 0)
		r->places[r->count++] = (struct reach_place){kind, fd};
	return fd >= 0;
}

static bool is_root_dir(int fd)
{
	struct stat here, root;
	return fstat(fd, &here) == 0 && stat("/", &root) == 0 && here.st_dev == root.st_dev &&
	       here.st_ino == root.st_ino;
}

static void find_output(struct reach *r, const struct confine_needs *n, struct confine_layer *l)
{
	char path[PATH_MAX];
	if (n->output_dir < 0)
		return;

	/* A file that is a mount is held open and cannot go away: nothing else need be written. */
	snprintf(path, sizeof path, "%s", n->output_file);
	const char *base = basename(path);
	if (mount_is_root(n->output_dir, base) == 1) {
		add(r, REACH_OUTPUT_FILE, n->output_dir, base, O_NOFOLLOW);
		return;
	}

	/* Temporary files are made in the directory, so all of it is needed, even where that is everything. */
	add(r, REACH_OUTPUT, n->output_dir, ".", O_DIRECTORY);
	r->output_is_root = is_root_dir(n->output_dir);
	if (r->output_is_root)
		layer_warn(l, "FILE lies in /, so that every directory stays writable as far as its mode allows; give "
			      "FILE a directory of its own");
}

/* The directory of `path`, since editors and the kubelet put another file in its place. But / and the directories in it
 * belong to the system unless one is a volume: there it is the file alone. */
static void find_config_in(struct reach *r, const char *path, struct confine_layer *l)
{
	char text[PATH_MAX], dir[PATH_MAX];
	snprintf(text, sizeof text, "%s", path);
	if (!realpath(dirname(text), dir))
		return;
	bool in_root = strchr(dir + 1, '/') == NULL;
	bool volume = dir[1] && mount_is_root(AT_FDCWD, dir) == 1;
	if (!in_root || volume)
		add(r, REACH_CONFIG, AT_FDCWD, dir, O_DIRECTORY);
	else if (add(r, REACH_CONFIG, AT_FDCWD, path, 0))
		layer_warn(l,
			   "only %.200s itself stays readable, so that a file put in its place needs a restart; "
			   "give it a directory of its own",
			   path);
}

static void find_config(struct reach *r, const struct confine_needs *n, struct confine_layer *l)
{
	struct stat st;
	char real[PATH_MAX];
	if (!n->config_file || stat(n->config_file, &st) < 0 || !S_ISREG(st.st_mode))
		return;
	find_config_in(r, n->config_file, l);
	/* The link of a ConfigMap leads to the same directory again; another link may lead anywhere. */
	if (lstat(n->config_file, &st) == 0 && S_ISLNK(st.st_mode) && realpath(n->config_file, real))
		find_config_in(r, real, l);
}

int reach_init(struct reach *r, const struct confine_needs *n, struct confine_layer *l, struct err *e)
{
	*r = (struct reach){0};
	find_output(r, n, l);
	find_config(r, n, l);
	if (!r->shortage)
		return 0;
	reach_fini(r);
	return limit_err(e, r->shortage, "what has to stay in reach cannot be opened");
}

void reach_fini(struct reach *r)
{
	for (unsigned i = 0; i < r->count; i++)
		close(r->places[i].fd);
	r->count = 0;
}
