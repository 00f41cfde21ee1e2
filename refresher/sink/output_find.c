/* output_find.c - finds FILE, once, and checks later whether it is still there. */
#include "sink/output_path.h"

#include "sink/explain.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { LINKS_MAX = 40 }; /* as the kernel's limit for one path */

/* Slashes in front, as many as there are, mean no more than one. */
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
	/* No slash behind the root, which is one, nor in front of the first name of a relative path. */
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

/* The way to FILE. What has been walked is output->dir ("": the current directory), open as output->dir_fd. */
struct walk {
	struct output_path *output;
	const char *file;         /* as the user gave it */
	char rest[SINK_PATH_MAX]; /* that is left to be walked */
	unsigned links;           /* that were followed */
};

/* Of the path, of a name in it, or of what a link has made of it. */
static int too_long(const struct walk *w, struct err *e)
{
	return err_set(e, ERR_CANTCREAT, ENAMETOOLONG, "cannot create %.200s", w->file);
}

/* Goes on from the directory `fd`, whose path is `path`. */
static int stand_in(struct walk *w, int fd, const char *path)
{
	/* Only the last directory of the walk stays open. */
	output_path_close(w->output);
	w->output->dir_fd = fd;
	snprintf(w->output->dir, sizeof w->output->dir, "%s", path);
	return 1;
}

/* Where a path begins: at the root, or where the walk stands; at first that is the current directory. */
static int start_at(struct walk *w, const char *path, struct err *e)
{
	bool root = path[0] == '/';
	if (!root && w->output->dir_fd >= 0)
		return 1;

	/* O_PATH needs no right to read what is only passed through. */
	int fd = w->output->io->openat(AT_FDCWD, root ? "/" : ".", O_PATH | O_DIRECTORY | O_CLOEXEC);
	return fd < 0 ? explain_directory(root ? "/" : ".", w->file, errno, e) : stand_in(w, fd, root ? "/" : "");
}

bool stat_same(const struct stat *a, const struct stat *b)
{
	return a->st_dev == b->st_dev && a->st_ino == b->st_ino;
}

/* A link of /proc leads to an open file or directory, whatever its text says. What the kernel finds through the link is
 * then not what it finds by the text. */
static bool is_path(const struct walk *w, const char *name, const char *text)
{
	struct stat through, named;
	const struct output_path *p = w->output;
	if (p->io->fstatat(p->dir_fd, name, &through, 0) < 0)
		return true; /* it leads nowhere yet */
	return p->io->fstatat(p->dir_fd, text, &named, 0) == 0 && stat_same(&through, &named);
}

/* The link that output->path and output->st tell of. It is open, so that the text is that of the link whose owner was
 * looked up. */
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
	ssize_t n = w->output->io->readlinkat(link_fd, "", text, sizeof text - 1);
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

/* The walk has come to FILE's directory: it is opened for good, and what a sentence may need is looked up. fault: why
 * FILE could not be inspected, or 0. */
static int arrive(struct walk *w, const char *name, int fault, struct err *e)
{
	struct statfs fs;
	struct stat dir;
	struct output_path *p = w->output;
	const struct io *io = p->io;

	/* From now on everything goes through this descriptor; fsync(2) wants one that may be read. */
	snprintf(p->base, sizeof p->base, "%s", name);
	int fd = io->openat(p->dir_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC), refused = errno;
	output_path_close(p);
	p->dir_fd = fd;
	if (!p->dir[0])
		snprintf(p->dir, sizeof p->dir, ".");
	if (fd < 0)
		return explain_directory(p->dir, w->file, refused, e);

	/* What a sentence or a later check may need. */
	p->dir_is_counted = io->fstat(fd, &dir) == 0 && dir.st_nlink > 0;
	p->dir_kind = strcmp(p->dir, "/") == 0 ? DIR_IS_ROOT : 0;
	if (io->mount_is_root(fd, ".") == 1)
		p->dir_kind |= DIR_IS_MOUNT;
	if (io->fstatfs(fd, &fs) == 0 && is_kernels(fs.f_type))
		p->dir_kind |= DIR_IS_KERNELS;
	p->mounted = p->exists && io->mount_is_root(fd, p->base) == 1;
	return fault ? explain(p, DOING_INSPECT, "", fault, e) : 0;
}

/* One component: 1 it was entered, or a link that was followed; 0 it is the last, FILE, there or missing; -1 failure.
 */
