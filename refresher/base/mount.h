/* mount.h - is a name the root of a mount? A bind-mounted single file cannot be renamed over or unlinked (EBUSY). */
#ifndef REFRESHER_BASE_MOUNT_H
#define REFRESHER_BASE_MOUNT_H

/* 1: something is mounted on dir_fd/name (a symbolic link is not followed); 0: nothing is; -1 with errno: cannot be
 * found out, e.g. the name does not exist. dir_fd is a real directory, not AT_FDCWD. */
int mount_is_root(int dir_fd, const char *name);

/* The two ways behind it. statx tells it since Linux 5.8; -1 with ENOSYS before. */
int mount_root_by_statx(int dir_fd, const char *name);
/* Before: the name and its directory lie on different mounts, as /proc/self/fdinfo tells. */
int mount_root_by_fdinfo(int dir_fd, const char *name);

/* The number behind "mnt_id:" in the text of a /proc/self/fdinfo file; -1 when there is none. Pure. */
int mount_id_of(const char *fdinfo);

#endif
