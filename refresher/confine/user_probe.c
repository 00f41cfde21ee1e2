#include "confine/user_probe.h"

#include "base/limit.h"
#include "confine/caps.h"

#include <errno.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

/* What the child found. */
struct result {
	int rc;
	struct err err;
};

/* 0, or -1 with *e: the child did not come to its end. */
static int await(pid_t child, struct err *e)
{
	int status = 0;

	/* A signal in between is no end; and nobody else waits for this child. */
	while (waitpid(child, &status, 0) < 0)
		if (errno != EINTR)
			return err_set(e, ERR_OS, errno, "the process that was to try it cannot be waited for");
	if (WIFSIGNALED(status))
		return err_set(e, ERR_OS, 0, "the process that was to try it was killed by signal %d",
			       WTERMSIG(status));
	return 0;
}

int user_probe(const struct identity *id, bool keep_caps, int (*probe)(void *self, struct err *e), void *self,
	       struct err *e)
{
	/* A page that both have, and not a pipe: where descriptors are short a pipe could not say so. */
	struct result *r = mmap(NULL, sizeof *r, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (r == MAP_FAILED)
		return limit_err(e, errno, "no memory to try another user");

	/* The child never comes back from here. */
	pid_t child = fork();
	if (child == 0) {
		bool changed = identity_become(id, &r->err) == 0 && (keep_caps || caps_clear(&r->err) == 0);
		r->rc = changed ? probe(self, &r->err) : -1;
		_exit(0);
	}

	/* A result counts only from a child that came to its end. */
	int rc = child < 0 ? limit_err(e, errno, "cannot start a process that tries it") : await(child, e);
	if (rc == 0 && r->rc < 0) {
		*e = r->err;
		rc = -1;
	}
	munmap(r, sizeof *r);
	return rc;
}
