#include "sink/sink.h"

#include "sink/device.h"
#include "sink/file.h"
#include "sink/in_place.h"
#include "sink/ops.h"
#include "sink/place.h"
#include "sink/stream.h"
#include "sink/temp.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct sink {
	const struct io *io;
	struct place place;
	enum sink_mode mode;
	const struct sink_ops *ops;
	void *self;
	bool begun, emptied;
	uid_t uid; /* of output.owner; (uid_t)-1: none */
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

bool sink_is_held(const struct sink_config *c)
{
	return c->write == SINK_IN_PLACE;
}

static int no_target(const struct place *p, struct err *e)
{
	if (S_ISDIR(p->st.st_mode))
		return err_set(e, ERR_CANTCREAT, 0,
			       "%s is a directory; choose a FILE in it (a subPath mount of a file that did not exist "
			       "makes one: mount the volume as a directory)",
			       p->path);
	return err_set(e, ERR_CANTCREAT, 0, "%s is neither a regular file nor a character device; choose another FILE",
		       p->path);
}

/* A regular file, or none yet. */
static int choose_for_file(struct sink *s, const struct sink_config *c, struct err *e)
{
	const struct place *p = &s->place;
	if (strlen(p->base) > TEMP_BASE_MAX)
		return err_set(e, ERR_CANTCREAT, 0, "the name of FILE is longer than %d bytes", TEMP_BASE_MAX);
	bool mounted = p->exists && s->io->mount_root(s->io->self, p->dir_fd, p->base) == 1;
	switch (c->write) {
	case SINK_AUTO:
		s->mode = mounted ? SINK_MODE_IN_PLACE : SINK_MODE_REPLACE;
		return 0;
	case SINK_REPLACE:
		s->mode = SINK_MODE_REPLACE;
		if (mounted)
			return err_set(e, ERR_CANTCREAT, 0,
				       "%s is a mount point and cannot be replaced; mount its directory instead, or "
				       "set write to auto",
				       p->path);
		return 0;
	case SINK_IN_PLACE:
		s->mode = SINK_MODE_IN_PLACE;
		return 0;
	}
	return err_set(e, ERR_SOFTWARE, 0, "unknown write mode");
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

static int choose(struct sink *s, const struct sink_config *c, struct err *e)
{
	if (c->file[0] == '\0')
		return err_set(e, ERR_USAGE, 0, "FILE is empty");
	if (is_stdout(c->file)) {
		snprintf(s->place.path, sizeof s->place.path, "-");
		s->mode = SINK_MODE_STREAM;
		if (c->write != SINK_AUTO)
			return err_set(e, ERR_CANTCREAT, 0,
				       "FILE is standard output, which is not replaced; set write "
				       "to auto");
		return 0;
	}
	if (place_find(&s->place, s->io, c->file, e) < 0)
		return -1;
	if (!s->place.exists || S_ISREG(s->place.st.st_mode))
		return choose_for_file(s, c, e);
	if (!S_ISCHR(s->place.st.st_mode))
		return no_target(&s->place, e);
	s->mode = SINK_MODE_DEVICE;
	if (c->write != SINK_AUTO)
		return err_set(e, ERR_CANTCREAT, 0, "%s is a character device; set write to auto", s->place.path);
	return 0;
}

static void warn(const struct sink *s, char *warning, size_t len)
{
	const char *path = s->place.path;
	if (len == 0)
		return;
	warning[0] = '\0';
	if (s->mode == SINK_MODE_IN_PLACE)
		snprintf(warning, len,
			 "%s is written in place: a reader without a lock may see a torn file; mount its directory "
			 "instead",
			 path);
	if (s->mode == SINK_MODE_DEVICE)
		snprintf(warning, len, "%s is a character device: bytes go into it, no entropy is credited", path);
}

struct sink *sink_open(const struct sink_config *c, const struct io *io, char *warning, size_t warning_len,
		       struct err *e)
{
	struct sink *s = calloc(1, sizeof *s);
	if (!s) {
		err_set(e, ERR_OS, ENOMEM, "sink");
		return NULL;
	}
	s->io = io;
	s->uid = c->uid;
	s->place.dir_fd = -1;
	if (choose(s, c, e) < 0)
		goto out;
	const struct sink_env env = {io, &s->place, c->mode, c->uid, c->gid};
	s->ops = modes[s->mode].ops;
	s->self = s->ops->open(&env, e);
	if (!s->self)
		goto out;
	warn(s, warning, warning_len);
	return s;
out:
	sink_free(s);
	return NULL;
}

void sink_free(struct sink *s)
{
	if (!s)
		return;
	sink_abort(s, NULL);
	if (s->ops)
		s->ops->free(s->self);
	place_fini(&s->place, s->io);
	free(s);
}

int sink_probe(void *sink, struct err *e)
{
	struct sink *s = sink;
	return s->ops->probe ? s->ops->probe(s->self, e) : 0;
}

static bool is_ours(const struct sink *s, const struct stat *st)
{
	return st->st_nlink == 1 && (st->st_uid == geteuid() || st->st_uid == s->uid);
}

int sink_open_published(const struct sink *s, struct stat *st)
{
	const struct io *io = s->io;
	if (s->place.dir_fd < 0) {
		errno = EINVAL;
		return -1;
	}
	/* Without waiting: the open(2) of a pipe would wait for its writer. */
	int fd = io->openat(io->self, s->place.dir_fd, s->place.base,
			    O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC, 0);
	if (fd < 0) {
		errno = errno == ELOOP ? EINVAL : errno;
		return -1;
	}
	int fault = 0;
	if (io->fstat(io->self, fd, st) < 0)
		fault = errno;
	else if (!S_ISREG(st->st_mode))
		fault = EINVAL;
	else if (!is_ours(s, st))
		fault = EPERM;
	if (fault == 0)
		return fd;
	io->close(io->self, fd);
	errno = fault;
	return -1;
}

enum sink_mode sink_mode(const struct sink *s)
{
	return s->mode;
}

const char *sink_path(const struct sink *s)
{
	return s->place.path;
}

int sink_dir_fd(const struct sink *s)
{
	return s->place.dir_fd;
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

int sink_begin(struct sink *s, struct err *e)
{
	sink_abort(s, NULL);
	s->begun = true;
	return finish(s, s->ops->begin ? s->ops->begin(s->self, e) : 0, e);
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
	int result = s->ops->commit ? s->ops->commit(s->self, e) : 0;
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
		err_wrap(e, "%s is empty until the next refresh", s->place.path);
}

int sink_publish_companion(struct sink *s, const char *suffix, const char *text, size_t len, struct err *e)
{
	assert(!s->begun);
	return s->mode == SINK_MODE_REPLACE ? finish(s, sink_file_companion(s->self, suffix, text, len, e), e) : 0;
}

int sink_remove(struct sink *s, struct err *e)
{
	sink_abort(s, NULL);
	return s->ops->remove ? finish(s, s->ops->remove(s->self, e), e) : 0;
}

int sink_remove_companion(struct sink *s, const char *suffix, struct err *e)
{
	assert(!s->begun);
	return s->mode == SINK_MODE_REPLACE ? finish(s, sink_file_remove_companion(s->self, suffix, e), e) : 0;
}
