/* filesystem.h - what a file system is asked for beside reading and writing: to bring a file or directory to the disk,
 * to give a file its owner and mode, to lock it. One that has no such thing is told from one that fails by the errno,
 * and by a look at what came of the call. What it does not have is a note for the log, once; numbers flow. Private to
 * sink/. */
#ifndef REFRESHER_SINK_FILESYSTEM_H
#define REFRESHER_SINK_FILESYSTEM_H

#include "sink/mode.h"

/* The system call is not supported for this file: EINVAL, ENOTSUP, EOPNOTSUPP, ENOSYS, EBADF; of locks also ENOLCK.
 * EIO, ENOSPC, EDQUOT and all others are failures. Pure. */
bool filesystem_lacks(int sys_errno);

/* fsync of the file that is written, or of its directory. After EIO the kernel may hold the pages for clean, so a
 * second one proves nothing: the file is given up. 0, or -1 with *e. */
int filesystem_sync(struct sink *s, struct err *e);
int filesystem_sync_directory(struct sink *s, struct err *e);

/* Gives the file that is written the configured owner, where there is one, and then the mode, since fchown(2) may clear
 * bits of it. A mode that the file system refuses (EPERM, EACCES, ENOSYS, EOPNOTSUPP) or takes without effect is a note
 * that names the mode the file has, or an error where output.mode was set; an owner that is given is set or an error.
 * The owner that the file has then is remembered as that of published files. 0, or -1 with *e. */
int filesystem_own(struct sink *s, mode_t mode, struct err *e);

#endif
