/* replay.c - recorded samples from a file, or live ones through a FIFO: for tests and for trying a generator that is no
 * device.
 *
 * A file ends with SOURCE_END. A FIFO waits for its first writer; when the writer leaves, read says SOURCE_END once and
 * a later read waits for the next writer. A serial line is set raw as for a device (tty.h). */
#include "base/limit.h"
#include "source/stream.h"
#include "source/tty.h"

#include <errno.h>

enum { FIFO_PAUSE_NS = 20000000 }; /* between looks for a writer */

static ssize_t replay_read(void *self, uint8_t *buf, size_t cap, enum source_cause *cause, struct err *e)
{
	struct stream *r = self;
	bool is_fifo = S_ISFIFO(r->st.st_mode);
	ssize_t n;

	/* A FIFO without a writer looks as if it were at its end: only behind data it is one. */
	while ((n = stream_read(r, buf, cap, FIFO_PAUSE_NS)) == 0 && is_fifo && !r->writer_seen)
		r->io->sleep_ns(r->io->self, FIFO_PAUSE_NS);
	r->writer_seen = n > 0;
	if (n > 0) {
		r->samples += (uint64_t)n;
		return n;
	}

	/* How much there was helps to tell a recording that is too short. */
	*cause = n < 0 ? SOURCE_IO : SOURCE_END;
	if (n < 0)
		return err_set(e, ERR_UNAVAILABLE, errno, "%.128s: read", r->path);
	return err_set(e, ERR_UNAVAILABLE, 0, "%s: end of data after %llu samples%s", r->path,
		       (unsigned long long)r->samples, is_fifo ? "; waiting for the next writer" : "");
}

static const struct source_ops replay_ops = {.read = replay_read, .free = stream_free};

int replay_open(struct source *s, const struct source_config *c, const struct io *io, struct err *e)
{
	struct stream *r = stream_open(c->path, io);

	/* What the system lacks is no fault of the file; a missing right is one of the user. */
	if (!r && err_is_shortage(errno))
		return limit_err(e, errno, "the file of samples (source.path) cannot be opened");
	if (!r)
		return err_set(e, errno == EACCES || errno == EPERM ? ERR_NOPERM : ERR_UNAVAILABLE, errno,
			       "%.128s: the file of samples (source.path)", c->path);
	int rc = 0;
	if (S_ISDIR(r->st.st_mode))
		rc = err_set(e, ERR_UNAVAILABLE, 0, "%s is not a file or FIFO of samples", c->path);
	if (rc < 0 || tty_make_raw(r->fd, c->path, e) < 0) {
		stream_free(r);
		return -1;
	}

	/* Reads go on without waiting: a FIFO without a writer must look for the next one. */
	*s = (struct source){.ops = &replay_ops, .self = r, .kind = SOURCE_REPLAY, .name = r->path};
	return 0;
}
