/* replace: order, atomicity, recovery. */
#include "rows.h"

#include "sink_rig.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void data_reaches_the_disk_before_the_name_and_the_name_before_success(void **state)
{
	(void)state;
	struct rig r;
	char story[600], *name;
	sink_rig_init(&r);
	rig_open_ok(&r);
	fake_io_reset(&r.f);
	assert_int_equal(rig_publish(&r, "1\n2\n"), 0);
	fake_io_story(&r.f, story, sizeof story);
	name = strstr(story, ".numbers.txt.tmp.");
	assert_non_null(name);
	memset(name + strlen(".numbers.txt.tmp."), '?', 16);
	assert_string_equal(story, "open .numbers.txt.tmp.???????????????? flock write write fchmod fsync "
				   "rename numbers.txt fsync/dir close");
	rig_fini(&r);
}

static void readers_see_the_new_numbers_with_the_configured_mode(void **state)
{
	(void)state;
	struct rig r;
	struct stat st;
	char path[512];
	sink_rig_init(&r);
	r.c.mode = 0640;
	rig_open_ok(&r);
	assert_int_equal(sink_view(r.s).mode, SINK_MODE_REPLACE);
	assert_string_equal(r.notes, "");
	rig_expect(&r, "numbers.txt", NULL);
	assert_int_equal(rig_publish(&r, "1\n"), 0);
	assert_int_equal(rig_publish(&r, "22\n"), 0);
	rig_expect(&r, "numbers.txt", "22\n");
	assert_int_equal(stat(fake_io_path(&r.f, "numbers.txt", path), &st), 0);
	assert_int_equal(st.st_mode & 07777, 0640);
	rig_expect_no_temp(&r);
	rig_fini(&r);
}

static void the_owner_is_set_where_one_is_given(void **state)
{
	(void)state;
	struct rig r;
	struct stat st;
	char path[512];
	sink_rig_init(&r);
	r.c.uid = geteuid() == 0 ? 65532 : geteuid();
	r.c.gid = geteuid() == 0 ? 65531 : getegid();
	rig_open_ok(&r);
	assert_int_equal(rig_publish(&r, "1\n"), 0);
	assert_int_equal(stat(fake_io_path(&r.f, "numbers.txt", path), &st), 0);
	assert_int_equal(st.st_uid, r.c.uid);
	assert_int_equal(st.st_gid, r.c.gid);
	rig_fini(&r);
}

static void nothing_is_seen_before_commit_and_abort_leaves_no_trace(void **state)
{
	(void)state;
	struct rig r;
	sink_rig_init(&r);
	rig_open_ok(&r);
	assert_int_equal(rig_publish(&r, "old\n"), 0);
	assert_int_equal(sink_begin(r.s, &r.e), 0);
	assert_int_equal(sink_write(r.s, "new\n", 4, &r.e), 0);
	rig_expect(&r, "numbers.txt", "old\n");
	assert_int_equal(fake_file_count(&r.f, ".tmp."), 1);
	sink_abort(r.s, NULL);
	sink_abort(r.s, NULL);
	rig_expect(&r, "numbers.txt", "old\n");
	rig_expect_no_temp(&r);
	rig_fini(&r);
}

static void a_begun_generation_goes_with_the_sink(void **state)
{
	(void)state;
	struct rig r;
	sink_rig_init(&r);
	rig_open_ok(&r);
	assert_int_equal(sink_begin(r.s, &r.e), 0);
	sink_free(r.s);
	r.s = NULL;
	rig_expect_no_temp(&r);
	sink_free(NULL);
	rig_fini(&r);
}

static void a_second_begin_gives_up_the_first(void **state)
{
	(void)state;
	struct rig r;
	sink_rig_init(&r);
	rig_open_ok(&r);
	assert_int_equal(sink_begin(r.s, &r.e), 0);
	assert_int_equal(sink_write(r.s, "1\n", 2, &r.e), 0);
	assert_int_equal(rig_publish(&r, "2\n"), 0);
	rig_expect(&r, "numbers.txt", "2\n");
	rig_expect_no_temp(&r);
	rig_fini(&r);
}

/* --- one fault in one generation: what is said, what stays, and the next one goes well --- */

struct fault_row {
	const char *name;
	struct fake_fault fault;
	int result;
	enum rig_step step;
	const char *says, *file;
};

