/* sink_open: what FILE is, which mode that gives, and what the user is told when it cannot be. */
#include "rows.h"

#include "sink_rig.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* --- what is at FILE, one row each --- */

enum target {
	NOTHING,
	REGULAR,
	DIRECTORY,
	FIFO,
	NO_PARENT,
	PARENT_FILE,
	SLASH,
	MOUNTED,
	NULL_DEVICE,
	STREAM,
	EMPTY,
	LONG
};

struct open_row {
	const char *name;
	enum target target;
	enum sink_write write;
	enum err_code code; /* 0: it opens, and: */
	enum sink_mode mode;
	const char *says; /* in the message, or in the warning */
};

static const struct open_row open_rows[] = {
	{"a missing file is replaced", NOTHING, SINK_AUTO, 0, SINK_MODE_REPLACE, ""},
	{"a regular file is replaced", REGULAR, SINK_AUTO, 0, SINK_MODE_REPLACE, ""},
	{"replace may be forced", REGULAR, SINK_REPLACE, 0, SINK_MODE_REPLACE, ""},
	{"in_place may be forced, with a warning", REGULAR, SINK_IN_PLACE, 0, SINK_MODE_IN_PLACE, "torn file"},
	{"in_place creates a missing file", NOTHING, SINK_IN_PLACE, 0, SINK_MODE_IN_PLACE, "torn file"},
	{"a mounted file is written in place, with a warning", MOUNTED, SINK_AUTO, 0, SINK_MODE_IN_PLACE, "torn file"},
	{"replace of a mounted file is refused at start", MOUNTED, SINK_REPLACE, ERR_CANTCREAT, 0,
	 "mount its directory instead, or set write to auto"},
	{"a character device gets bytes", NULL_DEVICE, SINK_AUTO, 0, SINK_MODE_DEVICE, "no entropy is credited"},
	{"a character device is never replaced", NULL_DEVICE, SINK_REPLACE, ERR_CANTCREAT, 0, "is a character device"},
	{"standard output", STREAM, SINK_AUTO, 0, SINK_MODE_STREAM, ""},
	{"standard output is never written in place", STREAM, SINK_IN_PLACE, ERR_CANTCREAT, 0, "set write to auto"},
	{"standard output is never replaced", STREAM, SINK_REPLACE, ERR_CANTCREAT, 0, "set write to auto"},
	{"a directory names the usual cause", DIRECTORY, SINK_AUTO, ERR_CANTCREAT, 0,
	 "numbers.txt is a directory; choose"},
	{"a fifo is refused", FIFO, SINK_AUTO, ERR_CANTCREAT, 0, "neither a regular file nor a character device"},
	{"a missing directory is named with the remedy", NO_PARENT, SINK_AUTO, ERR_CANTCREAT, 0,
	 "no such does not exist; create it or mount a volume there"},
	{"a file as directory", PARENT_FILE, SINK_AUTO, ERR_CANTCREAT, 0, "is not a directory"},
	{"a path that ends in a slash", SLASH, SINK_AUTO, ERR_CANTCREAT, 0, "names a directory"},
	{"an empty FILE", EMPTY, SINK_AUTO, ERR_USAGE, 0, "FILE is empty"},
	{"a name that leaves no room for the temporary one", LONG, SINK_AUTO, ERR_CANTCREAT, 0, "more than 225 bytes"},
};

static void arrange(struct rig *r, enum target target)
{
	char path[512];
	fake_io_path(&r->f, "numbers.txt", path);
	switch (target) {
	case REGULAR:
	case MOUNTED:
		fake_file_write(&r->f, "numbers.txt", "old\n");
		r->f.mounted = target == MOUNTED ? "numbers.txt" : NULL;
		return;
	case DIRECTORY:
		assert_int_equal(mkdir(path, 0755), 0);
		return;
	case FIFO:
		assert_int_equal(mkfifo(path, 0644), 0);
		return;
	case NO_PARENT:
		rig_file(r, "no such/numbers.txt");
		return;
	case PARENT_FILE:
		fake_file_write(&r->f, "x", "");
		rig_file(r, "x/numbers.txt");
		return;
	case SLASH:
		rig_file(r, "");
		return;
	case NULL_DEVICE:
		strcpy(r->c.file, "/dev/null");
		return;
	case STREAM:
		strcpy(r->c.file, "-");
		return;
	case EMPTY:
		r->c.file[0] = '\0';
		return;
	case LONG:
		snprintf(r->c.file, sizeof r->c.file, "%s/%0226d", r->f.dir, 0);
		return;
	case NOTHING:
		return;
	}
}

static void check_open(void **state)
{
	const struct open_row *row = *state;
	struct rig r;
	sink_rig_init(&r);
	r.c.write = row->write;
	arrange(&r, row->target);
	assert_int_equal(rig_open(&r), row->code == ERR_NONE);
	if (row->code != ERR_NONE) {
		rig_expect_error(&r, row->code, row->says);
	} else {
		assert_int_equal(sink_view(r.s).mode, row->mode);
		assert_non_null(strstr(r.notes, row->says));
		assert_int_equal(r.notes[0] != '\0', row->says[0] != '\0');
		bool has_dir = row->mode != SINK_MODE_DEVICE && row->mode != SINK_MODE_STREAM;
		assert_int_equal(sink_view(r.s).dir_fd >= 0, has_dir);
	}
	if (row->target == REGULAR)
		rig_expect(&r, "numbers.txt", "old\n");
	rig_expect_no_temp(&r);
	rig_fini(&r);
}

