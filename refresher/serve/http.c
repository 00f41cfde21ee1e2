#include "serve/http.h"

#include "base/clock.h"
#include "base/io.h"
#include "serve/listen.h"
#include "serve/response.h"
#include "serve/route.h"
#include "serve/slots.h"

#include <errno.h>
#include <microhttpd.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

enum {
	/* The library closes without a word, or waits for ever, where a head comes near its memory. So it gets more,
	 * and what is longer than a head may be is refused here. Pages that nobody touches cost nothing. */
	MEMORY_PER_CONNECTION = 3 * ROUTE_HEAD_MAX,
	/* The library accepts up to 11 connections in one turn and buries closed ones at the end of the next. So 22 may
	 * be open beyond the limit before the first that was shut down is gone, and more while all of them are new. */
	RESERVE = 32,
	REMEMBER_NS = 2000000000, /* between two looks at the status, at least */
	TURNS = 16, /* of the library in one http_run: signals and timers of the main loop come in between */
};

struct http {
	struct MHD_Daemon *daemon;
	struct responder responder;
	struct slots slots;
	bool closed; /* in the last turn; where all places were taken, the library accepts again in the next one */
	struct pollfd *ends; /* as many as slots, behind them: of clients that may have closed their side */
	struct slot slot_array[];
};

/* A field without a colon has no value for the library; an empty one is what it means. */
static enum MHD_Result add_field(void *self, enum MHD_ValueKind kind, const char *key, const char *value)
{
	(void)kind;
	route_field(self, key, value ? value : "");
	return MHD_YES;
}

/* An escaped NUL would end the path for the library: /healthz%00 would be /healthz. It stays as it is written, and so
 * names nothing. */
static size_t unescape(void *self, struct MHD_Connection *c, char *s)
{
	(void)self, (void)c;
	return strstr(s, "%00") ? strlen(s) : MHD_http_unescape(s);
}

/* The library keeps one pointer for each connection: its slot. */
static struct slot *slot_of(struct MHD_Connection *c)
{
	return MHD_get_connection_info(c, MHD_CONNECTION_INFO_SOCKET_CONTEXT)->socket_context;
}

/* The library calls this once when the head has come, and again behind the body if nothing was queued. */
static enum MHD_Result on_request(void *self, struct MHD_Connection *c, const char *url, const char *method,
				  const char *version, const char *upload, size_t *upload_size, void **request)
{
	struct http *h = self;
	struct route route = route_find(method, url);
	const struct refusal *refusal = NULL;
	(void)version, (void)upload, (void)upload_size;
	if (!*request) {
		struct route_head head = {.unclear = false};
		/* Whatever is kept here for the request tells the second call from the first. */
		*request = h;
		slots_touch(&h->slots, slot_of(c), true);
		/* The head is judged before the path: a request that can be read in two ways asks for nothing. */
		MHD_get_connection_values(c, MHD_HEADER_KIND, add_field, &head);
		refusal = route_refusal(
			&head, MHD_get_connection_info(c, MHD_CONNECTION_INFO_REQUEST_HEADER_SIZE)->header_size);
		/* The library keeps the connection only if the response waits for the second call. With a body it is
		 * given now: the body stays unread and the connection closes. */
		if (!refusal && !route_has_body(&head))
			return MHD_YES;
	}
	return response_send(&h->responder, c, &route, refusal);
}

static void on_completed(void *self, struct MHD_Connection *c, void **request, enum MHD_RequestTerminationCode why)
{
	struct http *h = self;
	struct slot *slot = slot_of(c);
	(void)request;
	slots_touch(&h->slots, slot, false);
	slot->answered = why == MHD_REQUEST_TERMINATED_COMPLETED_OK;
}

/* A client that has closed its side and has its response wants nothing more, but the library would wait for the idle
 * time. Once it has nothing more to do: requests that had come before the end have their responses too. */
static void close_half_closed(struct http *h)
{
	nfds_t n = 0;
	char byte;

	/* One system call for all that were answered: one for each of them would cost as much as its request. */
	for (size_t i = 0; i < h->slots.n; i++) {
		struct slot *slot = &h->slots.array[i];
		if (slot->answered && !slot->busy)
			h->ends[n++] = (struct pollfd){.fd = slot->fd, .events = POLLRDHUP};
		slot->answered = false;
	}
	bool any = n > 0 && poll(h->ends, n, 0) > 0;

	/* What has come in front of the end meanwhile is still to be answered. */
	for (nfds_t i = 0; any && i < n; i++)
		if (h->ends[i].revents && recv(h->ends[i].fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) == 0)
			shutdown(h->ends[i].fd, SHUT_RDWR);
}

