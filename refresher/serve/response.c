#include "serve/response.h"

#include "base/clock.h"
#include "serve/condition.h"
#include "serve/metrics.h"
#include "serve/page.h"
#include "serve/probes.h"
#include "serve/report.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* What is sent: the responder's page, or a file in its place. type NULL: no Content-Type. */
struct reply {
	unsigned code;
	const char *type;
	struct MHD_Response *file; /* NULL: the page */
};

static const char plain[] = "text/plain; charset=utf-8";

/* One sentence for people is the whole page. */
static struct reply reply_sentence(struct responder *r, unsigned code, const char *text)
{
	text_put(&r->page, text, "\n");
	return (struct reply){.code = code, .type = plain};
}

/* The first field of that name; NULL where there is none. */
static const char *header(struct MHD_Connection *c, const char *name)
{
	return MHD_lookup_connection_value(c, MHD_HEADER_KIND, name);
}

/* The library has taken the query apart and its escapes away. */
static enum MHD_Result add_argument(void *self, enum MHD_ValueKind kind, const char *key, const char *value)
{
	(void)kind;
	route_argument(self, key, value);
	return MHD_YES;
}

/* What is asked for is in the path (which probe, which check) and in the arguments (verbose, exclude). */
static struct reply probe(struct responder *r, struct MHD_Connection *c, const struct route *route)
{
	/* The path has told the first part; the arguments are added to a copy. */
	struct probe_request request = route->request;
	MHD_get_connection_values(c, MHD_GET_ARGUMENT_KIND, add_argument, &request);
	return (struct reply){.code = probe_render(&r->page, &r->status, &request), .type = plain};
}

/* The scraper says in its Accept field which of the two forms it reads. */
static struct reply metrics(struct responder *r, struct MHD_Connection *c)
{
	bool openmetrics = route_openmetrics(header(c, MHD_HTTP_HEADER_ACCEPT));
	metrics_render(&r->page, &r->status, &r->counts, openmetrics);
	return (struct reply){.code = 200,
			      .type = openmetrics ? "application/openmetrics-text; version=1.0.0; charset=utf-8"
						  : "text/plain; version=0.0.4; charset=utf-8"};
}

static struct reply status(struct responder *r, bool for_people)
{
	if (for_people)
		report_render(&r->page, &r->status);
	else
		page_status(&r->page, &r->status, &r->history);
	return (struct reply){.code = 200, .type = for_people ? plain : "application/json"};
}

/* Why the published file could not be opened, as http_source says it by errno. */
static struct reply no_file(struct responder *r, int sys_errno)
{
	if (sys_errno == ENOENT)
		return reply_sentence(r, 404, "there is no file: none was published yet, or it was removed");
	if (sys_errno == EINVAL)
		return reply_sentence(r, 404, "not served: what stands at FILE is no regular file");
	if (sys_errno == EPERM)
		return reply_sentence(r, 404, "not served: the file that stands at FILE is not ours");
	return reply_sentence(r, 500, "the file cannot be opened");
}

/* For Last-Modified: by the age of the publication, since the file system's time is of a wall clock that may have
 * stepped. A file that was not published by this run has that time alone, and it is never later than now. */
static int64_t modified_seconds(const struct status *s, const struct stat *st)
{
	int64_t now = s->now_wall_ns / NS_PER_S;
	if (s->output.published_ns != 0)
		return status_wall_ns(s, s->output.published_ns) / NS_PER_S;
	return st->st_mtim.tv_sec < now ? st->st_mtim.tv_sec : now;
}

/* Replies with the file, or says that the client has it. Takes the descriptor over. */
static struct reply reply_file(struct responder *r, struct MHD_Connection *c, int fd, const struct stat *st)
{
	const struct status *s = &r->status;
	bool is_binary = strcmp(s->refresh.format, "binary") == 0;
	struct validators v;
	struct reply reply = {200, is_binary ? "application/octet-stream" : plain,
			      MHD_create_response_from_fd64((uint64_t)st->st_size, fd)};

	/* A response that was made of the descriptor closes it. */
	if (!reply.file) {
		close(fd);
		return reply_sentence(r, 500, "out of memory");
	}

	/* Both validators go with a 304 too, so that the client can keep them for the next time (RFC 9110 15.4.5). */
	validators_set(&v, st, modified_seconds(s, st));
	MHD_add_response_header(reply.file, MHD_HTTP_HEADER_ETAG, v.etag);
	if (v.date[0])
		MHD_add_response_header(reply.file, MHD_HTTP_HEADER_LAST_MODIFIED, v.date);

