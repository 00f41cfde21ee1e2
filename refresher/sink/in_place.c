#include "sink/in_place.h"

#include "sink/explain.h"
#include "sink/held.h"
#include "sink/temp.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

struct in_place {
	struct sink_env env;
	struct held held;
	uint64_t written;
	bool writing; /* from the first byte to the cut at the end the file may be a mixture */
};

static void in_place_free(void *self)
{
	struct in_place *p = self;
	if (!p)
		return;
	held_close(&p->held, &p->env);
	free(p);
}

static void *in_place_open(const struct sink_env *env, struct err *e)
{
	struct in_place *p = calloc(1, sizeof *p);
	if (!p) {
		err_set(e, ERR_OS, ENOMEM, "sink");
		return NULL;
	}
	*p = (struct in_place){.env = *env, .held = {.fd = -1}};
	/* Without O_TRUNC: the old numbers stay until new ones are written over them. */
	if (held_open(&p->held, env, 0, e) < 0) {
		in_place_free(p);
		return NULL;
	}
	return p;
}

/* FILE is open already. What is asked is whether it could be had again, should someone remove or replace it: opened, or
 * made anew. A mount of its own cannot go away. */
static int in_place_probe(void *self, struct err *e)
{
	struct in_place *p = self;
	const struct io *io = p->env.io;
	const struct place *place = p->env.place;
	if (io->mount_root(io->self, place->dir_fd, place->base) == 1)
		return 0;
	int fd = io->openat(io->self, place->dir_fd, place->base, O_WRONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0);
	if (fd >= 0) {
		io->close(io->self, fd);
		return 0;
	}
	if (errno != ENOENT)
		return explain(place, io, DOING_OPEN, errno, e);
	return temp_probe(&p->env, e);
}

static int in_place_begin(void *self, struct err *e)
{
	struct in_place *p = self;
	const struct io *io = p->env.io;
	p->written = 0;
	if (held_lock(&p->held, &p->env, 0, e) < 0)
		return -1;
	if (io->lseek(io->self, p->held.fd, 0, SEEK_SET) < 0)
		return explain_write(p->env.place->path, 0, 0, errno, e);
	p->writing = true;
	return 0;
}

static int in_place_write(void *self, const void *buf, size_t len, struct err *e)
{
	struct in_place *p = self;
	if (io_write_all(p->env.io, p->held.fd, buf, len) < 0)
		return explain_write(p->env.place->path, p->written, len, errno, e);
	p->written += len;
	return 0;
}

static int in_place_commit(void *self, struct err *e)
{
	struct in_place *p = self;
	const struct io *io = p->env.io;
	if (io->ftruncate(io->self, p->held.fd, (off_t)p->written) < 0)
		return explain_write(p->env.place->path, p->written, 0, errno, e);
	p->writing = false;
	if (held_sync(&p->held, &p->env, e) < 0)
		return -1;
	held_unlock(&p->held, &p->env);
	return 0;
}

static bool in_place_abort(void *self)
{
	struct in_place *p = self;
	const struct io *io = p->env.io;
	bool torn = p->writing && io->lseek(io->self, p->held.fd, 0, SEEK_CUR) > 0;
	bool emptied = torn && io->ftruncate(io->self, p->held.fd, 0) == 0;
	p->writing = false;
	held_unlock(&p->held, &p->env);
	return emptied;
}

/* A mounted file cannot be unlinked; an empty one says the same: there are no numbers. */
static int empty(struct in_place *p, struct err *e)
{
	const struct io *io = p->env.io;
	if (held_lock(&p->held, &p->env, 0, e) < 0)
		return -1;
	int result = 0;
	if (io->ftruncate(io->self, p->held.fd, 0) < 0 || (io->fsync(io->self, p->held.fd) < 0 && errno != EINVAL))
		result = explain(p->env.place, io, DOING_REMOVE, errno, e);
	held_unlock(&p->held, &p->env);
	return result;
}

static int in_place_remove(void *self, struct err *e)
{
	struct in_place *p = self;
	const struct io *io = p->env.io;
	if (place_refresh(p->env.place, io, e) < 0)
		return -1;
	if (io->unlinkat(io->self, p->env.place->dir_fd, p->env.place->base, 0) == 0)
		return dir_sync(&p->env, e);
	if (errno == ENOENT)
		return 0;
	return empty(p, e); /* EBUSY; or EACCES, EROFS of a directory that is none of ours */
}

const struct sink_ops sink_in_place_ops = {
	.open = in_place_open,
	.free = in_place_free,
	.probe = in_place_probe,
	.begin = in_place_begin,
	.write = in_place_write,
	.commit = in_place_commit,
	.abort = in_place_abort,
	.remove = in_place_remove,
};
