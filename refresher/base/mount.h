/* mount.h - is a name the root of a mount? A bind-mounted single file cannot be renamed over or unlinked (EBUSY). */
#ifndef REFRESHER_BASE_MOUNT_H
#define REFRESHER_BASE_MOUNT_H

/* 1: something is mounted on dir_fd/name (a symbolic link is not followed); 0: nothing is; -1 with errno: cannot be
 * found out, e.g. the name does not exist. Before Linux 5.8, or where statx(2) is refused, a mount of the directory's
 * own file system is not told from what lies there. */
int mount_is_root(int dir_fd, const char *name);

#endif
