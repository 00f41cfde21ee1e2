#include "serve/http.h"

#include "base/clock.h"
#include "serve/condition.h"
#include "serve/listen.h"
#include "serve/metrics.h"
#include "serve/page.h"
#include "serve/probes.h"
#include "serve/route.h"
#include "serve/slots.h"

#include <errno.h>
#include <limits.h>
#include <microhttpd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

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
	struct http_source source;
	bool serve_numbers;
	unsigned limit, port;
	int epoll_fd;
	struct slot *slot_array;
	struct slots slots;
	bool half_closed; /* some slot is */
	struct http_counts counts;
	struct status status;
	char page[TEXT_PAGE_MAX];
};

/* One answer. type NULL: no Content-Type. */
struct reply {
	enum http_code code;
	const char *type;
	struct MHD_Response *response; /* NULL: out of memory */
};

static const char plain[] = "text/plain; charset=utf-8";

static struct reply reply_lasting(enum http_code code, const char *type, const char *text)
{
	return (struct reply){
		code, type,
		MHD_create_response_from_buffer(strlen(text), (void *)(uintptr_t)text, MHD_RESPMEM_PERSISTENT)};
}

static struct reply reply_static(enum http_code code, const char *text)
{
	return reply_lasting(code, plain, text);
}

static struct reply reply_page(struct http *h, enum http_code code, const char *type, size_t len)
{
	return (struct reply){code, type, MHD_create_response_from_buffer(len, h->page, MHD_RESPMEM_MUST_COPY)};
}

static const char *header(struct MHD_Connection *c, const char *name)
{
	return MHD_lookup_connection_value(c, MHD_HEADER_KIND, name);
}

static enum MHD_Result add_argument(void *self, enum MHD_ValueKind kind, const char *key, const char *value)
{
	(void)kind;
	route_argument(self, key, value);
	return MHD_YES;
}

static struct reply probe(struct http *h, struct MHD_Connection *c, const struct route *route)
{
	static const enum http_code codes[] = {
		[PROBE_PASS] = CODE_200, [PROBE_FAIL] = CODE_503, [PROBE_NO_SUCH_CHECK] = CODE_404};
	struct route_query query = {.verbose = false};
	size_t len;
	MHD_get_connection_values(c, MHD_GET_ARGUMENT_KIND, add_argument, &query);
	struct probe_request r = {.probe = route->probe,
				  .title = handler_name(route->handler),
				  .only = route->only,
				  .exclude = query.exclude,
				  .exclude_count = query.exclude_count,
				  .verbose = query.verbose};
	h->source.snapshot(h->source.self, &h->status);
	enum probe_result result = probe_render(&h->status, &r, h->page, sizeof h->page, &len);
	return reply_page(h, codes[result], plain, len);
}

static void snapshot_all(struct http *h)
{
	h->source.snapshot(h->source.self, &h->status);
	if (h->source.process)
		h->source.process(h->source.self, &h->status.process);
}

static struct reply metrics(struct http *h, struct MHD_Connection *c)
{
	bool openmetrics = route_openmetrics(header(c, MHD_HTTP_HEADER_ACCEPT));
	snapshot_all(h);
	size_t len = metrics_render(&h->status, &h->counts, openmetrics, h->page, sizeof h->page);
	return reply_page(h, CODE_200, metrics_type(openmetrics), len);
}

static struct reply status(struct http *h)
{
	snapshot_all(h);
	return reply_page(h, CODE_200, "application/json", page_status(&h->status, h->page, sizeof h->page));
}

/* Why the published file could not be opened, as http_source says it by errno. */
static struct reply no_file(int sys_errno)
{
	switch (sys_errno) {
	case ENOENT:
		return reply_static(CODE_404, "there is no file: none was published yet, or it was removed\n");
	case EINVAL:
		return reply_static(CODE_404, "not served: what stands at FILE is no regular file\n");
	case EPERM:
		return reply_static(CODE_404, "not served: the file that stands at FILE is not ours\n");
	default:
		return reply_static(CODE_500, "the file cannot be opened\n");
	}
}

static uint64_t timespec_ns(struct timespec t)
{
	return (uint64_t)t.tv_sec * NS_PER_S + (uint64_t)t.tv_nsec;
}

/* For Last-Modified: by the age of the publication, since the file system's time is of a wall clock that may have
 * stepped. A file that was not published by this run has that time alone, and it is never later than now. */
static int64_t modified_seconds(const struct http *h, const struct stat *st)
{
	const struct status *s = &h->status;
	int64_t now = s->now_wall_ns / NS_PER_S;
	if (s->output.published_ns != 0)
		return status_wall_ns(s, s->output.published_ns) / NS_PER_S;
	return st->st_mtim.tv_sec < now ? st->st_mtim.tv_sec : now;
}

