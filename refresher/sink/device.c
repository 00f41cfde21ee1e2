#include "sink/device.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

struct device {
	struct sink_env env;
	int fd;
};

static void device_free(void *self)
{
	struct device *d = self;
	if (!d)
		return;
	if (d->fd >= 0)
		d->env.io->close(d->env.io->self, d->fd);
	free(d);
}

static int open_failed(const char *path, int fault, struct err *e)
{
	switch (fault) {
	case EPERM:
		return err_set(e, ERR_NOPERM, fault,
			       "the device cgroup does not let this container write %s; make it privileged, or use a "
			       "device plugin",
			       path);
	case EACCES:
		return err_set(e, ERR_NOPERM, fault, "uid %u may not write %s; run as its owner or change its mode",
			       (unsigned)geteuid(), path);
	default:
		return err_set(e, ERR_CANTCREAT, fault, "cannot open %s", path);
	}
}

static int open_checked(struct device *d, struct err *e)
{
	const struct io *io = d->env.io;
	const struct place *p = d->env.place;
	struct stat st;
	d->fd = io->openat(io->self, p->dir_fd, p->base, O_WRONLY | O_NOCTTY | O_NOFOLLOW | O_CLOEXEC, 0);
	if (d->fd < 0)
		return open_failed(p->path, errno, e);
	if (io->fstat(io->self, d->fd, &st) < 0 || !S_ISCHR(st.st_mode))
		return err_set(e, ERR_CANTCREAT, 0, "%s is no character device any more", p->path);
	return 0;
}

static void *device_open(const struct sink_env *env, struct err *e)
{
	struct device *d = calloc(1, sizeof *d);
	if (!d) {
		err_set(e, ERR_OS, ENOMEM, "sink");
		return NULL;
	}
	*d = (struct device){.env = *env, .fd = -1};
	if (open_checked(d, e) < 0) {
		device_free(d);
		return NULL;
	}
	place_fini(env->place, env->io); /* nothing is ever created beside a device */
	return d;
}

static int device_write(void *self, const void *buf, size_t len, struct err *e)
{
	struct device *d = self;
	if (io_write_all(d->env.io, d->fd, buf, len) < 0)
		return err_set(e, ERR_IO, errno, "cannot write to the device %s", d->env.place->path);
	return 0;
}

const struct sink_ops sink_device_ops = {
	.open = device_open,
	.free = device_free,
	.write = device_write,
};
