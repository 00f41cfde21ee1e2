#include "base/io.h"

#include "base/clock.h"
#include "base/mount.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h> /* renameat */
#include <unistd.h>

static int list(int dir_fd, void (*visit)(void *arg, const char *name), void *arg)
{
	/* The directory is opened anew, since reading would move the offset of the caller's descriptor. */
	int fd = openat(dir_fd, ".", O_RDONLY | O_CLOEXEC);
	DIR *d = fd < 0 ? NULL : fdopendir(fd);
	if (!d && fd >= 0)
		close(fd);
	if (!d)
		return -1;

	/* readdir(3) tells the end of the directory from a failure only by errno. */
	const struct dirent *entry;
	while ((errno = 0, entry = readdir(d)))
		visit(arg, entry->d_name);
	int failed = errno;

	/* With it goes the descriptor; what it leaves in errno is of no interest. */
	closedir(d);
	errno = failed;
	return failed ? -1 : 0;
}

/* What is no system call takes self, for the clocks of tests. */
static int64_t now_ns(void *self, clockid_t id)
{
	(void)self;
	return clock_ns(id);
}

static void sleep_ns(void *self, int64_t ns)
{
	(void)self;
	struct timespec t = clock_timespec(ns);
	nanosleep(&t, NULL);
}

/* The C library's own functions, but for the last four. */
const struct io io_posix = {
	.openat = openat,
	.read = read,
	.write = write,
	.fstat = fstat,
	.fstatat = fstatat,
	.fchmod = fchmod,
	.fchown = fchown,
	.fsync = fsync,
	.ftruncate = ftruncate,
	.fcntl = fcntl,
	.flock = flock,
	.renameat = renameat,
	.unlinkat = unlinkat,
	.readlinkat = readlinkat,
	.fstatfs = fstatfs,
	.close = close,
	.mount_is_root = mount_is_root,
	.list = list,
	.clock_ns = now_ns,
	.sleep_ns = sleep_ns,
};

enum { WRITE_PAUSE_NS = 5000000 }; /* 5 ms: a reader that is slower than this is not waited for busily */

int io_write_all(const struct io *io, int fd, const void *buf, size_t len)
{
	const unsigned char *p = buf;
	while (len > 0) {
		ssize_t n = io->write(fd, p, len);

		/* Nothing was written, and it may be the next time; a reader of a pipe is given a little time. */
		if (n < 0 && (errno == EINTR || errno == EAGAIN)) {
			if (errno == EAGAIN)
				io->sleep_ns(io->self, WRITE_PAUSE_NS);
			continue;
		}

		/* A file that takes no byte and names no reason would be asked for ever. */
		if (n == 0)
			errno = EIO;
		if (n <= 0)
			return -1;

		/* A part was written, and the rest comes next. */
		p += n;
		len -= (size_t)n;
	}
	return 0;
}
