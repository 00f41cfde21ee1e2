/* What a file system does not have is told from what fails, for every way to write: sync, owner and mode. */
#include "rows.h"

#include "sink/filesystem.h"
#include "sink_rig.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* --- sync: one row per errno; both modes, file and directory, one after the other --- */

struct sync_row {
	const char *name;
	int error;
	bool lacks;
};
static const struct sync_row sync_rows[] = {
	{"EINVAL: it has no such thing", EINVAL, true},
	{"ENOTSUP: it has no such thing", ENOTSUP, true},
	{"EOPNOTSUPP: it has no such thing", EOPNOTSUPP, true},
	{"ENOSYS: it has no such thing", ENOSYS, true},
	{"EBADF: it has no such thing", EBADF, true},
	{"EIO: it fails", EIO, false},
	{"ENOSPC: it fails", ENOSPC, false},
	{"EDQUOT: it fails", EDQUOT, false},
	{"EROFS: it fails", EROFS, false},
	{"EACCES: it fails", EACCES, false},
};

static unsigned lines(const char *text)
{
	unsigned n = 0;
	for (; *text; text++)
		n += *text == '\n';
	return n;
}

/* The nth fsync of a generation and every one like it fail: the first is the file's, the second the directory's. */
static void check_sync_of(const struct sync_row *row, enum sink_write write, unsigned nth)
{
	struct rig r;
	sink_rig_init(&r);
	r.c.write = write;
	rig_open_ok(&r);
	r.notes[0] = '\0';
	for (int generation = 0; generation < 2; generation++) {
		fake_io_reset(&r.f);
		fake_io_fault(&r.f, (struct fake_fault){.call = FAKE_FSYNC, .nth = nth, .error = row->error});
		int rc = rig_publish(&r, "1\n");
		bool asked = r.f.faults_hit > 0;
		assert_true(asked || generation > 0); /* in place the directory is synced once, for its new entry */
		assert_int_equal(rc == 0, row->lacks || !asked);
		if (rc != 0)
			assert_non_null(strstr(r.e.msg, "to the disk") ? r.e.msg : strstr(r.e.msg, "the disk"));
		rig_take_notes(&r);
	}
	assert_int_equal(lines(r.notes), row->lacks); /* once, and not at every generation */
	if (row->lacks)
		assert_non_null(strstr(r.notes, nth == 1 ? "cannot bring a file to the disk ("
							 : "cannot bring a directory to the disk ("));
	rig_fini(&r);
}

static void check_sync(void **state)
{
	const struct sync_row *row = *state;
	assert_int_equal(filesystem_lacks(row->error), row->lacks);
	for (unsigned nth = 1; nth <= 2; nth++) {
		check_sync_of(row, SINK_REPLACE, nth);
		check_sync_of(row, SINK_IN_PLACE, nth);
	}
}

static void a_removal_does_not_need_a_sync_either(void **state)
{
	static const enum sink_write writes[] = {SINK_REPLACE, SINK_IN_PLACE};
	(void)state;
	for (int i = 0; i < 2; i++) {
		struct rig r;
		sink_rig_init(&r);
		r.c.write = writes[i];
		rig_open_ok(&r);
		assert_int_equal(rig_publish(&r, "1\n"), 0);
		fake_io_fault(&r.f, (struct fake_fault){.call = FAKE_FSYNC, .nth = 1, .more = 9, .error = EOPNOTSUPP});
		assert_int_equal(sink_remove(r.s, "", &r.e), 0);
		rig_fini(&r);
	}
}

/* --- mode: what fchmod(2) says, and what came of it --- */

struct mode_row {
	const char *name;
	int error;          /* of fchmod; 0: it goes well, and: */
	bool silent;        /* has no effect */
	bool is_set;        /* output.mode was given */
	mode_t mode;        /* that is wanted; the file was made with 0600 */
	enum err_code code; /* at the start; 0: it opens */
	const char *says;   /* in the error, or in the note */
};
static const struct mode_row mode_rows[] = {
	{"it is set", 0, false, false, 0444, 0, ""},
	{"EPERM is a note that names the mode", EPERM, false, false, 0444, 0,
	 "numbers.txt has mode 0600 and not 0444: its file system does not set it (Operation not permitted)"},
	{"EACCES is a note", EACCES, false, false, 0444, 0, "has mode 0600 and not 0444"},
	{"ENOSYS is a note", ENOSYS, false, false, 0444, 0, "has mode 0600 and not 0444"},
	{"EOPNOTSUPP is a note", EOPNOTSUPP, false, false, 0444, 0, "has mode 0600 and not 0444"},
	{"no effect is a note", 0, true, false, 0444, 0,
	 "has mode 0600 and not 0444: its file system does not set it (it has "
	 "no effect)"},
	{"refused, but right already: nothing to say", EPERM, false, false, 0600, 0, ""},
	{"EPERM with a mode that was asked for is an error", EPERM, false, true, 0640, ERR_CANTCREAT,
	 "does not set output.mode 0640 (Operation not permitted), its files have mode 0600; leave output.mode out"},
	{"no effect with a mode that was asked for is an error", 0, true, true, 0640, ERR_CANTCREAT,
	 "does not set output.mode 0640 (it has no effect)"},
	{"refused, but what was asked for already", EPERM, false, true, 0600, 0, ""},
	{"EIO is an error in any case", EIO, false, false, 0444, ERR_IO, "cannot set the owner or mode of"},
	{"EROFS is an error in any case", EROFS, false, false, 0444, ERR_CANTCREAT, "cannot set the owner or mode of"},
};

