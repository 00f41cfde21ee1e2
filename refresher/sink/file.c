#include "sink/file.h"

#include "sink/explain.h"
#include "sink/filesystem.h"
#include "sink/temp.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

struct file {
	struct sink_env env;
	struct temp temp;
	uint64_t written;
	bool littered; /* a temporary file may be left that should not be there */
};

static int file_begin(void *self, struct err *e)
{
	struct file *f = self;
	f->written = 0;
	f->littered = f->littered && !temp_sweep(&f->env);
	return temp_create(&f->temp, &f->env, e);
}

static int file_write(void *self, const void *buf, size_t len, struct err *e)
{
	struct file *f = self;
	if (io_write_all(f->env.io, f->temp.fd, buf, len) < 0)
		return explain_write(f->env.output->path, f->written, len, errno, e);
	f->written += len;
	return 0;
}

/* The data is safe after this, under the temporary name. */
static int file_seal(void *self, struct err *e)
{
	struct file *f = self;
	if (filesystem_own(&f->env, f->temp.fd, f->env.mode, e) < 0)
		return -1;
	return filesystem_sync(&f->env, f->temp.fd, e);
}

static void name_of(const struct file *f, const char *suffix, char name[TEMP_NAME_MAX])
{
	snprintf(name, TEMP_NAME_MAX, "%.*s%s", TEMP_BASE_MAX, f->env.output->base, suffix);
}

/* The rename, and the directory to the disk. 1 with *e: the file is in place, but a power cut may undo it. */
static int publish(struct file *f, const char *suffix, struct err *e)
{
	char name[TEMP_NAME_MAX];
	const struct io *io = f->env.io;
	int dir = f->env.output->dir_fd;
	name_of(f, suffix, name);
	if (io->renameat(dir, f->temp.name, dir, name) < 0)
		return explain_suffix(f->env.output, io, DOING_RENAME, suffix, errno, e);
	int result = filesystem_sync_directory(&f->env, e) < 0;
	io->close(f->temp.fd); /* after fsync there is nothing that it could still report */
	f->temp.fd = -1;
	return result;
}

static int file_commit(void *self, struct err *e)
{
	return publish(self, "", e);
}

static bool file_abort(void *self)
{
	struct file *f = self;
	f->littered |= temp_discard(&f->temp, &f->env) < 0;
	return false;
}

static int file_companion(void *self, const char *suffix, const char *text, size_t len, struct err *e)
{
	struct file *f = self;
	int result = -1;
	if (file_begin(f, e) == 0 && file_write(f, text, len, e) == 0 && file_seal(f, e) == 0)
		result = publish(f, suffix, e);
	file_abort(f);
	return result == 0 ? 0 : -1;
}

static int file_remove(void *self, const char *suffix, struct err *e)
{
	struct file *f = self;
	const struct io *io = f->env.io;
	char name[TEMP_NAME_MAX];
	name_of(f, suffix, name);
	if (io->unlinkat(f->env.output->dir_fd, name, 0) < 0)
		return errno == ENOENT ? 0 : explain_suffix(f->env.output, io, DOING_REMOVE, suffix, errno, e);
	return filesystem_sync_directory(&f->env, e);
}

/* In a sticky directory only the owner of a file or of the directory, or who has the capability FOWNER, renames over
 * it. Whether we are one of these is asked with O_NOATIME, which the kernel allows to the same (open(2)). */
static int probe_replace(const struct sink_env *env, struct err *e)
{
	struct stat dir, old;
	const struct io *io = env->io;
	const struct output_path *p = env->output;

	/* Only another's file in another's sticky directory is a question. */
	if (io->fstat(p->dir_fd, &dir) < 0 || !(dir.st_mode & S_ISVTX) || dir.st_uid == geteuid() ||
	    io->fstatat(p->dir_fd, p->base, &old, AT_SYMLINK_NOFOLLOW) < 0 || old.st_uid == geteuid())
		return 0;

	/* The rename would be refused with EPERM, as this open is. */
	int flags = O_RDONLY | O_NOATIME | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC;
	int fd = io->openat(p->dir_fd, p->base, flags, 0);
	if (fd < 0)
		return explain(p, io, DOING_RENAME, EPERM, e);
	io->close(fd);
	return 0;
}

/* A file that is made, sealed and unlinked is the only honest proof: permission bits know nothing of read-only mounts,
 * security modules and quotas. */
static int file_probe(void *self, struct err *e)
{
	struct file *f = self;
	if (temp_create(&f->temp, &f->env, e) < 0)
		return -1;
	int result = file_seal(f, e);
	if (temp_discard(&f->temp, &f->env) < 0 && result == 0)
		result = explain(f->env.output, f->env.io, DOING_REMOVE, errno, e);
	return result == 0 ? probe_replace(&f->env, e) : result;
}

static int file_open(void *self, struct err *e)
{
	struct file *f = self;
	f->temp.fd = -1;

	/* By the first generation this process may have become another user, who has left-overs of its own. */
	f->littered = true;

	/* What the dead have left goes first, so that it does not take the room that the probe needs. */
	temp_sweep(&f->env);
	return file_probe(f, e);
}

const struct sink_ops sink_file_ops = {
	.size = sizeof(struct file),
	.open = file_open,
	.probe = file_probe,
	.begin = file_begin,
	.write = file_write,
	.seal = file_seal,
	.commit = file_commit,
	.abort = file_abort,
	.companion = file_companion,
	.remove = file_remove,
};
