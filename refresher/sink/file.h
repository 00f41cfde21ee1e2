/* file.h - replace: readers see the old file or the new one, whole; so does the disk after a power cut.
 *
 * Per generation: a temporary file in the same directory, write all, owner and mode, fsync, rename, fsync of the
 * directory. Before the rename no failure touches the old file, and the temporary one is unlinked. A companion
 * FILE<suffix> goes the same way. */
#ifndef REFRESHER_SINK_FILE_H
#define REFRESHER_SINK_FILE_H

#include "sink/mode.h"

extern const struct sink_ops sink_file_ops;

#endif
