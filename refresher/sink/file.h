/* file.h - replace: readers see the old file or the new one, whole; so does the disk after a power cut.
 *
 * Per generation: a temporary file in the same directory, write all, owner and mode, fsync, rename, fsync of the
 * directory. Before the rename no failure touches the old file, and the temporary one is unlinked. */
#ifndef REFRESHER_SINK_FILE_H
#define REFRESHER_SINK_FILE_H

#include "sink/ops.h"

extern const struct sink_ops sink_file_ops;

/* FILE<suffix> in the same way; not while a generation is begun. self: of sink_file_ops.open. */
int sink_file_companion(void *self, const char *suffix, const char *text, size_t len, struct err *e);
int sink_file_remove_companion(void *self, const char *suffix, struct err *e);

#endif
