#include "serve/notify.h"

#include "base/clock.h"
#include "serve/probes.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum { BEAT_S = 10, MESSAGE_MAX = 1024, SOON_MS = 250 };

/* Half of what the manager grants between two messages. */
static int64_t beat_ns(void)
{
	const char *usec = getenv("WATCHDOG_USEC"), *pid = getenv("WATCHDOG_PID");
	int64_t half = usec ? strtoll(usec, NULL, 10) * 500 : 0, longest = BEAT_S * (int64_t)NS_PER_S;

	/* The watchdog of another process is none of ours. */
	bool ours = !pid || strtoll(pid, NULL, 10) == getpid();
	return ours && half > 0 && half < longest ? half : longest;
}

int notify_open(struct notify *n, struct err *e)
{
	struct sockaddr_un to = {.sun_family = AF_UNIX};
	const char *name = getenv("NOTIFY_SOCKET");
	size_t len = name ? strlen(name) : 0;
	*n = (struct notify){.fd = -1, .beat_ns = beat_ns()};
	if (len == 0)
		return 0;
	if ((name[0] != '/' && name[0] != '@') || len >= sizeof to.sun_path)
		return err_set(e, ERR_OS, 0, "NOTIFY_SOCKET %.108s: neither a path nor an abstract name", name);

	/* An abstract name begins with NUL in place of the '@', and is as long as it is told to be. */
	memcpy(to.sun_path, name, len);
	if (name[0] == '@')
		to.sun_path[0] = '\0';
	socklen_t size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len);
	n->fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (n->fd >= 0 && connect(n->fd, (struct sockaddr *)&to, size) == 0)
		return 0;
	err_set(e, ERR_OS, errno, "NOTIFY_SOCKET %.108s", name);
	notify_close(n);
	return -1;
}

void notify_close(struct notify *n)
{
	if (n->fd >= 0)
		close(n->fd);
	n->fd = -1;
}

enum { READY = 1, WATCHDOG = 2, STOPPING = 4, WELL = 8 };

static unsigned verdicts(const struct status *s)
{
	return (probe_passes(s, PROBE_STARTUP) ? READY : 0) | (probe_passes(s, PROBE_LIVENESS) ? WATCHDOG : 0) |
	       (s->daemon.stopping ? STOPPING : 0) | (probe_passes(s, PROBE_READINESS) ? WELL : 0);
}

void notify_render(struct text *t, const struct status *s)
{
	unsigned now = verdicts(s);
	char list[MESSAGE_MAX / 2];
	struct text why;
	text_fmt(t, "%s%s%sSTATUS=", now & READY ? "READY=1\n" : "", now & WATCHDOG ? "WATCHDOG=1\n" : "",
		 now & STOPPING ? "STOPPING=1\n" : "");
	if (now & WELL) {
		text_fmt(t, "ready: numbers from ");
		text_ascii(t, s->noise.name, sizeof s->noise.name);
		text_fmt(t, "\n");
		return;
	}

	/* The first reason of the probe's list; a line feed would begin another variable. */
	const struct probe_request request = {.probe = PROBE_READINESS, .title = "readyz"};
	text_init(&why, list, sizeof list);
	probe_render(&why, s, &request);
	text_fmt(t, "not ready: %.*s\n", (int)strcspn(list, "\n"), list);
}

void notify_tell(struct notify *n, const struct status *s)
{
	/* A change is told at once. Without one the manager hears in each beat that the process lives. */
	unsigned now = verdicts(s);
	if (n->fd < 0 || (now == n->told && n->told_ns != 0 && s->now_ns - n->told_ns < n->beat_ns))
		return;

	/* One that the manager has no room for is told in the next turn. */
	char message[MESSAGE_MAX];
	struct text t;
	text_init(&t, message, sizeof message);
	notify_render(&t, s);
	if (send(n->fd, message, t.len, MSG_NOSIGNAL) < 0)
		return;
	n->told = now;
	n->told_ns = s->now_ns;
}

int notify_timeout_ms(const struct notify *n, int64_t now_ns)
{
	/* Nothing wakes the main thread for the first file, and whoever starts the daemon waits for that. */
	int64_t left = n->told_ns + n->beat_ns - now_ns;
	if (n->fd < 0 || !(n->told & READY))
		return n->fd < 0 ? -1 : SOON_MS;

	/* One that is late waits for the main loop's own timer, so that a manager who does not read costs no CPU. */
	return left <= 0 ? -1 : (int)(left / 1000000) + 1;
}
