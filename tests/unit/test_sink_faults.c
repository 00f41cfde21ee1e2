/* The sink where several things go wrong at once, or at the one moment between two system calls. */
#include "rows.h"

#include "sink_rig.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

static void fault(struct rig *r, enum fake_call call, unsigned nth, int error)
{
	fake_io_fault(&r->f, (struct fake_fault){.call = call, .nth = nth, .error = error});
}

static void swap_for(struct rig *r, mode_t type, dev_t device)
{
	char path[512];
	unlink(fake_io_path(&r->f, "numbers.txt", path));
	if (mknod(path, type | 0600, device) < 0)
		skip_since("needs the right to make a device");
}

static void swap_for_null_device(void *rig)
{
	swap_for(rig, S_IFCHR, makedev(1, 3));
}

static void swap_for_regular(void *rig)
{
	swap_for(rig, S_IFREG, 0);
}

/* --- at start --- */

struct open_row {
	const char *name;
	enum sink_write write;
	bool exists;
	enum err_code code;
	const char *says;
	struct fake_fault faults[2];
};
#define FAULT(call_, nth_, error_) .call = FAKE_##call_, .nth = (nth_), .error = (error_)
static const struct open_row open_rows[] = {
	{"FILE cannot be created",
	 SINK_IN_PLACE,
	 false,
	 ERR_CANTCREAT,
	 "emptyDir",
	 {{FAULT(OPENAT, 3, EROFS), .name = "numbers.txt"}}},
	{"FILE may not be opened, and nobody knows whose it is",
	 SINK_IN_PLACE,
	 true,
	 ERR_NOPERM,
	 "may not open",
	 {{FAULT(OPENAT, 2, EACCES), .name = "numbers.txt"}, {FAULT(FSTATAT, 1, EIO)}}},
	{"FILE is open and cannot be looked at",
	 SINK_IN_PLACE,
	 true,
	 ERR_CANTCREAT,
	 "no regular file any more",
	 {{FAULT(FSTAT, 3, EIO)}}},
	{"the temporary file cannot be unlinked",
	 SINK_REPLACE,
	 false,
	 ERR_NOPERM,
	 "may not remove",
	 {{FAULT(UNLINKAT, 1, EACCES)}}},
	{"nor sealed and unlinked: the first cause is told",
	 SINK_REPLACE,
	 false,
	 ERR_CANTCREAT,
	 "owner or mode",
	 {{FAULT(FCHMOD, 1, EROFS)}, {FAULT(UNLINKAT, 1, EIO)}}},
	{"the lock fails for a reason of its own", SINK_REPLACE, false, ERR_IO, "lock", {{FAULT(FLOCK_TRY, 1, EIO)}}},
};

static void it_says_why(void **state)
{
	const struct open_row *row = *state;
	struct rig r;
	sink_rig_init(&r);
	r.c.write = row->write;
	if (row->exists)
		fake_file_write(&r.f, "numbers.txt", "old\n");
	for (int i = 0; i < 2 && row->faults[i].nth; i++)
		fake_io_fault(&r.f, row->faults[i]);
	assert_false(rig_open(&r));
	rig_expect_error(&r, row->code, row->says);
	rig_fini(&r);
}

static void a_file_that_becomes_a_device_is_not_written(void **state)
{
	(void)state;
	struct rig r;
	sink_rig_init(&r);
	r.c.write = SINK_IN_PLACE;
	fake_file_write(&r.f, "numbers.txt", "old\n");
	fake_io_fault(&r.f, (struct fake_fault){FAULT(OPENAT, 2, 0), .name = "numbers.txt",
						.before = swap_for_null_device, .arg = &r});
	assert_false(rig_open(&r));
	rig_expect_error(&r, ERR_CANTCREAT, "is no regular file any more");
	rig_fini(&r);
}

static void a_device_that_becomes_a_file_is_not_written(void **state)
{
	(void)state;
	struct rig r;
	sink_rig_init(&r);
	swap_for_null_device(&r);
	fake_io_fault(&r.f, (struct fake_fault){FAULT(OPENAT, 2, 0), .name = "numbers.txt", .before = swap_for_regular,
						.arg = &r});
	if (rig_open(&r))
		fail_msg("it opened as %s", sink_mode_names[sink_view(r.s).mode]);
	if (r.e.code == ERR_NOPERM) /* a file system without devices */
		skip_since("needs a file system with devices");
	rig_expect_error(&r, ERR_CANTCREAT, "is no character device any more");
	rig_expect(&r, "numbers.txt", "");
	rig_fini(&r);
}

