#include "source/paced.h"

#include <errno.h>

enum { EINTR_FREE = 64, EINTR_PAUSE_NS = 1000000 };

ssize_t paced_read(const struct io *io, int fd, void *buf, size_t cap, int64_t pause_ns)
{
	for (unsigned interrupted = 0;;) {
		ssize_t n = io->read(fd, buf, cap);
		if (n >= 0 || (errno != EAGAIN && errno != EINTR))
			return n;
		if (errno == EAGAIN)
			io->sleep_ns(io->self, pause_ns);
		else if (++interrupted > EINTR_FREE)
			io->sleep_ns(io->self, EINTR_PAUSE_NS);
	}
}
