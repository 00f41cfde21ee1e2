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

/* The file that a sentence is about: FILE, or FILE<suffix> beside it. */
struct subject {
	const struct place *place;
	const char *suffix;
	enum doing doing;
};

static int look(const struct subject *s, const struct io *io, const char *suffix, struct stat *st)
{
	const struct place *p = s->place;
	char name[sizeof p->base + 16];
	snprintf(name, sizeof name, "%s%s", p->base, suffix);
	return io->fstatat(io->self, p->dir_fd, name, st, AT_SYMLINK_NOFOLLOW);
}

static bool is_anothers(const struct subject *s, const struct io *io, const char *suffix)
{
	struct stat st;
	return look(s, io, suffix, &st) == 0 && st.st_uid != geteuid();
}

/* The kernel says EPERM, and not EACCES, where no mode helps. Of the attributes only ioctl and statx tell, which are
 * out of reach by then; when it is not the sticky bit, it is they. */
static int forbidden(const struct subject *s, const struct io *io, struct err *e)
{
	struct stat dir;
	const struct place *p = s->place;
	const char *what = doing_text(s->doing);
	unsigned uid = (unsigned)geteuid();
	if (s->doing == DOING_CREATE)
		return err_set(e, ERR_NOPERM, EPERM,
			       "uid %u may not %s %s: directory %s seems to be immutable (see lsattr); chattr -i it",
			       uid, what, p->path, p->dir);
	if (s->doing == DOING_OPEN)
		return err_set(
			e, ERR_NOPERM, EPERM,
			"uid %u may not %s %s: it seems to be immutable or append-only (see lsattr); chattr -i -a "
			"it",
			uid, what, p->path);
	bool sticky = io->fstat(io->self, p->dir_fd, &dir) == 0 && (dir.st_mode & S_ISVTX) && dir.st_uid != geteuid();
	bool target = sticky && is_anothers(s, io, s->suffix);
	if (target || (sticky && is_anothers(s, io, "")))
		return err_set(e, ERR_NOPERM, EPERM,
			       "uid %u may not %s %s%s: %s%s is another user's in a sticky directory; remove it", uid,
			       what, p->path, s->suffix, p->path, target ? s->suffix : "");
	return err_set(
		e, ERR_NOPERM, EPERM,
		"uid %u may not %s %s%s: a file of that name or directory %s seems to be immutable or append-only "
		"(see lsattr); chattr -i -a it",
		uid, what, p->path, s->suffix, p->dir);
}

static bool is_of_a_name(enum doing doing)
{
	return doing == DOING_CREATE || doing == DOING_OPEN || doing == DOING_RENAME || doing == DOING_REMOVE;
}

/* Who may what: the file itself where that is what was opened, else the directory. */
static int no_permission(const struct subject *s, const struct io *io, int sys_errno, struct err *e)
{
	struct stat st;
	const struct place *p = s->place;
	const char *what = doing_text(s->doing);
	unsigned uid = (unsigned)geteuid();
	if (s->doing == DOING_OWN)
		return err_set(e, ERR_NOPERM, sys_errno,
			       "uid %u may not set the configured owner or mode of %s; run refresher as that owner",
			       uid, p->path);
	if (sys_errno == EPERM && is_of_a_name(s->doing))
		return forbidden(s, io, e);
	bool file = s->doing == DOING_OPEN && look(s, io, "", &st) == 0;
	if (!file && io->fstat(io->self, p->dir_fd, &st) < 0)
		return err_set(e, ERR_NOPERM, sys_errno, "uid %u may not %s %s%s", uid, what, p->path, s->suffix);
	return err_set(
		e, ERR_NOPERM, sys_errno,
		"uid %u may not %s %s%s: %s belongs to %u:%u with mode %04o; make it writable for uid %u or choose "
		"another FILE",
		uid, what, p->path, s->suffix, file ? "it" : p->dir, (unsigned)st.st_uid, (unsigned)st.st_gid,
		(unsigned)(st.st_mode & 07777), uid);
}

static int tell(const struct subject *s, const struct io *io, int sys_errno, struct err *e)
{
	const char *path = s->place->path, *what = doing_text(s->doing);
	switch (sys_errno) {
	case EACCES:
	case EPERM:
		return no_permission(s, io, sys_errno, e);
	case EROFS:
		return err_set(e, ERR_CANTCREAT, sys_errno,
			       "cannot %s %s%s; mount an emptyDir at %s or choose another FILE", what, path, s->suffix,
			       s->place->dir);
	case ENOSPC:
	case EDQUOT:
		return err_set(e, ERR_IO, sys_errno, "cannot %s %s%s; free space or set a larger sizeLimit", what, path,
			       s->suffix);
	case EBUSY:
		return err_set(e, ERR_CANTCREAT, sys_errno,
			       "cannot %s %s%s, it is a mount point; mount its directory instead, or set write to "
			       "in_place",
			       what, path, s->suffix);
	default:
		return err_set(e, sys_errno == EIO ? ERR_IO : ERR_CANTCREAT, sys_errno, "cannot %s %s%s", what, path,
			       s->suffix);
	}
}

int explain(const struct place *p, const struct io *io, enum doing doing, int sys_errno, struct err *e)
{
	const struct subject s = {p, "", doing};
	return tell(&s, io, sys_errno, e);
}

int explain_rename(const struct place *p, const struct io *io, const char *suffix, int sys_errno, struct err *e)
{
	struct stat st;
	const struct subject s = {p, suffix, DOING_RENAME};
	/* The kernel says EISDIR or ENOTEMPTY, Landlock EACCES. */
	if (sys_errno != EBUSY && look(&s, io, suffix, &st) == 0 && S_ISDIR(st.st_mode))
		return err_set(e, ERR_CANTCREAT, 0, "cannot put in place %s%s, it is a directory now; remove it",
			       p->path, suffix);
	return tell(&s, io, sys_errno, e);
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
