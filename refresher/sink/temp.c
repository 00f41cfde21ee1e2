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

/* The digits come last, so that a name is known by its beginning and its length. */
void temp_name(char out[OUTPUT_NAME_MAX], const char *base, uint64_t random)
{
	snprintf(out, OUTPUT_NAME_MAX, ".%.*s%s%0*" PRIx64, TEMP_BASE_MAX, base, infix, DIGITS, random);
}

bool temp_is_name(const char *name, const char *base)
{
	size_t n = strlen(base);
	if (name[0] != '.' || strncmp(name + 1, base, n) != 0 || strncmp(name + 1 + n, infix, sizeof infix - 1) != 0)
		return false;

	/* As many digits as we make, and nothing behind them. */
	const char *digits = name + 1 + n + sizeof infix - 1;
	return strspn(digits, "0123456789abcdef") == DIGITS && digits[DIGITS] == '\0';
}

/* Is what is open a left-over, whose owner is dead? What is no file, or another user's, is none of ours. Nobody else
 * may hold its lock, and the name still means the file whose lock we have then. */
static bool is_dead(const struct sink *s, int fd, const char *name)
{
	struct stat st, named;
	if (s->io->fstat(fd, &st) < 0 || !S_ISREG(st.st_mode) ||
	    (st.st_uid != geteuid() && st.st_uid != s->config->uid))
		return false;
	return s->io->flock(fd, LOCK_EX | LOCK_NB) == 0 &&
	       s->io->fstatat(s->output.dir_fd, name, &named, AT_SYMLINK_NOFOLLOW) == 0 && stat_same(&st, &named);
}

/* False: it is dead, and could not be unlinked. */
static bool remove_if_dead(const struct sink *s, const char *name)
{
	int dir = s->output.dir_fd, flags = O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC;

	/* flock needs no right to write, except on NFS; a file that was sealed before its owner died gives none, and
	 * Landlock gives no right to read here. */
	int fd = s->io->openat(dir, name, O_WRONLY | flags);
	if (fd < 0 && errno == EACCES)
		fd = s->io->openat(dir, name, O_RDONLY | flags);
	if (fd < 0)
		return true;
	bool left = is_dead(s, fd, name) && s->io->unlinkat(dir, name, 0) < 0;
	s->io->close(fd);
	return !left;
}

/* 1: the new file is ours; 0: a remover was quicker; -1: failure. */
static int take(const struct sink *s)
{
	struct stat st;

	/* Without locks there are no removers either. */
	if (s->io->flock(s->fd, LOCK_EX | LOCK_NB) < 0) {
		if (errno == EWOULDBLOCK)
			return 0;
		return filesystem_lacks(errno) ? 1 : -1;
	}

	/* A remover that was done before us has left a file without a name. */
	return s->io->fstat(s->fd, &st) < 0 ? -1 : st.st_nlink > 0;
}

int temp_create(struct sink *s, struct err *e)
{
	uint64_t random;
	const int flags = O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC | O_NOFOLLOW;
	for (int try = 0; try < TEMP_TRIES; try++) {
		if (getrandom(&random, sizeof random, 0) != (ssize_t)sizeof random)
			return err_set(e, ERR_OS, errno, "getrandom");
		temp_name(s->temp_name, s->output.base, random);

		/* Nobody else may open it before it is whole, nor hold a lock on it. */
		s->fd = s->io->openat(s->output.dir_fd, s->temp_name, flags, 0600);
		if (s->fd < 0 && errno != EEXIST)
			return explain(&s->output, DOING_CREATE, "", errno, e);

		/* Locked, it is alive for every sweep. */
		int ours = s->fd < 0 ? 0 : take(s);
		if (ours > 0)
			return 0;
		if (ours < 0) {
			explain(&s->output, DOING_LOCK, "", errno, e);
			temp_discard(s);
			return -1;
		}

		/* The name is taken, or a remover has the file: the next name. */
		if (s->fd >= 0)
			s->io->close(s->fd);
		s->fd = -1;
	}
	return explain(&s->output, DOING_CREATE, "", EEXIST, e);
}

int temp_discard(struct sink *s)
{
	/* After the rename there is none: the file has its name. */
	if (s->fd < 0)
		return 0;

	/* Under the lock, so that the name still means our file; why it cannot be unlinked outlives the close. */
	int result = s->io->unlinkat(s->output.dir_fd, s->temp_name, 0);
	int fault = errno;
	s->io->close(s->fd);
	s->fd = -1;
	errno = fault;
	return result;
}

struct sweep {
	const struct sink *sink;
	bool clean;
};

/* For each name in the directory. */
static void sweep_visit(void *arg, const char *name)
{
	struct sweep *s = arg;
	if (temp_is_name(name, s->sink->output.base))
		s->clean &= remove_if_dead(s->sink, name);
}

bool temp_sweep(const struct sink *s)
{
	struct sweep sweep = {s, true};
	s->io->list(s->output.dir_fd, sweep_visit, &sweep);
	return sweep.clean;
}
