/* user_probe.c: the child is who it was to become, and its answer comes back whole. */
#include "confine/user_probe.h"
#include "rows.h"

#include "base/capability.h"
#include "confine_child.h"

#include <linux/capability.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>

static const struct identity another = {1000, 100, false};

/* self: how the child shall answer. */
enum way { SAYS_WHO, SAYS_NOTHING, DIES };

static int probe(void *self, struct err *e)
{
	switch (*(const enum way *)self) {
	case SAYS_WHO:
		err_set(e, ERR_CANTCREAT, ENOTDIR, "uid %u, gid %u, %s", (unsigned)geteuid(), (unsigned)getegid(),
			capability_has(CAP_DAC_OVERRIDE) ? "with capabilities" : "without capabilities");
		return -1;
	case DIES:
		raise(SIGKILL);
		return 0;
	case SAYS_NOTHING:
		break;
	}
	return 0;
}

/* Pages that were given back. */
static unsigned unmapped;

int __real_munmap(void *p, size_t len);
int __wrap_munmap(void *p, size_t len);
int __wrap_munmap(void *p, size_t len)
{
	unmapped++;
	return __real_munmap(p, len);
}

static int ask(const struct identity *id, bool keep_caps, enum way way, struct err *e)
{
	return user_probe(id, keep_caps, probe, &way, e);
}

static void the_childs_error_comes_back_whole(void **state)
{
	struct err e = {0};
	(void)state;
	if (geteuid() != 0)
		skip_since("needs root");
	assert_int_equal(ask(&another, false, SAYS_WHO, &e), -1);
	assert_string_equal(e.msg, "uid 1000, gid 100, without capabilities: Not a directory");
	assert_int_equal(e.code, ERR_CANTCREAT);
	assert_int_equal(e.sys_errno, ENOTDIR);
	assert_int_equal(geteuid(), 0);
}

static void root_is_tried_without_its_capabilities_or_with_them(void **state)
{
	const struct identity root = {0, 0, true};
	struct err e = {0};
	(void)state;
	if (geteuid() != 0)
		skip_since("needs root");
	ask(&root, false, SAYS_WHO, &e);
	assert_non_null(strstr(e.msg, "uid 0, gid 0, without capabilities"));
	if (!capability_has(CAP_DAC_OVERRIDE))
		skip_since("needs CAP_DAC_OVERRIDE");
	ask(&root, true, SAYS_WHO, &e);
	assert_non_null(strstr(e.msg, "uid 0, gid 0, with capabilities"));
}

static void success_leaves_the_error_alone(void **state)
{
	const struct identity own = {geteuid(), getegid(), true};
	struct err e = {0};
	(void)state;
	unmapped = 0;
	assert_int_equal(ask(&own, false, SAYS_NOTHING, &e), 0);
	assert_int_equal(unmapped, 1);
	assert_int_equal(e.code, ERR_NONE);
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1); /* no child is left */
}

static void a_child_that_dies_is_no_answer(void **state)
{
	const struct identity own = {geteuid(), getegid(), true};
	struct err e = {0};
	(void)state;
	assert_int_equal(ask(&own, false, DIES, &e), -1);
	assert_int_equal(e.code, ERR_OS);
	assert_string_equal(e.msg, "the process that was to try it was killed by signal 9");
}

/* In a child: without a descriptor, and without a process. */
static int answers_without_descriptors(const void *arg)
{
	(void)arg;
	const struct rlimit none = {0, 0};
	const struct identity own = {geteuid(), getegid(), true};
	struct err e = {0};
	return setrlimit(RLIMIT_NOFILE, &none) == 0 && ask(&own, false, SAYS_WHO, &e) == -1 && e.code == ERR_CANTCREAT
		       ? 0
		       : 1;
}

static int no_process_names_the_limit(const void *arg)
{
	(void)arg;
	const struct rlimit one = {1, 1};
	struct err e = {0};
	if (geteuid() == 0 && (setresgid(65531, 65531, 65531) < 0 || setresuid(65531, 65531, 65531) < 0))
		return 1;
	const struct identity own = {geteuid(), getegid(), true};
	if (setrlimit(RLIMIT_NPROC, &one) < 0 || ask(&own, false, SAYS_NOTHING, &e) == 0)
		return 2;
	return e.code == ERR_OS && strstr(e.msg, "cannot start a process that tries it: RLIMIT_NPROC") ? 0 : 3;
}

static int no_right_to_change_is_told(const void *arg)
{
	(void)arg;
	struct err e = {0};
	if (geteuid() == 0 && (setresgid(65531, 65531, 65531) < 0 || setresuid(65531, 65531, 65531) < 0))
		return 1;
	return ask(&another, false, SAYS_NOTHING, &e) == -1 && e.code == ERR_NOPERM && strstr(e.msg, "may not") ? 0 : 2;
}

static void limits_and_rights(void **state)
{
	(void)state;
	assert_int_equal(in_child(answers_without_descriptors, NULL), 0);
	assert_int_equal(in_child(no_process_names_the_limit, NULL), 0);
	assert_int_equal(in_child(no_right_to_change_is_told, NULL), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_childs_error_comes_back_whole),
		cmocka_unit_test(root_is_tried_without_its_capabilities_or_with_them),
		cmocka_unit_test(success_leaves_the_error_alone),
		cmocka_unit_test(a_child_that_dies_is_no_answer),
		cmocka_unit_test(limits_and_rights),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
