#include "sink/temp.h"

#include "sink/explain.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

void temp_name(char out[TEMP_NAME_MAX], const char *base, long pid, int try)
{
	int n = snprintf(out, TEMP_NAME_MAX, ".%.*s.tmp.%ld", TEMP_BASE_MAX, base, pid);
	if (try > 0)
		snprintf(out + n, TEMP_NAME_MAX - (size_t)n, ".%d", try);
}

static const char *skip_digits(const char *s)
{
	return s + strspn(s, "0123456789");
}

bool temp_is_name(const char *name, const char *base)
{
	static const char infix[] = ".tmp.";
	size_t n = strlen(base);
	if (name[0] != '.' || strncmp(name + 1, base, n) != 0 || strncmp(name + 1 + n, infix, sizeof infix - 1) != 0)
		return false;
	const char *pid = name + 1 + n + sizeof infix - 1;
	const char *end = skip_digits(pid);
	if (end == pid)
		return false;
	if (*end == '.' && skip_digits(end + 1) > end + 1)
		end = skip_digits(end + 1);
	return *end == '\0';
}

static bool is_same(const struct sink_env *env, int fd, const char *name)
{
	const struct io *io = env->io;
	struct stat held, named;
	return io->fstat(io->self, fd, &held) == 0 &&
	       io->fstatat(io->self, env->place->dir_fd, name, &named, AT_SYMLINK_NOFOLLOW) == 0 &&
	       held.st_dev == named.st_dev && held.st_ino == named.st_ino;
}

/* false: it is dead, and could not be unlinked. */
static bool remove_if_dead(const struct sink_env *env, const char *name)
{
	const struct io *io = env->io;
	struct stat st;
	int dir = env->place->dir_fd;
	int flags = O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC;
	if (io->fstatat(io->self, dir, name, &st, AT_SYMLINK_NOFOLLOW) < 0 || !S_ISREG(st.st_mode))
		return true;
	/* flock needs no right to write, except on NFS; a file that was sealed before its owner died gives none, and
	 * Landlock gives no right to read here. */
	int fd = io->openat(io->self, dir, name, O_WRONLY | flags, 0);
	if (fd < 0 && errno == EACCES)
		fd = io->openat(io->self, dir, name, O_RDONLY | flags, 0);
	if (fd < 0)
		return true;
	bool dead = io->flock_try(io->self, fd) == 0 && is_same(env, fd, name);
	bool left = dead && io->unlinkat(io->self, dir, name, 0) < 0;
	io->close(io->self, fd);
	return !left;
}

/* 1: the new file is ours; 0: a remover was quicker; -1: failure. */
static int take(const struct sink_env *env, int fd)
{
	const struct io *io = env->io;
	struct stat st;
	if (io->flock_try(io->self, fd) < 0) {
		if (errno == EWOULDBLOCK)
			return 0;
		/* A file system without locks. */
		return errno == ENOLCK || errno == EOPNOTSUPP || errno == ENOSYS || errno == EINVAL ? 1 : -1;
	}
	if (io->fstat(io->self, fd, &st) < 0)
		return -1;
	return st.st_nlink > 0;
}

static int create(const struct sink_env *env, const char *name)
{
	const struct io *io = env->io;
	const int flags = O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC | O_NOFOLLOW;
	int fd = io->openat(io->self, env->place->dir_fd, name, flags, 0600);
	if (fd >= 0 || errno != EEXIST)
		return fd;
	remove_if_dead(env, name);
	return io->openat(io->self, env->place->dir_fd, name, flags, 0600);
}

int temp_create(struct temp *t, const struct sink_env *env, struct err *e)
{
	const struct io *io = env->io;
	for (int try = 0; try < TEMP_TRIES; try++) {
		temp_name(t->name, env->place->base, (long)getpid(), try);
		t->fd = create(env, t->name);
		if (t->fd < 0 && errno == EEXIST)
			continue;
		if (t->fd < 0)
			return explain(env->place, io, DOING_CREATE, errno, e);
		int ours = take(env, t->fd);
		if (ours > 0)
			return 0;
		if (ours < 0) {
			explain(env->place, io, DOING_LOCK, errno, e);
			temp_discard(t, env);
			return -1;
		}
		io->close(io->self, t->fd);
		t->fd = -1;
	}
	return err_set(e, ERR_CANTCREAT, 0, "every temporary name up to %s in %s is taken; remove .%s.tmp.*", t->name,
		       env->place->dir, env->place->base);
}

