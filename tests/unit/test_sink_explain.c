/* explain: facts and sentences, one row each; then the same where the kernel itself says no. */
#include "rows.h"

#include "sink/explain.h"
#include "sink/output_path.h"
#include "sink_rig.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

enum { NOBODY = 65532 };

struct row {
	const char *name;
	enum sink_write write;
	const char *attr_name; /* gets attr; "": the directory; NULL: nothing does */
	int attr;
	bool sticky;         /* a directory of root's with mode 1777, and we are 65532 */
	const char *foreign; /* the file that is root's then; all others are ours */
	enum err_code code;  /* of sink_open, or ERR_IO of a generation */
	const char *says;
};

static const struct row rows[] = {
	{"replace of an immutable file", SINK_REPLACE, "numbers.txt", FS_IMMUTABLE_FL, false, NULL, ERR_IO,
	 "seems to be immutable or append-only (lsattr shows it"},
	{"replace in an immutable directory", SINK_REPLACE, "", FS_IMMUTABLE_FL, false, NULL, ERR_NOPERM,
	 "seems to be immutable or append-only (lsattr shows it"},
	{"replace in an append-only directory", SINK_REPLACE, "", FS_APPEND_FL, false, NULL, ERR_NOPERM,
	 "seems to be immutable or append-only"},
	{"in place into an immutable file", SINK_IN_PLACE, "numbers.txt", FS_IMMUTABLE_FL, false, NULL, ERR_NOPERM,
	 "numbers.txt: it seems to be immutable or append-only"},
	{"in place into an append-only file", SINK_IN_PLACE, "numbers.txt", FS_APPEND_FL, false, NULL, ERR_IO,
	 "numbers.txt: it seems to be immutable or append-only"},
	{"replace of another's file in a sticky directory", SINK_REPLACE, NULL, 0, true, "numbers.txt", ERR_NOPERM,
	 "numbers.txt: it is another user's in a sticky directory; remove it once"},
};

static bool set_attr(const struct rig *r, const char *name, int attr)
{
	char path[512];
	int flags, fd = open(fake_io_path(&r->f, name, path), O_RDONLY | O_CLOEXEC);
	if (fd < 0 || ioctl(fd, FS_IOC_GETFLAGS, &flags) < 0) {
		close(fd);
		return false;
	}
	flags = (flags & ~(FS_IMMUTABLE_FL | FS_APPEND_FL)) | attr;
	bool done = ioctl(fd, FS_IOC_SETFLAGS, &flags) == 0;
	close(fd);
	return done;
}

static void own(const struct rig *r, const char *name, const struct row *row)
{
	char path[512];
	bool ours = strcmp(name, row->foreign) != 0;
	fake_io_path(&r->f, name, path);
	if (access(path, F_OK) == 0) {
		assert_int_equal(chown(path, ours ? NOBODY : 0, 0), 0);
		assert_int_equal(chmod(path, 0666), 0);
	}
}

static bool arrange(struct rig *r, const struct row *row)
{
	fake_file_write(&r->f, "numbers.txt", "old\n");
	if (row->sticky) {
		own(r, "numbers.txt", row);
		assert_int_equal(chmod(r->f.dir, 01777), 0);
		return seteuid(NOBODY) == 0;
	}
	return set_attr(r, row->attr_name, row->attr);
}

/* At start, or else at the first generation. */
static void fail_somewhere(struct rig *r)
{
	if (rig_open(r))
		assert_int_equal(rig_publish(r, "1\n"), -1);
}

static void check_row(void **state)
{
	const struct row *row = *state;
	struct rig r;
	if (geteuid() != 0)
		skip_since("needs root");
	sink_rig_init(&r);
	r.c.write = row->write;
	bool can = arrange(&r, row);
	if (can)
		fail_somewhere(&r);
	if (row->sticky)
		assert_int_equal(seteuid(0), 0);
	else
		set_attr(&r, row->attr_name, 0);
	struct err e = r.e;
	rig_fini(&r);
	if (!can)
		skip_since("needs a file system with attributes, and the right to set them");
	if (!strstr(e.msg, row->says))
		fail_msg("\"%s\" does not hold \"%s\"", e.msg, row->says);
	assert_int_equal(e.code, row->code);
}

