/* output_path.c - finds the place of FILE, once, and looks later whether it is still there. */
#include "sink/output_path.h"

#include "sink/explain.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { LINKS_MAX = 40 }; /* as the kernel's limit for one path */

int path_take(char *rest, char name[OUTPUT_NAME_MAX])
{
	size_t skip = strspn(rest, "/"), len = strcspn(rest + skip, "/");
	if (len >= OUTPUT_NAME_MAX)
		return -1;
	memcpy(name, rest + skip, len);
	name[len] = '\0';
	memmove(rest, rest + skip + len, strlen(rest + skip + len) + 1);
	return len > 0;
}

bool path_enter(char *done, const char *name)
{
	size_t used = strlen(done);
	const char *between = used == 0 || done[used - 1] == '/' ? "" : "/";
	int n = snprintf(done + used, SINK_PATH_MAX - used, "%s%s", between, name);
	bool fits = (size_t)n < SINK_PATH_MAX - used;
	if (!fits)
		done[used] = '\0';
	return fits;
}

bool path_link(char *rest, const char *text)
{
	char joined[SINK_PATH_MAX];

	/* A link at the end may name no directory: nothing is put behind it then. */
	int n = snprintf(joined, sizeof joined, "%s%s%s", text, rest[0] ? "/" : "", rest);
	if ((size_t)n >= sizeof joined)
		return false;
	memcpy(rest, joined, (size_t)n + 1);
	return true;
}

/* The way to FILE: what has been walked, held open, and what is left. */
struct walk {
	const struct io *io;
	struct output_path *output;
	const char *file; /* as the user gave it */
	int fd;           /* the directory that `done` names */
	unsigned links;   /* that were followed */
	char done[SINK_PATH_MAX], rest[SINK_PATH_MAX];
};

static int too_long(const struct walk *w, struct err *e)
{
	return err_set(e, ERR_CANTCREAT, ENAMETOOLONG, "cannot create %.200s", w->file);
}

/* Goes on from the directory `fd`, whose path is `path`. */
static int stand_in(struct walk *w, int fd, const char *path)
{
	if (w->fd >= 0)
		w->io->close(w->fd);
	w->fd = fd;
	snprintf(w->done, sizeof w->done, "%s", path);
	return 1;
}

/* Where a path begins: at the root, or where the walk stands; at first that is the current directory. */
static int start_at(struct walk *w, const char *path, struct err *e)
{
	const struct io *io = w->io;
	bool root = path[0] == '/';
	if (!root && w->fd >= 0)
		return 1;

	/* O_PATH needs no right to read what is only passed through. */
	int fd = io->openat(AT_FDCWD, root ? "/" : ".", O_PATH | O_DIRECTORY | O_CLOEXEC, 0);
	return fd < 0 ? explain_directory(root ? "/" : ".", w->file, errno, e) : stand_in(w, fd, root ? "/" : "");
}

/* A link of /proc leads to an open file or directory, whatever its text says. What the kernel finds through the link is
 * then not what it finds by the text. */
static bool is_path(const struct walk *w, const char *name, const char *text)
{
	struct stat through, named;
	const struct io *io = w->io;
	if (io->fstatat(w->fd, name, &through, 0) < 0)
		return true; /* it leads nowhere yet */
	return io->fstatat(w->fd, text, &named, 0) == 0 && through.st_dev == named.st_dev &&
	       through.st_ino == named.st_ino;
}

/* The link that output->path and output->st tell of. It is held by a descriptor, so that the text is that of the link
 * whose owner was looked at. */
static int follow(struct walk *w, const char *name, int link_fd, struct err *e)
{
	char text[SINK_PATH_MAX];
	const char *path = w->output->path;
	uid_t owner = w->output->st.st_uid;

	/* Whoever made it chose where it leads: root, or who started us, may. */
	if (owner != 0 && owner != geteuid())
		return err_set(e, ERR_NOPERM, 0,
			       "%.150s is a symbolic link of uid %u, who could lead it anywhere; it is not followed: "
			       "remove it, or name its target as FILE",
			       path, (unsigned)owner);
	if (++w->links > LINKS_MAX)
		return err_set(e, ERR_CANTCREAT, ELOOP, "cannot follow the symbolic link %.150s", path);

	/* Its text is walked next, before what was behind the link. */
	ssize_t n = w->io->readlinkat(link_fd, "", text, sizeof text - 1);
	if (n < 0)
		return err_set(e, ERR_CANTCREAT, errno, "cannot read the symbolic link %.150s", path);
	text[n] = '\0';
	if (!is_path(w, name, text))
		return err_set(e, ERR_CANTCREAT, 0,
			       "%.150s leads to an open file without a path (%.100s); use - for standard output, or "
			       "choose another FILE",
			       path, text);
	return path_link(w->rest, text) ? start_at(w, text, e) : too_long(w, e);
}

/* File systems that show what the kernel is, and take no files. */
static bool is_kernels(__fsword_t type)
{
	return type == PROC_SUPER_MAGIC || type == SYSFS_MAGIC || type == CGROUP_SUPER_MAGIC ||
	       type == CGROUP2_SUPER_MAGIC;
}

/* The walk has come to FILE's directory: it is opened for good, and what a sentence may need is looked up. looked: why
 * FILE could not be looked at, or 0. */
