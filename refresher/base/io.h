/* io.h - the seam between decisions and the kernel: the system calls of the device, replay and sink go through it.
 *
 * Each member that is named as a system call is that call, with its own type and contract; tests put scripted ones in
 * their place (EINTR, short counts, EIO, ENOSPC, a clock that jumps). io_posix is the real one, and may be shared by
 * all threads. A caller keeps the struct alive as long as the objects that it gave it to. */
#ifndef REFRESHER_BASE_IO_H
#define REFRESHER_BASE_IO_H

#include <fcntl.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <sys/vfs.h>
#include <time.h>

struct io {
	int (*openat)(int dir_fd, const char *path, int flags, ...);
	ssize_t (*read)(int fd, void *buf, size_t len);
	ssize_t (*write)(int fd, const void *buf, size_t len);
	int (*fstat)(int fd, struct stat *st);
	int (*fstatat)(int dir_fd, const char *path, struct stat *st, int flags);
	int (*fchmod)(int fd, mode_t mode);
	int (*fchown)(int fd, uid_t uid, gid_t gid);
	int (*fsync)(int fd);
	int (*ftruncate)(int fd, off_t len);
	/* For locks, with F_OFD_SETLK or F_OFD_GETLK: such a lock conflicts with the record locks of other programs as
	 * one of those would, but is not lost when another thread closes a descriptor of the same file. */
	int (*fcntl)(int fd, int command, ...);
	int (*flock)(int fd, int operation);
	int (*renameat)(int from_dir, const char *from, int to_dir, const char *to);
	int (*unlinkat)(int dir_fd, const char *path, int flags);
	ssize_t (*readlinkat)(int dir_fd, const char *path, char *buf, size_t len);
	int (*fstatfs)(int fd, struct statfs *fs);
	int (*close)(int fd); /* never retried: on Linux the descriptor is gone even after EINTR */

	int (*mount_is_root)(int dir_fd, const char *name); /* base/mount.h */
	/* Calls visit for each name in the directory, "." and ".." included; visit may unlink names. 0, or -1 with
	 * errno. */
	int (*list)(int dir_fd, void (*visit)(void *arg, const char *name), void *arg);

	void *self;                                    /* of the clock */
	int64_t (*clock_ns)(void *self, clockid_t id); /* of the two below */
	void (*sleep_ns)(void *self, int64_t ns);      /* relative; may return early on a signal */
};

extern const struct io io_posix;

/* Never steps, and goes on while the machine sleeps. */
static inline int64_t io_now_ns(const struct io *io)
{
	return io->clock_ns(io->self, CLOCK_BOOTTIME);
}

/* Since 1970. */
static inline int64_t io_real_ns(const struct io *io)
{
	return io->clock_ns(io->self, CLOCK_REALTIME);
}

/* Writes all of buf, over EINTR, short counts and EAGAIN (standard output may be a non-blocking pipe; it waits by
 * sleep_ns). 0, or -1 with errno; a write that returns 0 counts as EIO. */
int io_write_all(const struct io *io, int fd, const void *buf, size_t len);

#endif
