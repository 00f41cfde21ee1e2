#include "source/device.h"

#include "source/refusal.h"
#include "source/stream.h"
#include "source/tty.h"

#include <errno.h>
#include <sys/sysmacros.h>

enum { EAGAIN_PAUSE_NS = 100000000 }; /* looking ten times a second costs nothing */

static ssize_t device_read(void *self, uint8_t *buf, size_t cap, enum source_cause *cause, struct err *e)
{
	struct stream *d = self;

	/* Most devices block until they have something; a few answer EAGAIN all the same. */
	ssize_t n = stream_read(d, buf, cap, EAGAIN_PAUSE_NS);
	int fault = errno;
	if (n > 0)
		return n;

	/* Of the hwrng device sysfs tells which generators could be bound. */
	if (n < 0 && (fault == ENODEV || fault == ENXIO)) {
		*cause = SOURCE_NO_DRIVER;
		return err_set(e, ERR_UNAVAILABLE, fault, "%.128s: no generator is bound to the device%s", d->path,
			       d->info.current_fd >= 0 ? "; see /sys/class/misc/hw_random/rng_available" : "");
	}

	/* Whatever else comes is tried again by the caller, after a pause. */
	*cause = n < 0 ? SOURCE_IO : SOURCE_END;
	if (n < 0)
		return err_set(e, ERR_UNAVAILABLE, fault, "%.128s: read", d->path);
	return err_set(e, ERR_UNAVAILABLE, 0, "%.128s: end of data from a device that should have none", d->path);
}

static void device_describe(const void *self, struct source_identity *i)
{
	const struct stream *d = self;
	hwrng_info_read(&d->info, i->driver, &i->kernel_quality_ratio);
}

static void device_free(void *self)
{
	struct stream *d = self;
	hwrng_info_close(&d->info);
	stream_free(d);
}

static const struct source_ops device_ops = {.read = device_read, .describe = device_describe, .free = device_free};

const char *device_path(const struct source_config *c, const struct io *io)
{
	static const char in_container[] = "/host_dev/hwrng";
	struct stat st;
	if (c->device[0])
		return c->device;
	return io->fstatat(AT_FDCWD, in_container, &st, 0) == 0 ? in_container : "/dev/hwrng";
}

int device_open(struct source *s, const struct source_config *c, const struct io *io, struct err *e)
{
	/* Why it cannot be opened has many causes, which are looked up then. */
	const char *path = device_path(c, io);
	struct stream *d = stream_open(path, io);
	if (!d)
		return device_refuse(path, errno, e);

	/* /dev/null, by whatever name, is a character device that never has anything to say. */
	int rc = 0;
	if (!S_ISCHR(d->st.st_mode) || d->st.st_rdev == makedev(1, 3))
		rc = device_refuse(path, 0, e);
	if (rc == 0)
		rc = tty_make_raw(d->fd, path, e);
	if (rc < 0) {
		device_free(d);
		return -1;
	}

	/* Reads wait from now on. sysfs speaks of the kernel's hwrng device alone (character device 10:183). */
	fcntl(d->fd, F_SETFL, O_RDONLY);
	if (d->st.st_rdev == makedev(10, 183))
		hwrng_info_open(&d->info);
	*s = (struct source){.ops = &device_ops, .self = d, .kind = SOURCE_DEVICE, .name = d->path};
	return 0;
}
