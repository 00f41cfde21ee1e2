#include "serve/ask.h"

#include "base/clock.h"
#include "base/io.h"
#include "serve/listen.h"
#include "serve/page.h"

#include <ctype.h>
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

enum { ASK_SECONDS = 2, HEAD_MAX = 4096 };

struct answer {
	size_t len;
	char text[HEAD_MAX + PAGE_MAX + 1];
};

static int fail(const char *address, int sys_errno, const char *what, struct err *e)
{
	return err_set(e, ERR_UNAVAILABLE, sys_errno,
		       "%.64s: %s; is the daemon there? its address is http.listen: "
		       "refresher --status ADDR:PORT, or -c FILE",
		       address, what);
}

/* Waits until the descriptor can be used, or the time is over. */
static bool await(int fd, short events, int64_t deadline_ns)
{
	struct pollfd p = {.fd = fd, .events = events};
	int64_t left_ms = (deadline_ns - io_now_ns(&io_posix)) / (NS_PER_S / 1000);
	if (left_ms > 0 && poll(&p, 1, (int)left_ms) > 0)
		return true;
	errno = ETIMEDOUT;
	return false;
}

/* To connect to "all addresses" is to connect to this machine; where the kernel has no IPv6, [::] listens at IPv4. */
static void choose_loopback(struct listen_address *a)
{
	in_port_t port = a->u.v6.sin6_port;
	if (a->u.any.sa_family != AF_INET6 || !IN6_IS_ADDR_UNSPECIFIED(&a->u.v6.sin6_addr))
		return;
	*a = (struct listen_address){.len = sizeof a->u.v4};
	a->u.v4 = (struct sockaddr_in){.sin_family = AF_INET, .sin_port = port};
	a->u.v4.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
}

/* A connected socket, non-blocking; -1 with errno. */
static int connect_to(const struct listen_address *a, int64_t deadline_ns)
{
	int error = 0;
	socklen_t size = sizeof error;
	int fd = socket(a->u.any.sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return -1;

	/* A peer that does not answer at all takes minutes to be given up by the kernel. */
	if (connect(fd, &a->u.any, a->len) == 0)
		return fd;
	if (errno == EINPROGRESS && await(fd, POLLOUT, deadline_ns)) {
		getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size);
		if (error == 0)
			return fd;
		errno = error;
	}
	error = errno;
	close(fd);
	errno = error;
	return -1;
}

/* Sends the question and reads to the end: 0, or -1 with errno. */
static int exchange(int fd, bool json, int64_t deadline_ns, struct answer *a)
{
	char request[128];
	int n = snprintf(request, sizeof request, "GET %s HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
			 json ? "/status" : "/status.txt");
	if (send(fd, request, (size_t)n, MSG_NOSIGNAL) != n)
		return -1;

	/* The daemon closes behind its response. What is longer than any of its pages is none. */
	while (a->len < sizeof a->text - 1) {
		if (!await(fd, POLLIN, deadline_ns))
			return -1;
		ssize_t got = recv(fd, a->text + a->len, sizeof a->text - 1 - a->len, 0);
		if (got == 0)
			return 0;
		if (got < 0 && errno != EAGAIN && errno != EINTR)
			return -1;
		a->len += got > 0 ? (size_t)got : 0;
	}
	errno = EMSGSIZE;
	return -1;
}

/* What a person reads is ASCII, and JSON has escapes for what is below a blank, so a stranger that listens there cannot
 * steer the terminal with an escape sequence. */
static void print(const char *body, bool json, FILE *out)
{
	for (const char *p = body; *p; p++)
		putc(*p == '\n' || (json ? (unsigned char)*p >= ' ' : isprint((unsigned char)*p)) ? *p : '?', out);
}

int ask_status(const char *address, bool json, FILE *out, struct err *e)
{
	struct listen_address a;
	struct answer answer = {0};
	int64_t deadline_ns = io_now_ns(&io_posix) + (int64_t)ASK_SECONDS * NS_PER_S;
	if (strcmp(address, "none") == 0)
		return err_set(e, ERR_CONFIG, 0, "http.listen is none: this daemon cannot be asked");
	if (listen_parse(address, &a, e) < 0)
		return -1;

	choose_loopback(&a);
	int fd = connect_to(&a, deadline_ns);
	if (fd < 0)
		return fail(address, errno, errno == ECONNREFUSED ? "nobody listens there" : "cannot connect", e);
	int rc = exchange(fd, json, deadline_ns, &answer);
	int error = errno;
	close(fd);
	if (rc < 0)
		return fail(address, error, "no whole answer within 2 s", e);

	/* Of the head only the first line matters; the body stands behind an empty line. */
	const char *body = strstr(answer.text, "\r\n\r\n");
	if (!body || strncmp(answer.text, "HTTP/1.1 200 ", 13) != 0)
		return fail(address, 0, "what answers there is not refresher, or another version", e);
	body += 4;
	print(body, json, out);
	bool ready = json ? strstr(body, "\"ready\":true") != NULL : strncmp(body, "ready\n", 6) == 0;
	return ready ? 0 : 1;
}
