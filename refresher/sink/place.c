#include "sink/place.h"

#include "sink/explain.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { LINKS_MAX = 40 }; /* as the kernel's limit for one path */

static bool copy_part(char *out, size_t out_len, const char *s, size_t len)
{
	if (len >= out_len)
		return false;
	memcpy(out, s, len);
	out[len] = '\0';
	return true;
}

bool place_split(const char *path, char *dir, size_t dir_len, char *base, size_t base_len)
{
	const char *slash = strrchr(path, '/');
	if (!slash)
		return copy_part(dir, dir_len, ".", 1) && copy_part(base, base_len, path, strlen(path));
	size_t n = (size_t)(slash - path);
	while (n > 1 && path[n - 1] == '/')
		n--;
	return copy_part(dir, dir_len, path, n > 0 ? n : 1) && copy_part(base, base_len, slash + 1, strlen(slash + 1));
}

bool place_join(const char *dir, const char *text, char *out, size_t out_len)
{
	if (text[0] == '/')
		return copy_part(out, out_len, text, strlen(text));
	const char *between = strcmp(dir, "/") == 0 ? "" : "/";
	int n = snprintf(out, out_len, "%s%s%s", dir, between, text);
	return n >= 0 && (size_t)n < out_len;
}

static int open_dir(struct place *p, const struct io *io, const char *file, struct err *e)
{
	p->dir_fd = io->openat(io->self, AT_FDCWD, p->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);
	return p->dir_fd < 0 ? explain_directory(p, file, errno, e) : 0;
}

/* A link in /proc/PID/fd leads to an open file, whatever its text says: that may be no path at all (a pipe), or one
 * that has gone. What the kernel finds through the link is then not what lies at `next`. */
static bool is_path(const struct place *p, const struct io *io, const char *next)
{
	struct stat through, named;
	if (io->fstatat(io->self, p->dir_fd, p->base, &through, 0) < 0)
		return true; /* it leads nowhere yet */
	return io->fstatat(io->self, AT_FDCWD, next, &named, 0) == 0 && through.st_dev == named.st_dev &&
	       through.st_ino == named.st_ino;
}

/* The link is held by a descriptor, so that it is the one whose owner was looked at. */
static int follow(const struct place *p, const struct io *io, int link_fd, char *next, struct err *e)
{
	struct stat dir;
	char text[SINK_PATH_MAX];
	if (io->fstat(io->self, p->dir_fd, &dir) < 0)
		return err_set(e, ERR_CANTCREAT, errno, "cannot look at %s", p->dir);
	if ((dir.st_mode & S_IWOTH) && p->st.st_uid != 0 && p->st.st_uid != geteuid())
		return err_set(e, ERR_NOPERM, 0,
			       "%s is a symbolic link of uid %u in a directory that everybody may write; it is not "
			       "followed: remove it, or name its target as FILE",
			       p->path, (unsigned)p->st.st_uid);
	ssize_t n = io->readlinkat(io->self, link_fd, "", text, sizeof text - 1);
	if (n < 0)
		return err_set(e, ERR_CANTCREAT, errno, "cannot read the symbolic link %s", p->path);
	text[n] = '\0';
	if (!place_join(p->dir, text, next, SINK_PATH_MAX))
		return err_set(e, ERR_CANTCREAT, ENAMETOOLONG, "cannot follow the symbolic link %s", p->path);
	if (!is_path(p, io, next))
		return err_set(e, ERR_CANTCREAT, 0,
			       "%s leads to an open file without a path (%s); use - for standard output, or choose "
			       "another FILE",
			       p->path, text);
	return 0;
}

/* One component: 0 found or missing, 1 a link that leads to next, -1 failure. */
static int look(struct place *p, const struct io *io, const char *file, char *next, struct err *e)
{
	if (!place_split(p->path, p->dir, sizeof p->dir, p->base, sizeof p->base))
		return err_set(e, ERR_CANTCREAT, ENAMETOOLONG, "cannot create %s", p->path);
	if (p->base[0] == '\0')
		return err_set(e, ERR_CANTCREAT, 0, "%s names a directory; FILE must be a file in it", p->path);
	if (open_dir(p, io, file, e) < 0)
		return -1;
	int fd = io->openat(io->self, p->dir_fd, p->base, O_PATH | O_NOFOLLOW | O_CLOEXEC, 0);
	p->exists = fd >= 0;
	if (fd < 0)
		return errno == ENOENT ? 0 : explain(p, io, DOING_LOOK, errno, e);
	int result = 0;
	if (io->fstat(io->self, fd, &p->st) < 0)
		result = explain(p, io, DOING_LOOK, errno, e);
	else if (S_ISLNK(p->st.st_mode))
		result = follow(p, io, fd, next, e) < 0 ? -1 : 1;
	io->close(io->self, fd);
	return result;
}

int place_find(struct place *p, const struct io *io, const char *file, struct err *e)
{
	char next[SINK_PATH_MAX];
	p->dir_fd = -1;
	if (!copy_part(next, sizeof next, file, strlen(file)))
		return err_set(e, ERR_CANTCREAT, ENAMETOOLONG, "cannot create FILE");
	for (int i = 0; i < LINKS_MAX; i++) {
		memcpy(p->path, next, sizeof next);
		int more = look(p, io, file, next, e);
		if (more == 0)
			return 0;
		place_fini(p, io);
		if (more < 0)
			return -1;
	}
	return err_set(e, ERR_CANTCREAT, ELOOP, "cannot follow the symbolic link %s", file);
}

void place_fini(struct place *p, const struct io *io)
{
	if (p->dir_fd >= 0)
		io->close(io->self, p->dir_fd);
	p->dir_fd = -1;
}

int place_refresh(struct place *p, const struct io *io, struct err *e)
{
	struct stat held, now;
	if (io->fstatat(io->self, AT_FDCWD, p->dir, &now, 0) < 0) {
		if (errno != ENOENT && errno != ENOTDIR)
			return 0;
		return err_set(e, ERR_CANTCREAT, 0, "directory %s is gone; create it again or mount a volume there",
			       p->dir);
	}
	if (io->fstat(io->self, p->dir_fd, &held) == 0 && held.st_dev == now.st_dev && held.st_ino == now.st_ino)
		return 0;
	int fd = io->openat(io->self, AT_FDCWD, p->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);
	if (fd < 0)
		return err_set(e, ERR_CANTCREAT, errno,
			       "directory %s was replaced and the new one cannot be opened; restart refresher", p->dir);
	io->close(io->self, p->dir_fd);
	p->dir_fd = fd;
	return 0;
}
