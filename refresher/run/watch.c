#include "run/watch.h"

#include "base/log.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
	/* The directory, not only the file: editors and the kubelet replace by rename. */
	DIR_EVENTS = IN_CLOSE_WRITE | IN_MOVED_TO | IN_CREATE | IN_MOVE_SELF | IN_ONLYDIR,
	/* IN_ATTRIB: one name less, perhaps ours. */
	FILE_EVENTS = IN_CLOSE_WRITE | IN_ATTRIB | IN_MOVE_SELF,
	TOLD_NOTHING = -2,
	NO_FILE = -2, /* the name leads to a pipe or a device now */
};

static void directory_of(const char *path, char *dir, size_t cap)
{
	const char *slash = strrchr(path, '/');
	snprintf(dir, cap, "%.*s", slash ? (int)(slash - path + 1) : 1, slash ? path : ".");
}

static void give_up(struct watch *w, int *wd, int next)
{
	if (*wd >= 0)
		inotify_rm_watch(w->fd, *wd);
	*wd = next;
}

/* Watches what the path leads to now. true: something else than before. */
static bool look_at(struct watch *w, int *wd, const char *path, uint32_t events)
{
	int now = inotify_add_watch(w->fd, path, events);
	w->sys_errno = now < 0 ? errno : 0;
	/* The user that we have become may not be allowed to look: what is watched already stays. */
	if (now == *wd || (now < 0 && errno != ENOENT && errno != ENOTDIR))
		return false;
	give_up(w, wd, now);
	return now >= 0;
}

/* An empty one has just been created: its writer's close will tell. */
static bool has_text(const struct watch *w)
{
	struct stat st;
	return stat(w->path, &st) == 0 && st.st_size > 0;
}

/* A link comes whole; nobody writes into it and closes it. */
static bool is_link(const struct watch *w)
{
	struct stat st;
	return lstat(w->path, &st) == 0 && (S_ISLNK(st.st_mode) || st.st_nlink > 1);
}

/* No reload reads anything else; and all the world writes to /dev/null. */
static bool is_no_file(const struct watch *w)
{
	struct stat st;
	return stat(w->path, &st) == 0 && !S_ISREG(st.st_mode);
}

/* true: a change that no event tells. Of a plain name in a directory that was watched all the time one does: its
 * writer's close, or the rename. */
static bool look(struct watch *w)
{
	char dir[4096];
	bool other = false;
	directory_of(w->path, dir, sizeof dir);
	if (is_no_file(w))
		give_up(w, &w->file, NO_FILE);
	else
		other = look_at(w, &w->file, w->path, FILE_EVENTS) && has_text(w);
	bool elsewhere = look_at(w, &w->dir, dir, DIR_EVENTS);
	return other && (elsewhere || is_link(w));
}

void watch_open(struct watch *w, const char *path)
{
	struct stat st;
	*w = (struct watch){.fd = -1, .dir = -1, .file = -1, .told = TOLD_NOTHING};
	if (!path || (stat(path, &st) == 0 && !S_ISREG(st.st_mode)))
		return;
	w->path = path;
	w->fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
	w->sys_errno = errno;
	if (w->fd >= 0)
		look(w);
}

void watch_tell(struct watch *w)
{
	if (!w->path || w->told == w->dir)
		return;
	if (w->dir < 0)
		log_warn("the configuration is not watched; SIGHUP still reloads", log_str("file", w->path),
			 log_str("error", strerror(w->sys_errno)));
	else if (w->told != TOLD_NOTHING)
		log_warn("the configuration is watched again, in a new directory; where Landlock keeps that out of "
			 "reach, only a restart reads it",
			 log_str("file", w->path));
	w->told = w->dir;
}

static bool is_ours(const struct watch *w, const struct inotify_event *ev)
{
	const char *slash = strrchr(w->path, '/'), *name = slash ? slash + 1 : w->path;
	return ev->len > 0 && (strcmp(ev->name, name) == 0 || strcmp(ev->name, "..data") == 0);
}

/* true: a change. *lost: the path may lead elsewhere now. */
static bool judge(struct watch *w, const struct inotify_event *ev, bool *lost)
{
	if (ev->mask & IN_Q_OVERFLOW) /* one of the lost ones may be ours */
		return true;
	if (ev->wd != w->dir && ev->wd != w->file)
		return false;
	*lost |= (ev->mask & (IN_ATTRIB | IN_MOVE_SELF | IN_IGNORED)) != 0;
	if (ev->mask & IN_IGNORED)
		*(ev->wd == w->dir ? &w->dir : &w->file) = -1;
	if (ev->wd == w->dir && (ev->mask & IN_MOVE_SELF)) /* whatever stands in its place, it is not this one */
		give_up(w, &w->dir, -1);
	if (ev->wd == w->dir && !is_ours(w, ev))
		return false;
	return (ev->mask & (IN_CLOSE_WRITE | IN_MOVED_TO)) || ((ev->mask & IN_CREATE) && is_link(w));
}

bool watch_changed(struct watch *w)
{
	char buf[4096] __attribute__((aligned(8)));
	bool changed = false, lost = false;
	ssize_t got;
	while ((got = read(w->fd, buf, sizeof buf)) > 0) {
		for (ssize_t at = 0; at < got;) {
			const struct inotify_event *ev = (const void *)(buf + at);
			changed |= judge(w, ev, &lost);
			at += (ssize_t)(sizeof *ev + ev->len);
		}
	}
	if (changed || lost)
		changed |= look(w);
	watch_tell(w);
	return changed;
}

bool watch_retry(struct watch *w)
{
	if (w->fd < 0 || (w->dir != -1 && w->file != -1))
		return false;
	bool changed = look(w);
	watch_tell(w);
	return changed;
}

void watch_close(struct watch *w)
{
	if (w->fd >= 0)
		close(w->fd);
	w->fd = -1;
	w->path = NULL;
}
