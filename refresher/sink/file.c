#include "sink/file.h"

#include "sink/explain.h"
#include "sink/filesystem.h"
#include "sink/temp.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

static int file_begin(struct sink *s, struct err *e)
{
	/* A companion has its own count of bytes; what could not be removed before is tried again. */
	s->written = 0;
	s->littered = s->littered && !temp_sweep(s);
	return temp_create(s, e);
}

/* The data is safe after this, under the temporary name. */
static int file_seal(struct sink *s, struct err *e)
{
	/* Owner and mode are part of what has to reach the disk, and of what readers see from the rename on. */
	if (filesystem_own(s, s->config->mode, e) < 0)
		return -1;
	return filesystem_sync(s, e);
}

/* The rename, and the directory to the disk. 1 with *e: the file is in place, but a power cut may undo it. */
static int publish(struct sink *s, const char *suffix, struct err *e)
{
	char name[OUTPUT_NAME_MAX];
	int dir = s->output.dir_fd;
	output_path_name(&s->output, suffix, name);
	if (s->io->renameat(dir, s->temp_name, dir, name) < 0)
		return explain(&s->output, DOING_RENAME, suffix, errno, e);

	/* From here on readers have the new file, whatever becomes of the directory. */
	int result = filesystem_sync_directory(s, e) < 0;
	s->io->close(s->fd); /* after fsync there is nothing that it could still report */
	s->fd = -1;
	return result;
}

static int file_commit(struct sink *s, struct err *e)
{
	return publish(s, "", e);
}

/* FILE was not touched; a temporary file that stays is swept before the next one is made. */
static bool file_abort(struct sink *s)
{
	s->littered |= temp_discard(s) < 0;
	return false;
}

static int file_companion(struct sink *s, const char *suffix, const char *text, size_t len, struct err *e)
{
	int result = -1;

	/* Small enough for one write; like FILE it is whole or not there. */
	if (file_begin(s, e) == 0 && sink_append(s, text, len, e) == 0 && file_seal(s, e) == 0)
		result = publish(s, suffix, e);
	file_abort(s);
	return result == 0 ? 0 : -1;
}

static int file_remove(struct sink *s, const char *suffix, struct err *e)
{
	char name[OUTPUT_NAME_MAX];

	/* Missing already is as good as removed; and the removal, too, has to survive a power cut. */
	output_path_name(&s->output, suffix, name);
	if (s->io->unlinkat(s->output.dir_fd, name, 0) < 0)
		return errno == ENOENT ? 0 : explain(&s->output, DOING_REMOVE, suffix, errno, e);
	return filesystem_sync_directory(s, e);
}

/* In a sticky directory only the owner of a file or of the directory, or who has the capability FOWNER, renames over
 * it. Whether we are one of these is asked with O_NOATIME, which the kernel allows to the same (open(2)). */
static int probe_rename(const struct sink *s, struct err *e)
{
	struct stat dir, old;
	const struct output_path *p = &s->output;

	/* Only another's file in another's sticky directory is a question. */
	if (s->io->fstat(p->dir_fd, &dir) < 0 || !(dir.st_mode & S_ISVTX) || dir.st_uid == geteuid() ||
	    s->io->fstatat(p->dir_fd, p->base, &old, AT_SYMLINK_NOFOLLOW) < 0 || old.st_uid == geteuid())
		return 0;

	/* The rename would be refused with EPERM, as this open is. */
	int flags = O_RDONLY | O_NOATIME | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC;
	int fd = s->io->openat(p->dir_fd, p->base, flags);
	if (fd < 0)
		return explain(p, DOING_RENAME, "", EPERM, e);
	s->io->close(fd);
	return 0;
}

/* A file that is made, sealed and unlinked is the only honest proof: permission bits know nothing of read-only mounts,
 * security modules and quotas. */
static int file_probe(struct sink *s, struct err *e)
{
	if (temp_create(s, e) < 0)
		return -1;

	/* Of two faults the first is told, and the file goes in any case. */
	int result = file_seal(s, e);
	if (temp_discard(s) < 0 && result == 0)
		result = explain(&s->output, DOING_REMOVE, "", errno, e);
	return result == 0 ? probe_rename(s, e) : result;
}

static int file_open(struct sink *s, struct err *e)
{
	/* By the first generation this process may have become another user, who has left-overs of its own. */
	s->littered = true;

	/* What the dead have left goes first, so that it does not take the room that the probe needs. */
	temp_sweep(s);
	return file_probe(s, e);
}

const struct sink_ops sink_file_ops = {
	.open = file_open,
	.probe = file_probe,
	.begin = file_begin,
	.seal = file_seal,
	.commit = file_commit,
	.abort = file_abort,
	.companion = file_companion,
	.remove = file_remove,
};
