/* hwrng_info.h - what the kernel says about its present generator, from /sys/class/misc/hw_random.
 *
 * The descriptors are opened once and stay readable after confinement. Any thread. */
#ifndef REFRESHER_SOURCE_HWRNG_INFO_H
#define REFRESHER_SOURCE_HWRNG_INFO_H

#include "source/source.h"

struct hwrng_info {
	int current_fd, quality_fd; /* -1 where sysfs has none */
};
void hwrng_info_open(struct hwrng_info *i);
void hwrng_info_close(struct hwrng_info *i);
/* driver: rng_current ("virtio_rng.0"; "none": no generator bound; "" unknown). quality_ratio: rng_quality / 1024, or
 * -1. */
void hwrng_info_read(const struct hwrng_info *i, char driver[SOURCE_DRIVER_MAX], double *quality_ratio);

#endif
