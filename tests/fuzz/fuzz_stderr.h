/* fuzz_stderr.h - leads standard error elsewhere for the time of a call that logs. Reports of the sanitizers still go
 * to the real one. */
#ifndef REFRESHER_TESTS_FUZZ_STDERR_H
#define REFRESHER_TESTS_FUZZ_STDERR_H

#include <fcntl.h>
#include <sanitizer/common_interface_defs.h>
#include <stdint.h>
#include <unistd.h>

/* The real standard error; made once. */
static inline int fuzz_stderr(void)
{
	static int copy = -1;

	if (copy < 0) {
		copy = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 10);
		__sanitizer_set_report_fd((void *)(intptr_t)copy);
	}
	return copy;
}

static inline void fuzz_stderr_lead(int to)
{
	(void)fuzz_stderr();
	dup2(to, STDERR_FILENO);
}

static inline void fuzz_stderr_back(void)
{
	dup2(fuzz_stderr(), STDERR_FILENO);
}

#endif
