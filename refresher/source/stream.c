#include "source/stream.h"

#include <errno.h>
#include <stdlib.h>

enum { EINTR_FREE = 64, EINTR_PAUSE_NS = 1000000 };

struct stream *stream_open(const char *path, const struct io *io)
{
	struct stream *s = malloc(sizeof *s);
	if (!s)
		return NULL;
	*s = (struct stream){.io = io, .path = path, .info = {-1, -1}};

	/* O_NOCTTY: a serial line must not become the terminal whose hang-up ends us. */
	s->fd = io->openat(AT_FDCWD, path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK, 0);
	if (s->fd < 0 || io->fstat(s->fd, &s->st) < 0) {
		int fault = errno;
		stream_free(s);
		errno = fault;
		return NULL;
	}
	return s;
}

void stream_free(void *self)
{
	struct stream *s = self;
	if (s && s->fd >= 0)
		s->io->close(s->fd);
	free(s);
}

ssize_t stream_read(struct stream *s, void *buf, size_t cap, int64_t pause_ns)
{
	const struct io *io = s->io;
	for (unsigned interrupted = 0;;) {
		ssize_t n = io->read(s->fd, buf, cap);
		if (n >= 0 || (errno != EAGAIN && errno != EINTR))
			return n;

		/* Nothing is there yet: the clock paces the next try. A signal may come now and then without a pause.
		 */
		const bool empty = errno == EAGAIN;
		if (empty || ++interrupted > EINTR_FREE)
			io->sleep_ns(io->self, empty ? pause_ns : EINTR_PAUSE_NS);
	}
}
