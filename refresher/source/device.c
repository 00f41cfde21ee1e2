#include "source/device.h"

#include "source/paced.h"
#include "source/refusal.h"
#include "source/tty.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sysmacros.h>

enum { EAGAIN_PAUSE_NS = 100000000 }; /* looking ten times a second costs nothing */

struct device {
	const struct io *io;
	int fd;
	bool is_hwrng;
	char path[SOURCE_PATH_MAX];
};

static int read_error(const struct device *d, int fault, enum source_cause *cause, struct err *e)
{
	if (fault == ENODEV || fault == ENXIO) {
		*cause = SOURCE_NO_DRIVER;
		return err_set(e, ERR_UNAVAILABLE, fault, "%.128s: no generator is bound to the device%s", d->path,
			       d->is_hwrng ? "; see /sys/class/misc/hw_random/rng_available" : "");
	}
	*cause = SOURCE_IO;
	return err_set(e, ERR_UNAVAILABLE, fault, "%.128s: read", d->path);
}

static ssize_t device_read(void *self, uint8_t *buf, size_t cap, enum source_cause *cause, struct err *e)
{
	struct device *d = self;
	ssize_t n = paced_read(d->io, d->fd, buf, cap, EAGAIN_PAUSE_NS);
	if (n > 0)
		return n;
	if (n < 0)
		return read_error(d, errno, cause, e);
	*cause = SOURCE_END;
	return err_set(e, ERR_UNAVAILABLE, 0, "%.128s: end of data from a device that should have none", d->path);
}

static void device_free(void *self)
{
	struct device *d = self;
	if (!d)
		return;
	if (d->fd >= 0)
		d->io->close(d->fd);
	free(d);
}

static const struct source_ops device_ops = {.read = device_read, .free = device_free};

static int refuse(const char *path, int sys_errno, enum source_cause *cause, struct err *e)
{
	struct device_facts f;
	device_look(&f, path, sys_errno);
	*cause = device_explain(&f, e);
	return -1;
}

/* 0 with d->fd open for blocking reads; -1. */
static int open_node(struct device *d, enum source_cause *cause, struct err *e)
{
	const struct io *io = d->io;
	struct stat st = {0};

	/* O_NONBLOCK: neither a FIFO named by mistake nor a serial line without a carrier may keep us here. */
	d->fd = io->openat(AT_FDCWD, d->path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK, 0);
	if (d->fd < 0)
		return refuse(d->path, errno, cause, e);
	io->fstat(d->fd, &st);
	if (!S_ISCHR(st.st_mode) || st.st_rdev == makedev(1, 3)) /* /dev/null, by whatever name */
		return refuse(d->path, 0, cause, e);
	d->is_hwrng = st.st_rdev == makedev(10, 183);
	fcntl(d->fd, F_SETFL, O_RDONLY);
	return tty_make_raw(d->fd, d->path, cause, e);
}

int device_open(struct source *s, const char *path, const struct io *io, enum source_cause *cause, struct err *e)
{
	struct device *d = malloc(sizeof *d);
	if (!d) {
		*cause = SOURCE_IO;
		return err_set(e, ERR_OS, ENOMEM, "%.128s", path);
	}
	*d = (struct device){.io = io, .fd = -1};
	strncpy(d->path, path, sizeof d->path - 1);
	if (open_node(d, cause, e) < 0) {
		device_free(d);
		return -1;
	}
	*s = (struct source){
		.ops = &device_ops, .self = d, .kind = SOURCE_DEVICE, .name = d->path, .is_hwrng = d->is_hwrng};
	return 0;
}

const char *device_default_path(const struct io *io)
{
	static const char in_container[] = "/host_dev/hwrng";
	struct stat st;
	return io->fstatat(AT_FDCWD, in_container, &st, 0) == 0 ? in_container : "/dev/hwrng";
}
