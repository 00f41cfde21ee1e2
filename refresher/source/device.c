#include "source/device.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The device has no poll operation, so EAGAIN is answered by waiting: ten times a second costs nothing. EINTR is tried
 * again at once, but a driver that answers nothing else may not keep a core busy. */
enum { EAGAIN_PAUSE_NS = 100000000, EINTR_FREE = 64, EINTR_PAUSE_NS = 1000000 };

struct device {
	const struct io *io;
	int fd;
	char path[SOURCE_PATH_MAX];
};

static int open_error(const char *path, int fault, enum source_cause *cause, struct err *e)
{
	switch (fault) {
	case ENOENT:
	case ENOTDIR:
		*cause = SOURCE_MISSING;
		return err_set(
			e, ERR_UNAVAILABLE, fault,
			"%s: this machine shows no hardware random number generator here; mount the host's /dev at "
			"/host_dev, name another --device, or choose --source cpu or kernel",
			path);
	case EPERM:
		*cause = SOURCE_CGROUP;
		return err_set(
			e, ERR_NOPERM, fault,
			"%s: the container's device cgroup refuses it; run the container privileged or take the device "
			"from a device plugin (capabilities do not help)",
			path);
	case EACCES:
		*cause = SOURCE_MODE;
		return err_set(e, ERR_NOPERM, fault,
			       "%s: the file mode refuses uid %u; start as uid 0 (the daemon drops it) or let the "
			       "owner or group "
			       "of the device read it",
			       path, (unsigned)geteuid());
	case ENODEV:
	case ENXIO:
		*cause = SOURCE_NO_DRIVER;
		return err_set(e, ERR_UNAVAILABLE, fault, "%s: no driver is behind this node", path);
	default:
		*cause = SOURCE_IO;
		return err_set(e, ERR_UNAVAILABLE, fault, "%s: open", path);
	}
}

static int read_error(const char *path, int fault, enum source_cause *cause, struct err *e)
{
	if (fault == ENODEV || fault == ENXIO) {
		*cause = SOURCE_NO_DRIVER;
		return err_set(e, ERR_UNAVAILABLE, fault,
			       "%s: no generator is bound to the device; see /sys/class/misc/hw_random/rng_available",
			       path);
	}
	if (fault == EPERM || fault == EACCES)
		return open_error(path, fault, cause, e);
	*cause = SOURCE_IO;
	return err_set(e, ERR_UNAVAILABLE, fault, "%s: read", path);
}

static ssize_t device_read(void *self, uint8_t *buf, size_t cap, enum source_cause *cause, struct err *e)
{
	struct device *d = self;
	for (unsigned interrupted = 0;;) {
		ssize_t n = d->io->read(d->io->self, d->fd, buf, cap);
		if (n > 0)
			return n;
		if (n == 0) {
			*cause = SOURCE_END;
			return err_set(e, ERR_UNAVAILABLE, 0, "%s: end of data from a device that should have none",
				       d->path);
		}
		if (errno != EAGAIN && errno != EINTR)
			return read_error(d->path, errno, cause, e);
		if (errno == EAGAIN)
			d->io->sleep_ns(d->io->self, EAGAIN_PAUSE_NS);
		else if (++interrupted > EINTR_FREE)
			d->io->sleep_ns(d->io->self, EINTR_PAUSE_NS);
	}
}

static void device_free(void *self)
{
	struct device *d = self;
	if (!d)
		return;
	if (d->fd >= 0)
		d->io->close(d->io->self, d->fd);
	free(d);
}

static const struct source_ops device_ops = {.read = device_read, .free = device_free};

int device_open(struct source *s, const char *path, const struct io *io, enum source_cause *cause, struct err *e)
{
	struct stat st;
	struct device *d = malloc(sizeof *d);
	if (!d) {
		*cause = SOURCE_IO;
		return err_set(e, ERR_OS, ENOMEM, "%s", path);
	}
	*d = (struct device){.io = io, .fd = -1};
	strncpy(d->path, path, sizeof d->path - 1);
	/* Look before opening: opening a FIFO by mistake would block. */
	if (io->fstatat(io->self, AT_FDCWD, path, &st, 0) == 0 && !S_ISCHR(st.st_mode)) {
		*cause = SOURCE_WRONG_TYPE;
		err_set(e, ERR_UNAVAILABLE, 0, "%s is not a character device; for a file or FIFO use --source replay",
			path);
		goto fail;
	}
	d->fd = io->openat(io->self, AT_FDCWD, path, O_RDONLY | O_CLOEXEC | O_NOCTTY, 0);
	if (d->fd < 0) {
		open_error(path, errno, cause, e);
		goto fail;
	}
	*s = (struct source){.ops = &device_ops, .self = d, .kind = SOURCE_DEVICE, .name = d->path};
	return 0;
fail:
	device_free(d);
	return -1;
}

const char *device_default_path(const struct io *io)
{
	static const char in_container[] = "/host_dev/hwrng";
	struct stat st;
	return io->fstatat(io->self, AT_FDCWD, in_container, &st, 0) == 0 ? in_container : "/dev/hwrng";
}