static const struct fault_row fault_rows[] = {
	{"a full volume at write names the need and the remedy",
	 {FAKE_WRITE, 2, 0, ENOSPC},
	 -1,
	 STEP_WRITE,
	 "needs 4 bytes or more; free space or set a larger sizeLimit: No space left on device",
	 "old\n"},
	{"a quota at write names the remedy", {FAKE_WRITE, 1, 0, EDQUOT}, -1, STEP_WRITE, "larger quota", "old\n"},
	{"a full volume at create names the remedy", {FAKE_OPENAT, 1, 0, ENOSPC}, -1, STEP_BEGIN, "sizeLimit", "old\n"},
	{"EIO at write", {FAKE_WRITE, 1, 0, EIO}, -1, STEP_WRITE, "cannot write", "old\n"},
	{"EIO at fsync gives the file up", {FAKE_FSYNC, 1, 0, EIO}, -1, STEP_SEAL, "to the disk", "old\n"},
	{"EIO at fchmod", {FAKE_FCHMOD, 1, 0, EIO}, -1, STEP_SEAL, "owner or mode", "old\n"},
	{"EBUSY at rename names the remedy", {FAKE_RENAMEAT, 1, 0, EBUSY}, -1, STEP_COMMIT, "in_place", "old\n"},
	{"EACCES at rename names the directory's owner and mode",
	 {FAKE_RENAMEAT, 1, 0, EACCES},
	 -1,
	 STEP_COMMIT,
	 "mode 0755 of",
	 "old\n"},
	{"a file system gone read-only names the remedy",
	 {FAKE_OPENAT, 1, 0, EROFS},
	 -1,
	 STEP_BEGIN,
	 "mount an emptyDir",
	 "old\n"},
	{"EIO at the directory's fsync: the new file is in place, and it is said",
	 {FAKE_FSYNC, 2, 0, EIO},
	 1,
	 STEP_COMMIT,
	 "its directory did not reach the disk",
	 "new\n"},
	{"a file system without fsync of a file is no failure", {FAKE_FSYNC, 1, 0, EINVAL}, 0, 0, "", "new\n"},
	{"a file system without fsync of a directory is no failure", {FAKE_FSYNC, 2, 0, EINVAL}, 0, 0, "", "new\n"},
	{"EIO at close after the rename is no failure", {FAKE_CLOSE, 1, 0, EIO}, 0, 0, "", "new\n"},
	{"a file system without locks is no failure", {FAKE_FLOCK_TRY, 1, 0, ENOLCK}, 0, 0, "", "new\n"},
	{"EIO at the lock", {FAKE_FLOCK_TRY, 1, 0, EIO}, -1, STEP_BEGIN, "cannot lock", "old\n"},
	{"EINTR at write is tried again", {FAKE_WRITE, 1, 3, EINTR}, 0, 0, "", "new\n"},
	{"short writes are completed", {FAKE_WRITE, 1, 99, 0, 1}, 0, 0, "", "new\n"},
	{"a path that is closed to our user is no failure", {FAKE_FSTATAT, 1, 0, EACCES}, 0, 0, "", "new\n"},
	{"a directory that is gone is named",
	 {FAKE_FSTATAT, 1, 0, ENOENT},
	 -1,
	 STEP_BEGIN,
	 "restart refresher",
	 "old\n"},
};

static void check_fault(void **state)
{
	const struct fault_row *row = *state;
	struct rig r;
	sink_rig_init(&r);
	rig_open_ok(&r);
	assert_int_equal(rig_publish(&r, "old\n"), 0);
	fake_io_reset(&r.f);
	fake_io_fault(&r.f, row->fault);
	assert_int_equal(rig_publish(&r, "new\n"), row->result);
	assert_true(r.f.faults_hit > 0);
	if (row->result != 0) {
		rig_expect_error(&r, ERR_IO, row->says);
		assert_int_equal(r.step, row->step);
	}
	rig_expect(&r, "numbers.txt", row->file);
	rig_expect_no_temp(&r);
	fake_io_reset(&r.f);
	assert_int_equal(rig_publish(&r, "next\n"), 0);
	rig_expect(&r, "numbers.txt", "next\n");
	rig_fini(&r);
}

/* --- companion and removal --- */

static void a_companion_is_replaced_beside_the_file(void **state)
{
	(void)state;
	struct rig r;
	sink_rig_init(&r);
	rig_open_ok(&r);
	assert_int_equal(rig_publish(&r, "1\n"), 0);
	assert_int_equal(sink_publish_companion(r.s, ".json", "{}", 2, &r.e), 0);
	assert_int_equal(sink_publish_companion(r.s, ".json", "{1}", 3, &r.e), 0);
	rig_expect(&r, "numbers.txt.json", "{1}");
	rig_expect(&r, "numbers.txt", "1\n");
	rig_expect_no_temp(&r);
	rig_fini(&r);
}

