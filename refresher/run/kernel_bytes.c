#include "run/kernel_bytes.h"

#include <errno.h>
#include <sys/random.h>

int kernel_bytes(void *buf, size_t len, struct err *e)
{
	/* So few bytes come whole, and no signal interrupts it (getrandom(2)). */
	if (getrandom(buf, len, 0) != (ssize_t)len)
		return err_set(e, ERR_OS, errno, "getrandom");
	return 0;
}
