#include "run/watch.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>

int watch_open(struct watch *w, const char *file, struct err *e)
{
	char dir[4096];
	const char *slash = strrchr(file, '/');
	snprintf(w->name, sizeof w->name, "%s", slash ? slash + 1 : file);
	snprintf(dir, sizeof dir, "%.*s", slash ? (int)(slash - file + 1) : 1, slash ? file : ".");
	w->fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
	/* The directory, not the file: editors and the kubelet replace by rename. */
	if (w->fd >= 0 && inotify_add_watch(w->fd, dir, IN_CLOSE_WRITE | IN_MOVED_TO | IN_CREATE | IN_DELETE) >= 0)
		return 0;
	err_set(e, ERR_OS, errno, "%s: cannot watch for changes; SIGHUP still reloads", dir);
	watch_close(w);
	return -1;
}

bool watch_changed(struct watch *w)
{
	char buf[4096] __attribute__((aligned(8)));
	bool changed = false;
	ssize_t got;
	while ((got = read(w->fd, buf, sizeof buf)) > 0) {
		for (ssize_t at = 0; at < got;) {
			const struct inotify_event *ev = (const void *)(buf + at);
			bool ours = ev->len > 0 && (strcmp(ev->name, w->name) == 0 || strcmp(ev->name, "..data") == 0);
			changed |= ours && (ev->mask & (IN_CLOSE_WRITE | IN_MOVED_TO));
			changed |= (ev->mask & IN_Q_OVERFLOW) != 0; /* one of the lost ones may be ours */
			at += (ssize_t)(sizeof *ev + ev->len);
		}
	}
	return changed;
}

void watch_close(struct watch *w)
{
	if (w->fd >= 0)
		close(w->fd);
	w->fd = -1;
}
