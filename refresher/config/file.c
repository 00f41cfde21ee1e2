#include "config/file.h"

#include "base/regular.h"
#include "base/signals.h"

#include <errno.h>
#include <poll.h>
#include <unistd.h>

enum { SLICE_MS = 100 };

/* Until there are data, or the last writer has gone. A FIFO that had none yet has not ended. -1: a signal is to end us.
 */
static int await(int fd)
{
	struct pollfd p = {.fd = fd, .events = POLLIN};
	do {
		if (signals_to_end()) {
			signals_give_back(); /* the end, but of process 1 */
			errno = EINTR;
			return -1;
		}
	} while (poll(&p, 1, SLICE_MS) == 0);
	return 0;
}

static ssize_t read_some(int fd, bool wait, char *text, size_t cap)
{
	for (;;) {
		if (wait && await(fd) < 0)
			return -1;
		ssize_t n = read(fd, text, cap);
		if (n >= 0 || (errno != EINTR && errno != EAGAIN))
			return n;
	}
}

static int read_all(int fd, bool wait, char *text, size_t cap, size_t *len)
{
	ssize_t n;
	*len = 0;
	while (*len < cap && (n = read_some(fd, wait, text + *len, cap - *len)) != 0) {
		if (n < 0)
			return -1;
		*len += (size_t)n;
	}
	return 0;
}

int file_read(const char *path, bool reload, char *text, size_t cap, size_t *len, struct err *e)
{
	const char *other;
	int rc = 0, fd = regular_open(path, &other);
	if (fd < 0) {
		enum err_code code = errno == EACCES || errno == EPERM ? ERR_NOPERM : ERR_CONFIG;
		return err_set(e, code, errno, "%.*s: cannot open the configuration", FILE_NAME_SHOWN, path);
	}
	if (other && reload)
		rc = err_set(e, ERR_CONFIG, 0, "%.*s: is %s; allowed at a reload: a regular file", FILE_NAME_SHOWN,
			     path, other);
	else if (read_all(fd, other && !reload, text, cap, len) < 0)
		rc = err_set(e, ERR_CONFIG, errno, "%.*s: cannot read the configuration", FILE_NAME_SHOWN, path);
	close(fd);
	return rc;
}
