/* notify.h - tells the service manager what the probes tell others: the protocol of sd_notify(3), without its library.
 *
 * Each message says READY=1 once a file was published, WATCHDOG=1 as long as liveness holds, STOPPING=1 from the signal
 * on, and STATUS= with the verdict in words. So a daemon that a restart would heal is restarted, as by the kubelet. One
 * is sent whenever a verdict changes, and else twice in each WATCHDOG_USEC, each 10 s at the latest.
 *
 * The socket is connected once, before confinement: afterwards the process can make no socket, and Landlock (ABI 6)
 * lets it reach an abstract one only so. A manager that does not listen any more is not waited for. Main thread. */
#ifndef REFRESHER_SERVE_NOTIFY_H
#define REFRESHER_SERVE_NOTIFY_H

#include "base/err.h"
#include "base/text.h"
#include "run/status.h"

struct notify {
	int fd; /* -1: nobody wants to know */
	int64_t beat_ns, told_ns;
	unsigned told; /* the verdicts that were sent last */
};

/* From NOTIFY_SOCKET (a path, or '@' and an abstract name), WATCHDOG_USEC and WATCHDOG_PID. 0, also where nobody wants
 * to know; -1 with *e (ERR_OS): the socket cannot be reached, and *n is as without one. */
int notify_open(struct notify *n, struct err *e);
void notify_close(struct notify *n);

void notify_tell(struct notify *n, const struct status *s);    /* sends a message where one is due; never blocks */
int notify_timeout_ms(const struct notify *n, int64_t now_ns); /* until the next is due; -1: none ever is */

void notify_render(struct text *t, const struct status *s); /* a message. Pure */

#endif