static int hold_directory(struct walk *w, const char *name, int looked, struct err *e)
{
	struct statfs fs;
	struct stat dir;
	struct output_path *p = w->output;
	const struct io *io = w->io;

	/* From now on everything goes through this descriptor; fsync(2) wants one that may be read. */
	snprintf(p->base, sizeof p->base, "%s", name);
	snprintf(p->dir, sizeof p->dir, "%s", w->done[0] ? w->done : ".");
	p->dir_fd = io->openat(w->fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);
	if (p->dir_fd < 0)
		return explain_directory(p->dir, w->file, errno, e);

	/* What a sentence or a later look may need. */
	p->dir_is_counted = io->fstat(p->dir_fd, &dir) == 0 && dir.st_nlink > 0;
	p->dir_is_mount = io->mount_is_root(p->dir_fd, ".") == 1;
	p->dir_is_kernels = io->fstatfs(p->dir_fd, &fs) == 0 && is_kernels(fs.f_type);
	p->mounted = p->exists && io->mount_is_root(p->dir_fd, p->base) == 1;
	return looked ? explain(p, io, DOING_INSPECT, looked, e) : 0;
}

/* One component: 1 it was entered, or a link that was followed; 0 it is the last, FILE, there or missing; -1 failure.
 * With O_DIRECTORY an automount is made now, and not missed. */
static int step(struct walk *w, const char *name, bool last, struct err *e)
{
	struct output_path *p = w->output;
	const struct io *io = w->io;
	const int flags = O_PATH | O_NOFOLLOW | O_CLOEXEC;
	snprintf(p->path, sizeof p->path, "%s", w->done);
	if (!path_enter(p->path, name))
		return too_long(w, e);

	/* A directory on the way is entered at once. */
	int fd = last ? -1 : io->openat(w->fd, name, flags | O_DIRECTORY, 0), fault = errno;
	if (fd >= 0)
		return stand_in(w, fd, p->path);

	/* A link is no directory. It, and FILE itself, is held while it is looked at. */
	if (last || fault == ENOTDIR)
		fd = io->openat(w->fd, name, flags, 0);
	p->exists = fd >= 0 && io->fstat(fd, &p->st) == 0;

	/* A link is followed; anything else ends the walk, well or not. */
	int result, looked = p->exists || errno == ENOENT ? 0 : errno;
	if (p->exists && S_ISLNK(p->st.st_mode))
		result = follow(w, name, fd, e);
	else if (!last)
		result = explain_directory(p->path, w->file, fault, e);
	else
		result = hold_directory(w, name, looked, e);
	if (fd >= 0)
		io->close(fd);
	return result;
}

static int walk(struct walk *w, struct err *e)
{
	char name[OUTPUT_NAME_MAX];
	int more = start_at(w, w->file, e);
	while (more > 0) {
		int got = path_take(w->rest, name);
		bool last = w->rest[0] == '\0', dot = strcmp(name, ".") == 0;
		if (got < 0)
			return too_long(w, e);
		if (got == 0 || (last && (dot || strcmp(name, "..") == 0)))
			return err_set(e, ERR_CANTCREAT, 0, "%.200s names a directory; FILE must be a file in it",
				       w->file);
		if (!dot)
			more = step(w, name, last, e);
	}
	return more;
}

int output_path_find(struct output_path *p, const struct io *io, const char *file, struct err *e)
{
	struct walk w = {.io = io, .output = p, .file = file, .fd = -1};
	*p = (struct output_path){.dir_fd = -1};
	if (!path_link(w.rest, file))
		return err_set(e, ERR_CANTCREAT, ENAMETOOLONG, "cannot create FILE");

	/* The descriptor of the walk saw the directory by O_PATH only; the output has its own. */
	int result = walk(&w, e);
	if (w.fd >= 0)
		io->close(w.fd);
	if (result < 0)
		output_path_close(p, io);
	return result;
}

void output_path_close(struct output_path *p, const struct io *io)
{
	if (p->dir_fd >= 0)
		io->close(p->dir_fd);
	p->dir_fd = -1;
}

/* The path's own errors: what is not there, and a file system whose server has gone. Others, as that this user may not
 * look, say nothing of what is held. */
static bool is_gone(int sys_errno)
{
	return sys_errno == ENOENT || sys_errno == ENOTDIR || sys_errno == ELOOP || sys_errno == ESTALE ||
	       sys_errno == ENOTCONN;
}

/* Does `path`, from dir_fd on, lead to what is held, which *held tells of? */
static bool leads_to(const struct io *io, int dir_fd, const char *path, const struct stat *held)
{
	struct stat named;
	if (io->fstatat(dir_fd, path, &named, AT_SYMLINK_NOFOLLOW) < 0)
		return !is_gone(errno);
	return held->st_dev == named.st_dev && held->st_ino == named.st_ino;
}

int output_path_check(const struct output_path *p, const struct io *io, struct err *e)
{
	struct stat held;
	const char *lost = NULL;

	/* A directory that has lost its links was removed, whatever its path leads to by now. */
	if (io->fstat(p->dir_fd, &held) < 0)
		lost = is_gone(errno) ? p->dir : NULL;
	else if ((p->dir_is_counted && held.st_nlink == 0) || !leads_to(io, AT_FDCWD, p->dir, &held))
		lost = p->dir;
	else if (p->pinned && !leads_to(io, p->dir_fd, p->base, &p->st))
		lost = p->path;
	if (!lost)
		return 0;
	return err_set(
		e, ERR_IO, 0,
		"%s %.150s was removed or replaced (moved, unmounted, mounted over) while refresher runs; restart "
		"refresher, which looks for it again only then",
		lost == p->path ? "file" : "directory", lost);
}
