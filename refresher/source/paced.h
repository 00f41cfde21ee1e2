/* paced.h - a read that waits for as long as the source does, without keeping a core busy. Private to source/. */
#ifndef REFRESHER_SOURCE_PACED_H
#define REFRESHER_SOURCE_PACED_H

#include "base/io.h"

/* read(2), over EINTR and EAGAIN. There is nothing to poll for: after EAGAIN it looks again in pause_ns. A driver that
 * answers nothing but EINTR is paced too, from the 65th on by 1 ms. Otherwise as the call. */
ssize_t paced_read(const struct io *io, int fd, void *buf, size_t cap, int64_t pause_ns);

#endif
