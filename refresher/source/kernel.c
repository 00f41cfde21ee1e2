#include "source/kernel.h"

#include <errno.h>
#include <sys/random.h>

static ssize_t kernel_read(void *self, uint8_t *buf, size_t cap, enum source_cause *cause, struct err *e)
{
	(void)self;
	for (;;) {
		ssize_t n = getrandom(buf, cap, 0);
		if (n > 0)
			return n;
		if (n < 0 && errno == EINTR)
			continue;
		*cause = SOURCE_IO;
		return err_set(e, ERR_UNAVAILABLE, n < 0 ? errno : EIO, "getrandom");
	}
}

static void kernel_free(void *self)
{
	(void)self;
}

static const struct source_ops kernel_ops = {.read = kernel_read, .free = kernel_free};

void kernel_open(struct source *s)
{
	*s = (struct source){.ops = &kernel_ops, .kind = SOURCE_KERNEL, .name = "getrandom"};
}
