/* io_write_all, the real struct io, and the injector that all other tests lean on. */
#include "fake_io.h"
#include "rows.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

static int open_in(const struct io *io, const struct fake_io *f, const char *name, int flags)
{
	char path[512];
	return io->openat(AT_FDCWD, fake_io_path(f, name, path), flags | O_CLOEXEC, 0600);
}

/* --- io_write_all, one row per way of the kernel to say "not all yet" or "no" --- */

struct write_row {
	const char *name;
	struct fake_fault faults[2];
	int error; /* 0: all is written */
	unsigned writes;
	int64_t waited_ns;
};

static const struct write_row write_rows[] = {
	{"a whole write is one call", {{0}}, 0, 1, 0},
	{"a short count goes on where it stopped", {{FAKE_WRITE, 1, 0, 0, 4}}, 0, 2, 0},
	{"one byte at a time arrives as well", {{FAKE_WRITE, 1, 99, 0, 1}}, 0, 10, 0},
	{"EINTR before any byte is tried again", {{FAKE_WRITE, 1, 0, EINTR}}, 0, 2, 0},
	{"EINTR after a short count is tried again", {{FAKE_WRITE, 1, 0, 0, 3}, {FAKE_WRITE, 2, 1, EINTR}}, 0, 4, 0},
	{"EAGAIN waits and is tried again", {{FAKE_WRITE, 1, 1, EAGAIN}}, 0, 3, 10000000},
	{"EIO ends it", {{FAKE_WRITE, 1, 0, EIO}}, EIO, 1, 0},
	{"ENOSPC after a short count ends it", {{FAKE_WRITE, 1, 0, 0, 9}, {FAKE_WRITE, 2, 0, ENOSPC}}, ENOSPC, 2, 0},
	{"EPIPE ends it", {{FAKE_WRITE, 1, 0, EPIPE}}, EPIPE, 1, 0},
};

static void check_write(void **state)
{
	const struct write_row *row = *state;
	struct fake_io f;
	char got[32];
	fake_io_init(&f);
	int fd = open_in(&f.io, &f, "x", O_CREAT | O_WRONLY);
	for (int i = 0; i < 2; i++)
		if (row->faults[i].call)
			fake_io_fault(&f, row->faults[i]);
	int64_t start_ns = io_now_ns(&f.io);
	int result = io_write_all(&f.io, fd, "0123456789", 10);
	int fault = errno;
	assert_int_equal(result, row->error ? -1 : 0);
	if (row->error)
		assert_int_equal(fault, row->error);
	else
		assert_int_equal(fake_file_read(&f, "x", got, sizeof got), 10);
	if (!row->error)
		assert_string_equal(got, "0123456789");
	assert_int_equal(f.count[FAKE_WRITE], row->writes);
	assert_int_equal(io_now_ns(&f.io) - start_ns, row->waited_ns);
	f.io.close(fd);
	fake_io_fini(&f);
}

static ssize_t write_nothing(int fd, const void *buf, size_t len)
{
	(void)fd;
	(void)buf;
	(void)len;
	return 0;
}

static void a_write_of_nothing_is_eio_and_no_endless_loop(void **state)
{
	(void)state;
	const struct io io = {.write = write_nothing};
	static const int before[] = {0, EINTR, EAGAIN}; /* of an earlier call: it says nothing about this one */
	for (size_t i = 0; i < 3; i++) {
		errno = before[i];
		assert_int_equal(io_write_all(&io, 1, "x", 1), -1);
		assert_int_equal(errno, EIO);
	}
	assert_int_equal(io_write_all(&io, 1, "x", 0), 0);
}

/* --- io_posix --- */

static int set_lock(int fd, short type)
{
	struct flock whole = {.l_type = type, .l_whence = SEEK_SET};
	return io_posix.fcntl(fd, F_OFD_SETLK, &whole);
}

static int lock_holder(int fd, int *pid)
{
	struct flock whole = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
	int rc = io_posix.fcntl(fd, F_OFD_GETLK, &whole);
	*pid = whole.l_type == F_UNLCK ? 0 : whole.l_pid;
	return rc;
}

