/* in_place: under a lock, no inode changes, what a failure leaves. */
#include "rows.h"

#include "sink_rig.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static void mounted_rig(struct rig *r, const char *old)
{
	sink_rig_init(r);
	fake_file_write(&r->f, "numbers.txt", old);
	r->f.mounted = "numbers.txt";
}

static ino_t inode(struct rig *r)
{
	struct stat st;
	char path[512];
	assert_int_equal(stat(fake_io_path(&r->f, "numbers.txt", path), &st), 0);
	return st.st_ino;
}

static mode_t file_mode(struct rig *r)
{
	struct stat st;
	char path[512];
	assert_int_equal(stat(fake_io_path(&r->f, "numbers.txt", path), &st), 0);
	return st.st_mode & 07777;
}

static void longer_and_shorter_generations_go_into_the_same_inode(void **state)
{
	(void)state;
	struct rig r;
	mounted_rig(&r, "old\n");
	ino_t before = inode(&r);
	rig_open_ok(&r);
	assert_int_equal(sink_view(r.s).mode, SINK_MODE_IN_PLACE);
	rig_expect(&r, "numbers.txt", "old\n");
	assert_int_equal(rig_publish(&r, "longer than before\n"), 0);
	rig_expect(&r, "numbers.txt", "longer than before\n");
	assert_int_equal(rig_publish(&r, "x\n"), 0);
	rig_expect(&r, "numbers.txt", "x\n");
	assert_int_equal(inode(&r), before);
	rig_fini(&r);
}

static void the_calls_come_in_order_under_the_lock(void **state)
{
	(void)state;
	struct rig r;
	char story[300];
	mounted_rig(&r, "old\n");
	rig_open_ok(&r);
	fake_io_reset(&r.f);
	assert_int_equal(rig_publish(&r, "1\n"), 0);
	fake_io_story(&r.f, story, sizeof story);
	assert_string_equal(story, "lock ftruncate write write fsync unlock");
	rig_fini(&r);
}

static int reader_is_locked_out(struct rig *r)
{
	char path[512];
	fake_io_path(&r->f, "numbers.txt", path);
	pid_t child = fork();
	if (child == 0) {
		struct flock whole = {.l_type = F_RDLCK, .l_whence = SEEK_SET};
		int fd = open(path, O_RDONLY);
		_exit(fd < 0 ? 2 : fcntl(fd, F_SETLK, &whole) < 0);
	}
	int status;
	assert_int_equal(waitpid(child, &status, 0), child);
	return WEXITSTATUS(status);
}

static void a_locking_reader_never_sees_the_middle(void **state)
{
	(void)state;
	struct rig r;
	mounted_rig(&r, "old\n");
	rig_open_ok(&r);
	assert_int_equal(reader_is_locked_out(&r), 0);
	assert_int_equal(sink_begin(r.s, &r.e), 0);
	assert_int_equal(reader_is_locked_out(&r), 1);
	assert_int_equal(sink_write(r.s, "1\n", 2, &r.e), 0);
	assert_int_equal(reader_is_locked_out(&r), 1);
	assert_int_equal(sink_seal(r.s, &r.e), 0);
	assert_int_equal(sink_commit(r.s, &r.e), 0);
	assert_int_equal(reader_is_locked_out(&r), 0);
	assert_int_equal(sink_begin(r.s, &r.e), 0);
	sink_abort(r.s, &r.e);
	assert_int_equal(reader_is_locked_out(&r), 0);
	rig_expect(&r, "numbers.txt", "1\n"); /* nothing was written over it */
	rig_fini(&r);
}

struct fault_row {
	const char *name;
	struct fake_fault fault;
	enum rig_step step;
	const char *says, *file;
};

static const struct fault_row fault_rows[] = {
	{"a failed lock leaves the file alone", {FAKE_LOCK, 1, 0, EIO}, STEP_BEGIN, "cannot lock", "old\n"},
	{"a reader's lock leaves the file alone",
	 {FAKE_LOCK, 1, 0, EAGAIN},
	 STEP_BEGIN,
	 "a reader holds a lock on",
	 "old\n"},
	{"a lock of which nothing is told", {FAKE_LOCK, 1, 0, EACCES}, STEP_BEGIN, "a reader holds a lock on", "old\n"},
	{"a file that cannot be emptied stays as it is",
	 {FAKE_FTRUNCATE, 1, 0, EIO},
	 STEP_WRITE,
	 "cannot empty",
	 "old\n"},
	{"a full volume at the first write empties the file, and says so",
	 {FAKE_WRITE, 1, 0, ENOSPC},
	 STEP_WRITE,
	 "is empty until the next refresh",
	 ""},
	{"a failure in the middle empties the file, and says so",
	 {FAKE_WRITE, 2, 0, EIO},
	 STEP_WRITE,
	 "is empty until the next refresh",
	 ""},
	{"a failed fsync empties the file: who knows what is on the disk",
	 {FAKE_FSYNC, 1, 0, EIO},
	 STEP_COMMIT,
	 "is empty until the next refresh",
	 ""},
};

