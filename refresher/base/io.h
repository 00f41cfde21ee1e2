/* io.h - the seam between decisions and the kernel: the system calls of the device, replay and sink go through it.
 *
 * Contract of each member: that of the system call, errno included, but -1 is the only failure value. io_posix is the
 * real one; tests pass a scripted one (EINTR, short counts, EIO, ENOSPC, a clock that jumps). Members take `self`
 * first. A caller keeps the struct alive as long as the objects that it gave it to. Thread rule: io_posix may be shared
 * by all threads. */
#ifndef REFRESHER_BASE_IO_H
#define REFRESHER_BASE_IO_H

#include <fcntl.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/types.h>

struct io {
	void *self;
	int (*openat)(void *self, int dir_fd, const char *path, int flags, mode_t mode);
	ssize_t (*read)(void *self, int fd, void *buf, size_t len);
	ssize_t (*write)(void *self, int fd, const void *buf, size_t len);
	int (*fstat)(void *self, int fd, struct stat *st);
	int (*fstatat)(void *self, int dir_fd, const char *path, struct stat *st, int flags);
	int (*fchmod)(void *self, int fd, mode_t mode);
	int (*fchown)(void *self, int fd, uid_t uid, gid_t gid);
	int (*fsync)(void *self, int fd);
	int (*ftruncate)(void *self, int fd, off_t len);
	/* fcntl(2) with F_OFD_SETLK or F_OFD_GETLK: such a lock conflicts with the record locks of other programs as
	 * one of those would, but is not lost when another thread closes a descriptor of the same file. */
	int (*lock)(void *self, int fd, int command, struct flock *lock);
	int (*flock_try)(void *self, int fd); /* exclusive flock(2); EWOULDBLOCK when another holds it */
	int (*renameat)(void *self, int from_dir, const char *from, int to_dir, const char *to);
	int (*unlinkat)(void *self, int dir_fd, const char *path, int flags);
	ssize_t (*readlinkat)(void *self, int dir_fd, const char *path, char *buf, size_t len);
	/* Calls visit for each name in the directory, "." and ".." included; visit may unlink names. */
	int (*list)(void *self, int dir_fd, void (*visit)(void *arg, const char *name), void *arg);
	int (*mount_root)(void *self, int dir_fd, const char *name); /* mount_is_root of base/mount.h: 1, 0, -1 */
	int (*fs_type)(void *self, int fd, long *type);              /* f_type of fstatfs(2) */
	int (*close)(void *self, int fd);         /* never retried: on Linux the descriptor is gone even after EINTR */
	int64_t (*boottime_ns)(void *self);       /* CLOCK_BOOTTIME: never steps, goes on while the machine sleeps */
	void (*sleep_ns)(void *self, int64_t ns); /* relative; may return early on a signal */
	int64_t (*real_ns)(void *self);           /* CLOCK_REALTIME since 1970 */
};

extern const struct io io_posix;

/* Writes all of buf, over EINTR, short counts and EAGAIN (standard output may be a non-blocking pipe; it waits by
 * sleep_ns). 0, or -1 with errno; a write that returns 0 counts as EIO. */
int io_write_all(const struct io *io, int fd, const void *buf, size_t len);

#endif
