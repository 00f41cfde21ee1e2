#include "numbers/format.h"

struct numbers_step format_tail(const struct format_job *job, struct numbers_step done, size_t draw_bytes,
				format_put *put, const void *self)
{
	char line[FORMAT_TOUCH_MAX];

	/* Only the line itself is copied to the caller's buffer, and only where it fits. A rejected draw has none. */
	while (done.made < job->want && job->rnd_len - done.used >= draw_bytes) {
		size_t len = (size_t)(put(self, job->rnd + done.used, line) - line);
		if (len > 0)
			line[len++] = '\n';
		if (len > job->cap - done.written)
			break;
		memcpy(job->out + done.written, line, len);
		done.used += draw_bytes;
		done.written += len;
		done.made += len > 0;
	}
	return done;
}
