#include "sink/explain.h"

#include "sink/output_path.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { NOBODY = 65534 }; /* how an owner outside of this user namespace shows */

static const char *verb(enum doing doing)
{
	static const char *const verbs[] = {
		[DOING_INSPECT] = "look at",
		[DOING_CREATE] = "create a file for",
		[DOING_OPEN] = "open",
		[DOING_EMPTY] = "empty",
		[DOING_OWN] = "set the owner or mode of",
		[DOING_SYNC] = "bring to the disk",
		[DOING_LOCK] = "lock",
		[DOING_RENAME] = "put in place",
		[DOING_REMOVE] = "remove",
	};
	return verbs[doing];
}

/* "uid 7 may not put in place /a/b.json", or "cannot ..." where it is no matter of a right, and the rest behind it. */
__attribute__((format(printf, 4, 5))) static int say(const struct facts *f, enum err_code code, struct err *e,
						     const char *fmt, ...)
{
	va_list ap;
	char rest[320], who[32] = "cannot";

	/* A long path is cut, so that the remedy behind it is not. */
	va_start(ap, fmt);
	vsnprintf(rest, sizeof rest, fmt, ap);
	va_end(ap);
	if (code == ERR_NOPERM)
		snprintf(who, sizeof who, "uid %u may not", (unsigned)f->uid);
	return err_set(e, code, f->sys_errno, "%s %s %.100s%s%s", who, verb(f->doing), f->path, f->suffix, rest);
}

/* EACCES. The subject is what was opened, else the directory; its owner and mode are compared with what was wanted. */
static int no_right(const struct facts *f, struct err *e)
{
	bool file = f->doing == DOING_OPEN && f->file_known, own;
	const struct stat *st = file ? &f->file_st : &f->dir_st;
	const char *subject = file ? "it" : f->dir;
	unsigned mode = st->st_mode & 07777, wanted = file ? 2 : f->doing == DOING_INSPECT ? 1 : 3;
	if (!file && !f->dir_known)
		return say(f, ERR_NOPERM, e, "%s", "");

	own = st->st_uid == f->uid;
	/* Of a group we may be a member or not; as owner, or as one of the others, the rights are certain. */
	if (((own ? mode >> 6 : mode) & wanted) == wanted)
		return say(f, ERR_NOPERM, e,
			   ", though mode %04o of %.70s would let it; look at its ACL (getfacl)%s, and for SELinux or "
			   "AppArmor at the kernel's log",
			   mode, subject, S_ISCHR(st->st_mode) ? ", at the nodev option of its mount" : "");
	if (own)
		return say(f, ERR_NOPERM, e,
			   ": %.70s is its own but has mode %04o; chmod u+%s it, or choose another FILE", subject, mode,
			   file ? "w" : "wx");
	return say(f, ERR_NOPERM, e,
		   ": %.70s belongs to %u:%u%s with mode %04o; chown it to uid %u, set confine.user to its owner, or "
		   "choose another FILE",
		   subject, (unsigned)st->st_uid, (unsigned)st->st_gid,
		   st->st_uid == NOBODY ? " (or an owner outside this user namespace)" : "", mode, (unsigned)f->uid);
}

/* EPERM of a name: no mode helps. The sticky bit is seen; attributes of files cannot be looked at from here. */
static int forbidden(const struct facts *f, struct err *e)
{
	static const char attributes[] =
		"seems to be immutable or append-only (lsattr shows it, chattr -i -a undoes it), or a security module "
		"forbids it";
	bool sticky = f->dir_known && (f->dir_st.st_mode & S_ISVTX) && f->dir_st.st_uid != f->uid;
	bool foreign = f->file_known && f->file_st.st_uid != f->uid;

	/* What was opened is to blame, or what it lies in; a rename may fail for either. */
	if (f->doing == DOING_OPEN && f->file_known && S_ISCHR(f->file_st.st_mode))
		return say(
			f, ERR_NOPERM, e,
			": the device cgroup does not let this container write it; make it privileged, or use a device "
			"plugin");
	if (f->doing == DOING_OPEN || f->doing == DOING_EMPTY)
		return say(f, ERR_NOPERM, e, ": it %s", attributes);
	if (f->doing == DOING_CREATE)
		return say(f, ERR_NOPERM, e, ": directory %.70s %s", f->dir, attributes);
	if (sticky && foreign)
		return say(f, ERR_NOPERM, e,
			   ": it is another user's in a sticky directory; remove it once, or choose another FILE");
	return say(f, ERR_NOPERM, e, ": it or directory %.70s %s", f->dir, attributes);
}

static int read_only(const struct facts *f, struct err *e)
{
	if (f->dir_is_root)
		return say(
			f, ERR_CANTCREAT, e,
			", the root directory is read-only; mount an emptyDir or another volume at a directory of its "
			"own, and name a FILE in it");
	if (f->dir_is_mount)
		return say(f, ERR_CANTCREAT, e,
			   "; mount the volume at %.70s writable (the kernel makes it read-only too when its disk "
			   "fails), or choose another FILE",
			   f->dir);
	return say(f, ERR_CANTCREAT, e, "; mount an emptyDir or another volume at %.70s, or choose another FILE",
		   f->dir);
}

