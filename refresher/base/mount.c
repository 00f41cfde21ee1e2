#include "base/mount.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

int mount_root_by_statx(int dir_fd, const char *name)
{
	struct statx sx;
	if (statx(dir_fd, name, AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT, STATX_TYPE, &sx) < 0)
		return -1;

	/* An older kernel leaves the attribute out of the mask of those that it knows. */
	if (!(sx.stx_attributes_mask & STATX_ATTR_MOUNT_ROOT)) {
		errno = ENOSYS;
		return -1;
	}
	return (sx.stx_attributes & STATX_ATTR_MOUNT_ROOT) != 0;
}

int mount_id_of(const char *fdinfo)
{
	int id;
	const char *line = strstr(fdinfo, "mnt_id:");
	return line && sscanf(line, "mnt_id: %d", &id) == 1 ? id : -1;
}

static int mount_id(int fd)
{
	char path[64], text[512];
	snprintf(path, sizeof path, "/proc/self/fdinfo/%d", fd);
	int info = open(path, O_RDONLY | O_CLOEXEC);
	if (info < 0)
		return -1;
	ssize_t n = read(info, text, sizeof text - 1);
	close(info);
	if (n < 0)
		return -1;
	text[n] = '\0';
	errno = ENOSYS; /* what the caller sees where the text has no such line */
	return mount_id_of(text);
}

int mount_root_by_fdinfo(int dir_fd, const char *name)
{
	/* O_PATH needs no right to the file and waits for nobody. */
	int fd = openat(dir_fd, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return -1;

	/* A file that lies on another mount than its directory can only be the root of that mount. */
	int inner = mount_id(fd), outer = mount_id(dir_fd), failed = errno;
	close(fd);
	errno = failed;
	return inner < 0 || outer < 0 ? -1 : inner != outer;
}

int mount_is_root(int dir_fd, const char *name)
{
	int is = mount_root_by_statx(dir_fd, name);
	return is < 0 && errno == ENOSYS ? mount_root_by_fdinfo(dir_fd, name) : is;
}
