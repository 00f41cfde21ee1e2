/* Capabilities as the kernel tells them, against /proc/self/status and against sets that a child gave itself. */
#include <stdint.h>

#include "base/capability.h"
#include "rows.h"

#include <errno.h>
#include <inttypes.h>
#include <linux/capability.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* capget(2) can be made to fail, as a filter of system calls makes it. */
static int refused;

long __real_syscall(long number, ...);
long __wrap_syscall(long number, void *head, void *data);
long __wrap_syscall(long number, void *head, void *data)
{
	errno = refused;
	return refused ? -1 : __real_syscall(number, head, data);
}

static uint64_t told_by_proc(const char *key)
{
	char line[256];
	uint64_t set = 0;
	FILE *f = fopen("/proc/self/status", "r");
	assert_non_null(f);
	while (fgets(line, sizeof line, f))
		if (strncmp(line, key, strlen(key)) == 0)
			assert_int_equal(sscanf(line + strlen(key), "%" SCNx64, &set), 1);
	fclose(f);
	return set;
}

static void the_sets_are_those_of_proc(void **state)
{
	struct capabilities c;
	(void)state;
	assert_int_equal(capabilities_get(&c), 0);
	assert_true(c.effective == told_by_proc("CapEff:"));
	assert_true(c.permitted == told_by_proc("CapPrm:"));
	assert_true(c.inheritable == told_by_proc("CapInh:"));
}

/* Three different sets, each with bits in both words that the kernel takes. */
static int with_sets_of_its_own(void)
{
	const uint64_t permitted = 1 << CAP_KILL | 1 << CAP_CHOWN | UINT64_C(1) << CAP_BPF | UINT64_C(1) << CAP_PERFMON;
	const uint64_t effective = 1 << CAP_KILL | UINT64_C(1) << CAP_BPF;
	const uint64_t inheritable = 1 << CAP_CHOWN | UINT64_C(1) << CAP_PERFMON;
	struct __user_cap_header_struct head = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct word[2];
	struct capabilities c;
	for (int i = 0; i < 2; i++)
		word[i] = (struct __user_cap_data_struct){(__u32)(effective >> 32 * i), (__u32)(permitted >> 32 * i),
							  (__u32)(inheritable >> 32 * i)};
	if (__real_syscall(SYS_capset, &head, word) < 0)
		return 77;
	if (capabilities_get(&c) < 0 || c.effective != effective || c.permitted != permitted ||
	    c.inheritable != inheritable)
		return 1;
	if (!capability_has(CAP_CHOWN) || !capability_has(CAP_PERFMON) || capability_has(CAP_SETUID))
		return 2;
	return 0;
}

static void each_set_is_told_apart(void **state)
{
	int status;
	(void)state;
	pid_t child = fork();
	if (child == 0)
		_exit(with_sets_of_its_own());
	assert_int_equal(waitpid(child, &status, 0), child);
	if (WEXITSTATUS(status) == 77)
		skip_since("needs root");
	assert_int_equal(status, 0);
}

static void a_kernel_that_does_not_tell_counts_as_yes(void **state)
{
	struct capabilities c;
	(void)state;
	refused = EPERM;
	assert_int_equal(capabilities_get(&c), -1);
	assert_true(capability_has(CAP_SETUID));
	refused = 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_sets_are_those_of_proc),
		cmocka_unit_test(each_set_is_told_apart),
		cmocka_unit_test(a_kernel_that_does_not_tell_counts_as_yes),
	};
	return cmocka_run_group_tests_name("capabilities", tests, NULL, NULL);
}
