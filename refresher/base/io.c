#include "base/io.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <time.h>
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

static off_t posix_lseek(void *self, int fd, off_t offset, int whence)
{
	(void)self;
	return lseek(fd, offset, whence);
}

static int file_lock(int fd, short type)
{
	struct flock whole = {.l_type = type, .l_whence = SEEK_SET};
	return fcntl(fd, F_SETLKW, &whole);
}

static int posix_lock(void *self, int fd)
{
	(void)self;
	return file_lock(fd, F_WRLCK);
}

static int posix_unlock(void *self, int fd)
{
	(void)self;
	return file_lock(fd, F_UNLCK);
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

static int posix_close(void *self, int fd)
{
	(void)self;
	return close(fd);
}

static int64_t clock_ns(clockid_t id)
{
	struct timespec t;
	clock_gettime(id, &t);
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static int64_t posix_mono_ns(void *self)
{
	(void)self;
	return clock_ns(CLOCK_MONOTONIC);
}

static int64_t posix_real_ns(void *self)
{
	(void)self;
	return clock_ns(CLOCK_REALTIME);
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
	.lseek = posix_lseek,
	.lock = posix_lock,
	.unlock = posix_unlock,
	.renameat = posix_renameat,
	.unlinkat = posix_unlinkat,
	.close = posix_close,
	.mono_ns = posix_mono_ns,
	.real_ns = posix_real_ns,
};

int io_write_all(const struct io *io, int fd, const void *buf, size_t len)
{
	const unsigned char *p = buf;
	while (len > 0) {
		ssize_t n = io->write(io->self, fd, p, len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -1;
		if (n == 0) {
			errno = EIO;
			return -1;
		}
		p += n;
		len -= (size_t)n;
	}
	return 0;
}
