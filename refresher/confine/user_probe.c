#include "confine/user_probe.h"

#include "base/limit.h"
#include "confine/caps.h"

#include <errno.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

struct answer {
	int rc;
	struct err err;
};

/* 0, or -1 with *e: the child did not come to its end. */
static int await(pid_t child, struct err *e)
{
	int status = 0;
	pid_t got;
	do
		got = waitpid(child, &status, 0);
	while (got < 0 && errno == EINTR);
	if (got == child && WIFEXITED(status))
		return 0;
	if (got == child && WIFSIGNALED(status))
		return err_set(e, ERR_OS, 0, "the process that was to try it was killed by signal %d",
			       WTERMSIG(status));
	return err_set(e, ERR_OS, errno, "the process that was to try it cannot be waited for");
}

int user_probe(const struct identity *id, bool keep_caps, int (*probe)(void *self, struct err *e), void *self,
	       struct err *e)
{
	/* A page that both have, and not a pipe: where descriptors are short a pipe could not say so. */
	struct answer *a = mmap(NULL, sizeof *a, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (a == MAP_FAILED)
		return limit_err(e, errno, "no memory for an answer");

	/* The child never comes back from here. */
	pid_t child = fork();
	if (child == 0) {
		bool changed = identity_become(id, &a->err) == 0 && (keep_caps || caps_clear(&a->err) == 0);
		a->rc = changed ? probe(self, &a->err) : -1;
		_exit(0);
	}

	/* An answer counts only from a child that came to its end. */
	int rc = child < 0 ? limit_err(e, errno, "cannot start a process that tries it") : await(child, e);
	if (rc == 0 && a->rc < 0) {
		*e = a->err;
		rc = -1;
	}
	munmap(a, sizeof *a);
	return rc;
}