int own_and_mode(const struct sink_env *env, int fd, mode_t mode, struct err *e)
{
	const struct io *io = env->io;
	bool given = env->uid != (uid_t)-1 || env->gid != (gid_t)-1;
	/* fchown first: it may clear mode bits. */
	if (given && io->fchown(io->self, fd, env->uid, env->gid) < 0)
		return explain(env->place, io, DOING_OWN, errno, e);
	if (io->fchmod(io->self, fd, mode) < 0)
		return explain(env->place, io, DOING_OWN, errno, e);
	return 0;
}

int temp_seal(const struct temp *t, const struct sink_env *env, struct err *e)
{
	const struct io *io = env->io;
	if (own_and_mode(env, t->fd, env->mode, e) < 0)
		return -1;
	/* After EIO the kernel may hold the pages for clean, so a second fsync proves nothing: the file is given up. */
	if (io->fsync(io->self, t->fd) < 0 && errno != EINVAL)
		return explain(env->place, io, DOING_SYNC, errno, e);
	return 0;
}

int dir_sync(const struct sink_env *env, struct err *e)
{
	const struct io *io = env->io;
	if (io->fsync(io->self, env->place->dir_fd) == 0 || errno == EINVAL)
		return 0;
	return err_set(e, ERR_IO, errno,
		       "%s is changed, but its directory did not reach the disk: a power cut may undo it",
		       env->place->path);
}

int temp_publish(struct temp *t, const struct sink_env *env, const char *suffix, struct err *e)
{
	const struct io *io = env->io;
	char name[TEMP_NAME_MAX];
	int dir = env->place->dir_fd;
	snprintf(name, sizeof name, "%.*s%s", TEMP_BASE_MAX, env->place->base, suffix);
	if (io->renameat(io->self, dir, t->name, dir, name) < 0)
		return explain_rename(env->place, io, suffix, errno, e);
	int result = dir_sync(env, e) < 0;
	io->close(io->self, t->fd); /* after fsync there is nothing that it could still report */
	t->fd = -1;
	return result;
}

int temp_discard(struct temp *t, const struct sink_env *env)
{
	const struct io *io = env->io;
	if (t->fd < 0)
		return 0;
	int result = io->unlinkat(io->self, env->place->dir_fd, t->name, 0); /* under the lock, so it is ours */
	int fault = errno;
	io->close(io->self, t->fd);
	t->fd = -1;
	errno = fault;
	return result;
}

/* In a sticky directory only the owner of a file or of the directory, or who has the capability FOWNER, renames over
 * it. Whether we are one of these is asked with O_NOATIME, which the kernel allows to the same (open(2)). */
static int probe_replace(const struct sink_env *env, struct err *e)
{
	struct stat dir, old;
	const struct io *io = env->io;
	const struct place *p = env->place;
	if (io->fstat(io->self, p->dir_fd, &dir) < 0 || !(dir.st_mode & S_ISVTX) || dir.st_uid == geteuid() ||
	    io->fstatat(io->self, p->dir_fd, p->base, &old, AT_SYMLINK_NOFOLLOW) < 0 || old.st_uid == geteuid())
		return 0;
	int flags = O_RDONLY | O_NOATIME | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC;
	int fd = io->openat(io->self, p->dir_fd, p->base, flags, 0);
	if (fd < 0)
		return explain(p, io, DOING_RENAME, EPERM, e);
	io->close(io->self, fd);
	return 0;
}

int temp_probe(const struct sink_env *env, struct err *e)
{
	struct temp t = {.fd = -1};
	if (temp_create(&t, env, e) < 0)
		return -1;
	int result = temp_seal(&t, env, e);
	if (temp_discard(&t, env) < 0 && result == 0)
		result = explain(env->place, env->io, DOING_REMOVE, errno, e);
	return result == 0 ? probe_replace(env, e) : result;
}

struct sweep {
	const struct sink_env *env;
	bool clean;
};

static void sweep_visit(void *arg, const char *name)
{
	struct sweep *s = arg;
	if (temp_is_name(name, s->env->place->base))
		s->clean &= remove_if_dead(s->env, name);
}

bool temp_sweep(const struct sink_env *env)
{
	struct sweep s = {env, true};
	env->io->list(env->io->self, env->place->dir_fd, sweep_visit, &s);
	return s.clean;
}