	/* 304 speaks of the same length, and has neither type nor body (RFC 9110 15.4.5). */
	if (validators_match(&v, header(c, MHD_HTTP_HEADER_IF_NONE_MATCH),
			     header(c, MHD_HTTP_HEADER_IF_MODIFIED_SINCE))) {
		reply.code = 304;
		reply.type = NULL;
	}
	return reply;
}

/* The file is served only where it can be read whole at any time; each other case says which one it is, because the
 * operator who switched it on would look for the fault in the path. */
static struct reply numbers(struct responder *r, struct MHD_Connection *c)
{
	const struct status *s = &r->status;
	struct stat st;
	if (!r->serve_numbers)
		return reply_sentence(r, 404, "the numbers are not served; see http.serve_numbers");

	/* Only a file that is replaced as a whole can be read at any time and is one generation. */
	if (strcmp(s->output.mode, "in_place") == 0)
		return reply_sentence(
			r, 404, "not served: the file is not replaced as a whole, and would be torn now and then");
	if (strcmp(s->output.mode, "replace") != 0)
		return reply_sentence(r, 404, "not served: the numbers go to standard output or to a device");

	/* The main thread must not wait for a disk: it would answer no probe meanwhile. */
	if (probe_disk_hangs(s))
		return reply_sentence(r, 503, "not now: the disk has not answered for more than 2 s");
	int fd = r->source.open_numbers(r->source.self, &st);
	return fd < 0 ? no_file(r, errno) : reply_file(r, c, fd, &st);
}

/* What is wrong with the head comes first, then the method, then what the path names. */
static struct reply make_reply(struct responder *r, struct MHD_Connection *c, const struct route *route,
			       const struct refusal *refusal)
{
	if (refusal)
		return reply_sentence(r, refusal->code, refusal->text);
	if (!route->allowed)
		return reply_sentence(r, 405, "use GET or HEAD");
	switch (route->handler) {
	case HANDLER_METRICS:
		return metrics(r, c);
	case HANDLER_STATUS:
	case HANDLER_REPORT:
		return status(r, route->handler == HANDLER_REPORT);
	case HANDLER_INDEX:
		page_index(&r->page, &r->status);
		return (struct reply){.code = 200, .type = "text/html; charset=utf-8"};
	case HANDLER_NUMBERS:
		return numbers(r, c);
	case HANDLER_OTHER:
		return reply_sentence(
			r, 404, "not found; paths: / /healthz /livez /readyz /startupz /metrics /status /status.txt");
	default:
		return probe(r, c, route);
	}
}

/* What each response says beside its page, and what some codes ask for. */
static void add_headers(struct MHD_Response *response, const struct reply *reply)
{
	/* A page tells of this moment, and no browser may take it for something else than its type. */
	if (reply->type)
		MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, reply->type);
	MHD_add_response_header(response, MHD_HTTP_HEADER_CACHE_CONTROL, "no-store");
	MHD_add_response_header(response, "X-Content-Type-Options", "nosniff");

	/* Where this request ends is not sure, so nothing behind it may be read as another one. */
	if (reply->code == 400 || reply->code == 431)
		MHD_add_response_header(response, MHD_HTTP_HEADER_CONNECTION, "close");

	/* RFC 9110 15.5.6: a 405 names the methods that there are. */
	if (reply->code == 405)
		MHD_add_response_header(response, MHD_HTTP_HEADER_ALLOW, "GET, HEAD");
}

enum MHD_Result response_send(struct responder *r, struct MHD_Connection *c, const struct route *route,
			      const struct refusal *refusal)
{
	/* Each page has memory of its own: the next request may come while this response is still under way. */
	char *room = malloc(PAGE_MAX);
	if (!room)
		return MHD_NO;
	text_init(&r->page, room, PAGE_MAX);

	/* It is made of one copy of the status; four pages show the process too, which costs some system calls. */
	bool with_process = route->handler == HANDLER_METRICS || route->handler == HANDLER_STATUS ||
			    route->handler == HANDLER_REPORT || route->handler == HANDLER_INDEX;
	r->source.snapshot(r->source.self, with_process, &r->status);
	struct reply reply = make_reply(r, c, route, refusal);
	assert(!r->page.cut);

	/* The library keeps a copy of what the page fills: slow clients would hold four times as much of the room. */
	struct MHD_Response *response = reply.file;
	if (!response)
		response = MHD_create_response_from_buffer(r->page.len, room, MHD_RESPMEM_MUST_COPY);
	free(room);
	if (!response)
		return MHD_NO;

	add_headers(response, &reply);

	/* The count is of responses that were made; whether the client takes them is not known yet. */
	http_count(&r->counts, route->handler, reply.code);
	enum MHD_Result result = MHD_queue_response(c, reply.code, response);
	MHD_destroy_response(response);
	return result;
}
