/* open.c - source_open: the only file that knows all kinds of source. */
#include "source/cpu.h"
#include "source/device.h"
#include "source/kernel.h"
#include "source/replay.h"
#include "source/source.h"

#include <stdio.h>

static const char *device_path(const struct source_config *c, const struct io *io)
{
	return c->device[0] ? c->device : device_default_path(io);
}

static int open_replay(struct source *s, const struct source_config *c, const struct io *io, enum source_cause *cause,
		       struct err *e)
{
	if (!c->path[0]) {
		*cause = SOURCE_MISSING;
		return err_set(e, ERR_CONFIG, 0, "source.path: --source replay needs a file or FIFO of samples here");
	}
	return replay_open(s, c->path, io, cause, e);
}

static int open_auto(struct source *s, const struct source_config *c, const struct io *io, char *why, size_t why_len)
{
	enum source_cause cause;
	struct err device_err, cpu_err;
	const char *path = device_path(c, io);

	/* The best is the device, but only one that answers: the trial read happens in a child, for some never do. */
	if (device_trial(path, c->timeout_seconds, &cause, &device_err) == 0 &&
	    device_open(s, path, io, &cause, &device_err) == 0)
		return 0;

	/* Then the CPU, then the kernel, which is always there; the caller learns why not the ones before. */
	if (cpu_open(s, &cause, &cpu_err) == 0) {
		snprintf(why, why_len, "device: %s", device_err.msg);
		return 0;
	}
	snprintf(why, why_len, "device: %s; cpu: %s", device_err.msg, cpu_err.msg);
	kernel_open(s);
	return 0;
}

int source_open(struct source *s, const struct source_config *c, const struct io *io, char *why, size_t why_len,
		enum source_cause *cause, struct err *e)
{
	if (why_len > 0)
		why[0] = '\0';
	switch (c->kind) {
	case SOURCE_AUTO:
		return open_auto(s, c, io, why, why_len);
	case SOURCE_DEVICE:
		return device_open(s, device_path(c, io), io, cause, e);
	case SOURCE_CPU:
		return cpu_open(s, cause, e);
	case SOURCE_KERNEL:
		kernel_open(s);
		return 0;
	case SOURCE_REPLAY:
		return open_replay(s, c, io, cause, e);
	case SOURCE_KINDS:
		break;
	}
	return err_set(e, ERR_SOFTWARE, 0, "source kind %d", (int)c->kind);
}