static void check_fault(void **state)
{
	const struct fault_row *row = *state;
	struct rig r;
	mounted_rig(&r, "old\n");
	rig_open_ok(&r);
	fake_io_reset(&r.f);
	fake_io_fault(&r.f, row->fault);
	assert_int_not_equal(rig_publish(&r, "n\nw\n"), 0);
	rig_expect_error(&r, ERR_IO, row->says);
	assert_int_equal(r.step, row->step);
	rig_expect(&r, "numbers.txt", row->file);
	assert_int_equal(reader_is_locked_out(&r), 0);
	assert_int_equal(rig_publish(&r, "2\n"), 0);
	rig_expect(&r, "numbers.txt", "2\n");
	rig_fini(&r);
}

static void an_existing_file_keeps_its_mode(void **state)
{
	(void)state;
	struct rig r;
	char path[512];
	mounted_rig(&r, "old\n");
	assert_int_equal(chmod(fake_io_path(&r.f, "numbers.txt", path), 0666), 0);
	rig_open_ok(&r);
	assert_int_equal(rig_publish(&r, "1\n"), 0);
	assert_int_equal(file_mode(&r), 0666);
	rig_fini(&r);
}

static void a_created_file_can_be_written_again_by_its_owner(void **state)
{
	(void)state;
	struct rig r;
	sink_rig_init(&r);
	r.c.write = SINK_IN_PLACE;
	rig_open_ok(&r);
	assert_int_equal(file_mode(&r), 0644);
	assert_int_equal(rig_publish(&r, "1\n"), 0);
	rig_expect(&r, "numbers.txt", "1\n");
	rig_fini(&r);
}

static void a_new_file_is_synced_with_its_directory_once(void **state)
{
	(void)state;
	struct rig r;
	sink_rig_init(&r);
	r.c.write = SINK_IN_PLACE;
	rig_open_ok(&r);
	fake_io_reset(&r.f);
	assert_int_equal(rig_publish(&r, "1\n"), 0);
	assert_int_equal(r.f.count[FAKE_FSYNC], 2);
	assert_int_equal(rig_publish(&r, "2\n"), 0);
	assert_int_equal(r.f.count[FAKE_FSYNC], 3);
	rig_fini(&r);
}

/* What a crash may leave: nothing, or the beginning of the new numbers; never old ones behind it. */
static void a_crash_at_any_call_leaves_a_short_file_and_no_mixture(void **state)
{
	(void)state;
	const char *old = "old numbers, and many of them\n", *new = "new\n";
	bool died = true;
	unsigned shorts = 0;
	for (unsigned nth = 1; died; nth++) {
		struct rig r;
		char got[64];
		int status;
		mounted_rig(&r, old);
		rig_open_ok(&r);
		fake_io_reset(&r.f);
		pid_t child = fork();
		if (child == 0) {
			fake_io_fault(&r.f, (struct fake_fault){.call = FAKE_ANY, .nth = nth, .crash = true});
			rig_publish(&r, new);
			_exit(0);
		}
		assert_int_equal(waitpid(child, &status, 0), child);
		died = WEXITSTATUS(status) == FAKE_EXIT;
		assert_true(fake_file_read(&r.f, "numbers.txt", got, sizeof got) >= 0);
		assert_true(strcmp(got, old) == 0 || strncmp(got, new, strlen(got)) == 0);
		shorts += strlen(got) < strlen(new);
		rig_fini(&r);
	}
	assert_true(shorts >= 2);
}

static void a_second_name_is_refused_for_it_may_be_any_file(void **state)
{
	(void)state;
	struct rig r;
	char victim[512], path[512];
	sink_rig_init(&r);
	r.c.write = SINK_IN_PLACE;
	fake_file_write(&r.f, "victim", "precious\n");
	assert_int_equal(link(fake_io_path(&r.f, "victim", victim), fake_io_path(&r.f, "numbers.txt", path)), 0);
	assert_false(rig_open(&r));
	rig_expect_error(&r, ERR_NOPERM, "has 2 names (hard links), so that another file would be written over");
	rig_expect(&r, "victim", "precious\n");
	/* What is mounted was mounted by root, whatever other names it has on its volume. */
	r.f.mounted = "numbers.txt";
	rig_open_ok(&r);
	assert_int_equal(rig_publish(&r, "1\n"), 0);
	rig_fini(&r);
}

