#include "sink/append.h"

#include "sink/explain.h"
#include "sink/held.h"
#include "sink/temp.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>

struct append {
	struct sink_env env;
	struct held held;
	bool begun; /* past `start` everything is ours */
	off_t start;
	uint64_t written, last_length;
};

bool append_is_full(uint64_t size, uint64_t expected, uint64_t max_bytes)
{
	if (max_bytes == 0 || size == 0)
		return false;
	return size >= max_bytes || expected > max_bytes - size;
}

static void append_free(void *self)
{
	struct append *a = self;
	if (!a)
		return;
	held_close(&a->held, &a->env);
	free(a);
}

/* Rotation needs the directory. Better heard at start than after 64 MiB. */
static int probe(const struct sink_env *env, struct err *e)
{
	if (env->max_bytes == 0)
		return 0;
	temp_sweep(env);
	if (temp_probe(env, e) < 0)
		return err_wrap(e, "append needs its directory to rotate the file (max_bytes 0: never)");
	return 0;
}

static void *append_open(const struct sink_env *env, struct err *e)
{
	struct append *a = calloc(1, sizeof *a);
	if (!a) {
		err_set(e, ERR_OS, ENOMEM, "sink");
		return NULL;
	}
	*a = (struct append){.env = *env, .held = {.fd = -1}};
	if (probe(env, e) < 0 || held_open(&a->held, env, O_APPEND, e) < 0) {
		append_free(a);
		return NULL;
	}
	return a;
}

static int rotate(struct append *a, struct err *e)
{
	const struct io *io = a->env.io;
	const struct place *p = a->env.place;
	char to[sizeof p->base + 2];
	snprintf(to, sizeof to, "%s.1", p->base);
	if (io->renameat(io->self, p->dir_fd, p->base, p->dir_fd, to) < 0)
		return explain_rename(p, io, ".1", errno, e);
	return held_lock(&a->held, &a->env, O_APPEND, e);
}

static int lock_and_measure(struct append *a, struct stat *st, struct err *e)
{
	const struct io *io = a->env.io;
	if (held_lock(&a->held, &a->env, O_APPEND, e) < 0)
		return -1;
	if (io->fstat(io->self, a->held.fd, st) < 0)
		return explain(a->env.place, io, DOING_LOOK, errno, e);
	return 0;
}

static int append_begin(void *self, struct err *e)
{
	struct append *a = self;
	struct stat st;
	a->written = 0;
	if (lock_and_measure(a, &st, e) < 0)
		return -1;
	if (append_is_full((uint64_t)st.st_size, a->last_length, a->env.max_bytes)) {
		if (rotate(a, e) < 0 || lock_and_measure(a, &st, e) < 0)
			return -1;
	}
	a->start = st.st_size;
	a->begun = true;
	return 0;
}

static int append_write(void *self, const void *buf, size_t len, struct err *e)
{
	struct append *a = self;
	if (io_write_all(a->env.io, a->held.fd, buf, len) < 0)
		return explain_write(a->env.place->path, a->written, len, errno, e);
	a->written += len;
	return 0;
}

static int append_commit(void *self, struct err *e)
{
	struct append *a = self;
	if (held_sync(&a->held, &a->env, e) < 0)
		return -1;
	a->last_length = a->written;
	a->begun = false;
	held_unlock(&a->held, &a->env);
	return 0;
}

/* A writer that ignores the lock would lose what it wrote meanwhile; it could have had no order with us anyway. */
static bool append_abort(void *self)
{
	struct append *a = self;
	if (a->begun)
		a->env.io->ftruncate(a->env.io->self, a->held.fd, a->start);
	a->begun = false;
	held_unlock(&a->held, &a->env);
	return false;
}

static int append_remove(void *self, struct err *e)
{
	struct append *a = self;
	const struct io *io = a->env.io;
	if (place_refresh(a->env.place, io, e) < 0)
		return -1;
	if (io->unlinkat(io->self, a->env.place->dir_fd, a->env.place->base, 0) < 0 && errno != ENOENT)
		return explain(a->env.place, io, DOING_REMOVE, errno, e);
	return dir_sync(&a->env, e);
}

const struct sink_ops sink_append_ops = {
	.open = append_open,
	.free = append_free,
	.begin = append_begin,
	.write = append_write,
	.commit = append_commit,
	.abort = append_abort,
	.remove = append_remove,
};