static int no_effect(int fd, mode_t mode)
{
	(void)fd, (void)mode;
	return 0;
}

static void check_mode(void **state)
{
	const struct mode_row *row = *state;
	struct rig r;
	sink_rig_init(&r);
	r.c.mode = row->mode;
	r.c.mode_is_set = row->is_set;
	if (row->silent)
		r.f.io.fchmod = no_effect;
	if (row->error)
		fake_io_fault(&r.f,
			      (struct fake_fault){.call = FAKE_FCHMOD, .nth = 1, .more = 99, .error = row->error});
	assert_int_equal(rig_open(&r), row->code == 0);
	if (row->code != 0) {
		rig_expect_error(&r, row->code, row->says);
		rig_expect_no_temp(&r);
		rig_fini(&r);
		return;
	}
	for (int i = 0; i < 2; i++) {
		assert_int_equal(rig_publish(&r, "1\n"), 0);
		rig_take_notes(&r);
	}
	assert_int_equal(lines(r.notes), row->says[0] != '\0');
	assert_non_null(strstr(r.notes, row->says));
	rig_expect(&r, "numbers.txt", "1\n");
	rig_fini(&r);
}

/* --- owner: what is given is set or an error --- */

struct owner_row {
	const char *name;
	int error;
	bool silent, ours; /* it has no effect; output.owner is us */
	uid_t we;
	enum err_code code;
	const char *says;
};
static const struct owner_row owner_rows[] = {
	{"another user's, refused: a right is wanting", EPERM, false, false, 0, ERR_NOPERM,
	 "may not give files to output.owner 1234:1235"},
	{"another user's, denied to root: perhaps by the file system", EACCES, false, false, 0, ERR_NOPERM,
	 "has not the capability CHOWN, or the file system refuses"},
	{"another user's, denied to a user like others", EPERM, false, false, 65532, ERR_NOPERM,
	 "uid 65532 may not give files to output.owner 1234:1235: it is not that owner and has not the capability "
	 "CHOWN; set"},
	{"our own, refused: the file system's doing", EPERM, false, true, 0, ERR_CANTCREAT, "refuses output.owner"},
	{"not supported", ENOSYS, false, false, 0, ERR_CANTCREAT, "refuses output.owner 1234:1235"},
	{"an id that this user namespace does not have", EINVAL, false, false, 0, ERR_CANTCREAT, "this user namespace"},
	{"no effect", 0, true, false, 0, ERR_CANTCREAT, "whatever output.owner says; leave output.owner empty"},
	{"the disk fails", EIO, false, false, 0, ERR_IO, "cannot set the owner or mode of"},
};

static int owner_without_effect(int fd, uid_t uid, gid_t gid)
{
	(void)fd, (void)uid, (void)gid;
	return 0;
}

static void check_owner(void **state)
{
	const struct owner_row *row = *state;
	struct rig r;
	sink_rig_init(&r);
	r.c.uid = row->ours ? geteuid() : 1234;
	r.c.gid = row->ours ? getegid() : 1235;
	if (row->silent)
		r.f.io.fchown = owner_without_effect;
	if (row->error)
		fake_io_fault(&r.f, (struct fake_fault){.call = FAKE_FCHOWN, .nth = 1, .error = row->error});
	if (row->we != 0 && (geteuid() != 0 || chown(r.f.dir, row->we, 0) < 0 || seteuid(row->we) < 0))
		skip_since("needs root");
	bool opened = rig_open(&r);
	if (row->we != 0)
		assert_int_equal(seteuid(0), 0);
	assert_false(opened);
	rig_expect_error(&r, row->code, row->says);
	rig_expect_no_temp(&r);
	rig_fini(&r);
}

static void a_group_that_has_no_effect_is_an_error_too(void **state)
{
	(void)state;
	struct rig r;
	sink_rig_init(&r);
	r.c.gid = 1235;
	r.f.io.fchown = owner_without_effect;
	assert_false(rig_open(&r));
	rig_expect_error(&r, ERR_CANTCREAT, "whatever output.owner says");
	rig_fini(&r);
}

int main(void)
{
	const struct CMUnitTest others[] = {
		cmocka_unit_test(a_removal_does_not_need_a_sync_either),
		cmocka_unit_test(a_group_that_has_no_effect_is_an_error_too),
	};
	int failed = ROWS_RUN("sync rows", check_sync, sync_rows);
	failed += ROWS_RUN("mode rows", check_mode, mode_rows);
	failed += ROWS_RUN("owner rows", check_owner, owner_rows);
	return failed + cmocka_run_group_tests_name("file systems", others, NULL, NULL);
}
