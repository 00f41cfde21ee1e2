/* steps.c - chooses the mode and leads each of them through the same steps. */
#include "sink/sink.h"

#include "sink/explain.h"
#include "sink/file.h"
#include "sink/in_place.h"
#include "sink/mode.h"
#include "sink/stream.h"
#include "sink/temp.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Both by enum sink_mode. */
const char *const sink_mode_names[] = {"replace", "in_place", "device", "stream"};
static const struct sink_ops *const mode_ops[] = {&sink_file_ops, &sink_in_place_ops, &sink_device_ops,
						  &sink_stream_ops};

/* By name: a link of /proc/self/fd may lead to a pipe, which has no directory, and a file to which standard output was
 * sent is not to be replaced. */
static bool is_stdout(const char *file)
{
	static const char *const names[] = {"-", "/dev/stdout", "/dev/fd/1", "/proc/self/fd/1"};
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		if (strcmp(file, names[i]) == 0)
			return true;
	return false;
}

/* How what was found at FILE is written. NULL, or why FILE will not do. */
static const char *choose_mode(struct sink *s)
{
	const struct output_path *p = &s->output;
	const enum sink_write write = s->config->write;
	mode_t type = p->exists ? p->st.st_mode & S_IFMT : S_IFREG;

	/* What can hold no numbers is refused. */
	if (type == S_IFDIR)
		return "is a directory; choose a FILE in it (a subPath mount of a file that did not exist makes one: "
		       "mount the volume as a directory)";
	if (type != S_IFREG && type != S_IFCHR)
		return "is neither a regular file nor a character device; choose another FILE";

	/* A device gets the bytes as they are; the other ways to write mean files. */
	if (type == S_IFCHR) {
		s->mode = SINK_MODE_DEVICE;
		return write == SINK_AUTO ? NULL : "is a character device; set write to auto";
	}

	/* The temporary name has to fit too. A file that is a mount cannot be renamed over. */
	if (strlen(p->base) > TEMP_BASE_MAX)
		return "has a name of more than 225 bytes; choose a shorter FILE";
	bool in_place = write == SINK_IN_PLACE || (write == SINK_AUTO && p->mounted);
	s->mode = in_place ? SINK_MODE_IN_PLACE : SINK_MODE_REPLACE;
	if (p->mounted && !in_place)
		return "is a mount point and cannot be replaced; mount its directory instead, or set write to auto";
	return NULL;
}

static int choose(struct sink *s, struct err *e)
{
	const char *file = s->config->file;
	if (file[0] == '\0')
		return err_set(e, ERR_USAGE, 0, "FILE is empty");

	/* Standard output lies in no directory, and leaves nothing to choose. */
	if (is_stdout(file)) {
		snprintf(s->output.path, sizeof s->output.path, "-");
		s->mode = SINK_MODE_STREAM;
		if (s->config->write == SINK_AUTO)
			return 0;
		return err_set(e, ERR_CANTCREAT, 0,
			       "FILE is standard output, which is not replaced; set write to auto");
	}

	/* FILE is found first, because what lies there says how it is written. */
	if (output_path_find(&s->output, s->io, file, e) < 0)
		return -1;
	const char *wrong = choose_mode(s);
	return wrong ? err_set(e, ERR_CANTCREAT, 0, "%.150s %s", s->output.path, wrong) : 0;
}

void sink_note(struct sink *s, enum note which, const char *fmt, ...)
{
	va_list ap;

	/* Each comes once in the life of the sink, however often its cause does. */
	if (s->notes_known & 1U << which)
		return;
	s->notes_known |= 1U << which;
	va_start(ap, fmt);
	vsnprintf(s->notes[s->notes_kept++], SINK_NOTE_MAX, fmt, ap);
	va_end(ap);
}

const char *sink_take_note(struct sink *s)
{
	return s->notes_taken < s->notes_kept ? s->notes[s->notes_taken++] : NULL;
}

struct sink *sink_open(const struct sink_config *c, const struct io *io, struct err *e)
{
	struct sink *s = calloc(1, sizeof *s);
	if (!s) {
		err_set(e, ERR_OS, ENOMEM, "sink");
		return NULL;
	}

	/* It is inert first, so that sink_free can take back what a failure leaves half done. */
	s->io = io;
	s->config = c;
	s->fd = s->output.dir_fd = -1;
	atomic_init(&s->published_uid, (unsigned)-1);

	/* The mode is chosen by what lies at FILE, and then opened. */
	int result = choose(s, e);
	s->ops = mode_ops[s->mode];
	if (result == 0 && s->ops->open(s, e) == 0)
		return s;
	sink_free(s);
	return NULL;
}

void sink_free(struct sink *s)
{
	if (!s)
		return;

	/* What is open stays so for the sink's whole life, but for the temporary file, which went with its generation.
	 * Standard output is not ours to close. */
	sink_abort(s, NULL);
	if (s->fd >= 0 && s->mode != SINK_MODE_STREAM)
		s->io->close(s->fd);
	output_path_close(&s->output);
	free(s);
}

/* Where nothing is created there is nothing to be tried. */
int sink_probe(void *sink, struct err *e)
{
	struct sink *s = sink;
	return s->ops->probe ? s->ops->probe(s, e) : 0;
}

/* One name and an owner that we know. A second name could be another file's, which someone has put here. */
static bool is_ours(const struct sink *s, const struct stat *st)
{
	uid_t owner = st->st_uid;
	bool known = owner == geteuid() || owner == s->config->uid || owner == atomic_load(&s->published_uid);
	return known && st->st_nlink <= 1;
}

