#include "fake_io.h"

#include "base/mount.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

const char *fake_call_name(enum fake_call c)
{
	static const char *const names[FAKE_CALLS] = {
		"any",    "open",   "read",      "write", "fstat",      "fstatat",     "fchmod",
		"fchown", "fsync",  "ftruncate", "lock",  "unlock",     "lock_holder", "flock",
		"rename", "unlink", "readlink",  "list",  "mount_root", "fs_type",     "close",
	};
	return names[c];
}

static void die(const char *what)
{
	perror(what);
	abort();
}

/* The system calls have their own types, so none of them says which fake is meant: it is the last that was made. */
static struct fake_io *current;

/* The fault that is due at this call, or NULL. */
static const struct fake_fault *due(struct fake_io *f, enum fake_call c, const char *name)
{
	const struct fake_fault *found = NULL;
	for (unsigned i = 0; i < f->faults_len; i++) {
		struct fake_fault *t = &f->faults[i];
		if ((t->call != FAKE_ANY && t->call != c) || (t->name && !strstr(name, t->name)))
			continue;
		t->seen++;
		if (!found && t->seen >= t->nth && t->seen - t->nth <= t->more)
			found = t;
	}
	return found;
}

struct call {
	struct fake_io *f;
	struct fake_event event;
	size_t limit;
};

/* Counts the call. False: it fails, with errno set. */
static bool enter(struct call *k, enum fake_call c, int fd, const char *name)
{
	struct fake_io *f = current;
	struct stat st;
	*k = (struct call){.f = f, .event = {.call = c, .fd = fd}, .limit = SIZE_MAX};
	k->event.is_dir = fd >= 0 && fstat(fd, &st) == 0 && S_ISDIR(st.st_mode);
	snprintf(k->event.name, sizeof k->event.name, "%s", name);
	f->count[FAKE_ANY]++;
	f->count[c]++;
	const struct fake_fault *t = due(f, c, name);
	if (!t)
		return true;
	f->faults_hit++;
	f->last_hit = c;
	f->boottime_ns += t->takes_ns;
	f->real_ns += t->takes_ns;
	if (t->crash)
		_exit(FAKE_EXIT);
	if (t->before)
		t->before(t->arg);
	if (t->limit)
		k->limit = t->limit;
	k->event.error = t->error;
	errno = t->error;
	return t->error == 0;
}

/* Records the call and gives its result. */
static long leave(struct call *k, long result)
{
	int fault = errno;
	k->event.error = result < 0 ? fault : 0;
	if (k->f->events_len < FAKE_EVENTS)
		k->f->events[k->f->events_len] = k->event;
	k->f->events_len++;
	errno = fault;
	return result;
}

static int fake_openat(int dir_fd, const char *path, int flags, ...)
{
	struct call k;
	va_list ap;
	va_start(ap, flags);
	mode_t mode = flags & O_CREAT ? va_arg(ap, mode_t) : 0;
	va_end(ap);
	if (!enter(&k, FAKE_OPENAT, dir_fd, path))
		return (int)leave(&k, -1);
	int fd = openat(dir_fd, path, flags, mode);
	if (fd >= FAKE_FDS)
		die("fake_io: too many descriptors");
	if (fd >= 0)
		k.f->open[fd] = true;
	return (int)leave(&k, fd);
}

static ssize_t fake_read(int fd, void *buf, size_t len)
{
	struct call k;
	if (!enter(&k, FAKE_READ, fd, ""))
		return leave(&k, -1);
	return leave(&k, read(fd, buf, len < k.limit ? len : k.limit));
}

static ssize_t fake_write(int fd, const void *buf, size_t len)
{
	struct call k;
	if (!enter(&k, FAKE_WRITE, fd, ""))
		return leave(&k, -1);
	return leave(&k, write(fd, buf, len < k.limit ? len : k.limit));
}

static int fake_fstat(int fd, struct stat *st)
{
	struct call k;
	return (int)leave(&k, enter(&k, FAKE_FSTAT, fd, "") ? fstat(fd, st) : -1);
}

