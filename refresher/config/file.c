#include "config/file.h"

#include "base/clock.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static struct file_stamp stamp_of(const struct stat *st)
{
	return (struct file_stamp){.device = (int64_t)st->st_dev,
				   .inode = (int64_t)st->st_ino,
				   .size = st->st_size,
				   .written_ns = clock_from_timespec(st->st_mtim),
				   .changed_ns = clock_from_timespec(st->st_ctim)};
}

/* As much as there is, and cap at most: a signal may cut a read short. */
static int read_all(int fd, char *text, size_t cap, size_t *len)
{
	ssize_t n;
	*len = 0;
	while (*len < cap && (n = read(fd, text + *len, cap - *len)) != 0) {
		if (n < 0 && errno != EINTR)
			return -1;
		*len += n > 0 ? (size_t)n : 0;
	}
	return 0;
}

static const char *kind_of(mode_t mode)
{
	return S_ISDIR(mode) ? "a directory" : S_ISFIFO(mode) ? "a pipe" : "a device";
}

static int read_regular(int fd, const struct file_name *f, char *text, size_t cap, size_t *len,
			struct file_stamp *stamp, struct err *e)
{
	/* The stamp comes before the text: what is written in between is another stamp at the next check. */
	struct stat st;
	if (fstat(fd, &st) < 0)
		return err_set(e, ERR_CONFIG, errno, "%.*s: cannot look at the %s", FILE_NAME_SHOWN, f->path, f->noun);
	*stamp = stamp_of(&st);

	/* What is read again by the next start or reload must not be gone after one reading. */
	if (!S_ISREG(st.st_mode))
		return err_set(e, ERR_CONFIG, 0, "%.*s: is %s, and a %s is a regular file; write it into one%s",
			       FILE_NAME_SHOWN, f->path, kind_of(st.st_mode), f->noun, f->instead);

	/* Only now, since the descriptor is one that gives its text at once and to everybody. */
	if (read_all(fd, text, cap, len) < 0)
		return err_set(e, ERR_CONFIG, errno, "%.*s: cannot read the %s", FILE_NAME_SHOWN, f->path, f->noun);
	return 0;
}

int file_read(const struct file_name *f, char *text, size_t cap, size_t *len, struct file_stamp *stamp, struct err *e)
{
	/* Without waiting for anybody: the open of a FIFO waits for a writer, that of some devices for their line. */
	int fd = open(f->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (fd < 0) {
		enum err_code code = errno == EACCES || errno == EPERM ? ERR_NOPERM : ERR_CONFIG;
		return err_set(e, code, errno, "%.*s: cannot open the %s", FILE_NAME_SHOWN, f->path, f->noun);
	}

	/* Whatever came of it, nothing is held open between two readings. */
	int rc = read_regular(fd, f, text, cap, len, stamp, e);
	close(fd);
	return rc;
}

enum file_change file_check(struct file_watch *w, const char *path)
{
	/* A file that cannot be seen has a stamp too, so that it is reported once, with its cause. */
	struct stat st;
	bool gone = stat(path, &st) < 0;
	struct file_stamp now = {.sys_errno = gone ? errno : 0};
	if (!gone)
		now = stamp_of(&st);
	bool settled = memcmp(&now, &w->seen, sizeof now) == 0;
	w->seen = now;

	/* An editor, or a shell's redirection, has emptied the file; its text is still to come. */
	bool emptied = !gone && S_ISREG(st.st_mode) && st.st_size == 0;
	if (emptied || memcmp(&now, &w->read, sizeof now) == 0)
		return FILE_SAME;

	/* Half of a configuration is often a valid one, so a file that moves is not read until it rests. */
	if (!settled)
		return FILE_SETTLING;

	/* Whatever comes of the reading, the same file is not offered again. */
	w->read = now;
	return gone ? FILE_GONE : FILE_CHANGED;
}
