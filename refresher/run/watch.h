/* watch.h - tells when the configuration file changed: the file itself, or a ConfigMap's ..data link in its directory.
 */
#ifndef REFRESHER_RUN_WATCH_H
#define REFRESHER_RUN_WATCH_H

#include "base/err.h"

#include <stdbool.h>

struct watch {
	int fd;         /* inotify; -1: nothing is watched */
	char name[256]; /* the file's name in its directory */
};

int watch_open(struct watch *w, const char *file, struct err *e);
bool watch_changed(struct watch *w); /* reads what is pending, never blocks */
void watch_close(struct watch *w);

#endif
