/* stream.h - standard output, and a character device as FILE (/host_dev/random, the old example's form): the bytes go
 * out as given, with no truncation and no fsync, and what was written cannot be taken back. No entropy is credited by
 * them. A reader of standard output that went away is an error with its own text (the process must block or ignore
 * SIGPIPE); that descriptor stays open. */
#ifndef REFRESHER_SINK_STREAM_H
#define REFRESHER_SINK_STREAM_H

#include "sink/mode.h"

extern const struct sink_ops sink_stream_ops, sink_device_ops;

#endif