static int fake_fstatat(int dir_fd, const char *path, struct stat *st, int flags)
{
	struct call k;
	return (int)leave(&k, enter(&k, FAKE_FSTATAT, dir_fd, path) ? fstatat(dir_fd, path, st, flags) : -1);
}

static int fake_fchmod(int fd, mode_t mode)
{
	struct call k;
	return (int)leave(&k, enter(&k, FAKE_FCHMOD, fd, "") ? fchmod(fd, mode) : -1);
}

static int fake_fchown(int fd, uid_t uid, gid_t gid)
{
	struct call k;
	return (int)leave(&k, enter(&k, FAKE_FCHOWN, fd, "") ? fchown(fd, uid, gid) : -1);
}

static int fake_fsync(int fd)
{
	struct call k;
	return (int)leave(&k, enter(&k, FAKE_FSYNC, fd, "") ? fsync(fd) : -1);
}

static int fake_ftruncate(int fd, off_t len)
{
	struct call k;
	return (int)leave(&k, enter(&k, FAKE_FTRUNCATE, fd, "") ? ftruncate(fd, len) : -1);
}

static int fake_fcntl(int fd, int command, ...)
{
	struct call k;
	va_list ap;
	va_start(ap, command);
	struct flock *lock = va_arg(ap, struct flock *);
	va_end(ap);
	enum fake_call c = command == F_OFD_GETLK    ? FAKE_LOCK_HOLDER
			   : lock->l_type == F_UNLCK ? FAKE_UNLOCK
						     : FAKE_LOCK;
	return (int)leave(&k, enter(&k, c, fd, "") ? fcntl(fd, command, lock) : -1);
}

static int fake_flock(int fd, int operation)
{
	struct call k;
	return (int)leave(&k, enter(&k, FAKE_FLOCK_TRY, fd, "") ? flock(fd, operation) : -1);
}

static bool is_mounted(const struct fake_io *f, const char *name)
{
	return f->mounted && strcmp(name, f->mounted) == 0;
}

static int busy(struct call *k)
{
	errno = EBUSY;
	return (int)leave(k, -1);
}

static int fake_renameat(int from_dir, const char *from, int to_dir, const char *to)
{
	struct call k;
	if (!enter(&k, FAKE_RENAMEAT, to_dir, to))
		return (int)leave(&k, -1);
	if (is_mounted(k.f, to) || is_mounted(k.f, from))
		return busy(&k);
	return (int)leave(&k, renameat(from_dir, from, to_dir, to));
}

static int fake_unlinkat(int dir_fd, const char *path, int flags)
{
	struct call k;
	if (!enter(&k, FAKE_UNLINKAT, dir_fd, path))
		return (int)leave(&k, -1);
	return is_mounted(k.f, path) ? busy(&k) : (int)leave(&k, unlinkat(dir_fd, path, flags));
}

static ssize_t fake_readlinkat(int dir_fd, const char *path, char *buf, size_t len)
{
	struct call k;
	return leave(&k, enter(&k, FAKE_READLINKAT, dir_fd, path) ? readlinkat(dir_fd, path, buf, len) : -1);
}

static int fake_list(int dir_fd, void (*visit)(void *arg, const char *name), void *arg)
{
	struct call k;
	return (int)leave(&k, enter(&k, FAKE_LIST, dir_fd, "") ? io_posix.list(dir_fd, visit, arg) : -1);
}

static int fake_mount_is_root(int dir_fd, const char *name)
{
	struct call k;
	if (!enter(&k, FAKE_MOUNT_ROOT, dir_fd, name))
		return (int)leave(&k, -1);
	return (int)leave(&k, is_mounted(k.f, name) ? 1 : mount_is_root(dir_fd, name));
}

static int fake_fstatfs(int fd, struct statfs *fs)
{
	struct call k;
	return (int)leave(&k, enter(&k, FAKE_FS_TYPE, fd, "") ? fstatfs(fd, fs) : -1);
}

