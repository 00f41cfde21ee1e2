#include "http_rig.h"
#include "base/str.h"

#include "status_sample.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <cmocka.h>

static void snapshot(void *self, bool with_process, struct status *out)
{
	const struct http_rig *r = self;
	*out = r->status;
	if (!with_process)
		out->process = (struct process_counts){0};
}

int rig_open_numbers(void *self, struct stat *st)
{
	const struct http_rig *r = self;
	int fd = open(r->numbers_path, O_RDONLY | O_CLOEXEC);
	if (fd >= 0)
		assert_int_equal(fstat(fd, st), 0);
	return fd;
}

void rig_init(struct http_rig *r)
{
	*r = (struct http_rig){.stop_fd = -1};
	str_copy(r->config.listen, sizeof r->config.listen, "127.0.0.1:0");
	r->config.connections = 8;
	r->config.idle_seconds = 30;
	r->source = (struct http_source){.self = r, .snapshot = snapshot};
	status_sample(&r->status);
}

static void *loop(void *self)
{
	struct http_rig *r = self;
	struct pollfd fds[2] = {{.fd = http_fd(r->http), .events = POLLIN}, {.fd = r->stop_fd, .events = POLLIN}};
	while (!(fds[1].revents & POLLIN)) {
		poll(fds, 2, http_timeout_ms(r->http));
		http_run(r->http);
	}
	return NULL;
}

void rig_start(struct http_rig *r)
{
	struct err e = {.code = ERR_NONE};
	r->stop_fd = eventfd(0, EFD_CLOEXEC);
	r->http = http_new(&r->config, &r->source, &e);
	if (!r->http)
		fail_msg("http_new: %s", e.msg);
	assert_int_equal(pthread_create(&r->thread, NULL, loop, r), 0);
}

void rig_stop(struct http_rig *r)
{
	assert_int_equal(eventfd_write(r->stop_fd, 1), 0);
	pthread_join(r->thread, NULL);
	http_free(r->http);
	close(r->stop_fd);
}

int rig_connect(const struct http_rig *r)
{
	const struct timeval second = {.tv_sec = 1};
	struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((uint16_t)http_port(r->http))};
	to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_true(fd >= 0);
	assert_int_equal(connect(fd, (struct sockaddr *)&to, sizeof to), 0);
	assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &second, sizeof second), 0);
	return fd;
}

void client_send(int fd, const char *text)
{
	size_t len = strlen(text);
	assert_int_equal(send(fd, text, len, MSG_NOSIGNAL), len);
}

static bool drain(int fd, int flags)
{
	char part[8192];
	ssize_t n;
	do
		n = recv(fd, part, sizeof part, flags);
	while (n > 0);
	return n == 0 || errno == ECONNRESET;
}

bool client_closed(int fd)
{
	return drain(fd, MSG_DONTWAIT);
}

bool client_sees_end(int fd)
{
	return drain(fd, 0);
}

static bool read_head(int fd, struct response *a)
{
	size_t len = 0;
	while (len < sizeof a->head - 1 && recv(fd, a->head + len, 1, 0) == 1) {
		a->head[++len] = '\0';
		if (len >= 4 && strcmp(a->head + len - 4, "\r\n\r\n") == 0)
			return true;
	}
	return false;
}

void client_read(int fd, bool head_only, struct response *a)
{
	char part[8192];
	*a = (struct response){.code = 0};
	if (!read_head(fd, a))
		return;
	assert_int_equal(sscanf(a->head, "HTTP/1.1 %d ", &a->code), 1);
	const char *length = strcasestr(a->head, "\r\nContent-Length: ");
	size_t want = length && !head_only ? strtoul(length + 18, NULL, 10) : 0;
	while (a->total < want) {
		size_t ask = want - a->total < sizeof part ? want - a->total : sizeof part;
		ssize_t n = recv(fd, part, ask, 0);
		if (n <= 0)
			return;
		size_t room = sizeof a->body - 1 - a->body_len;
		size_t keep = (size_t)n < room ? (size_t)n : room;
		memcpy(a->body + a->body_len, part, keep);
		a->body_len += keep;
		a->total += (size_t)n;
	}
}

void client_ask(const struct http_rig *r, const char *request, struct response *a)
{
	int fd = rig_connect(r);
	client_send(fd, request);
	client_read(fd, strncmp(request, "HEAD ", 5) == 0, a);
	close(fd);
}

void client_get(const struct http_rig *r, const char *path, const char *headers, struct response *a)
{
	char request[1024];
	int n = snprintf(request, sizeof request, "GET %s HTTP/1.1\r\nHost: x\r\n%s\r\n", path, headers);
	assert_true(n > 0 && (size_t)n < sizeof request);
	client_ask(r, request, a);
}
