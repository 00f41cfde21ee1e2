/* steps.c - the sink: chooses the mode and leads each of them through the same steps. */
#include "sink/sink.h"

#include "sink/file.h"
#include "sink/in_place.h"
#include "sink/ops.h"
#include "sink/output_path.h"
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

struct sink {
	const struct io *io;
	struct output_path output;
	enum sink_mode mode;
	const struct sink_ops *ops;
	void *self;
	bool begun, emptied;
	bool lost; /* at the last look the directory was not at its path */
	uid_t uid; /* of output.owner; (uid_t)-1: none */
	atomic_uint published_uid;
	struct notes notes;
};

static const struct {
	const char *name;
	const struct sink_ops *ops;
} modes[] = {
	[SINK_MODE_REPLACE] = {"replace", &sink_file_ops},
	[SINK_MODE_IN_PLACE] = {"in_place", &sink_in_place_ops},
	[SINK_MODE_DEVICE] = {"device", &sink_device_ops},
	[SINK_MODE_STREAM] = {"stream", &sink_stream_ops},
};

const char *sink_mode_name(enum sink_mode m)
{
	return modes[m].name;
}

/* By name: a link of /proc/self/fd may lead to a pipe, which has no place in a directory, and a file to which standard
 * output was sent is not to be replaced. */
static bool is_stdout(const char *file)
{
	static const char *const names[] = {"-", "/dev/stdout", "/dev/fd/1", "/proc/self/fd/1"};
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		if (strcmp(file, names[i]) == 0)
			return true;
	return false;
}

/* A regular file, or none yet, is replaced, but for one that cannot be or shall not be. NULL, or why FILE will not do.
 */
static const char *choose_mode(struct sink *s, const struct sink_config *c)
{
	const struct output_path *p = &s->output;
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
		return c->write == SINK_AUTO ? NULL : "is a character device; set write to auto";
	}

	/* The temporary name has to fit too. A file that is a mount cannot be renamed over. */
	if (strlen(p->base) > TEMP_BASE_MAX)
		return "has a name of more than 225 bytes; choose a shorter FILE";
	bool in_place = c->write == SINK_IN_PLACE || (c->write == SINK_AUTO && p->mounted);
	s->mode = in_place ? SINK_MODE_IN_PLACE : SINK_MODE_REPLACE;
	if (p->mounted && !in_place)
		return "is a mount point and cannot be replaced; mount its directory instead, or set write to auto";
	return NULL;
}

static int choose(struct sink *s, const struct sink_config *c, struct err *e)
{
	if (c->file[0] == '\0')
		return err_set(e, ERR_USAGE, 0, "FILE is empty");

	/* Standard output has no place in a directory, and nothing to choose. */
	if (is_stdout(c->file)) {
		snprintf(s->output.path, sizeof s->output.path, "-");
		s->mode = SINK_MODE_STREAM;
		return c->write == SINK_AUTO
			       ? 0
			       : err_set(e, ERR_CANTCREAT, 0,
					 "FILE is standard output, which is not replaced; set write to auto");
	}

	/* The output is found first, because what lies there says how it is written. */
	if (output_path_find(&s->output, s->io, c->file, e) < 0)
		return -1;
	const char *wrong = choose_mode(s, c);
	return wrong ? err_set(e, ERR_CANTCREAT, 0, "%.150s %s", s->output.path, wrong) : 0;
}

void sink_note(struct notes *n, enum note which, const char *fmt, ...)
{
	va_list ap;
	if (n->text[which][0])
		return;
	va_start(ap, fmt);
	vsnprintf(n->text[which], sizeof n->text[which], fmt, ap);
	va_end(ap);
}

const char *sink_take_note(struct sink *s)
{
	for (int i = 0; i < NOTES; i++) {
		if (!s->notes.text[i][0] || s->notes.taken[i])
			continue;
		s->notes.taken[i] = true;
		return s->notes.text[i];
	}
	return NULL;
}

