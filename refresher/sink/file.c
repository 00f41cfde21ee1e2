#include "sink/file.h"

#include "sink/explain.h"
#include "sink/temp.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct file {
	struct sink_env env;
	struct temp temp;
	uint64_t written;
	bool littered; /* a temporary file could not be unlinked */
};

static void *file_open(const struct sink_env *env, struct err *e)
{
	temp_sweep(env);
	if (temp_probe(env, e) < 0)
		return NULL;
	struct file *f = calloc(1, sizeof *f);
	if (!f) {
		err_set(e, ERR_OS, ENOMEM, "sink");
		return NULL;
	}
	*f = (struct file){.env = *env, .temp = {.fd = -1}};
	return f;
}

static int file_probe(void *self, struct err *e)
{
	struct file *f = self;
	return temp_probe(&f->env, e);
}

static int file_begin(void *self, struct err *e)
{
	struct file *f = self;
	f->written = 0;
	if (place_refresh(f->env.place, f->env.io, e) < 0)
		return -1;
	f->littered = f->littered && !temp_sweep(&f->env);
	return temp_create(&f->temp, &f->env, e);
}

static int file_write(void *self, const void *buf, size_t len, struct err *e)
{
	struct file *f = self;
	if (io_write_all(f->env.io, f->temp.fd, buf, len) < 0)
		return explain_write(f->env.place->path, f->written, len, errno, e);
	f->written += len;
	return 0;
}

static int file_seal(void *self, struct err *e)
{
	struct file *f = self;
	return temp_seal(&f->temp, &f->env, e);
}

static int file_commit(void *self, struct err *e)
{
	struct file *f = self;
	return temp_publish(&f->temp, &f->env, "", e);
}

static bool file_abort(void *self)
{
	struct file *f = self;
	f->littered |= temp_discard(&f->temp, &f->env) < 0;
	return false;
}

static int remove_name(struct file *f, const char *suffix, struct err *e)
{
	const struct io *io = f->env.io;
	const struct place *p = f->env.place;
	char name[TEMP_NAME_MAX];
	if (place_refresh(f->env.place, io, e) < 0)
		return -1;
	snprintf(name, sizeof name, "%.*s%s", TEMP_BASE_MAX, p->base, suffix);
	if (io->unlinkat(io->self, p->dir_fd, name, 0) < 0)
		return errno == ENOENT ? 0 : explain(p, io, DOING_REMOVE, errno, e);
	return dir_sync(&f->env, e);
}

static int file_remove(void *self, struct err *e)
{
	return remove_name(self, "", e);
}

static void file_free(void *self)
{
	free(self);
}

const struct sink_ops sink_file_ops = {
	.open = file_open,
	.free = file_free,
	.probe = file_probe,
	.begin = file_begin,
	.write = file_write,
	.seal = file_seal,
	.commit = file_commit,
	.abort = file_abort,
	.remove = file_remove,
};

int sink_file_companion(void *self, const char *suffix, const char *text, size_t len, struct err *e)
{
	struct file *f = self;
	int result = -1;
	if (file_begin(f, e) == 0 && file_write(f, text, len, e) == 0 && file_seal(f, e) == 0)
		result = temp_publish(&f->temp, &f->env, suffix, e);
	file_abort(f);
	return result == 0 ? 0 : -1;
}

int sink_file_remove_companion(void *self, const char *suffix, struct err *e)
{
	return remove_name(self, suffix, e);
}