static void a_file_system_without_locks_is_a_note(void **state)
{
	(void)state;
	struct rig r;
	mounted_rig(&r, "old\n");
	rig_open_ok(&r);
	r.notes[0] = '\0';
	fake_io_reset(&r.f);
	fake_io_fault(&r.f, (struct fake_fault){.call = FAKE_LOCK, .nth = 1, .more = 99, .error = ENOLCK});
	assert_int_equal(rig_publish(&r, "1\n"), 0);
	assert_int_equal(rig_publish(&r, "2\n"), 0);
	rig_expect(&r, "numbers.txt", "2\n");
	rig_take_notes(&r);
	assert_non_null(strstr(r.notes, "has no locks (No locks available): a reader may see a short file\n"));
	assert_null(strstr(strchr(r.notes, '\n') + 1, "locks"));
	rig_fini(&r);
}

/* A lock of an open file description has no process. */
static void a_lock_without_a_process_is_a_readers(void **state)
{
	(void)state;
	struct rig r;
	char path[512];
	mounted_rig(&r, "old\n");
	rig_open_ok(&r);
	int fd = open(fake_io_path(&r.f, "numbers.txt", path), O_RDONLY);
	struct flock whole = {.l_type = F_RDLCK, .l_whence = SEEK_SET};
	assert_int_equal(fcntl(fd, F_OFD_SETLK, &whole), 0);
	assert_int_equal(sink_begin(r.s, &r.e), 1);
	rig_expect_error(&r, ERR_IO, "a reader holds a lock on");
	fake_io_reset(&r.f);
	fake_io_fault(&r.f, (struct fake_fault){.call = FAKE_LOCK_HOLDER, .nth = 1, .error = EINVAL});
	assert_int_equal(sink_begin(r.s, &r.e), 1);
	rig_expect_error(&r, ERR_IO, "a reader holds a lock on");
	close(fd);
	assert_int_equal(rig_publish(&r, "1\n"), 0);
	rig_fini(&r);
}

/* Who holds it is named where the kernel tells. */
static void a_lock_of_a_reader_is_not_waited_for(void **state)
{
	(void)state;
	struct rig r;
	int ends[2];
	char path[512], byte = 'x', says[64];
	mounted_rig(&r, "old\n");
	rig_open_ok(&r);
	fake_io_path(&r.f, "numbers.txt", path);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
	pid_t child = fork();
	if (child == 0) {
		struct flock whole = {.l_type = F_RDLCK, .l_whence = SEEK_SET};
		int fd = open(path, O_RDONLY);
		close(ends[1]);
		if (fcntl(fd, F_SETLK, &whole) < 0 || write(ends[0], &byte, 1) != 1)
			_exit(1);
		_exit(read(ends[0], &byte, 1) != 0);
	}
	close(ends[0]);
	assert_int_equal(read(ends[1], &byte, 1), 1);
	memset(&r.e, 0, sizeof r.e);
	assert_int_equal(sink_begin(r.s, &r.e), 1);
	snprintf(says, sizeof says, "process %d holds a lock on", (int)child);
	rig_expect_error(&r, ERR_IO, says);
	rig_expect(&r, "numbers.txt", "old\n");
	/* What must go does not wait for it. */
	assert_int_equal(sink_remove(r.s, "", &r.e), 0);
	rig_expect(&r, "numbers.txt", "");
	close(ends[1]);
	int status;
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(rig_publish(&r, "1\n"), 0);
	rig_expect(&r, "numbers.txt", "1\n");
	rig_fini(&r);
}

static void a_file_that_may_not_be_written_is_heard_at_start(void **state)
{
	(void)state;
	struct rig r;
	mounted_rig(&r, "old\n");
	fake_io_fault(&r.f, (struct fake_fault){.call = FAKE_OPENAT, .nth = 2, .name = "numbers.txt", .error = EACCES});
	assert_false(rig_open(&r));
	rig_expect_error(&r, ERR_NOPERM, "though mode 0644 of it would let it");
	rig_fini(&r);
}

