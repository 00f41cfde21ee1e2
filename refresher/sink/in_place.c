#include "sink/in_place.h"

#include "sink/explain.h"
#include "sink/filesystem.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

struct in_place {
	struct sink_env env;
	int fd; /* FILE, for writing; -1: not open */
	bool locked;
	bool new_entry; /* FILE was made, and its directory is not yet on the disk */
	bool writing;   /* FILE was emptied for this generation */
	uint64_t written;
};

/* The lock on the whole file. */
static int lock_call(const struct in_place *p, int command, struct flock *whole)
{
	whole->l_whence = SEEK_SET;
	return p->env.io->fcntl(p->fd, command, whole);
}

static void unlock(struct in_place *p)
{
	struct flock whole = {.l_type = F_UNLCK};
	if (p->locked)
		lock_call(p, F_OFD_SETLK, &whole);
	p->locked = false;
}

static void in_place_close(void *self)
{
	struct in_place *p = self;
	unlock(p);
	if (p->fd >= 0)
		p->env.io->close(p->fd);
}

static int create(struct in_place *p, struct err *e)
{
	const struct io *io = p->env.io;
	const struct output_path *output = p->env.output;
	const int flags = O_WRONLY | O_APPEND | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC;
	p->fd = io->openat(output->dir_fd, output->base, flags, 0600);
	if (p->fd < 0)
		return explain(output, io, DOING_CREATE, errno, e);
	p->new_entry = true;

	/* It has to be opened again after a restart, so its owner may write. */
	if (filesystem_own(&p->env, p->fd, p->env.mode | S_IWUSR, e) == 0)
		return 0;

	/* It has the wrong owner or mode, and would keep it; nobody has anything to lose in it yet. */
	io->unlinkat(output->dir_fd, output->base, 0);
	return -1;
}

/* Opens FILE, or makes it, for the whole life of the sink. Without waiting: the open(2) of a pipe in the place of FILE
 * would wait for its reader. */
static int in_place_open(void *self, struct err *e)
{
	struct in_place *p = self;
	const struct io *io = p->env.io;
	struct output_path *output = p->env.output;
	p->fd = io->openat(output->dir_fd, output->base, O_WRONLY | O_APPEND | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0);
	if (p->fd < 0 && errno != ENOENT)
		return explain(output, io, DOING_OPEN, errno, e);
	if (p->fd < 0 && create(p, e) < 0)
		return -1;

	/* What is written into is looked at, and not its name; output_path_check compares with it from now on. */
	if (io->fstat(p->fd, &output->st) < 0 || !S_ISREG(output->st.st_mode))
		return err_set(e, ERR_CANTCREAT, 0, "%.200s is no regular file any more", output->path);
	output->pinned = true;

	/* Whoever gave a file a second name here would have it written over. Nobody but root mounts one. */
	if (output->st.st_nlink > 1 && !output->mounted)
		return err_set(e, ERR_NOPERM, 0,
			       "%.200s has %u names (hard links), so that another file would be written over; remove "
			       "this name, or set output.write to replace",
			       output->path, (unsigned)output->st.st_nlink);
	sink_note(
		p->env.notes, NOTE_TORN,
		"%.100s is written in place: a reader without a lock may see a torn file; mount its directory instead",
		output->path);
	return 0;
}

/* 1 with *e: another holds a lock. Of a POSIX lock the kernel tells whose it is, of other kinds it does not. */
static int lock(struct in_place *p, struct err *e)
{
	struct flock wanted = {.l_type = F_WRLCK}, holder = wanted;
	const char *path = p->env.output->path;
	p->locked = lock_call(p, F_OFD_SETLK, &wanted) == 0;
	if (p->locked)
		return 0;

	/* It is held. Its holder may have let go by the time that we ask who it is. */
	int fault = errno;
	if (fault == EAGAIN || fault == EACCES) {
		char who[32] = "a reader";
		if (lock_call(p, F_OFD_GETLK, &holder) == 0 && holder.l_type != F_UNLCK && holder.l_pid > 0)
			snprintf(who, sizeof who, "process %d", (int)holder.l_pid);
		err_set(e, ERR_IO, 0, "%s holds a lock on %.200s; let it read and unlock sooner", who, path);
		return 1;
	}

	/* Where there are no locks readers have none either. */
	if (!filesystem_lacks(fault))
		return explain(p->env.output, p->env.io, DOING_LOCK, fault, e);
	sink_note(p->env.notes, NOTE_LOCK, "the file system of %.200s has no locks (%s): a reader may see a short file",
		  p->env.output->dir, strerror(fault));
	return 0;
}

static int in_place_begin(void *self, struct err *e)
{
	struct in_place *p = self;
	p->written = 0;
	p->writing = false;
	return lock(p, e);
}

static int in_place_write(void *self, const void *buf, size_t len, struct err *e)
{
	struct in_place *p = self;

	/* The file is emptied behind the first numbers and not before: a source that fails until then has cost nothing.
	 * It is open for appending, so that what is written is at its beginning then. */
	if (!p->writing && p->env.io->ftruncate(p->fd, 0) < 0)
		return explain(p->env.output, p->env.io, DOING_EMPTY, errno, e);
	p->writing = true;

	if (io_write_all(p->env.io, p->fd, buf, len) < 0)
		return explain_write(p->env.output->path, p->written, len, errno, e);
	p->written += len;
	return 0;
}

static int in_place_commit(void *self, struct err *e)
{
	struct in_place *p = self;
	if (filesystem_sync(&p->env, p->fd, e) < 0)
		return -1;
	if (p->new_entry && filesystem_sync_directory(&p->env, e) < 0)
		return -1;
	p->new_entry = p->writing = false;
	unlock(p);
	return 0;
}

/* Some of the new numbers would look like all of them: better none. */
static bool in_place_abort(void *self)
{
	struct in_place *p = self;
	const struct io *io = p->env.io;
	bool emptied = p->writing && io->ftruncate(p->fd, 0) == 0;
	p->writing = false;
	unlock(p);
	return emptied;
}

/* An empty file says that there are no numbers, and what is mounted cannot be unlinked. A reader's lock is no reason to
 * leave numbers that may not be used. */
static int in_place_remove(void *self, const char *suffix, struct err *e)
{
	struct in_place *p = self;
	const struct io *io = p->env.io;
	if (suffix[0])
		return 0;

	/* 1, a lock of another, counts as done. */
	int result = lock(p, e) < 0 ? -1 : 0;
	if (result == 0 && io->ftruncate(p->fd, 0) < 0)
		result = explain(p->env.output, io, DOING_EMPTY, errno, e);
	if (result == 0)
		result = filesystem_sync(&p->env, p->fd, e);
	unlock(p);
	return result;
}

const struct sink_ops sink_in_place_ops = {
	.size = sizeof(struct in_place),
	.open = in_place_open,
	.close = in_place_close,
	.begin = in_place_begin,
	.write = in_place_write,
	.commit = in_place_commit,
	.abort = in_place_abort,
	.remove = in_place_remove,
};
