/* stream.h - standard output. What was written cannot be taken back; a reader that went away is an error with its own
 * text (the process must block or ignore SIGPIPE). The descriptor stays open. */
#ifndef REFRESHER_SINK_STREAM_H
#define REFRESHER_SINK_STREAM_H

#include "sink/ops.h"

extern const struct sink_ops sink_stream_ops;

#endif
