#include "sink/stream.h"

#include "sink/explain.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

struct stream {
	struct sink_env env;
	uint64_t written;
};

static void *stream_open(const struct sink_env *env, struct err *e)
{
	struct stat st;
	if (env->io->fstat(env->io->self, STDOUT_FILENO, &st) < 0) {
		err_set(e, ERR_CANTCREAT, errno, "standard output is closed");
		return NULL;
	}
	struct stream *s = calloc(1, sizeof *s);
	if (!s) {
		err_set(e, ERR_OS, ENOMEM, "sink");
		return NULL;
	}
	s->env = *env;
	return s;
}

static void stream_free(void *self)
{
	free(self);
}

static int stream_begin(void *self, struct err *e)
{
	(void)e;
	((struct stream *)self)->written = 0;
	return 0;
}

static int stream_write(void *self, const void *buf, size_t len, struct err *e)
{
	struct stream *s = self;
	if (io_write_all(s->env.io, STDOUT_FILENO, buf, len) < 0) {
		if (errno == EPIPE)
			return err_set(e, ERR_IO, 0, "standard output was closed by its reader");
		return explain_write("standard output", s->written, len, errno, e);
	}
	s->written += len;
	return 0;
}

const struct sink_ops sink_stream_ops = {
	.open = stream_open,
	.free = stream_free,
	.begin = stream_begin,
	.write = stream_write,
};