static void a_device_that_cannot_be_looked_at_is_not_written(void **state)
{
	(void)state;
	struct rig r;
	sink_rig_init(&r);
	snprintf(r.c.file, sizeof r.c.file, "/dev/null");
	fault(&r, FAKE_FSTAT, 3, EIO);
	assert_false(rig_open(&r));
	rig_expect_error(&r, ERR_CANTCREAT, "is no character device any more");
	rig_fini(&r);
}

/* --- a generation --- */

static void litter_goes_with_the_next_generation(void **state)
{
	(void)state;
	struct rig r;
	sink_rig_init(&r);
	rig_open_ok(&r);
	fake_io_reset(&r.f);
	fault(&r, FAKE_WRITE, 1, ENOSPC);
	fault(&r, FAKE_UNLINKAT, 1, EIO);
	assert_int_equal(rig_publish(&r, "1\n"), -1);
	rig_expect_error(&r, ERR_IO, "free space");
	assert_int_equal(fake_file_count(&r.f, ".tmp."), 1);
	assert_int_equal(rig_publish(&r, "2\n"), 0);
	rig_expect_no_temp(&r);
	rig_expect(&r, "numbers.txt", "2\n");
	rig_fini(&r);
}

static void litter_that_stays_is_tried_again_and_again(void **state)
{
	(void)state;
	struct rig r;
	sink_rig_init(&r);
	rig_open_ok(&r);
	fake_io_reset(&r.f);
	fault(&r, FAKE_WRITE, 1, ENOSPC);
	fake_io_fault(&r.f, (struct fake_fault){.call = FAKE_UNLINKAT, .nth = 1, .more = 1, .error = EIO});
	assert_int_equal(rig_publish(&r, "1\n"), -1);
	assert_int_equal(rig_publish(&r, "2\n"), 0); /* the numbers do not wait for it */
	rig_expect(&r, "numbers.txt", "2\n");
	assert_int_equal(fake_file_count(&r.f, ".tmp."), 1);
	assert_int_equal(rig_publish(&r, "3\n"), 0);
	rig_expect_no_temp(&r);
	assert_int_equal(r.f.count[FAKE_LIST], 3);
	assert_int_equal(rig_publish(&r, "4\n"), 0);
	assert_int_equal(r.f.count[FAKE_LIST], 3); /* a clean directory is not looked through again */
	rig_fini(&r);
}

static void the_directory_of_a_new_file_that_does_not_reach_the_disk_is_told(void **state)
{
	(void)state;
	struct rig r;
	sink_rig_init(&r);
	r.c.write = SINK_IN_PLACE;
	rig_open_ok(&r);
	fake_io_reset(&r.f);
	fault(&r, FAKE_FSYNC, 2, EIO);
	assert_int_equal(rig_publish(&r, "1\n"), -1);
	rig_expect_error(&r, ERR_IO, "its directory did not reach the disk");
	fake_io_reset(&r.f);
	assert_int_equal(rig_publish(&r, "2\n"), 0);
	assert_int_equal(r.f.count[FAKE_FSYNC], 2); /* it is tried again */
	assert_int_equal(rig_publish(&r, "3\n"), 0);
	assert_int_equal(r.f.count[FAKE_FSYNC], 3);
	rig_fini(&r);
}

static void a_group_alone_may_be_given(void **state)
{
	(void)state;
	struct rig r;
	struct stat st;
	char path[512];
	sink_rig_init(&r);
	r.c.gid = getegid();
	rig_open_ok(&r);
	assert_int_equal(rig_publish(&r, "1\n"), 0);
	assert_true(r.f.count[FAKE_FCHOWN] > 0);
	assert_int_equal(stat(fake_io_path(&r.f, "numbers.txt", path), &st), 0);
	assert_int_equal(st.st_gid, getegid());
	rig_fini(&r);
}

/* --- left-overs that defend themselves --- */

static const char left_over[] = ".numbers.txt.tmp.0123456789abcdef";

