/* in_place.h - writes into the existing file, for a file that is mounted by itself and cannot be renamed over.
 *
 * Per generation: write lock on the whole file, write from offset 0, cut to length, fsync, unlock. A reader that takes
 * a read lock (fcntl) sees a whole generation; one that does not may see a torn one. A failure in the middle leaves an
 * empty file until the next generation: new numbers before the rest of the old ones would look whole. */
#ifndef REFRESHER_SINK_IN_PLACE_H
#define REFRESHER_SINK_IN_PLACE_H

#include "sink/ops.h"

extern const struct sink_ops sink_in_place_ops;

#endif