/* --- facts and sentences: FILE is /v/n in /v, and we are uid 7 --- */

enum { US = 7, THEM = 8, OVERFLOW = 65534 };

struct facts_row {
	const char *name;
	struct facts facts;
	enum err_code code;
	const char *says; /* whole, but for the errno's text at the end */
};

#define DIR(uid_, mode_)  .dir_st = {.st_uid = (uid_), .st_gid = 9, .st_mode = S_IFDIR | (mode_), .st_nlink = 2}
#define FILE(uid_, mode_) .file_st = {.st_uid = (uid_), .st_gid = 9, .st_mode = (mode_)}

static const struct facts_row facts_rows[] = {
	{"no right: another's directory",
	 {DOING_CREATE, EACCES, DIR(THEM, 0755)},
	 ERR_NOPERM,
	 "uid 7 may not create a file for /v/n: /v belongs to 8:9 with mode 0755; chown it to uid 7, set confine.user "
	 "to "
	 "its owner, or choose another FILE"},
	{"no right: of an owner who is not known here",
	 {DOING_CREATE, EACCES, DIR(OVERFLOW, 0755)},
	 ERR_NOPERM,
	 "uid 7 may not create a file for /v/n: /v belongs to 65534:9 (or an owner outside this user namespace) with "
	 "mode "
	 "0755; chown it to uid 7, set confine.user to its owner, or choose another FILE"},
	{"no right: our own directory, closed",
	 {DOING_CREATE, EACCES, DIR(US, 0555)},
	 ERR_NOPERM,
	 "uid 7 may not create a file for /v/n: /v is its own but has mode 0555; chmod u+wx it, or choose another "
	 "FILE"},
	{"no right, though our own directory's mode has it",
	 {DOING_CREATE, EACCES, DIR(US, 0755)},
	 ERR_NOPERM,
	 "uid 7 may not create a file for /v/n, though mode 0755 of /v would let it; look at its ACL (getfacl), and "
	 "for "
	 "SELinux or AppArmor at the kernel's log"},
	{"no right, though everybody has it",
	 {DOING_RENAME, EACCES, DIR(THEM, 0777)},
	 ERR_NOPERM,
	 "uid 7 may not put in place /v/n, though mode 0777 of /v would let it; look at its ACL (getfacl), and for "
	 "SELinux "
	 "or AppArmor at the kernel's log"},
	{"no right: what its group has, we need not have",
	 {DOING_CREATE, EACCES, DIR(THEM, 0775)},
	 ERR_NOPERM,
	 "uid 7 may not create a file for /v/n: /v belongs to 8:9 with mode 0775; chown it to uid 7, set confine.user "
	 "to "
	 "its owner, or choose another FILE"},
	{"no right to look: the directory may not be searched",
	 {DOING_INSPECT, EACCES, DIR(THEM, 0640)},
	 ERR_NOPERM,
	 "uid 7 may not look at /v/n: /v belongs to 8:9 with mode 0640; chown it to uid 7, set confine.user to its "
	 "owner, "
	 "or choose another FILE"},
	{"no right to write the file itself",
	 {DOING_OPEN, EACCES, DIR(US, 0755), FILE(THEM, 0644)},
	 ERR_NOPERM,
	 "uid 7 may not open /v/n: it belongs to 8:9 with mode 0644; chown it to uid 7, set confine.user to its owner, "
	 "or "
	 "choose another FILE"},
	{"no right to write our own file",
	 {DOING_OPEN, EACCES, DIR(US, 0755), FILE(US, 0444)},
	 ERR_NOPERM,
	 "uid 7 may not open /v/n: it is its own but has mode 0444; chmod u+w it, or choose another FILE"},
	{"no right, and nothing is known", {DOING_CREATE, EACCES}, ERR_NOPERM, "uid 7 may not create a file for /v/n"},
	{"no right to a device whose mode has it",
	 {DOING_OPEN, EACCES, DIR(US, 0755), FILE(THEM, S_IFCHR | 0666)},
	 ERR_NOPERM,
	 "uid 7 may not open /v/n, though mode 0666 of it would let it; look at its ACL (getfacl), at the nodev option "
	 "of its "
	 "mount, and for SELinux or AppArmor at the kernel's log"},
	{"forbidden: a device",
	 {DOING_OPEN, EPERM, DIR(US, 0755), FILE(THEM, S_IFCHR | 0666)},
	 ERR_NOPERM,
	 "uid 7 may not open /v/n: the device cgroup does not let this container write it; make it privileged, or use "
	 "a "
	 "device plugin"},
	{"forbidden: to create",
	 {DOING_CREATE, EPERM, DIR(US, 0755)},
	 ERR_NOPERM,
	 "uid 7 may not create a file for /v/n: directory /v seems to be immutable or append-only (lsattr shows it, "
	 "chattr "
	 "-i -a undoes it), or a security module forbids it"},
	{"forbidden: to open",
	 {DOING_OPEN, EPERM, DIR(US, 0755), FILE(US, 0644)},
	 ERR_NOPERM,
	 "uid 7 may not open /v/n: it seems to be immutable or append-only (lsattr shows it, chattr -i -a undoes it), "
	 "or a "
	 "security module forbids it"},
	{"forbidden: to open, and nothing is known",
	 {DOING_OPEN, EPERM},
	 ERR_NOPERM,
	 "uid 7 may not open /v/n: it seems to be immutable or append-only (lsattr shows it, chattr -i -a undoes it), "
	 "or a "
	 "security module forbids it"},
	{"forbidden: to empty",
	 {DOING_EMPTY, EPERM, DIR(US, 0755), FILE(US, 0644)},
	 ERR_NOPERM,
	 "uid 7 may not empty /v/n: it seems to be immutable or append-only (lsattr shows it, chattr -i -a undoes it), "
	 "or a "
	 "security module forbids it"},
	{"forbidden: to replace, and nothing is known",
	 {DOING_RENAME, EPERM},
	 ERR_NOPERM,
	 "uid 7 may not put in place /v/n: it or directory /v seems to be immutable or append-only (lsattr shows it, "
	 "chattr "
	 "-i -a undoes it), or a security module forbids it"},
	{"forbidden: to put the first file into a sticky directory",
	 {DOING_RENAME, EPERM, DIR(0, 01777)},
	 ERR_NOPERM,
	 "uid 7 may not put in place /v/n: it or directory /v seems to be immutable or append-only (lsattr shows it, "
	 "chattr -i -a undoes it), or a security module forbids it"},
	{"forbidden: to replace another's file in a sticky directory",
	 {DOING_RENAME, EPERM, DIR(0, 01777), FILE(THEM, 0644)},
	 ERR_NOPERM,
	 "uid 7 may not put in place /v/n: it is another user's in a sticky directory; remove it once, or choose "
	 "another "
	 "FILE"},
	{"forbidden: to remove another's file in a sticky directory",
	 {DOING_REMOVE, EPERM, DIR(0, 01777), FILE(THEM, 0644)},
	 ERR_NOPERM,
	 "uid 7 may not remove /v/n: it is another user's in a sticky directory; remove it once, or choose another "
	 "FILE"},
	{"forbidden: our own file in a sticky directory",
	 {DOING_RENAME, EPERM, DIR(0, 01777), FILE(US, 0644)},
	 ERR_NOPERM,
	 "uid 7 may not put in place /v/n: it or directory /v seems to be immutable or append-only (lsattr shows it, "
	 "chattr "
	 "-i -a undoes it), or a security module forbids it"},
	{"forbidden: another's file in our own sticky directory",
	 {DOING_RENAME, EPERM, DIR(US, 01777), FILE(THEM, 0644)},
	 ERR_NOPERM,
	 "uid 7 may not put in place /v/n: it or directory /v seems to be immutable or append-only (lsattr shows it, "
	 "chattr "
	 "-i -a undoes it), or a security module forbids it"},
	{"forbidden: a lock is no matter of attributes",
	 {DOING_LOCK, EPERM, DIR(US, 0755)},
	 ERR_NOPERM,
	 "uid 7 may not lock /v/n, though mode 0755 of /v would let it; look at its ACL (getfacl), and for SELinux or "
	 "AppArmor at the kernel's log"},
	{"read-only: the root directory",
	 {DOING_CREATE, EROFS, DIR(0, 0755), .dir_kind = DIR_IS_ROOT | DIR_IS_MOUNT},
	 ERR_CANTCREAT,
	 "cannot create a file for /v/n, the root directory is read-only; mount an emptyDir or another volume at a "
	 "directory "
	 "of its own, and name a FILE in it"},
	{"read-only: a volume",
	 {DOING_CREATE, EROFS, DIR(0, 0755), .dir_kind = DIR_IS_MOUNT},
	 ERR_CANTCREAT,
	 "cannot create a file for /v/n; mount the volume at /v writable (the kernel makes it read-only too when its "
	 "disk "
	 "fails), or choose another FILE"},
	{"read-only: a directory of something larger",
	 {DOING_CREATE, EROFS, DIR(0, 0755)},
	 ERR_CANTCREAT,
	 "cannot create a file for /v/n; mount an emptyDir or another volume at /v, or choose another FILE"},
	{"the kernel's own: proc says ENOENT",
	 {DOING_CREATE, ENOENT, DIR(0, 0555), .dir_kind = DIR_IS_KERNELS | DIR_IS_MOUNT},
	 ERR_CANTCREAT,
	 "cannot create a file for /v/n: the files of /v are the kernel's own; choose another FILE"},
	{"the kernel's own: sysfs says EACCES",
	 {DOING_CREATE, EACCES, DIR(0, 0555), .dir_kind = DIR_IS_KERNELS},
	 ERR_CANTCREAT,
	 "cannot create a file for /v/n: the files of /v are the kernel's own; choose another FILE"},
	{"a file system that takes no files",
	 {DOING_CREATE, ENOENT, DIR(0, 0755)},
	 ERR_CANTCREAT,
	 "cannot create a file for /v/n, the file system of /v takes no new files; choose another FILE"},
	{"a directory that was removed",
	 {DOING_CREATE, ENOENT, .dir_st = {.st_mode = S_IFDIR | 0755}},
	 ERR_CANTCREAT,
	 "cannot create a file for /v/n, directory /v was removed; create it again, or choose another FILE"},
	{"a file system that takes no files, and nothing is known",
	 {DOING_CREATE, ENOENT},
	 ERR_CANTCREAT,
	 "cannot create a file for /v/n, the file system of /v takes no new files; choose another FILE"},
	{"a file system that does not know the call",
	 {DOING_CREATE, ENOSYS},
	 ERR_CANTCREAT,
	 "cannot create a file for /v/n, the file system of /v takes no new files; choose another FILE"},
	{"a file system that does not know how",
	 {DOING_CREATE, EOPNOTSUPP, DIR(0, 0755)},
	 ERR_CANTCREAT,
	 "cannot create a file for /v/n, the file system of /v takes no new files; choose another FILE"},
	{"full",
	 {DOING_CREATE, ENOSPC, DIR(US, 0755)},
	 ERR_IO,
	 "cannot create a file for /v/n; free space or inodes, or set a larger sizeLimit"},
	{"over quota",
	 {DOING_SYNC, EDQUOT, DIR(US, 0755)},
	 ERR_IO,
	 "cannot bring to the disk /v/n; free space, or set a larger quota"},
	{"broken", {DOING_SYNC, EIO, DIR(US, 0755)}, ERR_IO, "cannot bring to the disk /v/n"},
	{"too many open files in the system",
	 {DOING_CREATE, ENFILE, DIR(US, 0755)},
	 ERR_OS,
	 "cannot create a file for /v/n: the system's limit of open files (fs.file-max) is used up; raise it"},
	{"no memory",
	 {DOING_CREATE, ENOMEM, DIR(US, 0755)},
	 ERR_OS,
	 "cannot create a file for /v/n: memory is short, on this machine or in the cgroup (memory.max); raise its "
	 "limit"},
	{"a mount point",
	 {DOING_RENAME, EBUSY, DIR(US, 0755), FILE(US, S_IFDIR | 0755)},
	 ERR_CANTCREAT,
	 "cannot put in place /v/n, it is a mount point; mount its directory instead, or set write to in_place"},
	{"a directory, says the kernel",
	 {DOING_RENAME, EISDIR, DIR(US, 0755), FILE(US, S_IFDIR | 0755)},
	 ERR_CANTCREAT,
	 "cannot put in place /v/n, it is a directory now; remove it"},
	{"a directory, says Landlock",
	 {DOING_RENAME, EACCES, DIR(US, 0755), FILE(US, S_IFDIR | 0755)},
	 ERR_CANTCREAT,
	 "cannot put in place /v/n, it is a directory now; remove it"},
	{"a companion is named",
	 {DOING_RENAME, EIO, .suffix = ".json", DIR(US, 0755)},
	 ERR_IO,
	 "cannot put in place /v/n.json"},
	{"something else", {DOING_OWN, ELOOP, DIR(US, 0755)}, ERR_CANTCREAT, "cannot set the owner or mode of /v/n"},
};
enum { FACTS_ROWS = sizeof facts_rows / sizeof facts_rows[0] };

