#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/wipe.h"

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

static void locked_memory_is_zero_and_can_be_written(void **state)
{
	(void)state;
	enum { LEN = 10000 };
	static const unsigned char zeros[LEN];
	bool locked;
	unsigned char *p = locked_new(LEN, true, &locked);
	assert_non_null(p);
	assert_memory_equal(p, zeros, LEN);
	memset(p, 0xff, LEN);
	locked_free(p, LEN);
	p = locked_new(LEN, true, NULL);
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

/* The sanitizers replace mlock by nothing. */
static bool mlock_is_real(void)
{
	size_t len = (size_t)sysconf(_SC_PAGESIZE);
	void *p = mmap(NULL, len, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	bool real = p != MAP_FAILED && (mlock(p, len) < 0 || has_flag(p, " lo") == 1);
	munmap(p, len);
	return real;
}

static void locked_memory_is_in_no_core_dump_and_no_swap(void **state)
{
	(void)state;
	bool locked;
	size_t len = (size_t)sysconf(_SC_PAGESIZE) * 3;
	void *p = locked_new(len, true, &locked);
	assert_non_null(p);
	if (has_flag(p, "rd") < 0)
		skip();
	assert_int_equal(has_flag(p, " rd"), 1);
	assert_int_equal(has_flag(p, " dd"), 1);
	assert_int_equal(has_flag(p, " wf"), 1);
	if (mlock_is_real())
		assert_int_equal(has_flag(p, " lo"), locked);
	locked_free(p, len);
}

static void a_lock_that_is_not_wanted_is_not_there(void **state)
{
	(void)state;
	bool locked = true;
	size_t len = (size_t)sysconf(_SC_PAGESIZE);
	void *p = locked_new(len, false, &locked);
	assert_non_null(p);
	assert_false(locked);
	if (has_flag(p, "rd") < 0)
		skip();
	assert_int_equal(has_flag(p, " lo"), 0);
	assert_int_equal(has_flag(p, " dd"), 1);
	locked_free(p, len);
}

static void a_child_sees_zeros(void **state)
{
	(void)state;
	unsigned char *p = locked_new(64, true, NULL);
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

static void without_the_right_to_lock_memory_is_usable_and_says_so(void **state)
{
	(void)state;
	if (!mlock_is_real())
		skip();
	pid_t child = fork();
	if (child == 0) {
		const struct rlimit none = {0, 0};
		bool locked = true;
		/* Root locks without a limit. */
		if (setrlimit(RLIMIT_MEMLOCK, &none) < 0 || (geteuid() == 0 && setuid(65532) < 0))
			_exit(2);
		unsigned char *p = locked_new(64, true, &locked);
		if (!p)
			_exit(3);
		p[0] = 1;
		locked_free(p, 64);
		_exit(locked ? 4 : 0);
	}
	int status;
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(WEXITSTATUS(status), 0);
}

static void no_memory_is_null(void **state)
{
	(void)state;
	assert_null(locked_new(SIZE_MAX / 2, true, NULL));
	assert_null(locked_new(0, true, NULL));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(wipe_clears_its_bytes_and_no_others),
		cmocka_unit_test(locked_memory_is_zero_and_can_be_written),
		cmocka_unit_test(locked_memory_is_in_no_core_dump_and_no_swap),
		cmocka_unit_test(a_lock_that_is_not_wanted_is_not_there),
		cmocka_unit_test(a_child_sees_zeros),
		cmocka_unit_test(without_the_right_to_lock_memory_is_usable_and_says_so),
		cmocka_unit_test(no_memory_is_null),
	};
	return cmocka_run_group_tests_name("wipe", tests, NULL, NULL);
}
