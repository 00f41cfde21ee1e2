#include "sink/stream.h"

#include "sink/explain.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

struct stream {
	struct sink_env env;
	int fd;
	const char *name;
	uint64_t written;
};

static int stream_open(void *self, struct err *e)
{
	struct stat st;
	struct stream *s = self;
	s->fd = STDOUT_FILENO;
	s->name = "standard output";
	if (s->env.io->fstat(s->fd, &st) < 0)
		return err_set(e, ERR_CANTCREAT, errno, "standard output is closed");
	return 0;
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
	if (io_write_all(s->env.io, s->fd, buf, len) < 0) {
		/* "Broken pipe" would tell nobody that it was the reader who left. */
		if (errno == EPIPE)
			return err_set(e, ERR_IO, 0, "%s was closed by its reader", s->name);
		return explain_write(s->name, s->written, len, errno, e);
	}
	s->written += len;
	return 0;
}

const struct sink_ops sink_stream_ops = {
	.size = sizeof(struct stream),
	.open = stream_open,
	.begin = stream_begin,
	.write = stream_write,
};

static void device_close(void *self)
{
	struct stream *d = self;
	if (d->fd >= 0)
		d->env.io->close(d->fd);
}

static int device_open(void *self, struct err *e)
{
	struct stat st;
	struct stream *d = self;
	const struct io *io = d->env.io;
	struct output_path *p = d->env.output;
	d->name = p->path;

	/* Another thing may stand there by now: what was opened is looked at. */
	d->fd = io->openat(p->dir_fd, p->base, O_WRONLY | O_NOCTTY | O_NOFOLLOW | O_CLOEXEC, 0);
	if (d->fd < 0)
		return explain(p, io, DOING_OPEN, errno, e);
	if (io->fstat(d->fd, &st) < 0 || !S_ISCHR(st.st_mode))
		return err_set(e, ERR_CANTCREAT, 0, "%.200s is no character device any more", p->path);
	output_path_close(p, io); /* nothing is ever created beside a device */
	sink_note(d->env.notes, NOTE_DEVICE, "%.100s is a character device: bytes go into it, no entropy is credited",
		  p->path);
	return 0;
}

const struct sink_ops sink_device_ops = {
	.size = sizeof(struct stream),
	.open = device_open,
	.close = device_close,
	.begin = stream_begin,
	.write = stream_write,
};