static void a_companion_that_fails_leaves_the_old_one(void **state)
{
	(void)state;
	struct rig r;
	sink_rig_init(&r);
	rig_open_ok(&r);
	assert_int_equal(sink_publish_companion(r.s, ".json", "{}", 2, &r.e), 0);
	fake_io_reset(&r.f);
	fake_io_fault(&r.f, (struct fake_fault){.call = FAKE_WRITE, .nth = 1, .error = ENOSPC});
	assert_int_equal(sink_publish_companion(r.s, ".json", "{1}", 3, &r.e), -1);
	rig_expect_error(&r, ERR_IO, "No space left");
	rig_expect(&r, "numbers.txt.json", "{}");
	rig_expect_no_temp(&r);
	rig_fini(&r);
}

static void the_very_first_rename_may_fail_too(void **state)
{
	(void)state;
	struct rig r;
	sink_rig_init(&r);
	rig_open_ok(&r);
	fake_io_reset(&r.f);
	fake_io_fault(&r.f, (struct fake_fault){.call = FAKE_RENAMEAT, .nth = 1, .error = EIO});
	assert_int_equal(rig_publish(&r, "1\n"), -1);
	rig_expect_error(&r, ERR_IO, "cannot put in place");
	rig_expect(&r, "numbers.txt", NULL);
	rig_expect_no_temp(&r);
	rig_fini(&r);
}

static void a_companion_that_cannot_be_put_in_place_is_named(void **state)
{
	(void)state;
	struct rig r;
	char path[512];
	sink_rig_init(&r);
	rig_open_ok(&r);
	assert_int_equal(mkdir(fake_io_path(&r.f, "numbers.txt.json", path), 0755), 0);
	assert_int_equal(sink_publish_companion(r.s, ".json", "{}", 2, &r.e), -1);
	rig_expect_error(&r, ERR_IO, "numbers.txt.json, it is a directory now; remove it");
	rig_expect_no_temp(&r);
	rig_fini(&r);
}

static void file_and_companion_are_removed_each_and_again(void **state)
{
	(void)state;
	struct rig r;
	sink_rig_init(&r);
	rig_open_ok(&r);
	assert_int_equal(sink_remove(r.s, "", &r.e), 0);
	assert_int_equal(rig_publish(&r, "1\n"), 0);
	assert_int_equal(sink_publish_companion(r.s, ".json", "{}", 2, &r.e), 0);
	assert_int_equal(sink_remove(r.s, "", &r.e), 0);
	rig_expect(&r, "numbers.txt", NULL);
	rig_expect(&r, "numbers.txt.json", "{}");
	assert_int_equal(sink_remove(r.s, ".json", &r.e), 0);
	rig_expect(&r, "numbers.txt.json", NULL);
	assert_int_equal(sink_remove(r.s, "", &r.e), 0);
	assert_int_equal(sink_remove(r.s, ".json", &r.e), 0);
	assert_int_equal(rig_publish(&r, "2\n"), 0);
	rig_expect(&r, "numbers.txt", "2\n");
	rig_fini(&r);
}

static void removal_that_fails_says_so(void **state)
{
	(void)state;
	struct rig r;
	sink_rig_init(&r);
	rig_open_ok(&r);
	assert_int_equal(rig_publish(&r, "1\n"), 0);
	fake_io_reset(&r.f);
	fake_io_fault(&r.f, (struct fake_fault){.call = FAKE_UNLINKAT, .nth = 1, .error = EROFS});
	assert_int_equal(sink_remove(r.s, "", &r.e), -1);
	rig_expect_error(&r, ERR_IO, "cannot remove");
	rig_fini(&r);
}

int main(void)
{
	const struct CMUnitTest others[] = {
		cmocka_unit_test(data_reaches_the_disk_before_the_name_and_the_name_before_success),
		cmocka_unit_test(readers_see_the_new_numbers_with_the_configured_mode),
		cmocka_unit_test(the_owner_is_set_where_one_is_given),
		cmocka_unit_test(nothing_is_seen_before_commit_and_abort_leaves_no_trace),
		cmocka_unit_test(a_begun_generation_goes_with_the_sink),
		cmocka_unit_test(a_second_begin_gives_up_the_first),
		cmocka_unit_test(a_companion_is_replaced_beside_the_file),
		cmocka_unit_test(a_companion_that_fails_leaves_the_old_one),
		cmocka_unit_test(the_very_first_rename_may_fail_too),
		cmocka_unit_test(a_companion_that_cannot_be_put_in_place_is_named),
		cmocka_unit_test(file_and_companion_are_removed_each_and_again),
		cmocka_unit_test(removal_that_fails_says_so),
	};
	int failed = ROWS_RUN("replace, one fault", check_fault, fault_rows);
	return failed + cmocka_run_group_tests_name("replace", others, NULL, NULL);
}
