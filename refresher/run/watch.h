/* watch.h - tells when the configuration changed: its name in its directory, a ConfigMap's ..data link beside it, or
 * the file that the name leads to, be it a link or a mount.
 *
 * Opened before the file is read for the first time, so that no change is lost: events wait in the queue. What is gone
 * (a directory that was moved or removed) is looked for again by watch_retry. Main thread; nothing blocks, but a path
 * is walked where something has changed. Behind seccomp too. */
#ifndef REFRESHER_RUN_WATCH_H
#define REFRESHER_RUN_WATCH_H

#include <stdbool.h>

struct watch {
	int fd;           /* inotify; -1: none */
	int dir, file;    /* inotify's numbers: of the directory that holds the name, of the file; -1: lost, -2: none */
	int told;         /* the `dir` that the log knows of */
	int sys_errno;    /* of the last look at the directory */
	const char *path; /* the caller's; NULL: nothing is to be watched */
};

/* A path that is NULL, or leads to a pipe or a device, which no reload reads, is not watched. A failure is told later.
 */
void watch_open(struct watch *w, const char *path);
void watch_tell(struct watch *w);    /* to the log, once: that it does not hold, that it holds again */
bool watch_changed(struct watch *w); /* reads what is pending */
bool watch_retry(struct watch *w);   /* now and then; true: it has come back, and changed */
void watch_close(struct watch *w);

#endif
