/* in_place.h - writes into the existing file, for a file that is mounted by itself and cannot be renamed over.
 *
 * Per generation: write lock on the whole file, empty it before the first byte, write, fsync, unlock. A crash leaves a
 * short file or an empty one, and never old numbers behind new ones. A reader that takes a read lock (fcntl) sees a
 * whole generation; one that does not may see a short one. A failure in the middle leaves an empty file until the next
 * generation. The lock is asked for and never waited for: whoever holds it costs this generation and nothing else.
 *
 * FILE is opened once, at the start, since the user that this process becomes may not be able to open it. With a second
 * name (a hard link) it is refused, since that may be any file of anybody. A FILE that is removed or replaced after
 * that needs a restart, as its directory does. To remove it means to empty it. */
#ifndef REFRESHER_SINK_IN_PLACE_H
#define REFRESHER_SINK_IN_PLACE_H

#include "sink/mode.h"

extern const struct sink_ops sink_in_place_ops;

#endif
