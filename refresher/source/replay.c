#include "source/replay.h"

#include "base/limit.h"
#include "source/paced.h"
#include "source/tty.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

enum { FIFO_PAUSE_NS = 20000000 }; /* between looks for a writer */

struct replay {
	const struct io *io;
	int fd;
	bool is_fifo;
	bool writer_seen; /* FIFO: data came since the last end */
	uint64_t bytes;
	char path[SOURCE_PATH_MAX];
};

static int end_of_data(struct replay *r, enum source_cause *cause, struct err *e)
{
	*cause = SOURCE_END;
	return err_set(e, ERR_UNAVAILABLE, 0, "%s: end of data after %llu samples%s", r->path,
		       (unsigned long long)r->bytes, r->is_fifo ? "; waiting for the next writer" : "");
}

static ssize_t replay_read(void *self, uint8_t *buf, size_t cap, enum source_cause *cause, struct err *e)
{
	struct replay *r = self;
	for (;;) {
		ssize_t n = paced_read(r->io, r->fd, buf, cap, FIFO_PAUSE_NS);
		if (n < 0) {
			*cause = SOURCE_IO;
			return err_set(e, ERR_UNAVAILABLE, errno, "%.128s: read", r->path);
		}
		if (n > 0) {
			r->writer_seen = true;
			r->bytes += (uint64_t)n;
			return n;
		}

		/* A FIFO without a writer looks as if it were at its end: only behind data it is one. */
		if (!r->is_fifo || r->writer_seen) {
			r->writer_seen = false;
			return end_of_data(r, cause, e);
		}
		r->io->sleep_ns(r->io->self, FIFO_PAUSE_NS);
	}
}

static void replay_free(void *self)
{
	struct replay *r = self;
	if (!r)
		return;
	if (r->fd >= 0)
		r->io->close(r->fd);
	free(r);
}

static const struct source_ops replay_ops = {.read = replay_read, .free = replay_free};

static int open_error(const char *path, int fault, enum source_cause *cause, struct err *e)
{
	if (fault == ENOENT || fault == ENOTDIR) {
		*cause = SOURCE_MISSING;
		return err_set(e, ERR_UNAVAILABLE, fault, "%s: the file of samples (source.path)", path);
	}
	if (fault == EACCES || fault == EPERM) {
		*cause = SOURCE_MODE;
		return err_set(e, ERR_NOPERM, fault, "%s: the file of samples (source.path)", path);
	}
	*cause = SOURCE_IO;
	if (err_is_shortage(fault))
		return limit_err(e, fault, "the file of samples (source.path) cannot be opened");
	return err_set(e, ERR_UNAVAILABLE, fault, "%.128s: the file of samples (source.path)", path);
}

int replay_open(struct source *s, const char *path, const struct io *io, enum source_cause *cause, struct err *e)
{
	struct stat st;
	struct replay *r = malloc(sizeof *r);
	if (!r) {
		*cause = SOURCE_IO;
		return err_set(e, ERR_OS, ENOMEM, "%s", path);
	}
	*r = (struct replay){.io = io, .fd = -1};
	strncpy(r->path, path, sizeof r->path - 1);
	/* O_NONBLOCK: the open of a FIFO does not wait for a writer. Reads meet EAGAIN then, and are paced. */
	r->fd = io->openat(AT_FDCWD, path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY, 0);
	if (r->fd < 0) {
		open_error(path, errno, cause, e);
		goto fail;
	}
	if (io->fstat(r->fd, &st) < 0 || S_ISDIR(st.st_mode)) {
		*cause = SOURCE_WRONG_TYPE;
		err_set(e, ERR_UNAVAILABLE, 0, "%s is not a file or FIFO of samples", path);
		goto fail;
	}
	if (tty_make_raw(r->fd, path, cause, e) < 0)
		goto fail;
	r->is_fifo = S_ISFIFO(st.st_mode);
	*s = (struct source){.ops = &replay_ops, .self = r, .kind = SOURCE_REPLAY, .name = r->path};
	return 0;
fail:
	replay_free(r);
	return -1;
}