static void check_facts(void **state)
{
	const struct facts_row *row = *state;
	struct facts f = row->facts;
	struct err e = {0};
	char expected[sizeof e.msg];
	f.path = "/v/n";
	f.dir = "/v";
	f.suffix = f.suffix ? f.suffix : "";
	f.uid = US;
	assert_int_equal(explain_facts(&f, &e), -1);
	snprintf(expected, sizeof expected, "%s: %s", row->says, strerror(f.sys_errno));
	assert_string_equal(e.msg, expected);
	assert_int_equal(e.code, row->code);
	assert_int_equal(e.sys_errno, f.sys_errno);
}

/* The remedy at the end must not be cut off by a path that is long. */
static void a_long_path_leaves_the_remedy(void **state)
{
	(void)state;
	struct err e;
	char path[SINK_PATH_MAX];
	memset(path, 'x', sizeof path - 1);
	path[sizeof path - 1] = '\0';
	for (size_t i = 0; i < FACTS_ROWS; i++) {
		struct facts f = facts_rows[i].facts;
		f.path = f.dir = path;
		f.uid = US;
		f.suffix = f.suffix ? f.suffix : "";
		explain_facts(&f, &e);
		assert_non_null(strstr(e.msg, strerror(f.sys_errno)));
		const char *said = facts_rows[i].says, *last = strrchr(said, ' ');
		if (!strstr(e.msg, last[1] == '/' ? "x" : last))
			fail_msg("%s: %s", facts_rows[i].name, e.msg);
	}
}