/* There are as many slots as the library lets connections in, so each of them gets one. */
static void on_connection(void *self, struct MHD_Connection *c, void **socket_context,
			  enum MHD_ConnectionNotificationCode what)
{
	struct http *h = self;
	if (what == MHD_CONNECTION_NOTIFY_CLOSED) {
		slots_remove(*socket_context);
		h->closed = true;
		return;
	}

	int fd = MHD_get_connection_info(c, MHD_CONNECTION_INFO_CONNECTION_FD)->connect_fd;
	*socket_context = slots_add(&h->slots, fd, clock_ns(CLOCK_BOOTTIME));
}

/* Behind a turn of the library, in which connections have come, and others have got their response and may go. The
 * library owns the descriptors. Shut down, one reports end of file and is closed in the next turn. */
static void shed_surplus(struct http *h)
{
	struct slot *victim;
	while ((victim = slots_shed(&h->slots, clock_ns(CLOCK_BOOTTIME))) != NULL)
		shutdown(victim->fd, SHUT_RDWR);
}

struct http *http_new(const struct http_config *c, const struct http_source *source, struct err *e)
{
	size_t slots = c->connections + RESERVE;

	/* What the limits forbid is told before anything is made. */
	if (listen_reserve(c->connections, RESERVE, e) < 0)
		return NULL;

	/* The slots lie behind the struct, in one piece of memory. */
	struct http *h = calloc(1, sizeof *h + slots * (sizeof *h->slot_array + sizeof *h->ends));
	if (!h) {
		err_set(e, ERR_OS, ENOMEM, "http.connections");
		return NULL;
	}
	h->responder.source = *source;
	h->responder.serve_numbers = c->serve_numbers;
	h->slots = (struct slots){.array = h->slot_array, .n = slots, .limit = c->connections};
	h->ends = (struct pollfd *)(h->slot_array + slots);

	/* From here the library owns the socket, on failure too. It has no thread: http_run gives it the main thread's
	 * time. Without MHD_USE_ERROR_LOG it is silent: what it complains of is a client's fault each time. */
	int fd = listen_open(c->listen, e);
	if (fd >= 0) {
		h->daemon = MHD_start_daemon(
			MHD_USE_EPOLL, 0, NULL, NULL, on_request, h, MHD_OPTION_LISTEN_SOCKET, fd,
			MHD_OPTION_CONNECTION_LIMIT, c->connections + RESERVE, MHD_OPTION_CONNECTION_TIMEOUT,
			c->idle_seconds, MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)MEMORY_PER_CONNECTION,
			MHD_OPTION_NOTIFY_CONNECTION, on_connection, h, MHD_OPTION_NOTIFY_COMPLETED, on_completed, h,
			MHD_OPTION_UNESCAPE_CALLBACK, unescape, NULL, MHD_OPTION_STRICT_FOR_CLIENT, 1, MHD_OPTION_END);
		if (!h->daemon)
			err_set(e, ERR_OS, errno, "http: libmicrohttpd cannot start, or was built without epoll");
	}
	if (h->daemon)
		return h;
	http_free(h);
	return NULL;
}

void http_free(struct http *h)
{
	if (h && h->daemon)
		MHD_stop_daemon(h->daemon);
	free(h);
}

int http_fd(const struct http *h)
{
	/* The main loop waits for this one descriptor in place of a hundred. */
	return MHD_get_daemon_info(h->daemon, MHD_DAEMON_INFO_EPOLL_FD)->epoll_fd;
}

/* What the page shows of the last hour. The main loop's timer asks for a turn each 4 s at the latest. */
static void remember(struct responder *r)
{
	if (io_now_ns(&io_posix) - r->history.seen.now_ns < REMEMBER_NS)
		return;
	r->source.snapshot(r->source.self, false, &r->status);
	history_observe(&r->history, &r->status);
}

void http_run(void *http)
{
	struct http *h = http;
	int turns = 0;
	remember(&h->responder);
	do {
		h->closed = false;
		MHD_run(h->daemon);
		h->slots.turns++;
		shed_surplus(h);
	} while (http_timeout_ms(h) == 0 && ++turns < TURNS);
	if (turns < TURNS)
		close_half_closed(h);
}

int http_timeout_ms(void *http)
{
	const struct http *h = http;
	MHD_UNSIGNED_LONG_LONG ms;
	/* The library has none, or its idle time, an hour at most. Where too many are open, new ones may soon go. */
	if (h->closed)
		return 0;
	int timeout_ms = MHD_get_timeout(h->daemon, &ms) == MHD_YES ? (int)ms : -1;
	bool is_long = timeout_ms < 0 || timeout_ms > SLOTS_NEW_MS;
	return is_long && slots_are_too_many(&h->slots) ? SLOTS_NEW_MS : timeout_ms;
}

unsigned http_port(const struct http *h)
{
	/* Port 0 lets the kernel choose, and the log and the tests want to know which. */
	return MHD_get_daemon_info(h->daemon, MHD_DAEMON_INFO_BIND_PORT)->port;
}
