#include "serve/response.h"

#include "base/clock.h"
#include "serve/condition.h"
#include "serve/metrics.h"
#include "serve/page.h"
#include "serve/probes.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

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

static struct reply reply_page(struct responder *a, enum http_code code, const char *type, size_t len)
{
	return (struct reply){code, type, MHD_create_response_from_buffer(len, a->page, MHD_RESPMEM_MUST_COPY)};
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

static struct reply probe(struct responder *a, struct MHD_Connection *c, const struct route *route)
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
	a->source.snapshot(a->source.self, &a->status);
	enum probe_result result = probe_render(&a->status, &r, a->page, sizeof a->page, &len);
	return reply_page(a, codes[result], plain, len);
}

static void snapshot_all(struct responder *a)
{
	a->source.snapshot(a->source.self, &a->status);
	if (a->source.process)
		a->source.process(a->source.self, &a->status.process);
}

static struct reply metrics(struct responder *a, struct MHD_Connection *c)
{
	bool openmetrics = route_openmetrics(header(c, MHD_HTTP_HEADER_ACCEPT));
	snapshot_all(a);
	size_t len = metrics_render(&a->status, &a->counts, openmetrics, a->page, sizeof a->page);
	return reply_page(a, CODE_200, metrics_type(openmetrics), len);
}

static struct reply status(struct responder *a)
{
	snapshot_all(a);
	return reply_page(a, CODE_200, "application/json", page_status(&a->status, a->page, sizeof a->page));
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
static int64_t modified_seconds(const struct responder *a, const struct stat *st)
{
	const struct status *s = &a->status;
	int64_t now = s->now_wall_ns / NS_PER_S;
	if (s->output.published_ns != 0)
		return status_wall_ns(s, s->output.published_ns) / NS_PER_S;
	return st->st_mtim.tv_sec < now ? st->st_mtim.tv_sec : now;
}

/* Answers with the file, or with what a condition of the request says of it. Takes the descriptor over. */
static struct reply reply_file(struct responder *a, struct MHD_Connection *c, int fd, const struct stat *st)
{
	const struct condition condition = {
		.if_match = header(c, MHD_HTTP_HEADER_IF_MATCH),
		.if_none_match = header(c, MHD_HTTP_HEADER_IF_NONE_MATCH),
		.if_modified_since = header(c, MHD_HTTP_HEADER_IF_MODIFIED_SINCE),
		.if_unmodified_since = header(c, MHD_HTTP_HEADER_IF_UNMODIFIED_SINCE),
	};
	struct validators v;
	struct reply r = {.type = strcmp(a->status.refresh.format, "binary") == 0 ? "application/octet-stream" : plain};
	validators_set(&v, st->st_ino, (uint64_t)st->st_size, timespec_ns(st->st_mtim), modified_seconds(a, st));
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
static bool is_served(const struct responder *a)
{
	return a->serve_numbers && strcmp(a->status.output.mode, "replace") == 0;
}

static struct reply numbers(struct responder *a, struct MHD_Connection *c)
{
	struct stat st;
	a->source.snapshot(a->source.self, &a->status); /* a reload may have changed the format */
	if (!a->serve_numbers)
		return reply_static(CODE_404, "the numbers are not served; see http.serve_numbers\n");
	if (strcmp(a->status.output.mode, "in_place") == 0)
		return reply_static(
			CODE_404, "not served: the file is not replaced as a whole, and would be torn now and then\n");
	if (!is_served(a))
		return reply_static(CODE_404, "not served: the numbers go to standard output or to a device\n");
	if (probe_disk_hangs(&a->status))
		return reply_static(CODE_503, "not now: the disk has not answered for more than 2 s\n");
	int fd = a->source.open_numbers(a->source.self, &st);
	return fd < 0 ? no_file(errno) : reply_file(a, c, fd, &st);
}

static struct reply dispatch(struct responder *a, struct MHD_Connection *c, const struct route *route)
{
	switch (route->handler) {
	case HANDLER_HEALTHZ:
	case HANDLER_LIVEZ:
	case HANDLER_READYZ:
	case HANDLER_STARTUPZ:
		return probe(a, c, route);
	case HANDLER_METRICS:
		return metrics(a, c);
	case HANDLER_STATUS:
		return status(a);
	case HANDLER_INDEX:
		return reply_lasting(CODE_200, "text/html; charset=utf-8", page_index);
	case HANDLER_NUMBERS:
		return numbers(a, c);
	case HANDLER_OTHER:
	case HTTP_HANDLERS:
		break;
	}
	return reply_static(CODE_404, "not found; paths: / /healthz /livez /readyz /startupz /metrics /status\n");
}

static enum MHD_Result send_reply(struct responder *a, struct MHD_Connection *c, const struct route *route,
				  struct reply r)
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
	a->counts.requests[route->handler][r.code]++;
	enum MHD_Result result = MHD_queue_response(c, code_number(r.code), r.response);
	MHD_destroy_response(r.response);
	return result;
}

enum MHD_Result response_send(struct responder *a, struct MHD_Connection *c, const struct route *route)
{
	return send_reply(a, c, route, dispatch(a, c, route));
}

enum MHD_Result response_refuse(struct responder *a, struct MHD_Connection *c, const struct route *route,
				enum http_code code, const char *text)
{
	return send_reply(a, c, route, reply_static(code, text));
}
