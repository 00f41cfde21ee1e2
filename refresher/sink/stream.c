#include "sink/stream.h"

#include "sink/explain.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

/* It is open already; whoever has closed it is told now, and not at the first number. */
static int stream_open(struct sink *s, struct err *e)
{
	struct stat st;
	s->fd = STDOUT_FILENO;
	return s->io->fstat(s->fd, &st) < 0 ? err_set(e, ERR_CANTCREAT, errno, "standard output is closed") : 0;
}

static int device_open(struct sink *s, struct err *e)
{
	struct stat st;
	struct output_path *p = &s->output;

	/* Another thing may stand there by now: what was opened is inspected. */
	s->fd = s->io->openat(p->dir_fd, p->base, O_WRONLY | O_NOCTTY | O_NOFOLLOW | O_CLOEXEC);
	if (s->fd < 0)
		return explain(p, DOING_OPEN, "", errno, e);
	if (s->io->fstat(s->fd, &st) < 0 || !S_ISCHR(st.st_mode))
		return err_set(e, ERR_CANTCREAT, 0, "%.200s is no character device any more", p->path);

	/* Nothing is ever created beside a device, so its directory is let go. */
	output_path_close(p);
	sink_note(s, NOTE_DEVICE, "%.100s is a character device: bytes go into it, no entropy is credited", p->path);
	return 0;
}

const struct sink_ops sink_stream_ops = {.open = stream_open};
const struct sink_ops sink_device_ops = {.open = device_open};
