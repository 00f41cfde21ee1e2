/* confine_child.h - what cannot be taken back is tried in a forked child. */
#ifndef TESTS_CONFINE_CHILD_H
#define TESTS_CONFINE_CHILD_H

#include "base/sanitized.h"

#include <errno.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { CHILD_SIGNAL = 256 };

/* Runs body in a child. Its return value (0 to 255), or CHILD_SIGNAL + the signal that killed it. */
static inline int in_child(int (*body)(const void *arg), const void *arg)
{
	int status = -1;
	pid_t child = fork();
	if (child == 0)
		syscall(SYS_exit_group,
			body(arg)); /* _exit would let a sanitizer make calls that are forbidden by now */
	while (waitpid(child, &status, 0) < 0 && errno == EINTR)
		;
	return WIFEXITED(status) ? WEXITSTATUS(status) : CHILD_SIGNAL + WTERMSIG(status);
}

#endif
