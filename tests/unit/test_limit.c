/* limit.c: each errno with the facts beside it, and the limits that the sentence then names. */
#include "rows.h"

#include "base/limit.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

struct row {
	const char *name;
	int sys_errno;
	struct limit_facts facts;
	const char *says;     /* the whole of it, or its beginning */
	const char *says_not; /* no word of this */
};

static const struct row rows[] = {
	{"EAGAIN of a uid with a limit: both are candidates",
	 EAGAIN,
	 {65531, 1, 64},
	 "RLIMIT_NPROC, which allows uid 65531 1 processes and threads in all, or the pids limit of the cgroup",
	 "root"},
	{"EAGAIN of a uid without a limit: the cgroup",
	 EAGAIN,
	 {65531, UINT64_MAX, 64},
	 "the pids limit of the cgroup (pids.max), or of the system",
	 "RLIMIT_NPROC"},
	{"EAGAIN of root, whom RLIMIT_NPROC does not bind: the cgroup",
	 EAGAIN,
	 {0, 1, 64},
	 "the pids limit of the cgroup (pids.max), or of the system",
	 "RLIMIT_NPROC"},
	{"EMFILE: the limit of the process",
	 EMFILE,
	 {0, 1, 64},
	 "RLIMIT_NOFILE allows 64 open files; raise it",
	 "file-max"},
	{"ENFILE: the limit of the system",
	 ENFILE,
	 {0, 1, 64},
	 "the system's limit of open files (fs.file-max)",
	 "RLIMIT"},
	{"ENOMEM: machine or cgroup",
	 ENOMEM,
	 {0, 1, 64},
	 "memory is short, on this machine or in the cgroup",
	 "RLIMIT"},
	{"EPERM: no limit", EPERM, {0, 1, 64}, "", "limit"},
	{"ENOSPC: watched descriptors, and no disk",
	 ENOSPC,
	 {0, 1, 64},
	 "the user's limit of watched descriptors",
	 "disk"},
	{"EIO: no limit", EIO, {0, 1, 64}, "", "limit"},
};
enum { ROWS = sizeof rows / sizeof *rows };

static void test_row(void **state)
{
	const struct row *r = *state;
	char text[192] = "x";
	limit_explain(r->sys_errno, &r->facts, text, sizeof text);
	assert_int_equal(strncmp(text, r->says, strlen(r->says)), 0);
	assert_int_equal(text[0] == '\0', r->says[0] == '\0');
	assert_null(strstr(text, r->says_not));
}

static void a_sentence_has_what_limit_and_cause(void **state)
{
	struct err e = {0};
	(void)state;
	assert_int_equal(limit_err(&e, ENFILE, "cannot listen"), -1);
	assert_int_equal(e.code, ERR_OS);
	assert_int_equal(e.sys_errno, ENFILE);
	assert_string_equal(e.msg,
			    "cannot listen: the system's limit of open files (fs.file-max) is used up; raise it: "
			    "Too many open files in system");
	struct limit_facts f;
	char files[256];
	limit_read(&f);
	limit_explain(EMFILE, &f, files, sizeof files);
	limit_err(&e, EMFILE, "cannot listen");
	assert_non_null(strstr(e.msg, files));
	limit_err(&e, EPERM, "cannot listen");
	assert_string_equal(e.msg, "cannot listen: Operation not permitted");
}

static void facts_are_those_of_the_process(void **state)
{
	(void)state;
	pid_t child = fork();
	if (child == 0) {
		struct rlimit files = {33, 44}, processes = {RLIM_INFINITY, RLIM_INFINITY};
		struct limit_facts f;
		if (setrlimit(RLIMIT_NOFILE, &files) < 0 || getrlimit(RLIMIT_NPROC, &processes) < 0)
			_exit(2);
		limit_read(&f);
		uint64_t wanted = processes.rlim_cur == RLIM_INFINITY ? UINT64_MAX : processes.rlim_cur;
		_exit(f.uid == geteuid() && f.open_files == 33 && f.processes == wanted ? 0 : 1);
	}
	int status;
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(WEXITSTATUS(status), 0);
}

int main(void)
{
	const struct CMUnitTest others[] = {
		cmocka_unit_test(a_sentence_has_what_limit_and_cause),
		cmocka_unit_test(facts_are_those_of_the_process),
	};
	int failed = ROWS_RUN("limit", test_row, rows);
	return failed + cmocka_run_group_tests_name("limit", others, NULL, NULL);
}
