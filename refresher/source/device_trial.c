#include "source/device.h"

#include "base/limit.h"
#include "base/signals.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

enum { SLICE_MS = 100, COLLECT_MS = 1000, COLLECT_SLICE_MS = 5 };

struct answer {
	int failed;
	enum source_cause cause;
	struct err err;
};

/* In the child: one byte, and the answer into the pipe. */
static void try_read(const char *path, int out_fd)
{
	struct answer a = {0};
	struct source s = {0};
	uint8_t byte;
	a.failed = device_open(&s, path, &io_posix, &a.cause, &a.err) < 0 ||
		   s.ops->read(s.self, &byte, 1, &a.cause, &a.err) < 0;
	_exit(io_write_all(&io_posix, out_fd, &a, sizeof a) < 0);
}

/* poll, in slices. */
static int await_answer(int fd, int left_ms)
{
	struct pollfd p = {.fd = fd, .events = POLLIN};
	for (;;) {
		int slice = left_ms < SLICE_MS ? left_ms : SLICE_MS;
		int rc = poll(&p, 1, slice);
		left_ms -= slice;
		if (rc != 0 || left_ms <= 0 || signals_to_end())
			return rc;
	}
}

static int await(int in_fd, const char *path, double seconds, enum source_cause *cause, struct err *e)
{
	struct answer a;
	int answered = await_answer(in_fd, (int)(seconds * 1000));
	if (answered == 0 && signals_to_end()) {
		*cause = SOURCE_TIMEOUT;
		return err_set(e, ERR_UNAVAILABLE, 0, "%s: the trial read was given up for a signal", path);
	}
	if (answered <= 0) {
		*cause = SOURCE_TIMEOUT;
		return err_set(e, ERR_UNAVAILABLE, 0,
			       "%.128s: no byte in %g s; the generator is stuck, or slower than source.timeout allows",
			       path, seconds);
	}
	if (read(in_fd, &a, sizeof a) != (ssize_t)sizeof a) {
		*cause = SOURCE_IO;
		return err_set(e, ERR_UNAVAILABLE, 0, "%s: the trial read ended without an answer", path);
	}
	if (!a.failed)
		return 0;
	*cause = a.cause;
	*e = a.err;
	return -1;
}

/* It has answered or was killed, and so ends at once: nobody could collect it later, and process 1 would keep a zombie.
 * But a reader that the kernel does not let die is not waited for. */
static void collect(pid_t child)
{
	kill(child, SIGKILL);
	for (int left_ms = COLLECT_MS; waitpid(child, NULL, WNOHANG) == 0 && left_ms > 0; left_ms -= COLLECT_SLICE_MS)
		poll(NULL, 0, COLLECT_SLICE_MS);
}

int device_trial(const char *path, double timeout_seconds, enum source_cause *cause, struct err *e)
{
	int fds[2];
	*cause = SOURCE_IO;
	if (pipe(fds) < 0)
		return limit_err(e, errno, "the trial read needs a pipe");
	pid_t child = fork();
	if (child < 0) {
		limit_err(e, errno, "cannot start a process for the trial read");
		close(fds[0]);
		close(fds[1]);
		return -1;
	}
	if (child == 0)
		try_read(path, fds[1]);
	close(fds[1]);
	int rc = await(fds[0], path, timeout_seconds, cause, e);
	close(fds[0]);
	collect(child);
	return rc;
}
