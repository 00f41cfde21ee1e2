#include "base/io.h"

#include "base/clock.h"
#include "base/mount.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h> /* renameat */
#include <sys/file.h>
#include <sys/vfs.h>
#include <unistd.h>

static int posix_openat(void *self, int dir_fd, const char *path, int flags, mode_t mode)
{
	(void)self;
	return openat(dir_fd, path, flags, mode);
}

static ssize_t posix_read(void *self, int fd, void *buf, size_t len)
{
	(void)self;
	return read(fd, buf, len);
}

static ssize_t posix_write(void *self, int fd, const void *buf, size_t len)
{
	(void)self;
	return write(fd, buf, len);
}

static int posix_fstat(void *self, int fd, struct stat *st)
{
	(void)self;
	return fstat(fd, st);
}

static int posix_fstatat(void *self, int dir_fd, const char *path, struct stat *st, int flags)
{
	(void)self;
	return fstatat(dir_fd, path, st, flags);
}

static int posix_fchmod(void *self, int fd, mode_t mode)
{
	(void)self;
	return fchmod(fd, mode);
}

static int posix_fchown(void *self, int fd, uid_t uid, gid_t gid)
{
	(void)self;
	return fchown(fd, uid, gid);
}

static int posix_fsync(void *self, int fd)
{
	(void)self;
	return fsync(fd);
}

static int posix_ftruncate(void *self, int fd, off_t len)
{
	(void)self;
	return ftruncate(fd, len);
}

static int posix_lock(void *self, int fd, int command, struct flock *lock)
{
	(void)self;
	return fcntl(fd, command, lock);
}

static int posix_flock_try(void *self, int fd)
{
	(void)self;
	return flock(fd, LOCK_EX | LOCK_NB);
}

static int posix_renameat(void *self, int from_dir, const char *from, int to_dir, const char *to)
{
	(void)self;
	return renameat(from_dir, from, to_dir, to);
}

static int posix_unlinkat(void *self, int dir_fd, const char *path, int flags)
{
	(void)self;
	return unlinkat(dir_fd, path, flags);
}

static ssize_t posix_readlinkat(void *self, int dir_fd, const char *path, char *buf, size_t len)
{
	(void)self;
	return readlinkat(dir_fd, path, buf, len);
}

static int posix_list(void *self, int dir_fd, void (*visit)(void *arg, const char *name), void *arg)
{
	(void)self;
	/* Open the directory anew: reading must not move the offset of the caller's descriptor. */
	int fd = openat(dir_fd, ".", O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -1;
	DIR *d = fdopendir(fd);
	if (!d) {
		close(fd);
		return -1;
	}

	/* readdir(3) tells the end of the directory from a failure only by errno. */
	const struct dirent *entry;
	while ((errno = 0, entry = readdir(d)))
		visit(arg, entry->d_name);
	int failed = errno;
	closedir(d);
	errno = failed;
	return failed ? -1 : 0;
}

static int posix_mount_root(void *self, int dir_fd, const char *name)
{
	(void)self;
	return mount_is_root(dir_fd, name);
}

static int posix_fs_type(void *self, int fd, long *type)
{
	(void)self;
	struct statfs fs;
	if (fstatfs(fd, &fs) < 0)
		return -1;
	*type = (long)fs.f_type;
	return 0;
}

static int posix_close(void *self, int fd)
{
	(void)self;
	return close(fd);
}

static int64_t posix_boottime_ns(void *self)
{
	(void)self;
	return clock_ns(CLOCK_BOOTTIME);
}

static int64_t posix_real_ns(void *self)
{
	(void)self;
	return clock_ns(CLOCK_REALTIME);
}

static void posix_sleep_ns(void *self, int64_t ns)
{
	(void)self;
	struct timespec t = clock_timespec(ns);
	nanosleep(&t, NULL);
}

const struct io io_posix = {
	.openat = posix_openat,
	.read = posix_read,
	.write = posix_write,
	.fstat = posix_fstat,
	.fstatat = posix_fstatat,
	.fchmod = posix_fchmod,
	.fchown = posix_fchown,
	.fsync = posix_fsync,
	.ftruncate = posix_ftruncate,
	.lock = posix_lock,
	.flock_try = posix_flock_try,
	.renameat = posix_renameat,
	.unlinkat = posix_unlinkat,
	.readlinkat = posix_readlinkat,
	.list = posix_list,
	.mount_root = posix_mount_root,
	.fs_type = posix_fs_type,
	.close = posix_close,
	.boottime_ns = posix_boottime_ns,
	.real_ns = posix_real_ns,
	.sleep_ns = posix_sleep_ns,
};

enum { WRITE_PAUSE_NS = 5000000 }; /* 5 ms: a reader that is slower than this is not waited for busily */

int io_write_all(const struct io *io, int fd, const void *buf, size_t len)
{
	const unsigned char *p = buf;
	while (len > 0) {
		ssize_t n = io->write(io->self, fd, p, len);

		/* Nothing was written, and it may be the next time. */
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno == EAGAIN) {
			io->sleep_ns(io->self, WRITE_PAUSE_NS);
			continue;
		}
		if (n < 0)
			return -1;

		/* A file that takes no byte and names no reason would be asked for ever. */
		if (n == 0) {
			errno = EIO;
			return -1;
		}
		p += n;
		len -= (size_t)n;
	}
	return 0;
}
