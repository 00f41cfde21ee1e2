#include "rows.h"

#include "base/wipe.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

static void wipe_clears_its_bytes_and_no_others(void **state)
{
	(void)state;
	char buf[] = "abcdefgh";
	wipe(buf + 2, 3);
	assert_memory_equal(buf, "ab\0\0\0fgh", 8);
	wipe(buf, 0);
	assert_int_equal(buf[0], 'a');
	wipe(NULL, 0);
}

/* What munmap(2) is asked to take away, and whether all of it was zeros then. */
static void *unmapped;
static size_t unmapped_len;
static bool unmapped_wiped;

int __real_munmap(void *p, size_t len);
int __wrap_munmap(void *p, size_t len);
int __wrap_munmap(void *p, size_t len)
{
	unmapped = p;
	unmapped_len = len;
	unmapped_wiped = true;
	for (size_t i = 0; i < len; i++)
		unmapped_wiped &= ((const unsigned char *)p)[i] == 0;
	return __real_munmap(p, len);
}

static void locked_memory_is_wiped_before_it_goes(void **state)
{
	(void)state;
	unsigned char *p = locked_new(10000, NULL);
	assert_non_null(p);
	memset(p, 0xff, 10000);
	locked_free(p, 10000);
	assert_ptr_equal(unmapped, p);
	assert_int_equal(unmapped_len, 10000);
	assert_true(unmapped_wiped);
}

static void locked_memory_is_zero_and_can_be_written(void **state)
{
	(void)state;
	enum { LEN = 10000 };
	static const unsigned char zeros[LEN];
	struct locked account = {.wanted = true};
	unsigned char *p = locked_new(LEN, &account);
	assert_non_null(p);
	assert_memory_equal(p, zeros, LEN);
	memset(p, 0xff, LEN);
	locked_free(p, LEN);
	p = locked_new(LEN, NULL);
	assert_non_null(p);
	locked_free(p, LEN);
	locked_free(NULL, LEN);
}

/* Is a word in the VmFlags of the mapping that begins at p? -1: the kernel does not tell. */
static int has_flag(const void *p, const char *flag)
{
	char line[512], start[32];
	int found = -1;
	bool inside = false;
	FILE *f = fopen("/proc/self/smaps", "r");
	if (!f)
		return -1;
	snprintf(start, sizeof start, "%lx-", (unsigned long)(uintptr_t)p);
	while (found < 0 && fgets(line, sizeof line, f)) {
		if (strncmp(line, start, strlen(start)) == 0)
			inside = true;
		if (inside && strncmp(line, "VmFlags:", 8) == 0)
			found = strstr(line + 8, flag) != NULL;
	}
	fclose(f);
	return found;
}

static void locked_memory_is_in_no_core_dump_and_no_swap(void **state)
{
	(void)state;
	struct locked account = {.wanted = true};
	size_t len = (size_t)sysconf(_SC_PAGESIZE) * 3;
	void *p = locked_new(len, &account);
	assert_non_null(p);
	if (has_flag(p, "rd") < 0)
		skip_since("needs /proc/self/smaps");
	assert_int_equal(has_flag(p, " rd"), 1);
	assert_int_equal(has_flag(p, " dd"), 1);
	assert_int_equal(has_flag(p, " wf"), 1);
	assert_int_equal(has_flag(p, " lo"), account.locked_bytes == len);
	locked_free(p, len);
}

static void a_lock_that_is_not_wanted_is_not_there(void **state)
{
	(void)state;
	struct locked account = {.wanted = false};
	size_t len = (size_t)sysconf(_SC_PAGESIZE);
	void *p = locked_new(len, &account);
	assert_non_null(p);
	assert_int_equal(account.wanted_bytes, 0);
	assert_int_equal(account.locked_bytes, 0);
	if (has_flag(p, "rd") < 0)
		skip_since("needs /proc/self/smaps");
	assert_int_equal(has_flag(p, " lo"), 0);
	assert_int_equal(has_flag(p, " dd"), 1);
	locked_free(p, len);
}

static void a_child_sees_zeros(void **state)
{
	(void)state;
	unsigned char *p = locked_new(64, NULL);
	assert_non_null(p);
	memset(p, 7, 64);
	pid_t child = fork();
	if (child == 0)
		_exit(p[0] == 0 && p[63] == 0 ? 0 : 1);
	int status;
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(WEXITSTATUS(status), 0);
	assert_int_equal(p[63], 7);
	locked_free(p, 64);
}