struct directory_row {
	const char *name, *dir, *file;
	int error;
	enum err_code code;
	const char *says;
};
static const struct directory_row directory_rows[] = {
	{"a directory that is missing", "/a", "/a/n", ENOENT, ERR_CANTCREAT,
	 "directory /a does not exist; create it or mount a volume there"},
	{"one that a link leads to", "/b", "/a/n", ENOENT, ERR_CANTCREAT,
	 "directory /b (on the way to /a/n) does not exist; create it or mount a volume there"},
	{"one further up", "/a", "/a/b/n", ENOENT, ERR_CANTCREAT, "directory /a (on the way to /a/b/n) does not exist"},
	{"one whose name only begins so", "/ab", "/a/n", ENOENT, ERR_CANTCREAT,
	 "directory /ab (on the way to /a/n) does"},
	{"the root", "/", "/n", EIO, ERR_CANTCREAT, "cannot open directory /: Input/output error"},
	{"a file", "/a", "/a/n", ENOTDIR, ERR_CANTCREAT, "/a is not a directory; choose another FILE"},
	{"a closed one", "/a", "/a/n", EACCES, ERR_NOPERM,
	 "may not open directory /a; make it and those above it readable for that uid, or choose another FILE: "
	 "Permission "
	 "denied"},
	{"one that is forbidden", "/a", "/a/n", EPERM, ERR_NOPERM, "may not open directory /a;"},
	{"the current one", ".", "n", EIO, ERR_CANTCREAT, "cannot open directory .: Input/output error"},
	{"a limit", "/a", "/a/n", EMFILE, ERR_OS, "cannot open directory /a: Too many open files"},
	{"something else", "/a", "/a/n", EIO, ERR_CANTCREAT, "cannot open directory /a: Input/output error"},
};

