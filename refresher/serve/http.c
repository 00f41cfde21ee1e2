#include "serve/http.h"

#include "serve/listen.h"
#include "serve/response.h"
#include "serve/route.h"
#include "serve/slots.h"

#include <errno.h>
#include <limits.h>
#include <microhttpd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

enum {
	HEAD_MAX = 8192, /* bytes of a request line and header that are answered */
	/* The library closes without a word, or waits for ever, where a head comes near its memory. So it gets more,
	 * and what is longer than HEAD_MAX is refused here. Pages that nobody touches cost nothing. */
	MEMORY_PER_CONNECTION = 4 * HEAD_MAX,
	/* The library accepts up to 11 connections in one turn and buries closed ones at the end of the next. So 22 may
	 * be open beyond the limit before the first that was shut down is gone. */
	RESERVE = 32,
	TURNS = 16, /* of the library in one http_run: signals and timers of the main loop come in between */
};

struct http {
	struct MHD_Daemon *daemon;
	unsigned limit, port;
	int epoll_fd;
	struct slot *slot_array;
	struct slots slots;
	bool half_closed; /* some slot is */
	struct responder responder;
};

static const char *header(struct MHD_Connection *c, const char *name)
{
	return MHD_lookup_connection_value(c, MHD_HEADER_KIND, name);
}

static enum MHD_Result add_field(void *self, enum MHD_ValueKind kind, const char *key, const char *value)
{
	(void)kind;
	route_field(self, key, value ? value : "");
	return MHD_YES;
}

/* What is wrong with the head of a request, whatever it asks for: CODE_200 for nothing. */
static enum http_code judge_head(struct MHD_Connection *c)
{
	struct route_head head = {.unclear = false};
	const union MHD_ConnectionInfo *info = MHD_get_connection_info(c, MHD_CONNECTION_INFO_REQUEST_HEADER_SIZE);
	if (info && info->header_size > HEAD_MAX)
		return CODE_431;
	MHD_get_connection_values(c, MHD_HEADER_KIND, add_field, &head);
	return head.unclear ? CODE_400 : CODE_200;
}

/* An escaped NUL would end the path for the library: /healthz%00 would be /healthz. It stays as it is written, and so
 * names nothing. */
static size_t unescape(void *self, struct MHD_Connection *c, char *s)
{
	(void)self, (void)c;
	return strstr(s, "%00") ? strlen(s) : MHD_http_unescape(s);
}

