/* kernel.c - getrandom(2) as a noise source: the last resort of `auto`, where there is no hardware to watch.
 *
 * Its output is that of the kernel's DRBG, so the health tests can only catch gross faults; documents and status say
 * so. */
#include "source/source.h"

#include <errno.h>
#include <sys/random.h>

static ssize_t kernel_read(void *self, uint8_t *buf, size_t cap, enum source_cause *cause, struct err *e)
{
	ssize_t n;
	(void)self;

	/* A signal may come before the first byte: then it is asked again. */
	do
		n = getrandom(buf, cap, 0);
	while (n < 0 && errno == EINTR);
	if (n > 0)
		return n;
	*cause = SOURCE_IO;
	return err_set(e, ERR_UNAVAILABLE, n < 0 ? errno : EIO, "getrandom");
}

static const struct source_ops kernel_ops = {.read = kernel_read};

int kernel_open(struct source *s, const struct source_config *c, const struct io *io, struct err *e)
{
	(void)c, (void)io, (void)e;
	*s = (struct source){.ops = &kernel_ops, .kind = SOURCE_KERNEL, .name = "getrandom"};
	return 0;
}
