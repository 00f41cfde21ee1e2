#include "base/mount.h"

#include <fcntl.h>
#include <sys/stat.h>

int mount_is_root(int dir_fd, const char *name)
{
	struct statx sx;
	struct stat dir, entry;

	/* An older kernel leaves the attribute out of the mask of those that it knows. */
	if (statx(dir_fd, name, AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT, STATX_TYPE, &sx) == 0 &&
	    (sx.stx_attributes_mask & STATX_ATTR_MOUNT_ROOT))
		return (sx.stx_attributes & STATX_ATTR_MOUNT_ROOT) != 0;

	/* What lies on another file system than its directory can only be the root of a mount. */
	if (fstatat(dir_fd, name, &entry, AT_SYMLINK_NOFOLLOW) < 0 || fstat(dir_fd, &dir) < 0)
		return -1;
	return entry.st_dev != dir.st_dev;
}