static void check_directory(void **state)
{
	const struct directory_row *row = *state;
	struct err e;
	assert_int_equal(explain_directory(row->dir, row->file, row->error, &e), -1);
	assert_non_null(strstr(e.msg, row->says));
	assert_int_equal(e.code, row->code);
}

struct write_row {
	const char *name;
	int error;
	const char *says;
};
static const struct write_row write_rows[] = {
	{"a full disk", ENOSPC,
	 "cannot write n, which needs 5 bytes or more; free space or set a larger sizeLimit: No space left on device"},
	{"a quota", EDQUOT,
	 "cannot write n, which needs 5 bytes or more; free space or set a larger quota: Disk quota exceeded"},
	{"a limit of the size", EFBIG,
	 "cannot write n, which needs 5 bytes or more; raise the limit of the file size (RLIMIT_FSIZE, or the file "
	 "system's): File too large"},
	{"a broken disk", EIO, "cannot write n: Input/output error"},
	{"a reader that has left", EPIPE, "n was closed by its reader"},
};

static void check_write(void **state)
{
	const struct write_row *row = *state;
	struct err e;
	assert_int_equal(explain_write("n", 3, 2, row->error, &e), -1);
	assert_string_equal(e.msg, row->says);
	assert_int_equal(e.code, ERR_IO);
}

/* A descriptor that says nothing of itself: the sentence is that of a directory of which nothing is known. */
static void what_cannot_be_looked_up_is_not_told(void **state)
{
	struct rig r;
	struct err e;
	struct output_path p = {.path = "/v/n", .dir = "/v", .base = "n", .dir_fd = -1};

	(void)state;
	sink_rig_init(&r);
	p.io = &r.f.io;
	assert_int_equal(explain(&p, DOING_OPEN, "", EPERM, &e), -1);
	assert_int_equal(e.code, ERR_NOPERM);
	assert_non_null(strstr(e.msg, " may not open /v/n: it seems to be immutable or append-only"));
	rig_fini(&r);
}

int main(void)
{
	const struct CMUnitTest others[] = {
		cmocka_unit_test(a_long_path_leaves_the_remedy),
		cmocka_unit_test(what_cannot_be_looked_up_is_not_told),
	};
	int failed = ROWS_RUN("sink explain", check_row, rows);
	failed += ROWS_RUN("facts rows", check_facts, facts_rows);
	failed += ROWS_RUN("directory rows", check_directory, directory_rows);
	failed += ROWS_RUN("write rows", check_write, write_rows);
	return failed + cmocka_run_group_tests_name("sink explain", others, NULL, NULL);
}