/* Answers with the file, or with what a condition of the request says of it. Takes the descriptor over. */
static struct reply reply_file(struct http *h, struct MHD_Connection *c, int fd, const struct stat *st)
{
	const struct condition condition = {
		.if_match = header(c, MHD_HTTP_HEADER_IF_MATCH),
		.if_none_match = header(c, MHD_HTTP_HEADER_IF_NONE_MATCH),
		.if_modified_since = header(c, MHD_HTTP_HEADER_IF_MODIFIED_SINCE),
		.if_unmodified_since = header(c, MHD_HTTP_HEADER_IF_UNMODIFIED_SINCE),
	};
	struct validators v;
	struct reply r = {.type = strcmp(h->status.refresh.format, "binary") == 0 ? "application/octet-stream" : plain};
	validators_set(&v, st->st_ino, (uint64_t)st->st_size, timespec_ns(st->st_mtim), modified_seconds(h, st));
	r.code = condition_evaluate(&condition, &v);
	/* 304 speaks of the same length, and has neither type nor body (RFC 9110 15.4.5). */
	if (r.code == CODE_304)
		r.type = NULL;
	if (r.code == CODE_412)
		r = reply_static(CODE_412, "the file has changed\n");
	else
		r.response = MHD_create_response_from_fd64((uint64_t)st->st_size, fd);
	/* A response that was made of the descriptor closes it; the others did not take it. */
	if (r.code == CODE_412 || !r.response)
		close(fd);
	if (!r.response)
		return r;
	MHD_add_response_header(r.response, MHD_HTTP_HEADER_ETAG, v.etag);
	if (v.date[0])
		MHD_add_response_header(r.response, MHD_HTTP_HEADER_LAST_MODIFIED, v.date);
	return r;
}

/* Only a file that is replaced as a whole can be read at any time and is one generation. */
static bool is_served(const struct http *h)
{
	return h->serve_numbers && strcmp(h->status.output.mode, "replace") == 0;
}

static struct reply numbers(struct http *h, struct MHD_Connection *c)
{
	struct stat st;
	h->source.snapshot(h->source.self, &h->status); /* a reload may have changed the format */
	if (!h->serve_numbers)
		return reply_static(CODE_404, "the numbers are not served; see http.serve_numbers\n");
	if (strcmp(h->status.output.mode, "in_place") == 0)
		return reply_static(
			CODE_404, "not served: the file is not replaced as a whole, and would be torn now and then\n");
	if (!is_served(h))
		return reply_static(CODE_404, "not served: the numbers go to standard output or to a device\n");
	if (probe_disk_hangs(&h->status))
		return reply_static(CODE_503, "not now: the disk has not answered for more than 2 s\n");
	int fd = h->source.open_numbers(h->source.self, &st);
	return fd < 0 ? no_file(errno) : reply_file(h, c, fd, &st);
}

static struct reply dispatch(struct http *h, struct MHD_Connection *c, const struct route *route)
{
	switch (route->handler) {
	case HANDLER_HEALTHZ:
	case HANDLER_LIVEZ:
	case HANDLER_READYZ:
	case HANDLER_STARTUPZ:
		return probe(h, c, route);
	case HANDLER_METRICS:
		return metrics(h, c);
	case HANDLER_STATUS:
		return status(h);
	case HANDLER_INDEX:
		return reply_lasting(CODE_200, "text/html; charset=utf-8", page_index);
	case HANDLER_NUMBERS:
		return numbers(h, c);
	case HANDLER_OTHER:
	case HTTP_HANDLERS:
		break;
	}
	return reply_static(CODE_404, "not found; paths: / /healthz /livez /readyz /startupz /metrics /status\n");
}

static enum MHD_Result send_reply(struct http *h, struct MHD_Connection *c, const struct route *route, struct reply r)
{
	if (!r.response)
		return MHD_NO; /* no memory: the library closes the connection */
	if (r.type)
		MHD_add_response_header(r.response, MHD_HTTP_HEADER_CONTENT_TYPE, r.type);
	MHD_add_response_header(r.response, MHD_HTTP_HEADER_CACHE_CONTROL, "no-store");
	MHD_add_response_header(r.response, "X-Content-Type-Options", "nosniff");
	if (r.code == CODE_400 || r.code == CODE_431)
		MHD_add_response_header(r.response, MHD_HTTP_HEADER_CONNECTION, "close");
	if (r.code == CODE_405)
		MHD_add_response_header(r.response, MHD_HTTP_HEADER_ALLOW, "GET, HEAD");
	h->counts.requests[route->handler][r.code]++;
	enum MHD_Result result = MHD_queue_response(c, code_number(r.code), r.response);
	MHD_destroy_response(r.response);
	return result;
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
		return send_reply(h, c, &route, reply_static(CODE_431, "a request line and header of 8 KiB at most\n"));
	if (head == CODE_400)
		return send_reply(h, c, &route,
				  reply_static(CODE_400, "these header fields can be read in two ways\n"));
	if (body < 0)
		return send_reply(h, c, &route, reply_static(CODE_413, "no request body is wanted here\n"));
	if (!route.allowed)
		return send_reply(h, c, &route, reply_static(CODE_405, "use GET or HEAD\n"));
	return send_reply(h, c, &route, dispatch(h, c, &route));
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
	h->source = *source;
	h->serve_numbers = c->serve_numbers && source->open_numbers;
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
