#include "assess_cli/publish.h"

#include "base/io.h"

#include <errno.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { PATH_LONGEST = 4096, MODE = 0644 };

/* The folder that the file lies in, or shall lie in. */
static void folder_of(const char *path, char folder[PATH_LONGEST])
{
	char copy[PATH_LONGEST];

	/* dirname(3) may write into its argument, and gives what may lie in it. */
	snprintf(copy, sizeof copy, "%s", path);
	snprintf(folder, PATH_LONGEST, "%s", dirname(copy));
}

int publish_possible(const char *path, struct err *e)
{
	char folder[PATH_LONGEST];
	struct stat st;

	if (!path[0])
		return err_set(e, ERR_CANTCREAT, 0, "the name is empty; name a file");

	/* The name of the temporary file beside it is a little longer. */
	if (strlen(path) + sizeof ".XXXXXX" > PATH_LONGEST)
		return err_set(e, ERR_CANTCREAT, ENAMETOOLONG, "%.128s", path);

	/* A rename would put a file in the place of a device, or fail on a directory. */
	if (lstat(path, &st) == 0 && !S_ISREG(st.st_mode) && !S_ISLNK(st.st_mode))
		return err_set(e, ERR_CANTCREAT, 0, "%.128s: is there and is no regular file; name another one", path);
	folder_of(path, folder);
	if (faccessat(AT_FDCWD, folder, W_OK | X_OK, AT_EACCESS) < 0)
		return err_set(e, ERR_CANTCREAT, errno, "%.128s: no file can be made in its folder", path);
	return 0;
}

/* The new name is on the disk once its folder is. */
static int sync_folder(const char *path)
{
	char folder[PATH_LONGEST];
	folder_of(path, folder);
	const int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return -1;
	const int rc = fsync(fd);
	close(fd);
	return rc;
}

int publish_file(const char *path, const char *text, size_t length, struct err *e)
{
	char temporary[PATH_LONGEST];
	if (publish_possible(path, e) < 0)
		return -1;
	snprintf(temporary, sizeof temporary, "%s.XXXXXX", path);
	const int fd = mkostemp(temporary, O_CLOEXEC);
	if (fd < 0)
		return err_set(e, ERR_CANTCREAT, errno, "%.128s: no file can be made beside it", path);

	/* The bytes are on the disk before the file has its name. */
	int fault = 0;
	if (io_write_all(&io_posix, fd, text, length) < 0 || fchmod(fd, MODE) < 0 || fsync(fd) < 0)
		fault = errno;
	if (close(fd) < 0 && fault == 0)
		fault = errno;
	if (fault == 0 && rename(temporary, path) < 0)
		fault = errno;
	if (fault != 0) {
		unlink(temporary);
		return err_set(e, ERR_IO, fault, "%.128s: cannot be written", path);
	}
	return sync_folder(path) < 0 ? err_set(e, ERR_IO, errno, "%.128s: its folder", path) : 0;
}
