#include "base/regular.h"

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <sys/stat.h>
#include <unistd.h>

int regular_open(const char *path, const char **other)
{
	struct stat st;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (fd < 0)
		return -1;
	if (fstat(fd, &st) < 0) {
		int saved = errno;
		close(fd);
		errno = saved;
		return -1;
	}
	*other = S_ISREG(st.st_mode)    ? NULL
		 : S_ISDIR(st.st_mode)  ? "a directory"
		 : S_ISFIFO(st.st_mode) ? "a pipe"
					: "a device";
	return fd;
}
