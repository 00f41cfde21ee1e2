/* file.h - the text of the configuration file, or of another one, and whether it is another one than before.
 *
 * Only a regular file is read, whatever links lead to it: a pipe gives its text once, and no reload could read it
 * again. Nothing here waits for a writer; a disk or network that does not answer is waited for, as by any stat(2).
 *
 * Changes are found by a stat(2) now and then (file_check). It sees what the name leads to: a link or a ConfigMap's
 * ..data swapped, a mount, a file system that has no events. Main thread; behind seccomp too. */
#ifndef REFRESHER_CONFIG_FILE_H
#define REFRESHER_CONFIG_FILE_H

#include "base/err.h"

#include <stddef.h>
#include <stdint.h>

enum { FILE_NAME_SHOWN = 160 }; /* so much of its name in messages */

/* Two stamps are equal, byte by byte, when nothing was written and nothing was put in the file's place between them.
 * All members have one type, so that there is no padding. */
struct file_stamp {
	int64_t device, inode, size;
	int64_t written_ns, changed_ns; /* mtime, ctime */
	int64_t sys_errno;              /* of stat(2); 0: the file was there */
};

struct file_watch {
	struct file_stamp read; /* of the text that was read last; what a refused text was counts too */
	struct file_stamp seen; /* at the last check */
};

enum file_change {
	FILE_SAME,
	FILE_SETTLING, /* another one than was read, and perhaps still being written: worth another check soon */
	FILE_CHANGED,  /* twice the same, and not what was read: to be read now; said once */
	FILE_GONE,     /* twice out of reach, seen.sys_errno says why; said once */
};

/* Which file, and the words for it in messages: "cannot open the NOUN", "write it into one INSTEAD". */
struct file_name {
	const char *path, *noun, *instead;
};

/* Up to cap bytes into text; *len says how many. *stamp is that of the descriptor before the first byte was read, so
 * that a later change differs from it; where the file could not be opened, it stays. -1 with *e: ERR_NOPERM, or
 * ERR_CONFIG for any other reason, with e->sys_errno ENOENT where there is none. */
int file_read(const struct file_name *f, char *text, size_t cap, size_t *len, struct file_stamp *stamp, struct err *e);

/* One stat(2). A file that was emptied is no change: whoever emptied it is about to write. */
enum file_change file_check(struct file_watch *w, const char *path);

#endif