static int step(struct walk *w, const char *name, bool last, struct err *e)
{
	struct output_path *p = w->output;
	const struct io *io = p->io;
	const int flags = O_PATH | O_NOFOLLOW | O_CLOEXEC;
	snprintf(p->path, sizeof p->path, "%s", p->dir);
	if (!path_enter(p->path, name))
		return too_long(w, e);

	/* A directory on the way is entered at once; with O_DIRECTORY an automount is made now, and not missed. */
	int fd = last ? -1 : io->openat(p->dir_fd, name, flags | O_DIRECTORY), refused = errno;
	if (fd >= 0)
		return stand_in(w, fd, p->path);

	/* A link is no directory. It, and FILE itself, is open while it is inspected. */
	if (last || refused == ENOTDIR)
		fd = io->openat(p->dir_fd, name, flags);
	p->exists = fd >= 0 && io->fstat(fd, &p->st) == 0;

	/* A link is followed; anything else ends the walk, well or not. */
	int result, fault = p->exists || errno == ENOENT ? 0 : errno;
	if (p->exists && S_ISLNK(p->st.st_mode))
		result = follow(w, name, fd, e);
	else if (!last)
		result = explain_directory(p->path, w->file, refused, e);
	else
		result = arrive(w, name, fault, e);
	if (fd >= 0)
		io->close(fd);
	return result;
}

static int walk(struct walk *w, struct err *e)
{
	/* From the root or the current directory, component by component, while there is another one to be entered. */
	char name[OUTPUT_NAME_MAX];
	int more = path_link(w->rest, w->file) ? start_at(w, w->file, e) : too_long(w, e);
	while (more > 0) {
		int got = path_take(w->rest, name);
		bool last = w->rest[0] == '\0', dot = strcmp(name, ".") == 0;
		if (got < 0)
			return too_long(w, e);
		if (got == 0 || (last && (dot || strcmp(name, "..") == 0)))
			return err_set(e, ERR_CANTCREAT, 0, "%.200s names a directory; FILE must be a file in it",
				       w->file);

		/* ".." needs nothing of its own: the kernel knows the directory that is above the one that is open. */
		if (!dot)
			more = step(w, name, last, e);
	}
	return more;
}

int output_path_find(struct output_path *p, const struct io *io, const char *file, struct err *e)
{
	struct walk w = {.output = p, .file = file};
	*p = (struct output_path){.io = io, .dir_fd = -1};

	/* What the walk has opened before it failed is given back. */
	int result = walk(&w, e);
	if (result < 0)
		output_path_close(p);
	return result;
}

void output_path_close(struct output_path *p)
{
	if (p->dir_fd >= 0)
		p->io->close(p->dir_fd);
	p->dir_fd = -1;
}

void output_path_name(const struct output_path *p, const char *suffix, char name[OUTPUT_NAME_MAX])
{
	/* The suffix is never cut: without it the name would be FILE's. */
	int room = OUTPUT_NAME_MAX - 1 - (int)strlen(suffix);
	snprintf(name, OUTPUT_NAME_MAX, "%.*s%s", room, p->base, suffix);
}

/* The path's own errors: what is not there, and a file system whose server has gone. Others, as that this user may not
 * look, say nothing of what is open. */
static bool is_gone(int sys_errno)
{
	return sys_errno == ENOENT || sys_errno == ENOTDIR || sys_errno == ELOOP || sys_errno == ESTALE ||
	       sys_errno == ENOTCONN;
}

/* Does `path`, from dir_fd on, lead to what is open, which *open_st tells of? */
static bool leads_to(const struct io *io, int dir_fd, const char *path, const struct stat *open_st)
{
	struct stat named;
	if (io->fstatat(dir_fd, path, &named, AT_SYMLINK_NOFOLLOW) < 0)
		return !is_gone(errno);
	return stat_same(open_st, &named);
}

int output_path_check(const struct output_path *p, struct err *e)
{
	struct stat dir;
	const char *lost = NULL;

	/* A directory that has lost its links was removed, whatever its path leads to by now. */
	if (p->io->fstat(p->dir_fd, &dir) < 0)
		lost = is_gone(errno) ? p->dir : NULL;
	else if ((p->dir_is_counted && dir.st_nlink == 0) || !leads_to(p->io, AT_FDCWD, p->dir, &dir))
		lost = p->dir;
	else if (p->pinned && !leads_to(p->io, p->dir_fd, p->base, &p->st))
		lost = p->path;
	if (!lost)
		return 0;
	return err_set(
		e, ERR_IO, 0,
		"%s %.150s was removed or replaced (moved, unmounted, mounted over) while refresher runs; restart "
		"refresher, which looks for it again only then",
		lost == p->path ? "file" : "directory", lost);
}
