#include "assess_cli/publish.h"

#include "base/io.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/* The mode that a new file has by the process's umask; no other thread runs. */
static mode_t usual_mode(void)
{
	const mode_t mask = umask(0);

	umask(mask);
	return 0666 & ~mask;
}

int publish_file(const char *path, const char *text, size_t length, struct err *e)
{
	char temporary[4096 + 16];
	struct stat st;
	const int n = snprintf(temporary, sizeof temporary, "%s.XXXXXX", path);

	/* A rename would put a file in the place of a device or fail on a directory only at the end. */
	if (n >= (int)sizeof temporary)
		return err_set(e, ERR_CANTCREAT, ENAMETOOLONG, "%.128s", path);
	if (lstat(path, &st) == 0 && !S_ISREG(st.st_mode) && !S_ISLNK(st.st_mode))
		return err_set(e, ERR_CANTCREAT, 0, "%.128s: is there and is no regular file; name another one", path);
	const int fd = mkostemp(temporary, O_CLOEXEC);
	if (fd < 0)
		return err_set(e, ERR_CANTCREAT, errno, "%.128s: no file can be made beside it", path);

	/* On the disk before it has its name. */
	int fault = 0;
	if (io_write_all(&io_posix, fd, text, length) < 0 || fchmod(fd, usual_mode()) < 0 || fsync(fd) < 0)
		fault = errno;
	if (close(fd) < 0 && fault == 0)
		fault = errno;
	if (fault == 0 && rename(temporary, path) < 0)
		fault = errno;
	if (fault == 0)
		return 0;
	unlink(temporary);
	return err_set(e, ERR_IO, fault, "%.128s: cannot be written", path);
}
