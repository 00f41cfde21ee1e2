#include "assess_cli/input.h"

#include "base/str.h"
#include "source/device.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

/* ---- a device ---- */

/* Sentences of this program, where those of the source speak of the daemon's options. */
static int refuse_path(const char *path, struct err *e)
{
	struct stat st;

	/* What cannot be seen for another reason is the source's to explain. */
	if (stat(path, &st) < 0) {
		if (errno == ENOENT || errno == ENOTDIR)
			return err_set(e, ERR_NOINPUT, errno,
				       "%.128s: no generator here; name another --device, or a FILE of samples", path);
		return 0;
	}
	if (S_ISREG(st.st_mode) || S_ISFIFO(st.st_mode))
		return err_set(e, ERR_USAGE, 0,
			       "--device %.128s: is no character device; give it as FILE, without --device", path);
	return 0;
}

static int read_device(struct input *in, const char *path, struct progress *p, struct err *e)
{
	struct source_config c = {.kind = SOURCE_DEVICE, .sample_bits = 8};
	struct source s = {0};
	struct source_identity who;
	enum source_cause cause;
	str_copy(c.device, sizeof c.device, path);
	if (refuse_path(path, e) < 0 || source_open(&s, &c, &io_posix, e) < 0)
		return -1;

	/* The driver is asked while it is in use. */
	in->is_device = true;
	source_identify(&s, &who);
	str_copy(in->driver, sizeof in->driver, who.driver);

	/* Reads are short on purpose: a slow device shows how far it is. */
	const size_t want = in->n;
	in->n = 0;
	ssize_t got = 1;
	while (in->n < want && got > 0) {
		const size_t left = want - in->n;
		got = s.ops->read(s.self, in->samples + in->n, left < 4096 ? left : 4096, &cause, e);
		in->n += got > 0 ? (size_t)got : 0;
		progress_tell(p, (double)in->n / (double)want);
	}
	source_close(&s);
	return got > 0 ? 0 : err_wrap(e, "after %zu of %zu samples", in->n, want);
}

/* ---- a file ---- */

static int refuse_file(const char *path, int sys_errno, struct err *e)
{
	if (sys_errno == EACCES || sys_errno == EPERM)
		return err_set(e, ERR_NOPERM, sys_errno,
			       "%.128s: uid %u may not read it; let it (chmod, chgrp), or run as "
			       "another user",
			       path, (unsigned)geteuid());
	if (sys_errno == ENOENT || sys_errno == ENOTDIR)
		return err_set(e, ERR_NOINPUT, sys_errno,
			       "%.128s: name a file of samples, a byte each, or --device for a generator", path);
	return err_set(e, err_is_shortage(sys_errno) ? ERR_OS : ERR_NOINPUT, sys_errno, "%.128s: cannot be opened",
		       path);
}

/* How many samples there will be at most: of a file what lies in it, of a pipe as many as of a device. */
static int size_up(struct input *in, const struct stat *st, bool limited, struct err *e)
{
	if (S_ISDIR(st->st_mode))
		return err_set(e, ERR_NOINPUT, 0, "%.128s: is a directory; name a file of samples, a byte each",
			       in->name);
	if (!S_ISREG(st->st_mode) || limited)
		return 0;
	if (st->st_size > OPTIONS_SAMPLES_MAX)
		return err_set(e, ERR_DATA, 0, "%.128s: more than %d samples; take a part of them with --samples",
			       in->name, OPTIONS_SAMPLES_MAX);
	in->n = (size_t)st->st_size;
	return 0;
}

static int read_stream(struct input *in, int fd, struct progress *p, struct err *e)
{
	const size_t want = in->n;
	ssize_t got = 1;

	/* A pipe gives as little as it likes; its end is the end of the samples. */
	in->n = 0;
	while (in->n < want && got > 0) {
		do
			got = read(fd, in->samples + in->n, want - in->n < 65536 ? want - in->n : 65536);
		while (got < 0 && errno == EINTR);
		in->n += got > 0 ? (size_t)got : 0;
		progress_tell(p, (double)in->n / (double)want);
	}
	if (got < 0)
		return err_set(e, ERR_IO, errno, "%.128s: read, after %zu samples", in->name, in->n);
	return 0;
}

static int allocate(struct input *in, struct progress *p, struct err *e)
{
	progress_begin(p, "reading", in->n, "samples");
	in->samples = malloc(in->n > 0 ? in->n : 1);
	return in->samples ? 0 : err_set(e, ERR_OS, ENOMEM, "%zu samples", in->n);
}

static int read_file(struct input *in, const struct options *o, int fd, struct progress *p, struct err *e)
{
	struct stat st;

	/* Whoever starts it at a terminal has forgotten the FILE. */
	if (fstat(fd, &st) < 0)
		return refuse_file(in->name, errno, e);
	if (fd == STDIN_FILENO && isatty(fd))
		return err_set(e, ERR_USAGE, 0,
			       "standard input is a terminal; name a FILE, or lead a pipe of samples here");
	if (size_up(in, &st, o->samples > 0, e) < 0 || allocate(in, p, e) < 0 || read_stream(in, fd, p, e) < 0)
		return -1;

	/* Fewer than were asked for are no smaller assessment, but another one. */
	if (in->n < o->samples)
		return err_set(e, ERR_DATA, 0, "%.128s: ends after %zu samples, and --samples says %zu", in->name,
			       in->n, o->samples);
	return 0;
}

int input_read(struct input *in, const struct options *o, struct progress *p, struct err *e)
{
	const bool is_stdin = o->file && o->file[0] == '-' && o->file[1] == '\0';
	const struct source_config no_device = {.kind = SOURCE_DEVICE};
	struct stat st;
	const char *path = o->file ? o->file : o->device ? o->device : device_path(&no_device, &io_posix);
	*in = (struct input){.n = o->samples ? o->samples : INPUT_DEFAULT};
	str_copy(in->name, sizeof in->name, is_stdin ? "standard input" : path);

	/* A FILE that is a character device is read as one. */
	if (!o->file || (!is_stdin && stat(path, &st) == 0 && S_ISCHR(st.st_mode)))
		return allocate(in, p, e) < 0 ? -1 : read_device(in, path, p, e);
	if (is_stdin)
		return read_file(in, o, STDIN_FILENO, p, e);
	const int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (fd < 0)
		return refuse_file(path, errno, e);
	const int rc = read_file(in, o, fd, p, e);
	close(fd);
	return rc;
}

void input_free(struct input *in)
{
	free(in->samples);
	*in = (struct input){.n = 0};
}
