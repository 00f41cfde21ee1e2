#include "source/device.h"

#include "base/limit.h"
#include "base/signals.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

enum { COLLECT_MS = 1000, COLLECT_SLICE_MS = 5 };

/* In the child: one byte is read, and what came of it goes into the pipe; ERR_NONE: a byte came. */
static void report_byte(const struct source_config *c, int out_fd)
{
	struct err report = {0};
	struct source s = {0};
	enum source_cause cause;
	uint8_t byte;

	/* This may hang for ever. The report is small enough for a pipe to take it whole. */
	if (device_open(&s, c, &io_posix, &report) == 0)
		s.ops->read(s.self, &byte, 1, &cause, &report);
	_exit(io_write_all(&io_posix, out_fd, &report, sizeof report) < 0);
}

static int await_report(int in_fd, const struct source_config *c, struct err *e)
{
	struct err report;
	sigset_t ends;
	const char *path = device_path(c, &io_posix);

	/* The signals that end the program are blocked by now: they are watched beside the pipe, and stay pending. */
	signals_of_end(&ends);
	struct pollfd p[] = {{.fd = in_fd, .events = POLLIN},
			     {.fd = signalfd(-1, &ends, SFD_CLOEXEC), .events = POLLIN}};
	poll(p, 2, (int)(c->timeout_seconds * 1000));
	if (p[1].fd >= 0)
		close(p[1].fd);

	/* Nothing in the pipe, not even its end: the child is still in its read. */
	if (!p[0].revents && p[1].revents)
		return err_set(e, ERR_UNAVAILABLE, 0, "%s: the trial read was given up for a signal", path);
	if (!p[0].revents)
		return err_set(e, ERR_UNAVAILABLE, 0,
			       "%.128s: no byte in %g s; the generator is stuck, or slower than source.timeout allows",
			       path, c->timeout_seconds);
	if (read(in_fd, &report, sizeof report) != (ssize_t)sizeof report)
		return err_set(e, ERR_UNAVAILABLE, 0, "%s: the trial read ended without an answer", path);

	/* The child's error is ours. */
	if (report.code == ERR_NONE)
		return 0;
	*e = report;
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

int device_probe(const struct source_config *c, struct err *e)
{
	int fds[2];
	if (pipe(fds) < 0)
		return limit_err(e, errno, "the trial read needs a pipe");
	pid_t child = fork();
	if (child == 0)
		report_byte(c, fds[1]);

	/* The child has the only other end for writing now, so that its death ends the wait. */
	int rc = child < 0 ? limit_err(e, errno, "cannot start a process for the trial read") : 0;
	close(fds[1]);
	if (child > 0) {
		rc = await_report(fds[0], c, e);
		collect(child);
	}
	close(fds[0]);
	return rc;
}
