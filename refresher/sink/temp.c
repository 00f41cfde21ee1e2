#include "sink/temp.h"

#include "sink/explain.h"
#include "sink/filesystem.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

static const char infix[] = ".tmp.";
enum { DIGITS = 16 };

void temp_name(char out[TEMP_NAME_MAX], const char *base, uint64_t random)
{
	snprintf(out, TEMP_NAME_MAX, ".%.*s%s%0*" PRIx64, TEMP_BASE_MAX, base, infix, DIGITS, random);
}

bool temp_is_name(const char *name, const char *base)
{
	size_t n = strlen(base);
	if (name[0] != '.' || strncmp(name + 1, base, n) != 0 || strncmp(name + 1 + n, infix, sizeof infix - 1) != 0)
		return false;
	const char *digits = name + 1 + n + sizeof infix - 1;
	return strspn(digits, "0123456789abcdef") == DIGITS && digits[DIGITS] == '\0';
}

static bool is_same(const struct sink_env *env, int fd, const char *name)
{
	const struct io *io = env->io;
	struct stat held, named;
	return io->fstat(fd, &held) == 0 && io->fstatat(env->output->dir_fd, name, &named, AT_SYMLINK_NOFOLLOW) == 0 &&
	       held.st_dev == named.st_dev && held.st_ino == named.st_ino;
}

/* False: it is dead, and could not be unlinked. */
static bool remove_if_dead(const struct sink_env *env, const char *name)
{
	const struct io *io = env->io;
	struct stat st;
	int dir = env->output->dir_fd;
	int flags = O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC;

	/* What is no file, or another user's, is none of our left-overs. */
	if (io->fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) < 0 || !S_ISREG(st.st_mode))
		return true;
	if (st.st_uid != geteuid() && st.st_uid != env->uid)
		return true;

	/* flock needs no right to write, except on NFS; a file that was sealed before its owner died gives none, and
	 * Landlock gives no right to read here. */
	int fd = io->openat(dir, name, O_WRONLY | flags, 0);
	if (fd < 0 && errno == EACCES)
		fd = io->openat(dir, name, O_RDONLY | flags, 0);
	if (fd < 0)
		return true;

	/* Nobody holds its lock, so its owner is dead; and the name still means the file whose lock we have. */
	bool dead = io->flock(fd, LOCK_EX | LOCK_NB) == 0 && is_same(env, fd, name);
	bool left = dead && io->unlinkat(dir, name, 0) < 0;
	io->close(fd);
	return !left;
}

/* 1: the new file is ours; 0: a remover was quicker; -1: failure. */
static int take(const struct sink_env *env, int fd)
{
	const struct io *io = env->io;
	struct stat st;

	/* Without locks there are no removers either. */
	if (io->flock(fd, LOCK_EX | LOCK_NB) < 0) {
		if (errno == EWOULDBLOCK)
			return 0;
		return filesystem_lacks(errno) ? 1 : -1;
	}

	/* A remover that was done before us has left a file without a name. */
	if (io->fstat(fd, &st) < 0)
		return -1;
	return st.st_nlink > 0;
}

int temp_create(struct temp *t, const struct sink_env *env, struct err *e)
{
	uint64_t random;
	const struct io *io = env->io;
	const int flags = O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC | O_NOFOLLOW;
	errno = EEXIST;
	for (int try = 0; try < TEMP_TRIES; try++) {
		if (getrandom(&random, sizeof random, 0) != (ssize_t)sizeof random)
			return err_set(e, ERR_OS, errno, "getrandom");
		temp_name(t->name, env->output->base, random);

		/* Nobody else may open it before it is whole, nor hold a lock on it. */
		t->fd = io->openat(env->output->dir_fd, t->name, flags, 0600);
		if (t->fd < 0 && errno == EEXIST)
			continue;
		if (t->fd < 0)
			break;

		/* Locked, it is alive for every sweep. */
		int ours = take(env, t->fd);
		if (ours > 0)
			return 0;
		if (ours < 0) {
			explain(env->output, io, DOING_LOCK, errno, e);
			temp_discard(t, env);
			return -1;
		}

		/* A remover has it: as if the name had been taken. */
		io->close(t->fd);
		t->fd = -1;
		errno = EEXIST;
	}
	return explain(env->output, io, DOING_CREATE, errno, e);
}

int temp_discard(struct temp *t, const struct sink_env *env)
{
	const struct io *io = env->io;
	if (t->fd < 0)
		return 0;
	int result = io->unlinkat(env->output->dir_fd, t->name, 0); /* under the lock, so it is ours */
	int fault = errno;
	io->close(t->fd);
	t->fd = -1;
	errno = fault;
	return result;
}

struct sweep {
	const struct sink_env *env;
	bool clean;
};

static void sweep_visit(void *arg, const char *name)
{
	struct sweep *s = arg;
	if (temp_is_name(name, s->env->output->base))
		s->clean &= remove_if_dead(s->env, name);
}

bool temp_sweep(const struct sink_env *env)
{
	struct sweep s = {env, true};
	env->io->list(env->output->dir_fd, sweep_visit, &s);
	return s.clean;
}
