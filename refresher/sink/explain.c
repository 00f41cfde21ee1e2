#include "sink/explain.h"

#include "base/limit.h"
#include "sink/output_path.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { NOBODY = 65534 }; /* how an owner outside of this user namespace shows */

/* What was tried, as it is told: "cannot open FILE", "uid 7 may not lock FILE". */
static const char *const verbs[] = {
	[DOING_INSPECT] = "look at", [DOING_CREATE] = "create a file for",     [DOING_OPEN] = "open",
	[DOING_EMPTY] = "empty",     [DOING_OWN] = "set the owner or mode of", [DOING_SYNC] = "bring to the disk",
	[DOING_LOCK] = "lock",       [DOING_RENAME] = "put in place",          [DOING_REMOVE] = "remove",
};

/* "uid 7 may not put in place /a/b.json", or "cannot ..." where it is no matter of a right, and the rest behind it. */
__attribute__((format(printf, 4, 5))) static int say(const struct facts *f, enum err_code code, struct err *e,
						     const char *fmt, ...)
{
	va_list ap;
	char text[sizeof e->msg], who[32] = "cannot";

	/* A long path is cut, so that the remedy behind it is not. */
	if (code == ERR_NOPERM)
		snprintf(who, sizeof who, "uid %u may not", (unsigned)f->uid);
	int used = snprintf(text, sizeof text, "%s %s %.100s%s", who, verbs[f->doing], f->path, f->suffix);
	va_start(ap, fmt);
	vsnprintf(text + used, sizeof text - (size_t)used, fmt, ap);
	va_end(ap);

	/* Which limit is used up is what a shortage is about. */
	return code == ERR_OS ? limit_err(e, f->sys_errno, text) : err_set(e, code, f->sys_errno, "%s", text);
}