static int fake_close(int fd)
{
	struct call k;
	bool fine = enter(&k, FAKE_CLOSE, fd, "");
	int fault = errno;
	if (fd < 0 || fd >= FAKE_FDS || !k.f->open[fd])
		k.f->wrong_closes++;
	else
		k.f->open[fd] = false;
	close(fd);
	errno = fault;
	return (int)leave(&k, fine ? 0 : -1);
}

static int64_t fake_clock_ns(void *self, clockid_t id)
{
	const struct fake_io *f = self;
	return id == CLOCK_REALTIME ? f->real_ns : f->boottime_ns;
}

static void fake_sleep_ns(void *self, int64_t ns)
{
	fake_io_clock(self, ns, ns);
}

static const struct io template = {
	.openat = fake_openat,
	.read = fake_read,
	.write = fake_write,
	.fstat = fake_fstat,
	.fstatat = fake_fstatat,
	.fchmod = fake_fchmod,
	.fchown = fake_fchown,
	.fsync = fake_fsync,
	.ftruncate = fake_ftruncate,
	.fcntl = fake_fcntl,
	.flock = fake_flock,
	.renameat = fake_renameat,
	.unlinkat = fake_unlinkat,
	.readlinkat = fake_readlinkat,
	.fstatfs = fake_fstatfs,
	.close = fake_close,
	.mount_is_root = fake_mount_is_root,
	.list = fake_list,
	.clock_ns = fake_clock_ns,
	.sleep_ns = fake_sleep_ns,
};

void fake_io_init(struct fake_io *f)
{
	const char *parent = getenv("TMPDIR");
	memset(f, 0, sizeof *f);
	current = f;
	f->io = template;
	f->io.self = f;
	f->boottime_ns = 1000000000;
	f->real_ns = 1800000000000000000;
	snprintf(f->dir, sizeof f->dir, "%s/refresher-test-XXXXXX", parent ? parent : "/tmp");
	if (!mkdtemp(f->dir) || chmod(f->dir, 0755) < 0)
		die(f->dir);
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

void fake_io_fini(struct fake_io *f)
{
	if (nftw(f->dir, remove_one, 16, FTW_DEPTH | FTW_PHYS) < 0)
		die(f->dir);
}

void fake_io_fault(struct fake_io *f, struct fake_fault fault)
{
	if (f->faults_len == FAKE_FAULTS)
		die("fake_io: too many faults");
	f->faults[f->faults_len++] = fault;
}

void fake_io_reset(struct fake_io *f)
{
	memset(f->count, 0, sizeof f->count);
	f->faults_len = f->faults_hit = f->events_len = 0;
}

void fake_io_clock(struct fake_io *f, int64_t mono_by_ns, int64_t real_by_ns)
{
	f->boottime_ns += mono_by_ns;
	f->real_ns += real_by_ns;
}

unsigned fake_io_open_fds(const struct fake_io *f)
{
	unsigned n = 0;
	for (int i = 0; i < FAKE_FDS; i++)
		n += f->open[i];
	return n;
}

unsigned fake_io_total(const struct fake_io *f)
{
	return f->count[FAKE_ANY];
}

static bool changes_something(enum fake_call c)
{
	switch (c) {
	case FAKE_FSTAT:
	case FAKE_FSTATAT:
	case FAKE_READLINKAT:
	case FAKE_LIST:
	case FAKE_MOUNT_ROOT:
	case FAKE_FS_TYPE:
	case FAKE_LOCK_HOLDER:
	case FAKE_READ:
		return false;
	default:
		return true;
	}
}

void fake_io_story(const struct fake_io *f, char *out, size_t len)
{
	size_t used = 0;
	out[0] = '\0';
	for (unsigned i = 0; i < f->events_len && i < FAKE_EVENTS && used < len; i++) {
		const struct fake_event *e = &f->events[i];
		if (!changes_something(e->call))
			continue;
		int n = snprintf(out + used, len - used, "%s%s%s%s%s%s", used ? " " : "", fake_call_name(e->call),
				 e->is_dir && !e->name[0] ? "/dir" : "", e->name[0] ? " " : "", e->name,
				 e->error ? "!" : "");
		used += (size_t)n;
	}
}
