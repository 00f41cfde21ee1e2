/* What the real struct io does beside the system calls themselves: a list of names, a sleep. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "fake_io.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

static void a_sleep_takes_its_time(void **state)
{
	(void)state;
	int64_t begin = io_now_ns(&io_posix);
	io_posix.sleep_ns(NULL, 3000000);
	assert_true(io_now_ns(&io_posix) - begin >= 3000000);
}

static void count_name(void *arg, const char *name)
{
	unsigned *n = arg;
	*n += strncmp(name, "n", 1) == 0;
}

static void list_names_all_and_leaves_the_directory_descriptor_alone(void **state)
{
	(void)state;
	struct fake_io f;
	fake_io_init(&f);
	fake_file_write(&f, "n1", "");
	fake_file_write(&f, "n2", "");
	int dir = open(f.dir, O_RDONLY | O_DIRECTORY);
	int saved = dup(0);
	for (unsigned round = 0; round < 2; round++) {
		unsigned n = 0;
		close(0); /* the list may get it: 0 is a descriptor like any other */
		assert_int_equal(io_posix.list(dir, count_name, &n), 0);
		assert_int_equal(n, 2);
	}
	dup2(saved, 0);
	close(saved);
	close(dir);
	fake_io_fini(&f);
}

static void list_of_no_directory_fails(void **state)
{
	(void)state;
	unsigned n = 0;
	assert_int_equal(io_posix.list(-1, count_name, &n), -1);
	assert_int_equal(errno, EBADF);
}

/* The library's part of a list, failed on order: 0 is none. */
static int opendir_error, readdir_error;

DIR *__real_fdopendir(int fd);
DIR *__wrap_fdopendir(int fd);
DIR *__wrap_fdopendir(int fd)
{
	errno = opendir_error;
	return opendir_error ? NULL : __real_fdopendir(fd);
}

struct dirent *__real_readdir(DIR *d);
struct dirent *__wrap_readdir(DIR *d);
struct dirent *__wrap_readdir(DIR *d)
{
	struct dirent *entry = __real_readdir(d);
	if (entry || !readdir_error)
		return entry;
	errno = readdir_error; /* behind the last entry, so that all were seen */
	return NULL;
}

int __real_closedir(DIR *d);
int __wrap_closedir(DIR *d);
int __wrap_closedir(DIR *d)
{
	int rc = __real_closedir(d);
	errno = ENOTTY; /* a call that goes well may leave anything there */
	return rc;
}

/* Closing the directory must not change what is told, and every descriptor goes. */
static void list_that_fails_on_the_way_says_so(void **state)
{
	(void)state;
	struct fake_io f;
	unsigned n = 0;
	fake_io_init(&f);
	fake_file_write(&f, "n1", "");
	int dir = open(f.dir, O_RDONLY | O_DIRECTORY), free_fd = dup(dir);
	close(free_fd);
	opendir_error = ENOMEM;
	assert_int_equal(io_posix.list(dir, count_name, &n), -1);
	assert_int_equal(errno, ENOMEM);
	opendir_error = 0;
	readdir_error = EIO;
	assert_int_equal(io_posix.list(dir, count_name, &n), -1);
	assert_int_equal(errno, EIO);
	assert_int_equal(n, 1);
	readdir_error = 0;
	assert_int_equal(io_posix.list(dir, count_name, &n), 0);
	assert_int_equal(dup(dir), free_fd);
	close(free_fd);
	close(dir);
	fake_io_fini(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_sleep_takes_its_time),
		cmocka_unit_test(list_names_all_and_leaves_the_directory_descriptor_alone),
		cmocka_unit_test(list_of_no_directory_fails),
		cmocka_unit_test(list_that_fails_on_the_way_says_so),
	};
	return cmocka_run_group_tests_name("the real calls", tests, NULL, NULL);
}
