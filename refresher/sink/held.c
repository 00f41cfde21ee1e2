#include "sink/held.h"

#include "sink/explain.h"
#include "sink/temp.h"

#include <errno.h>
#include <fcntl.h>

/* O_NONBLOCK: a fifo in the place of FILE must not stop us; it means nothing for a regular file. */
static int open_existing(const struct sink_env *env, int flags)
{
	const struct io *io = env->io;
	flags |= O_WRONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC;
	return io->openat(io->self, env->place->dir_fd, env->place->base, flags, 0);
}

static int create(struct held *h, const struct sink_env *env, int flags, struct err *e)
{
	const struct io *io = env->io;
	flags |= O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC;
	h->fd = io->openat(io->self, env->place->dir_fd, env->place->base, flags, 0600);
	if (h->fd < 0)
		return explain(env->place, io, DOING_CREATE, errno, e);
	h->new_entry = true;
	if (own_and_mode(env, h->fd, env->mode | S_IWUSR, e) == 0)
		return 0;
	/* It has the wrong owner or mode, and would keep it; nobody has anything to lose in it yet. */
	io->unlinkat(io->self, env->place->dir_fd, env->place->base, 0);
	held_close(h, env);
	return -1;
}

int held_open(struct held *h, const struct sink_env *env, int flags, struct err *e)
{
	const struct io *io = env->io;
	struct stat st;
	h->fd = open_existing(env, flags);
	if (h->fd < 0 && errno == ENOENT)
		return create(h, env, flags, e);
	if (h->fd < 0)
		return explain(env->place, io, DOING_OPEN, errno, e);
	if (io->fstat(io->self, h->fd, &st) == 0 && S_ISREG(st.st_mode))
		return 0;
	held_close(h, env);
	return err_set(e, ERR_CANTCREAT, 0, "%s is no regular file any more", env->place->path);
}

static bool is_current(const struct held *h, const struct sink_env *env)
{
	const struct io *io = env->io;
	struct stat ours, named;
	return io->fstat(io->self, h->fd, &ours) == 0 &&
	       io->fstatat(io->self, env->place->dir_fd, env->place->base, &named, AT_SYMLINK_NOFOLLOW) == 0 &&
	       ours.st_dev == named.st_dev && ours.st_ino == named.st_ino;
}

int held_lock(struct held *h, const struct sink_env *env, int flags, struct err *e)
{
	const struct io *io = env->io;
	if (place_refresh(env->place, io, e) < 0)
		return -1;
	/* A second look after the lock: who held it may have rotated the file away. */
	for (int i = 0; i < 4; i++) {
		if (h->fd >= 0 && !is_current(h, env))
			held_close(h, env);
		if (h->fd < 0 && held_open(h, env, flags, e) < 0)
			return -1;
		if (io->lock(io->self, h->fd) < 0)
			return explain(env->place, io, DOING_LOCK, errno, e);
		h->locked = true;
		if (is_current(h, env))
			return 0;
	}
	return err_set(e, ERR_IO, 0, "%s is replaced by someone again and again", env->place->path);
}

int held_sync(struct held *h, const struct sink_env *env, struct err *e)
{
	const struct io *io = env->io;
	if (io->fsync(io->self, h->fd) < 0 && errno != EINVAL)
		return explain(env->place, io, DOING_SYNC, errno, e);
	if (h->new_entry && dir_sync(env, e) < 0)
		return -1;
	h->new_entry = false;
	return 0;
}

void held_unlock(struct held *h, const struct sink_env *env)
{
	if (h->locked)
		env->io->unlock(env->io->self, h->fd);
	h->locked = false;
}

void held_close(struct held *h, const struct sink_env *env)
{
	held_unlock(h, env);
	if (h->fd >= 0)
		env->io->close(env->io->self, h->fd);
	h->fd = -1;
}
