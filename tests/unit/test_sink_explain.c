/* explain: which sentence the user gets where the kernel itself says no, one row each. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "sink/explain.h"
#include "sink/place.h"
#include "sink_rig.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
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
	 "seems to be immutable or append-only (see lsattr)"},
	{"replace in an immutable directory", SINK_REPLACE, "", FS_IMMUTABLE_FL, false, NULL, ERR_NOPERM,
	 "seems to be immutable (see lsattr)"},
	{"replace in an append-only directory", SINK_REPLACE, "", FS_APPEND_FL, false, NULL, ERR_NOPERM,
	 "seems to be immutable or append-only"},
	{"in place into an immutable file", SINK_IN_PLACE, "numbers.txt", FS_IMMUTABLE_FL, false, NULL, ERR_NOPERM,
	 "numbers.txt: it seems to be immutable or append-only"},
	{"in place into an append-only file", SINK_IN_PLACE, "numbers.txt", FS_APPEND_FL, false, NULL, ERR_NOPERM,
	 "numbers.txt: it seems to be immutable or append-only"},
	{"replace of another's file in a sticky directory", SINK_REPLACE, NULL, 0, true, "numbers.txt", ERR_NOPERM,
	 "numbers.txt is another user's in a sticky directory; remove it: Operation not permitted"},
};
enum { ROWS = sizeof rows / sizeof rows[0] };

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
		skip();
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
		skip(); /* a file system without attributes, or no right to set them */
	if (!strstr(e.msg, row->says))
		fail_msg("\"%s\" does not hold \"%s\"", e.msg, row->says);
	assert_int_equal(e.code, row->code);
}

/* --- EPERM that is given to us, without its cause --- */

struct told_row {
	const char *name;
	enum doing doing;
	bool sticky, foreign_dir, gone; /* the directory: its bit, another's, not to be looked at */
	const char *says;
};

static const struct told_row told_rows[] = {
	{"rename", DOING_RENAME, false, false, false, "may not put in place "},
	{"removal", DOING_REMOVE, false, false, false, "may not remove "},
	{"our file in another's sticky directory", DOING_RENAME, true, true, false, "append-only (see lsattr)"},
	{"in our own sticky directory", DOING_RENAME, true, false, false, "append-only (see lsattr)"},
	{"a directory that cannot be looked at", DOING_RENAME, false, false, true, "append-only (see lsattr)"},
	{"a lock is no matter of attributes", DOING_LOCK, false, false, false, "with mode 0755; make it writable"},
};
enum { TOLD_ROWS = sizeof told_rows / sizeof told_rows[0] };

static void check_told(void **state)
{
	const struct told_row *row = *state;
	struct rig r;
	struct place p;
	if (row->foreign_dir && geteuid() != 0)
		skip();
	sink_rig_init(&r);
	fake_file_write(&r.f, "numbers.txt", "old\n");
	assert_int_equal(place_find(&p, &r.f.io, r.c.file, &r.e), 0);
	if (row->sticky)
		assert_int_equal(chmod(r.f.dir, 01777), 0);
	if (row->foreign_dir)
		assert_int_equal(chown(r.f.dir, NOBODY, 0), 0);
	if (row->gone)
		place_fini(&p, &r.f.io);
	assert_int_equal(explain(&p, &r.f.io, row->doing, EPERM, &r.e), -1);
	place_fini(&p, &r.f.io);
	rig_expect_error(&r, ERR_NOPERM, row->says);
	rig_fini(&r);
}

int main(void)
{
	struct CMUnitTest tests[ROWS + TOLD_ROWS];
	for (size_t i = 0; i < ROWS; i++)
		tests[i] = (struct CMUnitTest){rows[i].name, check_row, NULL, NULL, (void *)&rows[i]};
	for (size_t i = 0; i < TOLD_ROWS; i++)
		tests[ROWS + i] = (struct CMUnitTest){told_rows[i].name, check_told, NULL, NULL, (void *)&told_rows[i]};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