static void unlink_the_left_over(void *rig)
{
	struct rig *r = rig;
	char path[512];
	unlink(fake_io_path(&r->f, left_over, path));
}

struct sweep_row {
	const char *name;
	enum fake_call call;
	unsigned nth;
	int error;  /* 0: it vanishes before the call */
	bool stays; /* at the start; the first generation looks again */
};
static const struct sweep_row sweep_rows[] = {
	{"it vanishes before it is opened", FAKE_OPENAT, 1, 0, false},
	{"it cannot be opened", FAKE_OPENAT, 1, EIO, true},
	{"the name cannot be looked at", FAKE_FSTATAT, 1, EIO, true},
	{"the name vanishes before it is compared", FAKE_FSTATAT, 1, 0, false},
};

static void a_left_over_is_left_and_numbers_flow(void **state)
{
	const struct sweep_row *row = *state;
	struct rig r;
	sink_rig_init(&r);
	fake_file_write(&r.f, left_over, "dead");
	fake_io_fault(&r.f, (struct fake_fault){.call = row->call,
						.nth = row->nth,
						.error = row->error,
						.name = left_over,
						.before = row->error ? NULL : unlink_the_left_over,
						.arg = &r});
	rig_open_ok(&r);
	assert_int_equal(r.f.faults_hit, 1);
	assert_int_equal(fake_file_count(&r.f, left_over), row->stays);
	assert_int_equal(rig_publish(&r, "1\n"), 0);
	rig_expect(&r, "numbers.txt", "1\n");
	rig_expect_no_temp(&r);
	rig_fini(&r);
}

static void a_left_over_whose_lock_cannot_be_asked_for_stays(void **state)
{
	(void)state;
	struct rig r;
	sink_rig_init(&r);
	fake_file_write(&r.f, left_over, "whose?");
	fake_io_fault(&r.f, (struct fake_fault){.call = FAKE_FLOCK_TRY, .nth = 1, .more = 99, .error = EOPNOTSUPP});
	rig_open_ok(&r);
	assert_int_equal(rig_publish(&r, "1\n"), 0);
	rig_expect(&r, left_over, "whose?");
	rig_fini(&r);
}

static const struct sweep_row lockless_rows[] = {
	{"no locks: ENOLCK", FAKE_FLOCK_TRY, 1, ENOLCK, false},
	{"no locks: EOPNOTSUPP", FAKE_FLOCK_TRY, 1, EOPNOTSUPP, false},
	{"no locks: ENOSYS", FAKE_FLOCK_TRY, 1, ENOSYS, false},
	{"no locks: EINVAL", FAKE_FLOCK_TRY, 1, EINVAL, false},
};

static void numbers_flow_without_locks(void **state)
{
	const struct sweep_row *row = *state;
	struct rig r;
	sink_rig_init(&r);
	fake_io_fault(&r.f, (struct fake_fault){.call = row->call, .nth = 1, .more = 99, .error = row->error});
	rig_open_ok(&r);
	assert_int_equal(rig_publish(&r, "1\n"), 0);
	rig_expect(&r, "numbers.txt", "1\n");
	rig_expect_no_temp(&r);
	rig_fini(&r);
}

int main(void)
{
	const struct CMUnitTest others[] = {
		cmocka_unit_test(a_file_that_becomes_a_device_is_not_written),
		cmocka_unit_test(a_device_that_becomes_a_file_is_not_written),
		cmocka_unit_test(a_device_that_cannot_be_looked_at_is_not_written),
		cmocka_unit_test(litter_goes_with_the_next_generation),
		cmocka_unit_test(litter_that_stays_is_tried_again_and_again),
		cmocka_unit_test(the_directory_of_a_new_file_that_does_not_reach_the_disk_is_told),
		cmocka_unit_test(a_group_alone_may_be_given),
		cmocka_unit_test(a_left_over_whose_lock_cannot_be_asked_for_stays),
	};
	int failed = ROWS_RUN("open rows", it_says_why, open_rows);
	failed += ROWS_RUN("sweep rows", a_left_over_is_left_and_numbers_flow, sweep_rows);
	failed += ROWS_RUN("lockless rows", numbers_flow_without_locks, lockless_rows);
	return failed + cmocka_run_group_tests_name("sink faults", others, NULL, NULL);
}