/* Makes the implementation of the mode, with what it is lent at its head, and opens it. */
static int open_mode(struct sink *s, const struct sink_config *c, struct err *e)
{
	s->ops = modes[s->mode].ops;
	s->self = calloc(1, s->ops->size);
	if (!s->self)
		return err_set(e, ERR_OS, ENOMEM, "sink");
	*(struct sink_env *)s->self = (struct sink_env){.io = s->io,
							.output = &s->output,
							.notes = &s->notes,
							.published_uid = &s->published_uid,
							.mode = c->mode,
							.mode_is_set = c->mode_is_set,
							.uid = c->uid,
							.gid = c->gid};
	return s->ops->open(s->self, e);
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
	s->uid = c->uid;
	s->output.dir_fd = -1;
	atomic_init(&s->published_uid, (unsigned)-1);
	if (choose(s, c, e) == 0 && open_mode(s, c, e) == 0)
		return s;
	sink_free(s);
	return NULL;
}

void sink_free(struct sink *s)
{
	if (!s)
		return;
	sink_abort(s, NULL);
	if (s->self && s->ops->close)
		s->ops->close(s->self);
	free(s->self);
	output_path_close(&s->output, s->io);
	free(s);
}

int sink_probe(void *sink, struct err *e)
{
	struct sink *s = sink;
	return s->ops->probe ? s->ops->probe(s->self, e) : 0;
}

/* One name and an owner that we know. A second name could be another file's, which someone has put here. */
static bool is_ours(const struct sink *s, const struct stat *st)
{
	bool known = st->st_uid == geteuid() || st->st_uid == s->uid || st->st_uid == atomic_load(&s->published_uid);
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
	int fd = io->openat(s->output.dir_fd, s->output.base, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC,
			    0);
	if (fd < 0) {
		errno = errno == ELOOP ? EINVAL : errno;
		return -1;
	}

	/* What was opened is looked at, and not its name, which may mean something else by now. */
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

enum sink_mode sink_mode(const struct sink *s)
{
	return s->mode;
}

const char *sink_path(const struct sink *s)
{
	return s->output.path;
}

int sink_dir_fd(const struct sink *s)
{
	return s->output.dir_fd;
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

int sink_check(struct sink *s, struct err *e)
{
	s->lost = s->output.dir_fd >= 0 && output_path_check(&s->output, s->io, e) < 0;
	return s->lost ? -1 : 0;
}

bool sink_is_lost(const struct sink *s)
{
	return s->lost;
}

int sink_begin(struct sink *s, struct err *e)
{
	sink_abort(s, NULL);

	/* Nothing is made in a directory where readers do not look. */
	int result = sink_check(s, e);
	s->begun = result == 0;
	if (result == 0)
		result = s->ops->begin(s->self, e);

	/* A lock that is not to be had has begun nothing. */
	if (result > 0)
		s->begun = false;
	return finish(s, result, e);
}

int sink_write(struct sink *s, const void *buf, size_t len, struct err *e)
{
	assert(s->begun);
	return finish(s, s->ops->write(s->self, buf, len, e), e);
}

int sink_seal(struct sink *s, struct err *e)
{
	assert(s->begun);
	return finish(s, s->ops->seal ? s->ops->seal(s->self, e) : 0, e);
}

int sink_commit(struct sink *s, struct err *e)
{
	assert(s->begun);

	/* The directory may have gone meanwhile: what readers do not see is not called published. */
	int result = sink_check(s, e);
	if (result == 0 && s->ops->commit)
		result = s->ops->commit(s->self, e);
	if (result >= 0)
		s->begun = s->emptied = false;
	return finish(s, result, e);
}

bool sink_is_emptied(const struct sink *s)
{
	return s->emptied;
}

void sink_abort(struct sink *s, struct err *e)
{
	bool emptied = s->begun && s->ops->abort && s->ops->abort(s->self);
	s->begun = false;
	s->emptied |= emptied;
	if (emptied && e)
		err_wrap(e, "%s is empty until the next refresh", s->output.path);
}

int sink_publish_companion(struct sink *s, const char *suffix, const char *text, size_t len, struct err *e)
{
	assert(!s->begun);
	return s->ops->companion ? finish(s, s->ops->companion(s->self, suffix, text, len, e), e) : 0;
}

int sink_remove(struct sink *s, const char *suffix, struct err *e)
{
	/* Also in a directory that was moved away: numbers that may not be used must go wherever they are. */
	sink_abort(s, NULL);
	return s->ops->remove ? finish(s, s->ops->remove(s->self, suffix, e), e) : 0;
}
