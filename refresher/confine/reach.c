#include "confine/reach.h"

#include "base/limit.h"
#include "base/mount.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* A missing right shuts the place to us for good. A missing descriptor comes back after the start, when nothing can be
 * added to the rules any more: that has to be told. */
static int open_place(struct reach *r, int dir_fd, const char *path, int flags)
{
	int fd = openat(dir_fd, path, flags | O_PATH | O_CLOEXEC);
	if (fd < 0 && err_is_shortage(errno))
		r->shortage = errno;
	return fd;
}

static bool is_root_dir(int fd)
{
	struct stat here, root;
	return fstat(fd, &here) == 0 && stat("/", &root) == 0 && here.st_dev == root.st_dev &&
	       here.st_ino == root.st_ino;
}

/* / or a directory in it: what lies there belongs to the system, not to us. */
static bool is_system_dir(struct reach *r, int fd)
{
	int above = open_place(r, fd, "..", O_DIRECTORY);
	bool is = above < 0 || is_root_dir(above);
	if (above >= 0)
		close(above);
	return is;
}

/* Where there is Landlock, statx knows mounts. */
static bool is_mount(int fd)
{
	struct statx sx;
	return statx(fd, "", AT_EMPTY_PATH, STATX_TYPE, &sx) == 0 && (sx.stx_attributes & STATX_ATTR_MOUNT_ROOT);
}

static bool add(struct reach *r, enum reach_kind kind, int fd)
{
	if (fd < 0)
		return false;
	r->places[r->count++] = (struct reach_place){kind, fd};
	return true;
}

static void find_output(struct reach *r, const struct confine_needs *n, struct confine_layer *l)
{
	if (n->output_dir < 0)
		return;
	const char *slash = strrchr(n->output_file, '/');
	const char *base = slash ? slash + 1 : n->output_file;
	if (mount_is_root(n->output_dir, base) == 1) {
		add(r, REACH_OUTPUT_FILE, open_place(r, n->output_dir, base, O_NOFOLLOW));
		return;
	}
	add(r, REACH_OUTPUT, open_place(r, n->output_dir, ".", O_DIRECTORY));
	r->output_is_root = is_root_dir(n->output_dir);
	if (r->output_is_root)
		layer_warn(l, "FILE lies in /, so that every directory stays writable as far as its mode allows; give "
			      "FILE a directory of its own");
}

static int open_dir_of(struct reach *r, const char *path)
{
	char dir[PATH_MAX];
	const char *slash = strrchr(path, '/');
	int n = slash == path ? 1 : slash ? (int)(slash - path) : 1;
	snprintf(dir, sizeof dir, "%.*s", n, slash ? path : ".");
	return open_place(r, AT_FDCWD, dir, O_DIRECTORY);
}

/* What cannot be opened now cannot be read later either: no place, and no widening. */
static void find_config_in(struct reach *r, const char *path, struct confine_layer *l)
{
	int dir = open_dir_of(r, path);
	if (dir < 0)
		return;
	if (!is_root_dir(dir) && (is_mount(dir) || !is_system_dir(r, dir))) {
		add(r, REACH_CONFIG, dir);
		return;
	}
	close(dir);
	if (add(r, REACH_CONFIG_FILE, open_place(r, AT_FDCWD, path, 0)))
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
	struct stat link;
	if (lstat(n->config_file, &link) == 0 && S_ISLNK(link.st_mode) && realpath(n->config_file, real))
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