static void a_file_that_cannot_get_its_owner_is_not_left_behind(void **state)
{
	(void)state;
	struct rig r;
	sink_rig_init(&r);
	r.c.write = SINK_IN_PLACE;
	r.c.uid = geteuid();
	fake_io_fault(&r.f, (struct fake_fault){.call = FAKE_FCHOWN, .nth = 1, .error = EPERM});
	assert_false(rig_open(&r));
	rig_expect_error(&r, ERR_CANTCREAT, "refuses output.owner");
	rig_expect(&r, "numbers.txt", NULL);
	rig_fini(&r);
}

static void removal_empties_the_file(void **state)
{
	(void)state;
	struct rig r;
	mounted_rig(&r, "old\n");
	ino_t before = inode(&r);
	rig_open_ok(&r);
	assert_int_equal(sink_remove(r.s, "", &r.e), 0);
	rig_expect(&r, "numbers.txt", "");
	assert_int_equal(sink_remove(r.s, "", &r.e), 0);
	assert_int_equal(rig_publish(&r, "1\n"), 0);
	rig_expect(&r, "numbers.txt", "1\n");
	assert_int_equal(inode(&r), before);
	rig_fini(&r);
}

static void a_torn_file_that_cannot_be_emptied_is_not_said_to_be_empty(void **state)
{
	(void)state;
	struct rig r;
	mounted_rig(&r, "old\n");
	rig_open_ok(&r);
	fake_io_reset(&r.f);
	fake_io_fault(&r.f, (struct fake_fault){FAKE_WRITE, 2, 0, EIO});
	fake_io_fault(&r.f, (struct fake_fault){FAKE_FTRUNCATE, 2, 0, EIO});
	assert_int_equal(rig_publish(&r, "n\nw\n"), -1);
	rig_expect_error(&r, ERR_IO, "cannot write");
	assert_null(strstr(r.e.msg, "empty"));
	assert_int_equal(reader_is_locked_out(&r), 0);
	assert_int_equal(rig_publish(&r, "2\n"), 0);
	rig_expect(&r, "numbers.txt", "2\n");
	rig_fini(&r);
}

static void a_generation_that_goes_with_the_sink_leaves_an_empty_file(void **state)
{
	(void)state;
	struct rig r;
	mounted_rig(&r, "old\n");
	rig_open_ok(&r);
	assert_int_equal(sink_begin(r.s, &r.e), 0);
	assert_int_equal(sink_write(r.s, "1\n", 2, &r.e), 0);
	sink_free(r.s);
	r.s = NULL;
	rig_expect(&r, "numbers.txt", "");
	rig_fini(&r);
}

static void a_companion_is_for_replace_only(void **state)
{
	(void)state;
	struct rig r;
	mounted_rig(&r, "old\n");
	rig_open_ok(&r);
	assert_int_equal(sink_publish_companion(r.s, ".json", "{}", 2, &r.e), 0);
	assert_int_equal(sink_remove(r.s, ".json", &r.e), 0);
	rig_expect(&r, "numbers.txt.json", NULL);
	rig_fini(&r);
}

int main(void)
{
	const struct CMUnitTest others[] = {
		cmocka_unit_test(longer_and_shorter_generations_go_into_the_same_inode),
		cmocka_unit_test(the_calls_come_in_order_under_the_lock),
		cmocka_unit_test(a_locking_reader_never_sees_the_middle),
		cmocka_unit_test(an_existing_file_keeps_its_mode),
		cmocka_unit_test(a_created_file_can_be_written_again_by_its_owner),
		cmocka_unit_test(a_new_file_is_synced_with_its_directory_once),
		cmocka_unit_test(a_crash_at_any_call_leaves_a_short_file_and_no_mixture),
		cmocka_unit_test(a_second_name_is_refused_for_it_may_be_any_file),
		cmocka_unit_test(a_file_system_without_locks_is_a_note),
		cmocka_unit_test(a_lock_of_a_reader_is_not_waited_for),
		cmocka_unit_test(a_lock_without_a_process_is_a_readers),
		cmocka_unit_test(a_file_that_may_not_be_written_is_heard_at_start),
		cmocka_unit_test(a_file_that_cannot_get_its_owner_is_not_left_behind),
		cmocka_unit_test(removal_empties_the_file),
		cmocka_unit_test(a_torn_file_that_cannot_be_emptied_is_not_said_to_be_empty),
		cmocka_unit_test(a_generation_that_goes_with_the_sink_leaves_an_empty_file),
		cmocka_unit_test(a_companion_is_for_replace_only),
	};
	int failed = ROWS_RUN("in_place, one fault", check_fault, fault_rows);
	return failed + cmocka_run_group_tests_name("in_place", others, NULL, NULL);
}
