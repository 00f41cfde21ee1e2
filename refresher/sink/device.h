/* device.h - a character device as FILE (/host_dev/random, the old example's form): the bytes are written as given,
 * with no truncation and no fsync. No entropy is credited by it. Nothing can be taken back after a failure. */
#ifndef REFRESHER_SINK_DEVICE_H
#define REFRESHER_SINK_DEVICE_H

#include "sink/ops.h"

extern const struct sink_ops sink_device_ops;

#endif