/* EACCES. The subject is what was opened, else the directory; its owner and mode are compared with what was wanted. */
static int no_right(const struct facts *f, struct err *e)
{
	bool file = f->doing == DOING_OPEN && f->file_st.st_mode;
	const struct stat *st = file ? &f->file_st : &f->dir_st;
	const char *subject = file ? "it" : f->dir;
	unsigned mode = st->st_mode & 07777, wanted = file ? 2 : f->doing == DOING_INSPECT ? 1 : 3;

	/* Without an owner and a mode nothing more can be said. */
	if (st->st_mode == 0)
		return say(f, ERR_NOPERM, e, "%s", "");

	/* Of a group we may be a member or not; as owner, or as one of the others, the rights are certain. */
	bool own = st->st_uid == f->uid;
	if (((own ? mode >> 6 : mode) & wanted) == wanted)
		return say(f, ERR_NOPERM, e,
			   ", though mode %04o of %.70s would let it; look at its ACL (getfacl)%s, and for SELinux or "
			   "AppArmor at the kernel's log",
			   mode, subject, S_ISCHR(st->st_mode) ? ", at the nodev option of its mount" : "");

	/* The remedy is the owner's to do, or to become the owner. */
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

/* What a sentence may be about, as bits beside those of the directory's kind. */
enum {
	DIR_IS_REMOVED = 8,
	FILE_IS_DIR = 16,
	FILE_IS_DEVICE = 32,
	FILE_IS_STUCK =
		64, /* another's, in another's sticky directory: only the owner of either renames or removes it */
};

/* A directory without links was removed. What could not be looked up is 0 in all of it, and none of these. */
static unsigned kind_of(const struct facts *f)
{
	const struct stat *dir = &f->dir_st, *file = &f->file_st;
	unsigned kind = f->dir_kind;
	if (dir->st_mode && dir->st_nlink == 0)
		kind |= DIR_IS_REMOVED;
	if (S_ISDIR(file->st_mode))
		kind |= FILE_IS_DIR;
	if (S_ISCHR(file->st_mode))
		kind |= FILE_IS_DEVICE;
	if ((dir->st_mode & S_ISVTX) && file->st_mode && dir->st_uid != f->uid && file->st_uid != f->uid)
		kind |= FILE_IS_STUCK;
	return kind;
}

#define AT(doing)    (1U << DOING_##doing)
#define AT_NAME      (AT(RENAME) | AT(REMOVE))
#define ANY          0
#define NO_NEW_FILES ", the file system of %.70s takes no new files; choose another FILE"
#define ATTRIBUTES                                                                                                     \
	" seems to be immutable or append-only (lsattr shows it, chattr -i -a undoes it), or a security module "       \
	"forbids it"

/* The first row that fits: what was done, the errno, and all bits of the kind; ANY fits everything. In a sentence %.70s
 * is the directory. */
static const struct {
	unsigned doing;
	int sys_errno;
	unsigned kind;
	enum err_code code;
	const char *sentence;
} rows[] = {
	{AT(CREATE), ANY, DIR_IS_KERNELS, ERR_CANTCREAT,
	 ": the files of %.70s are the kernel's own; choose another FILE"},

	/* A mount point before a directory, which it may be too; the kernel says EISDIR or ENOTEMPTY, Landlock EACCES.
	 */
	{ANY, EBUSY, ANY, ERR_CANTCREAT,
	 ", it is a mount point; mount its directory instead, or set write to in_place"},
	{AT(RENAME), ANY, FILE_IS_DIR, ERR_CANTCREAT, ", it is a directory now; remove it"},

	/* EPERM of a name is no matter of modes: what was opened is to blame, or what it lies in; a rename may fail for
	 * either. The attributes of files cannot be looked up from here. */
	{AT(OPEN), EPERM, FILE_IS_DEVICE, ERR_NOPERM,
	 ": the device cgroup does not let this container write it; make it privileged, or use a device plugin"},
	{AT(OPEN) | AT(EMPTY), EPERM, ANY, ERR_NOPERM, ": it" ATTRIBUTES},
	{AT(CREATE), EPERM, ANY, ERR_NOPERM, ": directory %.70s" ATTRIBUTES},
	{AT_NAME, EPERM, FILE_IS_STUCK, ERR_NOPERM,
	 ": it is another user's in a sticky directory; remove it once, or choose another FILE"},
	{AT_NAME, EPERM, ANY, ERR_NOPERM, ": it or directory %.70s" ATTRIBUTES},

	/* What is read-only, and what is used up or broken. */
	{ANY, EROFS, DIR_IS_ROOT, ERR_CANTCREAT,
	 ", the root directory is read-only; mount an emptyDir or another volume at a directory of its own, and name a "
	 "FILE in it"},
	{ANY, EROFS, DIR_IS_MOUNT, ERR_CANTCREAT,
	 "; mount the volume at %.70s writable (the kernel makes it read-only too when its disk fails), or choose "
	 "another FILE"},
	{ANY, EROFS, ANY, ERR_CANTCREAT, "; mount an emptyDir or another volume at %.70s, or choose another FILE"},
	{ANY, ENOSPC, ANY, ERR_IO, "; free space or inodes, or set a larger sizeLimit"},
	{ANY, EDQUOT, ANY, ERR_IO, "; free space, or set a larger quota"},
	{ANY, EIO, ANY, ERR_IO, ""},

	/* Who looks for a file gets ENOENT; who makes one, from a file system that makes none. */
	{AT(CREATE), ENOENT, DIR_IS_REMOVED, ERR_CANTCREAT,
	 ", directory %.70s was removed; create it again, or choose another FILE"},
	{AT(CREATE), ENOENT, ANY, ERR_CANTCREAT, NO_NEW_FILES},
	{AT(CREATE), ENOSYS, ANY, ERR_CANTCREAT, NO_NEW_FILES},
	{AT(CREATE), EOPNOTSUPP, ANY, ERR_CANTCREAT, NO_NEW_FILES},
};

int explain_facts(const struct facts *f, struct err *e)
{
	/* The table knows most of it, and its order decides where two rows fit. */
	const unsigned doing = 1U << f->doing, kind = kind_of(f);
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		if ((rows[i].doing == ANY || rows[i].doing & doing) &&
		    (rows[i].sys_errno == ANY || rows[i].sys_errno == f->sys_errno) &&
		    (rows[i].kind & kind) == rows[i].kind)
			return say(f, rows[i].code, e, rows[i].sentence, f->dir);

	/* Rights have a subject; of a lock or an owner EPERM is what EACCES is. */
	if (f->sys_errno == EACCES || f->sys_errno == EPERM)
		return no_right(f, e);
	return say(f, err_is_shortage(f->sys_errno) ? ERR_OS : ERR_CANTCREAT, e, "%s", "");
}

int explain(const struct output_path *p, enum doing doing, const char *suffix, int sys_errno, struct err *e)
{
	char name[OUTPUT_NAME_MAX];
	struct facts f = {doing, sys_errno, p->path, suffix, p->dir, p->dir_kind, .uid = geteuid()};

	/* The facts are those of now, by the directory that is open, and not those of the failed call; what cannot be
	 * looked up stays 0. */
	output_path_name(p, suffix, name);
	if (p->io->fstat(p->dir_fd, &f.dir_st) < 0)
		f.dir_st = (struct stat){0};
	if (p->io->fstatat(p->dir_fd, name, &f.file_st, AT_SYMLINK_NOFOLLOW) < 0)
		f.file_st = (struct stat){0};
	return explain_facts(&f, e);
}

int explain_write(const char *path, uint64_t written, size_t len, int sys_errno, struct err *e)
{
	/* "Broken pipe" would tell nobody that it was the reader who left. */
	if (sys_errno == EPIPE)
		return err_set(e, ERR_IO, 0, "%.200s was closed by its reader", path);

	/* Where the size is the matter, it is named. */
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

int explain_directory(const char *dir, const char *file, int sys_errno, struct err *e)
{
	char named[256], copy[SINK_PATH_MAX];

	/* Of a directory further up, or where a link has led, nobody would know what it has to do with FILE. */
	snprintf(copy, sizeof copy, "%s", file);
	const char *way = strcmp(dirname(copy), dir) == 0 ? "%.200s" : "%.100s (on the way to %.100s)";
	snprintf(named, sizeof named, way, dir, file);

	/* What these errnos mean is in the sentence already. */
	if (sys_errno == ENOENT)
		return err_set(e, ERR_CANTCREAT, 0, "directory %s does not exist; create it or mount a volume there",
			       named);
	if (sys_errno == ENOTDIR)
		return err_set(e, ERR_CANTCREAT, 0, "%s is not a directory; choose another FILE", named);

	/* A right may be missing in any directory above, too; the rest is a limit, or the disk. */
	if (sys_errno == EACCES || sys_errno == EPERM)
		return err_set(e, ERR_NOPERM, sys_errno,
			       "uid %u may not open directory %s; make it and those above it readable for that uid, or "
			       "choose another FILE",
			       (unsigned)geteuid(), named);
	return err_set(e, err_is_shortage(sys_errno) ? ERR_OS : ERR_CANTCREAT, sys_errno, "cannot open directory %s",
		       named);
}