/* What the errno alone says. */
static int plain(const struct facts *f, struct err *e)
{
	static const struct {
		int sys_errno;
		enum err_code code;
		const char *rest;
	} rows[] = {
		{ENOSPC, ERR_IO, "; free space or inodes, or set a larger sizeLimit"},
		{EDQUOT, ERR_IO, "; free space, or set a larger quota"},
		{EIO, ERR_IO, ""},
		{EBUSY, ERR_CANTCREAT, ", it is a mount point; mount its directory instead, or set write to in_place"},
	};
	if (err_is_shortage(f->sys_errno))
		return say(f, ERR_OS, e, "%s%s", f->limit[0] ? "; " : "", f->limit);
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		if (rows[i].sys_errno == f->sys_errno)
			return say(f, rows[i].code, e, "%s", rows[i].rest);

	/* Who looks for a file gets ENOENT; who makes one, from a file system that makes none. */
	bool none = f->sys_errno == ENOENT || f->sys_errno == ENOSYS || f->sys_errno == EOPNOTSUPP;
	if (f->doing == DOING_CREATE && f->sys_errno == ENOENT && f->dir_known && f->dir_st.st_nlink == 0)
		return say(f, ERR_CANTCREAT, e,
			   ", directory %.70s was removed; create it again, or choose another FILE", f->dir);
	if (f->doing == DOING_CREATE && none)
		return say(f, ERR_CANTCREAT, e, ", the file system of %.70s takes no new files; choose another FILE",
			   f->dir);
	return say(f, ERR_CANTCREAT, e, "%s", "");
}

int explain_facts(const struct facts *f, struct err *e)
{
	if (f->doing == DOING_CREATE && f->dir_is_kernels)
		return say(f, ERR_CANTCREAT, e, ": the files of %.70s are the kernel's own; choose another FILE",
			   f->dir);

	/* The kernel says EISDIR or ENOTEMPTY, Landlock EACCES. */
	if (f->doing == DOING_RENAME && f->sys_errno != EBUSY && f->file_known && S_ISDIR(f->file_st.st_mode))
		return say(f, ERR_CANTCREAT, e, ", it is a directory now; remove it");

	/* EPERM at a name is no matter of modes; at a lock or an owner it is what EACCES is. */
	bool changes = f->doing == DOING_CREATE || f->doing == DOING_OPEN || f->doing == DOING_EMPTY ||
		       f->doing == DOING_RENAME || f->doing == DOING_REMOVE;
	if (f->sys_errno == EPERM && changes)
		return forbidden(f, e);
	if (f->sys_errno == EACCES || f->sys_errno == EPERM)
		return no_right(f, e);
	return f->sys_errno == EROFS ? read_only(f, e) : plain(f, e);
}

int explain_suffix(const struct output_path *p, const struct io *io, enum doing doing, const char *suffix,
		   int sys_errno, struct err *e)
{
	char name[sizeof p->base + 16];
	struct facts f = {.doing = doing,
			  .sys_errno = sys_errno,
			  .path = p->path,
			  .suffix = suffix,
			  .dir = p->dir,
			  .uid = geteuid(),
			  .dir_is_root = strcmp(p->dir, "/") == 0,
			  .dir_is_mount = p->dir_is_mount,
			  .dir_is_kernels = p->dir_is_kernels};
	snprintf(name, sizeof name, "%s%s", p->base, suffix);
	if (err_is_shortage(sys_errno)) {
		struct limit_facts limits;
		limit_read(&limits);
		limit_explain(sys_errno, &limits, f.limit, sizeof f.limit);
	}
	f.dir_known = io->fstat(p->dir_fd, &f.dir_st) == 0;
	f.file_known = io->fstatat(p->dir_fd, name, &f.file_st, AT_SYMLINK_NOFOLLOW) == 0;
	return explain_facts(&f, e);
}

int explain(const struct output_path *p, const struct io *io, enum doing doing, int sys_errno, struct err *e)
{
	return explain_suffix(p, io, doing, "", sys_errno, e);
}

int explain_write(const char *path, uint64_t written, size_t len, int sys_errno, struct err *e)
{
	const char *remedy = sys_errno == ENOSPC   ? "free space or set a larger sizeLimit"
			     : sys_errno == EDQUOT ? "free space or set a larger quota"
			     : sys_errno == EFBIG
				     ? "raise the limit of the file size (RLIMIT_FSIZE, or the file system's)"
				     : NULL;
	if (!remedy)
		return err_set(e, ERR_IO, sys_errno, "cannot write %.200s", path);
	return err_set(e, ERR_IO, sys_errno, "cannot write %.200s, which needs %llu bytes or more; %s", path,
		       (unsigned long long)written + len, remedy);
}

/* Does the text of `file` say that it lies in `dir` itself? */
static bool lies_in(const char *file, const char *dir)
{
	const char *slash = strrchr(file, '/'), *parent = slash ? file : ".";
	size_t len = slash && slash > file ? (size_t)(slash - file) : 1;
	return strlen(dir) == len && strncmp(parent, dir, len) == 0;
}

int explain_directory(const char *dir, const char *file, int sys_errno, struct err *e)
{
	/* Of a directory further up, or where a link has led, nobody would know what it has to do with FILE. */
	char named[256];
	snprintf(named, sizeof named, lies_in(file, dir) ? "%.200s" : "%.100s (on the way to %.100s)", dir, file);
	if (sys_errno == ENOENT)
		return err_set(e, ERR_CANTCREAT, 0, "directory %s does not exist; create it or mount a volume there",
			       named);
	if (sys_errno == ENOTDIR)
		return err_set(e, ERR_CANTCREAT, 0, "%s is not a directory; choose another FILE", named);
	if (sys_errno == EACCES || sys_errno == EPERM)
		return err_set(e, ERR_NOPERM, sys_errno,
			       "uid %u may not open directory %s; make it and those above it readable for that uid, or "
			       "choose another FILE",
			       (unsigned)geteuid(), named);
	return err_set(e, err_is_shortage(sys_errno) ? ERR_OS : ERR_CANTCREAT, sys_errno, "cannot open directory %s",
		       named);
}
