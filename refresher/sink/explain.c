#include "sink/explain.h"

#include "sink/place.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static bool is_full(int sys_errno)
{
	return sys_errno == ENOSPC || sys_errno == EDQUOT;
}

static const char *doing_text(enum doing doing)
{
	switch (doing) {
	case DOING_LOOK:
		return "look at";
	case DOING_CREATE:
		return "create a file for";
	case DOING_OPEN:
		return "open";
	case DOING_OWN:
		return "set the owner and mode of";
	case DOING_SYNC:
		return "bring to the disk";
	case DOING_LOCK:
		return "lock";
	case DOING_RENAME:
		return "put in place";
	case DOING_REMOVE:
		return "remove";
	}
	return "use";
}

/* Who may what: the file itself where that is what was opened, else the directory. */
static int no_permission(const struct place *p, const struct io *io, enum doing doing, int sys_errno, struct err *e)
{
	struct stat st;
	unsigned uid = (unsigned)geteuid();
	if (doing == DOING_OWN)
		return err_set(e, ERR_NOPERM, sys_errno,
			       "uid %u may not set the configured owner or mode of %s; run refresher as that owner",
			       uid, p->path);
	bool file = doing == DOING_OPEN && io->fstatat(io->self, p->dir_fd, p->base, &st, AT_SYMLINK_NOFOLLOW) == 0;
	if (!file && io->fstat(io->self, p->dir_fd, &st) < 0)
		return err_set(e, ERR_NOPERM, sys_errno, "uid %u may not %s %s", uid, doing_text(doing), p->path);
	return err_set(
		e, ERR_NOPERM, sys_errno,
		"uid %u may not %s %s: %s belongs to %u:%u with mode %04o; make it writable for uid %u or choose "
		"another FILE",
		uid, doing_text(doing), p->path, file ? "it" : p->dir, (unsigned)st.st_uid, (unsigned)st.st_gid,
		(unsigned)(st.st_mode & 07777), uid);
}

/* The kernel says EISDIR or ENOTEMPTY, Landlock EACCES. */
static bool is_directory(const struct place *p, const struct io *io, const char *suffix)
{
	struct stat st;
	char name[sizeof p->base + 16];
	snprintf(name, sizeof name, "%s%s", p->base, suffix);
	return io->fstatat(io->self, p->dir_fd, name, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISDIR(st.st_mode);
}

int explain_rename(const struct place *p, const struct io *io, const char *suffix, int sys_errno, struct err *e)
{
	if (sys_errno != EBUSY && is_directory(p, io, suffix))
		return err_set(e, ERR_CANTCREAT, 0, "cannot put in place %s%s, it is a directory now; remove it",
			       p->path, suffix);
	return explain(p, io, DOING_RENAME, sys_errno, e);
}

int explain(const struct place *p, const struct io *io, enum doing doing, int sys_errno, struct err *e)
{
	switch (sys_errno) {
	case EACCES:
	case EPERM:
		return no_permission(p, io, doing, sys_errno, e);
	case EROFS:
		return err_set(e, ERR_CANTCREAT, sys_errno,
			       "cannot %s %s; mount an emptyDir at %s or choose another FILE", doing_text(doing),
			       p->path, p->dir);
	case ENOSPC:
	case EDQUOT:
		return err_set(e, ERR_IO, sys_errno, "cannot %s %s; free space or set a larger sizeLimit",
			       doing_text(doing), p->path);
	case EBUSY:
		return err_set(e, ERR_CANTCREAT, sys_errno,
			       "cannot %s %s, it is a mount point; mount its directory instead, or set write to "
			       "in_place",
			       doing_text(doing), p->path);
	default:
		return err_set(e, sys_errno == EIO ? ERR_IO : ERR_CANTCREAT, sys_errno, "cannot %s %s",
			       doing_text(doing), p->path);
	}
}

int explain_write(const char *path, uint64_t written, size_t len, int sys_errno, struct err *e)
{
	if (is_full(sys_errno))
		return err_set(e, ERR_IO, sys_errno,
			       "cannot write %s, which needs %llu bytes or more; free space or set a larger sizeLimit",
			       path, (unsigned long long)written + len);
	return err_set(e, ERR_IO, sys_errno, "cannot write %s", path);
}

int explain_directory(const struct place *p, const char *file, int sys_errno, struct err *e)
{
	bool linked = strcmp(file, p->path) != 0;
	const char *by = linked ? file : "", *points = linked ? " (where the link " : "",
		   *there = linked ? " leads)" : "";
	switch (sys_errno) {
	case ENOENT:
		return err_set(e, ERR_CANTCREAT, 0,
			       "directory %s%s%s%s does not exist; create it or mount a volume there", p->dir, points,
			       by, there);
	case ENOTDIR:
		return err_set(e, ERR_CANTCREAT, 0, "%s%s%s%s is not a directory; choose another FILE", p->dir, points,
			       by, there);
	case EACCES:
	case EPERM:
		return err_set(
			e, ERR_NOPERM, sys_errno,
			"uid %u may not open directory %s%s%s%s; make it readable for that uid or choose another "
			"FILE",
			(unsigned)geteuid(), p->dir, points, by, there);
	default:
		return err_set(e, ERR_CANTCREAT, sys_errno, "cannot open directory %s%s%s%s", p->dir, points, by,
			       there);
	}
}
