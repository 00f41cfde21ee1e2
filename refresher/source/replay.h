/* replay.h - recorded samples from a file, or live ones through a FIFO: for tests and for trying a generator that is no
 * device.
 *
 * A file ends with SOURCE_END. A FIFO waits for its first writer; when the writer leaves, read says SOURCE_END once and
 * a later read waits for the next writer. A serial line is set raw as for a device (tty.h). */
#ifndef REFRESHER_SOURCE_REPLAY_H
#define REFRESHER_SOURCE_REPLAY_H

#include "source/source.h"

int replay_open(struct source *s, const char *path, const struct io *io, enum source_cause *cause, struct err *e);

#endif
