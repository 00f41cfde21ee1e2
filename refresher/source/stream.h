/* stream.h - what a device and a recording have in common: samples that are read from a file descriptor. Private to
 * source/. One owner, as of the source that it belongs to. */
#ifndef REFRESHER_SOURCE_STREAM_H
#define REFRESHER_SOURCE_STREAM_H

#include "base/io.h"
#include "source/hwrng_info.h"
#include "source/source.h"

struct stream {
	const struct io *io;
	int fd;
	struct stat st; /* of the open file */
	const char *path;
	struct hwrng_info info; /* device: open where it is the hwrng device */
	bool writer_seen;       /* replay, a FIFO: data came since the last end */
	uint64_t samples;       /* replay: handed out so far */
};

/* Opens path for reading without waiting, be it a FIFO without a writer or a serial line without a carrier; the reads
 * do not wait either. The path is kept by address. NULL with errno. */
struct stream *stream_open(const char *path, const struct io *io);
void stream_free(void *self); /* NULL is accepted */

/* read(2), over EINTR and EAGAIN, for as long as the source takes, without keeping a core busy. There is nothing to
 * poll for: after EAGAIN it looks again in pause_ns. A driver that answers nothing but EINTR is paced too, from the
 * 65th on by 1 ms. Otherwise as the call. */
ssize_t stream_read(struct stream *s, void *buf, size_t cap, int64_t pause_ns);

#endif