/* A request begins or ends on this connection. */
static void touch(struct http *h, struct MHD_Connection *c, bool begins)
{
	const union MHD_ConnectionInfo *info = MHD_get_connection_info(c, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
	if (info && info->socket_context)
		slots_touch(&h->slots, info->socket_context, begins);
}

static enum MHD_Result on_request(void *self, struct MHD_Connection *c, const char *url, const char *method,
				  const char *version, const char *upload, size_t *upload_size, void **request)
{
	struct http *h = self;
	struct route route = route_find(method, url);
	enum http_code head = CODE_200;
	int body = 0;
	(void)version, (void)upload, (void)upload_size;
	if (!*request) {
		*request = h;
		touch(h, c, true);
		head = judge_head(c);
		body = route_body(header(c, MHD_HTTP_HEADER_CONTENT_LENGTH),
				  header(c, MHD_HTTP_HEADER_TRANSFER_ENCODING));
		/* The library keeps the connection only if the answer waits for the second call. With a body it is
		 * given now: the body stays unread and the connection closes. */
		if (body == 0 && head == CODE_200)
			return MHD_YES;
	}
	if (head == CODE_431)
		return response_refuse(&h->responder, c, &route, CODE_431,
				       "a request line and header of 8 KiB at most\n");
	if (head == CODE_400)
		return response_refuse(&h->responder, c, &route, CODE_400,
				       "these header fields can be read in two ways\n");
	if (body < 0)
		return response_refuse(&h->responder, c, &route, CODE_413, "no request body is wanted here\n");
	if (!route.allowed)
		return response_refuse(&h->responder, c, &route, CODE_405, "use GET or HEAD\n");
	return response_send(&h->responder, c, &route);
}

/* A client that has closed its side and is answered wants nothing more; the library would wait for the idle time. */
static void note_half_closed(struct http *h, struct MHD_Connection *c)
{
	const union MHD_ConnectionInfo *info = MHD_get_connection_info(c, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
	char byte;
	if (!info || !info->socket_context)
		return;
	struct slot *slot = info->socket_context;
	slot->half_closed = recv(slot->fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) == 0;
	h->half_closed |= slot->half_closed;
}

/* Once the library has nothing more to do: requests that had come before the end are answered too. */
static void let_go_of_half_closed(struct http *h)
{
	for (size_t i = 0; h->half_closed && i < h->limit + RESERVE; i++) {
		if (h->slot_array[i].half_closed)
			shutdown(h->slot_array[i].fd, SHUT_RDWR);
		h->slot_array[i].half_closed = false;
	}
	h->half_closed = false;
}

static void on_completed(void *self, struct MHD_Connection *c, void **request, enum MHD_RequestTerminationCode why)
{
	(void)request;
	touch(self, c, false);
	if (why == MHD_REQUEST_TERMINATED_COMPLETED_OK)
		note_half_closed(self, c);
}

static void on_connection(void *self, struct MHD_Connection *c, void **socket_context,
			  enum MHD_ConnectionNotificationCode what)
{
	struct http *h = self;
	if (what == MHD_CONNECTION_NOTIFY_CLOSED) {
		if (*socket_context)
			slots_remove(&h->slots, *socket_context);
		return;
	}
	const union MHD_ConnectionInfo *info = MHD_get_connection_info(c, MHD_CONNECTION_INFO_CONNECTION_FD);
	*socket_context = info ? slots_add(&h->slots, info->connect_fd) : NULL;
	struct slot *victim = slots_shed(&h->slots, h->limit);
	/* The library owns the descriptor. Shut down, it reports end of file and is closed in the next turn. */
	if (victim)
		shutdown(victim->fd, SHUT_RDWR);
}

static int start(struct http *h, const struct http_config *c, int listen_fd, bool v6, struct err *e)
{
	/* Without MHD_USE_ERROR_LOG the library is silent: what it complains of is a client's fault each time. */
	unsigned flags = MHD_USE_EPOLL | (v6 ? MHD_USE_IPv6 : 0u);
	h->daemon = MHD_start_daemon(flags, 0, NULL, NULL, on_request, h, MHD_OPTION_LISTEN_SOCKET, listen_fd,
				     MHD_OPTION_CONNECTION_LIMIT, c->connections + RESERVE,
				     MHD_OPTION_CONNECTION_TIMEOUT, c->idle_seconds, MHD_OPTION_CONNECTION_MEMORY_LIMIT,
				     (size_t)MEMORY_PER_CONNECTION, MHD_OPTION_NOTIFY_CONNECTION, on_connection, h,
				     MHD_OPTION_NOTIFY_COMPLETED, on_completed, h, MHD_OPTION_UNESCAPE_CALLBACK,
				     unescape, NULL, MHD_OPTION_STRICT_FOR_CLIENT, 1, MHD_OPTION_END);
	if (!h->daemon)
		return err_set(e, ERR_OS, errno, "http: cannot start");
	const union MHD_DaemonInfo *info = MHD_get_daemon_info(h->daemon, MHD_DAEMON_INFO_EPOLL_FD);
	if (!info || info->epoll_fd < 0)
		return err_set(e, ERR_OS, 0, "http: libmicrohttpd was built without epoll");
	h->epoll_fd = info->epoll_fd;
	return 0;
}

struct http *http_new(const struct http_config *c, const struct http_source *source, struct err *e)
{
	struct listen_address address;
	if (listen_parse(c->listen, &address, e) < 0)
		return NULL;
	struct http *h = calloc(1, sizeof *h);
	if (!h) {
		err_set(e, ERR_OS, ENOMEM, "http");
		return NULL;
	}
	h->responder.source = *source;
	h->responder.serve_numbers = c->serve_numbers && source->open_numbers;
	h->limit = c->connections;
	h->slot_array = calloc(c->connections + RESERVE, sizeof *h->slot_array);
	if (!h->slot_array) {
		err_set(e, ERR_OS, ENOMEM, "http.connections");
		goto fail;
	}
	slots_init(&h->slots, h->slot_array, c->connections + RESERVE);
	if (listen_reserve(c->connections, RESERVE, e) < 0)
		goto fail;
	int fd = listen_open(c->listen, &address, &h->port, e);
	/* From here the library owns the socket, on failure too. */
	if (fd < 0 || start(h, c, fd, address.u.any.sa_family == AF_INET6, e) < 0)
		goto fail;
	return h;
fail:
	http_free(h);
	return NULL;
}

void http_free(struct http *h)
{
	if (!h)
		return;
	if (h->daemon)
		MHD_stop_daemon(h->daemon);
	free(h->slot_array);
	free(h);
}

int http_fd(const struct http *h)
{
	return h->epoll_fd;
}

void http_run(struct http *h)
{
	for (int i = 0; i < TURNS; i++) {
		MHD_run(h->daemon);
		if (http_timeout_ms(h) != 0) {
			let_go_of_half_closed(h);
			break;
		}
	}
}

int http_timeout_ms(const struct http *h)
{
	MHD_UNSIGNED_LONG_LONG ms;
	if (MHD_get_timeout(h->daemon, &ms) != MHD_YES)
		return -1;
	return ms > INT_MAX ? INT_MAX : (int)ms;
}

unsigned http_port(const struct http *h)
{
	return h->port;
}