/* 0: another process could lock it, 1: it is locked. */
static int locked_for_others(const char *path, short type)
{
	pid_t child = fork();
	if (child == 0) {
		struct flock whole = {.l_type = type, .l_whence = SEEK_SET};
		int fd = open(path, type == F_RDLCK ? O_RDONLY : O_RDWR);
		_exit(fd < 0 ? 2 : fcntl(fd, F_SETLK, &whole) < 0);
	}
	int status;
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static void the_lock_keeps_record_locks_of_others_out(void **state)
{
	(void)state;
	struct fake_io f;
	char path[512];
	fake_io_init(&f);
	fake_file_write(&f, "x", "1");
	fake_io_path(&f, "x", path);
	int fd = open_in(&io_posix, &f, "x", O_RDWR);
	assert_int_equal(locked_for_others(path, F_RDLCK), 0);
	assert_int_equal(set_lock(fd, F_WRLCK), 0);
	assert_int_equal(locked_for_others(path, F_RDLCK), 1);
	/* Another part of the process opens and closes the same file. */
	close(open_in(&io_posix, &f, "x", O_RDONLY));
	assert_int_equal(locked_for_others(path, F_WRLCK), 1);
	assert_int_equal(set_lock(fd, F_UNLCK), 0);
	assert_int_equal(locked_for_others(path, F_WRLCK), 0);
	close(fd);
	fake_io_fini(&f);
}

/* A child that holds a record lock of the given type until the pipe is closed. */
static pid_t hold_lock(const char *path, short type, const int ends[2])
{
	pid_t child = fork();
	if (child == 0) {
		struct flock whole = {.l_type = type, .l_whence = SEEK_SET};
		char byte = 'x';
		int fd = open(path, O_RDWR);
		close(ends[1]);
		if (fcntl(fd, F_SETLK, &whole) < 0 || write(ends[0], &byte, 1) != 1)
			_exit(1);
		_exit(read(ends[0], &byte, 1) != 0);
	}
	return child;
}

static void a_lock_that_another_holds_is_not_waited_for_and_its_holder_is_known(void **state)
{
	(void)state;
	struct fake_io f;
	char path[512], byte;
	int ends[2], pid = -1;
	fake_io_init(&f);
	fake_file_write(&f, "x", "1");
	int fd = open_in(&io_posix, &f, "x", O_RDWR);
	assert_int_equal(lock_holder(fd, &pid), 0);
	assert_int_equal(pid, 0);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
	pid_t child = hold_lock(fake_io_path(&f, "x", path), F_RDLCK, ends);
	close(ends[0]);
	assert_int_equal(read(ends[1], &byte, 1), 1);
	assert_int_equal(set_lock(fd, F_WRLCK), -1);
	assert_true(errno == EAGAIN || errno == EACCES);
	assert_int_equal(lock_holder(fd, &pid), 0);
	assert_int_equal(pid, child);
	close(ends[1]);
	int status;
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(set_lock(fd, F_WRLCK), 0);
	assert_int_equal(lock_holder(-1, &pid), -1);
	close(fd);
	fake_io_fini(&f);
}

static void the_kind_of_a_file_system_is_told(void **state)
{
	(void)state;
	struct statfs fs;
	int proc = open("/proc", O_RDONLY | O_DIRECTORY);
	if (proc < 0)
		skip_since("needs /proc");
	assert_int_equal(io_posix.fstatfs(proc, &fs), 0);
	assert_int_equal(fs.f_type, PROC_SUPER_MAGIC);
	close(proc);
	assert_int_equal(io_posix.fstatfs(-1, &fs), -1);
}

/* --- the injector --- */

static void five_calls(struct fake_io *f, int results[4])
{
	struct io *io = &f->io;
	struct stat st;
	int fd = open_in(io, f, "x", O_CREAT | O_RDWR);
	results[0] = (int)io->write(fd, "ab", 2);
	results[1] = io->fsync(fd);
	results[2] = io->fstat(fd, &st);
	results[3] = io->close(fd);
}

static void a_run_without_faults_is_counted(void **state)
{
	(void)state;
	struct fake_io f;
	int r[4];
	char story[200];
	fake_io_init(&f);
	five_calls(&f, r);
	assert_int_equal(fake_io_total(&f), 5);
	assert_int_equal(f.count[FAKE_WRITE], 1);
	assert_int_equal(f.faults_hit, 0);
	assert_int_equal(fake_io_open_fds(&f), 0);
	fake_io_story(&f, story, sizeof story);
	assert_non_null(strstr(story, "write fsync close"));
	fake_io_fini(&f);
}

static void the_nth_call_of_any_kind_fails_and_no_other(void **state)
{
	(void)state;
	struct fake_io f;
	int r[4];
	fake_io_init(&f);
	for (unsigned nth = 2; nth <= 5; nth++) {
		fake_io_reset(&f);
		fake_io_fault(&f, (struct fake_fault){.call = FAKE_ANY, .nth = nth, .error = EIO});
		five_calls(&f, r);
		assert_int_equal(f.faults_hit, 1);
		for (unsigned i = 0; i < 4; i++)
			assert_int_equal(r[i] < 0, i == nth - 2);
		/* A close that fails has closed. */
		assert_int_equal(fake_io_open_fds(&f), 0);
	}
	fake_io_fini(&f);
}

static void a_fault_of_one_kind_counts_that_kind_only(void **state)
{
	(void)state;
	struct fake_io f;
	int r[4];
	fake_io_init(&f);
	fake_io_fault(&f, (struct fake_fault){.call = FAKE_FSYNC, .nth = 1, .error = EIO});
	five_calls(&f, r);
	assert_int_equal(r[1], -1);
	assert_int_equal(errno, EIO);
	assert_int_equal(r[2], 0);
	five_calls(&f, r);
	assert_int_equal(r[1], 0);
	fake_io_fini(&f);
}

static void a_leak_and_a_wrong_close_are_seen(void **state)
{
	(void)state;
	struct fake_io f;
	fake_io_init(&f);
	int fd = open_in(&f.io, &f, "x", O_CREAT | O_RDWR);
	assert_int_equal(fake_io_open_fds(&f), 1);
	f.io.close(fd);
	f.io.close(fd);
	assert_int_equal(f.wrong_closes, 1);
	fake_io_fini(&f);
}

static void the_clock_moves_only_on_order(void **state)
{
	(void)state;
	struct fake_io f;
	struct stat st;
	fake_io_init(&f);
	int64_t mono = io_now_ns(&f.io), real = io_real_ns(&f.io);
	assert_int_equal(io_now_ns(&f.io), mono);
	fake_io_clock(&f, 5, -3600000000000);
	assert_int_equal(io_now_ns(&f.io), mono + 5);
	assert_int_equal(io_real_ns(&f.io), real - 3600000000000);
	f.io.sleep_ns(f.io.self, 7);
	fake_io_fault(&f, (struct fake_fault){.call = FAKE_FSTATAT, .nth = 1, .takes_ns = 100});
	assert_int_equal(f.io.fstatat(AT_FDCWD, f.dir, &st, 0), 0);
	assert_int_equal(io_now_ns(&f.io), mono + 112);
	fake_io_fini(&f);
}

static void a_crash_ends_the_process_before_the_call(void **state)
{
	(void)state;
	struct fake_io f;
	char got[8];
	fake_io_init(&f);
	fake_file_write(&f, "x", "old");
	pid_t child = fork();
	if (child == 0) {
		int fd = open_in(&f.io, &f, "x", O_WRONLY);
		fake_io_fault(&f, (struct fake_fault){.call = FAKE_WRITE, .nth = 1, .crash = true});
		f.io.write(fd, "new", 3);
		_exit(1);
	}
	int status;
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(WEXITSTATUS(status), FAKE_EXIT);
	assert_int_equal(fake_file_read(&f, "x", got, sizeof got), 3);
	assert_string_equal(got, "old");
	fake_io_fini(&f);
}

int main(void)
{
	const struct CMUnitTest others[] = {
		cmocka_unit_test(a_write_of_nothing_is_eio_and_no_endless_loop),
		cmocka_unit_test(the_lock_keeps_record_locks_of_others_out),
		cmocka_unit_test(a_lock_that_another_holds_is_not_waited_for_and_its_holder_is_known),
		cmocka_unit_test(the_kind_of_a_file_system_is_told),
		cmocka_unit_test(a_run_without_faults_is_counted),
		cmocka_unit_test(the_nth_call_of_any_kind_fails_and_no_other),
		cmocka_unit_test(a_fault_of_one_kind_counts_that_kind_only),
		cmocka_unit_test(a_leak_and_a_wrong_close_are_seen),
		cmocka_unit_test(the_clock_moves_only_on_order),
		cmocka_unit_test(a_crash_ends_the_process_before_the_call),
	};
	int failed = ROWS_RUN("io_write_all", check_write, write_rows);
	return failed + cmocka_run_group_tests_name("io", others, NULL, NULL);
}
