/* device.h - the kernel's character device /dev/hwrng, or any other character device, as a noise source.
 *
 * Facts that the code rests on: the current generator is looked up at each read, so one descriptor survives a change of
 * the driver; no generator bound is ENODEV at read, not at open; there is no poll operation; O_NONBLOCK answers EAGAIN
 * nearly always; a signal returns a partial read; a stuck virtio device blocks a read until the process is killed. */
#ifndef REFRESHER_SOURCE_DEVICE_H
#define REFRESHER_SOURCE_DEVICE_H

#include "source/source.h"

/* Opens path for blocking reads; a serial line is set raw (tty.h). Does not wait. 0, or -1 with *cause and *e, chosen
 * from what was looked up (refusal.h), which names the remedy. */
int device_open(struct source *s, const char *path, const struct io *io, enum source_cause *cause, struct err *e);

/* The default path: /host_dev/hwrng where it exists, else /dev/hwrng. */
const char *device_default_path(const struct io *io);

/* Whether the device gives one byte within timeout_seconds. The read is made in a child process, because a stuck device
 * can only be left by killing its reader. Call before any thread exists. 0, or -1 with *cause and *e. */
int device_trial(const char *path, double timeout_seconds, enum source_cause *cause, struct err *e);

/* What the kernel says about its present generator, from /sys/class/misc/hw_random. The descriptors are opened once and
 * stay readable after confinement. */
struct hwrng_info {
	int current_fd, quality_fd; /* -1 where sysfs has none */
};
void hwrng_info_open(struct hwrng_info *i);
void hwrng_info_close(struct hwrng_info *i);
/* driver: rng_current ("virtio_rng.0"; "none": no generator bound; "" unknown). quality_ratio: rng_quality / 1024, or
 * -1. */
void hwrng_info_read(const struct hwrng_info *i, char driver[SOURCE_DRIVER_MAX], double *quality_ratio);

#endif