int sink_open_published(const struct sink *s, struct stat *st)
{
	const struct io *io = s->io;

	/* Standard output and devices have no directory. */
	if (s->output.dir_fd < 0) {
		errno = EINVAL;
		return -1;
	}

	/* Without waiting: the open(2) of a pipe would wait for its writer. */
	int fd =
		io->openat(s->output.dir_fd, s->output.base, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (fd < 0) {
		errno = errno == ELOOP ? EINVAL : errno;
		return -1;
	}

	/* What was opened is inspected, and not its name, which may mean something else by now. */
	int fault = 0;
	if (io->fstat(fd, st) < 0)
		fault = errno;
	else if (!S_ISREG(st->st_mode))
		fault = EINVAL;
	else if (!is_ours(s, st))
		fault = EPERM;
	if (fault == 0)
		return fd;
	io->close(fd);
	errno = fault;
	return -1;
}

bool sink_adopt(struct sink *s, struct stat *st)
{
	const struct output_path *p = &s->output;

	/* Its name is enough: Landlock may forbid to open it, where FILE lies in /. */
	if (s->mode != SINK_MODE_REPLACE || s->io->fstatat(p->dir_fd, p->base, st, AT_SYMLINK_NOFOLLOW) < 0 ||
	    !S_ISREG(st->st_mode) || st->st_size == 0)
		return false;
	if (is_ours(s, st) || (st->st_uid == 0 && st->st_nlink == 1))
		return true;
	sink_note(
		s, NOTE_OWNER,
		"%.100s belongs to uid %u (links: %u), so it is not taken for the file of an earlier run, and its age "
		"does not count",
		p->path, (unsigned)st->st_uid, (unsigned)st->st_nlink);
	return false;
}

struct sink_view sink_view(const struct sink *s)
{
	return (struct sink_view){s->mode, s->output.path, s->output.dir_fd, &s->emptied};
}

/* Ends a step. At start a cause has its own exit code; a generation that fails is always ERR_IO. */
static int finish(struct sink *s, int result, struct err *e)
{
	if (result < 0) {
		sink_abort(s, e);
		e->code = ERR_IO;
	}
	return result;
}

int sink_check(const struct sink *s, struct err *e)
{
	/* Standard output and devices have no directory that could go. */
	return s->output.dir_fd >= 0 ? output_path_check(&s->output, e) : 0;
}

int sink_begin(struct sink *s, struct err *e)
{
	sink_abort(s, NULL);

	/* Nothing is made in a directory where readers do not look. */
	if (sink_check(s, e) < 0)
		return finish(s, -1, e);
	s->begun = true;
	s->written = 0;
	int result = s->ops->begin ? s->ops->begin(s, e) : 0;

	/* A lock that is not to be had has begun nothing. */
	if (result > 0)
		s->begun = false;
	return finish(s, result, e);
}

int sink_append(struct sink *s, const void *text, size_t len, struct err *e)
{
	const char *path = s->mode == SINK_MODE_STREAM ? "standard output" : s->output.path;

	/* How much was written, and how much more was wanted, says how large the file would have to be. */
	if (io_write_all(s->io, s->fd, text, len) < 0)
		return explain_write(path, s->written, len, errno, e);
	s->written += len;
	return 0;
}

int sink_write(struct sink *s, const void *buf, size_t len, struct err *e)
{
	assert(s->begun);

	/* In place the old numbers go now, and not before there is something to put in their place. */
	int result = s->written == 0 && s->ops->first_write ? s->ops->first_write(s, e) : 0;
	return finish(s, result < 0 ? -1 : sink_append(s, buf, len, e), e);
}

int sink_seal(struct sink *s, struct err *e)
{
	assert(s->begun);
	return finish(s, s->ops->seal ? s->ops->seal(s, e) : 0, e);
}

int sink_commit(struct sink *s, struct err *e)
{
	assert(s->begun);

	/* The directory may have gone meanwhile: what readers do not see is not called published. */
	int result = sink_check(s, e);
	if (result == 0 && s->ops->commit)
		result = s->ops->commit(s, e);

	/* Readers have numbers again, also where only the directory did not reach the disk. */
	if (result >= 0)
		s->begun = s->emptied = false;
	return finish(s, result, e);
}

void sink_abort(struct sink *s, struct err *e)
{
	/* Before anything is begun there is nothing to give up, and FILE is as it was. */
	bool emptied = s->begun && s->ops->abort && s->ops->abort(s);
	s->begun = false;
	s->emptied |= emptied;

	/* Whoever reads of the failure has to know that readers have no numbers now. */
	if (emptied && e)
		err_wrap(e, "%s is empty until the next refresh", s->output.path);
}

/* Between two generations, since both use the temporary file. */
int sink_publish_companion(struct sink *s, const char *suffix, const char *text, size_t len, struct err *e)
{
	assert(!s->begun);
	return s->ops->companion ? finish(s, s->ops->companion(s, suffix, text, len, e), e) : 0;
}

int sink_remove(struct sink *s, const char *suffix, struct err *e)
{
	/* Also in a directory that was moved away: numbers that may not be used must go wherever they are. */
	sink_abort(s, NULL);
	return s->ops->remove ? finish(s, s->ops->remove(s, suffix, e), e) : 0;
}