/* --- file systems that are the kernel's own --- */

static void the_kernels_own_file_systems_take_no_files(void **state)
{
	static const char *const dirs[] = {"/proc", "/proc/self", "/sys", "/sys/kernel"};
	(void)state;
	for (size_t i = 0; i < sizeof dirs / sizeof dirs[0]; i++) {
		struct rig r;
		if (access(dirs[i], R_OK | X_OK) < 0)
			continue;
		sink_rig_init(&r);
		snprintf(r.c.file, sizeof r.c.file, "%s/numbers.txt", dirs[i]);
		assert_false(rig_open(&r));
		rig_expect_error(&r, ERR_CANTCREAT, "are the kernel's own; choose another FILE");
		rig_fini(&r);
	}
}

/* --- the system says no, at the first file that is created --- */

struct refusal_row {
	const char *name;
	struct fake_fault fault;
	enum err_code code;
	const char *says;
};

#define TEMPORARY .name = ".tmp."
static const struct refusal_row refusal_rows[] = {
	{"a read-only file system is heard at start",
	 {FAKE_OPENAT, 1, 0, EROFS, TEMPORARY},
	 ERR_CANTCREAT,
	 "mount an emptyDir or another volume at"},
	{"a full volume is heard at start", {FAKE_OPENAT, 1, 0, ENOSPC, TEMPORARY}, ERR_IO, "larger sizeLimit"},
	{"no permission names who and what",
	 {FAKE_OPENAT, 1, 0, EACCES, TEMPORARY},
	 ERR_NOPERM,
	 "may not create a file for"},
	{"a limit of descriptors is no matter of rights",
	 {FAKE_OPENAT, 1, 0, EMFILE, TEMPORARY},
	 ERR_OS,
	 "RLIMIT_NOFILE allows"},
	{"a closed directory", {FAKE_OPENAT, 1, 0, EACCES}, ERR_NOPERM, "may not open directory"},
	{"an unreadable directory entry", {FAKE_OPENAT, 1, 0, EIO, .name = "numbers.txt"}, ERR_IO, "cannot look at"},
	{"an owner that a file system refuses to who is that owner",
	 {FAKE_FCHOWN, 1, 0, EPERM},
	 ERR_CANTCREAT,
	 "refuses output.owner"},
	{"a mode that cannot be set for a reason of its own", {FAKE_FCHMOD, 1, 0, EIO}, ERR_IO, "owner or mode"},
	{"a disk that does not sync", {FAKE_FSYNC, 1, 0, EIO}, ERR_IO, "to the disk"},
};

static void check_refusal(void **state)
{
	const struct refusal_row *row = *state;
	struct rig r;
	sink_rig_init(&r);
	r.c.uid = geteuid();
	fake_io_fault(&r.f, row->fault);
	assert_false(rig_open(&r));
	assert_int_equal(r.f.faults_hit, 1);
	rig_expect_error(&r, row->code, row->says);
	rig_expect_no_temp(&r);
	rig_fini(&r);
}

static void a_real_directory_of_another_user_is_refused_at_start(void **state)
{
	(void)state;
	struct rig r;
	char says[200];
	sink_rig_init(&r);
	bool root = geteuid() == 0;
	if (!root)
		assert_int_equal(chmod(r.f.dir, 0555), 0);
	else
		assert_int_equal(seteuid(65532), 0);
	bool opened = rig_open(&r);
	snprintf(says, sizeof says, "uid %u may not create a file for", (unsigned)geteuid());
	if (root)
		assert_int_equal(seteuid(0), 0);
	else
		assert_int_equal(chmod(r.f.dir, 0755), 0);
	assert_false(opened);
	rig_expect_error(&r, ERR_NOPERM, says);
	rig_fini(&r);
}

static void the_modes_have_their_names(void **state)
{
	(void)state;
	assert_string_equal(sink_mode_names[SINK_MODE_REPLACE], "replace");
	assert_string_equal(sink_mode_names[SINK_MODE_IN_PLACE], "in_place");
	assert_string_equal(sink_mode_names[SINK_MODE_DEVICE], "device");
	assert_string_equal(sink_mode_names[SINK_MODE_STREAM], "stream");
}

int main(void)
{
	const struct CMUnitTest others[] = {
		cmocka_unit_test(a_real_directory_of_another_user_is_refused_at_start),
		cmocka_unit_test(the_modes_have_their_names),
		cmocka_unit_test(the_kernels_own_file_systems_take_no_files),
	};
	int failed = ROWS_RUN("open rows", check_open, open_rows);
	failed += ROWS_RUN("refusal rows", check_refusal, refusal_rows);
	return failed + cmocka_run_group_tests_name("open", others, NULL, NULL);
}
