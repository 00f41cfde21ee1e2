#include "sink/in_place.h"

#include "sink/explain.h"
#include "sink/filesystem.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* Asks for a lock on the whole file: from its beginning, with the length 0, which has no end. */
static int lock_call(const struct sink *s, int command, struct flock *whole)
{
	whole->l_whence = SEEK_SET;
	return s->io->fcntl(s->fd, command, whole);
}

/* Readers may go on. */
static void unlock(struct sink *s)
{
	struct flock whole = {.l_type = F_UNLCK};
	if (s->locked)
		lock_call(s, F_OFD_SETLK, &whole);
	s->locked = false;
}

static int create(struct sink *s, struct err *e)
{
	const struct output_path *p = &s->output;
	const int flags = O_WRONLY | O_APPEND | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC;
	s->fd = s->io->openat(p->dir_fd, p->base, flags, 0600);
	if (s->fd < 0)
		return explain(p, DOING_CREATE, "", errno, e);
	s->new_entry = true;

	/* It has to be opened again after a restart, so its owner may write. */
	if (filesystem_own(s, s->config->mode | S_IWUSR, e) == 0)
		return 0;

	/* It has the wrong owner or mode, and would keep it; nobody has anything to lose in it yet. */
	s->io->unlinkat(p->dir_fd, p->base, 0);
	return -1;
}

/* Opens FILE, or makes it, for the whole life of the sink. */
static int in_place_open(struct sink *s, struct err *e)
{
	struct output_path *p = &s->output;

	/* Without waiting: the open(2) of a pipe in the place of FILE would wait for its reader. */
	s->fd = s->io->openat(p->dir_fd, p->base, O_WRONLY | O_APPEND | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	if (s->fd < 0 && errno != ENOENT)
		return explain(p, DOING_OPEN, "", errno, e);
	if (s->fd < 0 && create(s, e) < 0)
		return -1;

	/* What is written into is inspected, and not its name; output_path_check compares with it from now on. */
	if (s->io->fstat(s->fd, &p->st) < 0 || !S_ISREG(p->st.st_mode))
		return err_set(e, ERR_CANTCREAT, 0, "%.200s is no regular file any more", p->path);
	p->pinned = true;

	/* Whoever gave a file a second name here would have it written over. Nobody but root mounts one. */
	if (p->st.st_nlink > 1 && !p->mounted)
		return err_set(e, ERR_NOPERM, 0,
			       "%.200s has %u names (hard links), so that another file would be written over; remove "
			       "this name, or set output.write to replace",
			       p->path, (unsigned)p->st.st_nlink);
	sink_note(
		s, NOTE_TORN,
		"%.100s is written in place: a reader without a lock may see a torn file; mount its directory instead",
		p->path);
	return 0;
}

/* 1 with *e: another holds a lock. Of a POSIX lock the kernel tells whose it is, of other kinds it does not. */
static int lock(struct sink *s, struct err *e)
{
	struct flock wanted = {.l_type = F_WRLCK}, holder = wanted;

	/* Never waited for: whoever calls decides how long a reader may take. */
	s->locked = lock_call(s, F_OFD_SETLK, &wanted) == 0;
	if (s->locked)
		return 0;

	/* Its holder may have let go by the time that we ask who it is. */
	int fault = errno;
	if (fault == EAGAIN || fault == EACCES) {
		char who[32] = "a reader";
		if (lock_call(s, F_OFD_GETLK, &holder) == 0 && holder.l_type != F_UNLCK && holder.l_pid > 0)
			snprintf(who, sizeof who, "process %d", (int)holder.l_pid);
		err_set(e, ERR_IO, 0, "%s holds a lock on %.200s; let it read and unlock sooner", who, s->output.path);
		return 1;
	}

	/* Where there are no locks readers have none either. */
	if (!filesystem_lacks(fault))
		return explain(&s->output, DOING_LOCK, "", fault, e);
	sink_note(s, NOTE_LOCK, "the file system of %.200s has no locks (%s): a reader may see a short file",
		  s->output.dir, strerror(fault));
	return 0;
}

/* The file is emptied behind the first numbers and not before: a source that fails until then has cost nothing. It is
 * open for appending, so that what is written is at its beginning then. */
static int in_place_empty(struct sink *s, struct err *e)
{
	if (s->io->ftruncate(s->fd, 0) < 0)
		return explain(&s->output, DOING_EMPTY, "", errno, e);
	s->writing = true;
	return 0;
}

/* The lock is kept until the numbers are on the disk: a reader that waits for it reads what will stay. */
static int in_place_commit(struct sink *s, struct err *e)
{
	if (filesystem_sync(s, e) < 0 || (s->new_entry && filesystem_sync_directory(s, e) < 0))
		return -1;
	s->new_entry = s->writing = false;
	unlock(s);
	return 0;
}

/* Some of the new numbers would look like all of them: better none. */
static bool in_place_abort(struct sink *s)
{
	bool emptied = s->writing && s->io->ftruncate(s->fd, 0) == 0;
	s->writing = false;
	unlock(s);
	return emptied;
}

/* An empty file says that there are no numbers, and what is mounted cannot be unlinked. A reader's lock is no reason to
 * leave numbers that may not be used: a lock of another counts as had. */
static int in_place_remove(struct sink *s, const char *suffix, struct err *e)
{
	/* There are no companions in this mode. */
	if (suffix[0])
		return 0;
	int result = lock(s, e) < 0 || in_place_empty(s, e) < 0 || filesystem_sync(s, e) < 0 ? -1 : 0;
	s->writing = false;
	unlock(s);
	return result;
}

const struct sink_ops sink_in_place_ops = {
	.open = in_place_open,
	.begin = lock,
	.first_write = in_place_empty,
	.commit = in_place_commit,
	.abort = in_place_abort,
	.remove = in_place_remove,
};
