/* device.h - the kernel's character device /dev/hwrng, or any other character device, as a noise source.
 *
 * Facts that the code rests on: the current generator is looked up at each read, so one descriptor survives a change of
 * the driver; no generator bound is ENODEV at read, not at open; there is no poll operation; O_NONBLOCK answers EAGAIN
 * nearly always; a signal returns a partial read; a stuck virtio device blocks a read until the process is killed.
 *
 * device_open (source.h) opens source.device for blocking reads; a serial line is set raw (tty.h). It does not wait.
 * Its errors are chosen from what was looked up (refusal.h), and name the remedy. */
#ifndef REFRESHER_SOURCE_DEVICE_H
#define REFRESHER_SOURCE_DEVICE_H

#include "source/source.h"

/* source.device, or the default: /host_dev/hwrng where it exists, else /dev/hwrng. */
const char *device_path(const struct source_config *c, const struct io *io);

/* Whether the device gives one byte within source.timeout. The read is made in a child process, because a stuck device
 * can only be left by killing its reader. Call before any thread exists. 0, or -1 with *e. */
int device_probe(const struct source_config *c, struct err *e);

#endif