/* In a child that may lock so many pages: three allocations of a page each. */
static void check_limit(unsigned pages, size_t held)
{
	const size_t page = (size_t)sysconf(_SC_PAGESIZE);
	pid_t child = fork();
	if (child == 0) {
		const struct rlimit few = {pages * page, pages * page};
		struct locked account = {.wanted = true};
		/* Root locks without a limit. */
		if (setrlimit(RLIMIT_MEMLOCK, &few) < 0 || (geteuid() == 0 && setuid(65532) < 0))
			_exit(2);
		for (int i = 0; i < 3; i++) {
			unsigned char *p = locked_new(64, &account);
			if (!p)
				_exit(3);
			p[0] = 1; /* usable, locked or not */
		}
		if (account.wanted_bytes != 3 * page || account.locked_bytes != held * page)
			_exit(4);
		_exit((held == 3) == (account.sys_errno == 0) ? 0 : 5);
	}
	int status;
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(WEXITSTATUS(status), 0);
}

static void every_part_that_is_not_locked_is_in_the_account(void **state)
{
	(void)state;
	check_limit(0, 0);
	check_limit(1, 1);
	check_limit(2, 2);
	check_limit(3, 3);
}

static void a_length_counts_in_whole_pages(void **state)
{
	(void)state;
	enum { KIB = 1024 };
	assert_int_equal(locked_size(1, 4 * KIB), 4 * KIB);
	assert_int_equal(locked_size(4 * KIB, 4 * KIB), 4 * KIB);
	assert_int_equal(locked_size(4 * KIB + 1, 4 * KIB), 8 * KIB);
	assert_int_equal(locked_size(1, 64 * KIB), 64 * KIB);
	assert_int_equal(locked_size(32 * KIB, 64 * KIB), 64 * KIB);
	assert_int_equal(locked_size(64 * KIB + 1, 64 * KIB), 128 * KIB);
}

/* What is said of an account: KIB of the limit, of what was wanted and of what is locked. */
struct told {
	const char *sentence;
	bool wanted;
	size_t bytes, held;
	int sys_errno;
	uint64_t limit;
	bool holds;
	const char *detail, *remedy;
};
#define KB(n) ((size_t)(n)*1024)

static const struct told told[] = {
	{"all of it", true, KB(48), KB(48), 0, KB(64), true, "48 kB", ""},
	{"not wanted", false, 0, 0, 0, KB(64), false, "switched off", ""},
	{"a limit that is too small", true, KB(48), KB(8), ENOMEM, KB(8), false, "8 of 48 kB",
	 "RLIMIT_MEMLOCK is 8 kB; raise it to 48 kB"},
	{"a limit one page short, with pages of 64 KiB", true, KB(320), KB(256), ENOMEM, KB(319), false,
	 "256 of 320 kB", "RLIMIT_MEMLOCK is 319 kB; raise it to 320 kB"},
	{"no right at all", true, KB(48), 0, EPERM, 0, false, "0 of 48 kB",
	 "RLIMIT_MEMLOCK is 0 kB; raise it to 48 kB"},
	{"EPERM, and the limit is not it", true, KB(48), 0, EPERM, KB(8192), false, "0 of 48 kB",
	 "mlock: Operation not permitted; a filter"},
	{"ENOMEM, and the limit is not it", true, KB(48), KB(44), ENOMEM, RLIM_INFINITY, false, "44 of 48 kB",
	 "mlock: Cannot allocate memory; memory is short"},
	{"a filter that hides the call", true, KB(48), 0, ENOSYS, 0, false, "0 of 48 kB",
	 "mlock: Function not implemented; a filter"},
};
enum { TOLD = sizeof told / sizeof *told };

static void what_is_told(void **state)
{
	const struct told *row = *state;
	const struct locked account = {row->wanted, row->bytes, row->held, row->sys_errno};
	char detail[64], remedy[160];
	assert_int_equal(locked_explain(&account, row->limit, detail, sizeof detail, remedy, sizeof remedy),
			 row->holds);
	assert_string_equal(detail, row->detail);
	assert_int_equal(strncmp(remedy, row->remedy, strlen(row->remedy)), 0);
	assert_int_equal(remedy[0] == '\0', row->remedy[0] == '\0');
}

static void no_memory_is_null(void **state)
{
	(void)state;
	assert_null(locked_new(SIZE_MAX / 2, NULL));
	assert_null(locked_new(0, NULL));
}

int main(void)
{
	const struct CMUnitTest others[] = {
		cmocka_unit_test(wipe_clears_its_bytes_and_no_others),
		cmocka_unit_test(locked_memory_is_wiped_before_it_goes),
		cmocka_unit_test(locked_memory_is_zero_and_can_be_written),
		cmocka_unit_test(locked_memory_is_in_no_core_dump_and_no_swap),
		cmocka_unit_test(a_lock_that_is_not_wanted_is_not_there),
		cmocka_unit_test(a_child_sees_zeros),
		cmocka_unit_test(every_part_that_is_not_locked_is_in_the_account),
		cmocka_unit_test(a_length_counts_in_whole_pages),
		cmocka_unit_test(no_memory_is_null),
	};
	int failed = ROWS_RUN("what is told of locks", what_is_told, told);
	return failed + cmocka_run_group_tests_name("memory for secrets", others, NULL, NULL);
}
