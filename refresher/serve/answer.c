#include "serve/answer.h"

#include "base/clock.h"
#include "serve/metrics.h"
#include "serve/page.h"
#include "serve/probes.h"

#include <assert.h>
#include <errno.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static const char plain[] = "text/plain; charset=utf-8";

static struct answer answer_text(enum http_code code, const char *text)
{
	return (struct answer){.code = code, .type = plain, .body = text, .length = strlen(text), .file_fd = -1};
}

/* The text of the answerer's page, of this length. */
static struct answer answer_page(struct answerer *a, enum http_code code, const char *type, size_t len)
{
	return (struct answer){.code = code, .type = type, .body = a->page, .length = len, .file_fd = -1};
}

static struct answer probe(struct answerer *a, struct request *r, const struct route *route)
{
	static const enum http_code codes[] = {
		[PROBE_PASS] = CODE_200, [PROBE_FAIL] = CODE_503, [PROBE_NO_SUCH_CHECK] = CODE_404};
	struct route_query query = {.verbose = false};
	const char *key, *value;
	size_t len;
	while (request_argument(r, &key, &value))
		route_argument(&query, key, value);
	struct probe_request p = {.probe = route->probe,
				  .title = handler_name(route->handler),
				  .only = route->only,
				  .exclude = query.exclude,
				  .exclude_count = query.exclude_count,
				  .verbose = query.verbose};
	enum probe_result result = probe_render(&a->status, &p, a->page, sizeof a->page, &len);
	return answer_page(a, codes[result], plain, len);
}

/* Pages that also show the figures of the process. */
static struct answer metrics(struct answerer *a, const char *accept)
{
	bool openmetrics = route_openmetrics(accept);
	if (a->source.process)
		a->source.process(a->source.self, &a->status);
	size_t len = metrics_render(&a->status, &a->counts, openmetrics, a->page, sizeof a->page);
	return answer_page(a, CODE_200, metrics_type(openmetrics), len);
}

static struct answer status(struct answerer *a)
{
	if (a->source.process)
		a->source.process(a->source.self, &a->status);
	return answer_page(a, CODE_200, "application/json", page_status(&a->status, a->page, sizeof a->page));
}

/* Only a file that is replaced as a whole can be read at any time and is one generation. */
static bool is_served(const struct answerer *a)
{
	return a->serve_numbers && strcmp(a->status.output.mode, "replace") == 0;
}

static struct answer index_page(struct answerer *a)
{
	size_t len = page_index(&a->status, is_served(a), a->page, sizeof a->page);
	return answer_page(a, CODE_200, "text/html; charset=utf-8", len);
}

/* Why the published file could not be opened, as http_source says it by errno. */
static struct answer no_file(int sys_errno)
{
	switch (sys_errno) {
	case ENOENT:
		return answer_text(CODE_404, "there is no file: none was published yet, or it was removed\n");
	case EINVAL:
		return answer_text(CODE_404, "not served: what stands at FILE is no regular file\n");
	case EPERM:
		return answer_text(CODE_404, "not served: the file that stands at FILE is not ours\n");
	default:
		return answer_text(CODE_500, "the file cannot be opened\n");
	}
}

static uint64_t timespec_ns(struct timespec t)
{
	return (uint64_t)t.tv_sec * NS_PER_S + (uint64_t)t.tv_nsec;
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

/* The file, or what a condition of the request says of it. Takes the descriptor over. */
static struct answer answer_file(struct answerer *a, const struct request *r, int fd, const struct stat *st)
{
	bool binary = strcmp(a->status.refresh.format, "binary") == 0;
	struct answer file = {.code = CODE_200,
			      .type = binary ? "application/octet-stream" : plain,
			      .length = (uint64_t)st->st_size,
			      .file_fd = fd,
			      .has_file = true};
	validators_set(&file.file, st->st_ino, file.length, timespec_ns(st->st_mtim), modified_seconds(&a->status, st));
	file.code = condition_evaluate(&r->condition, &file.file);
	if (file.code == CODE_200)
		return file;
	/* 304 has neither type nor body (RFC 9110 15.4.5). */
	close(fd);
	struct answer other = answer_text(file.code, file.code == CODE_304 ? "" : "the file has changed\n");
	if (file.code == CODE_304)
		other.type = NULL;
	other.file = file.file;
	other.has_file = true;
	return other;
}

static struct answer numbers(struct answerer *a, const struct request *r)
{
	struct stat st;
	if (!a->serve_numbers)
		return answer_text(CODE_404, "the numbers are not served; see http.serve_numbers\n");
	if (strcmp(a->status.output.mode, "in_place") == 0)
		return answer_text(CODE_404,
				   "not served: the file is not replaced as a whole, and would be torn now and then\n");
	if (!is_served(a))
		return answer_text(CODE_404, "not served: the numbers go to standard output or to a device\n");
	if (probe_disk_hangs(&a->status))
		return answer_text(CODE_503, "not now: the disk has not answered for more than 2 s\n");
	int fd = a->source.open_numbers(a->source.self, &st);
	return fd < 0 ? no_file(errno) : answer_file(a, r, fd, &st);
}

static struct answer dispatch(struct answerer *a, struct request *r, const struct route *route)
{
	if (!route->allowed)
		return answer_text(CODE_405, "use GET or HEAD\n");
	a->source.snapshot(a->source.self, &a->status);
	switch (route->handler) {
	case HANDLER_HEALTHZ:
	case HANDLER_LIVEZ:
	case HANDLER_READYZ:
	case HANDLER_STARTUPZ:
		return probe(a, r, route);
	case HANDLER_METRICS:
		return metrics(a, r->accept);
	case HANDLER_STATUS:
		return status(a);
	case HANDLER_INDEX:
		return index_page(a);
	case HANDLER_NUMBERS:
		return numbers(a, r);
	case HANDLER_OTHER:
	case HTTP_HANDLERS:
		break;
	}
	return answer_text(CODE_404, "not found; paths: / /healthz /livez /readyz /startupz /metrics /status\n");
}

struct answer answer_request(struct answerer *a, struct request *r)
{
	struct route route = route_find(r->method, r->path);
	struct answer answer = dispatch(a, r, &route);
	a->counts.requests[route.handler][answer.code]++;
	return answer;
}

struct answer answer_refusal(struct answerer *a, enum http_code code)
{
	static const char *const texts[HTTP_CODES] = {
		[CODE_400] = "this is no request of HTTP/1.1\n",
		[CODE_408] = "the request did not come to its end in time\n",
		[CODE_413] = "no request body is wanted here\n",
		[CODE_414] = "the request line is too long\n",
		[CODE_431] = "the header fields are too long\n",
		[CODE_501] = "this transfer coding is not known here\n",
		[CODE_505] = "use HTTP/1.1\n",
	};
	a->counts.requests[HANDLER_OTHER][code]++;
	return answer_text(code, texts[code]);
}

static void field(struct text *t, const char *name, const char *value)
{
	text_str(t, name);
	text_lit(t, ": ");
	text_str(t, value);
	text_lit(t, "\r\n");
}

size_t answer_head(const struct answer *answer, bool close, int64_t real_ns, char head[ANSWER_HEAD_MAX])
{
	struct text t;
	char date[CONDITION_DATE_MAX];
	text_init(&t, head, ANSWER_HEAD_MAX);
	text_lit(&t, "HTTP/1.1 ");
	text_str(&t, code_name(answer->code));
	text_char(&t, ' ');
	text_str(&t, code_phrase(answer->code));
	text_lit(&t, "\r\n");
	condition_print_date(real_ns / NS_PER_S, date);
	if (date[0])
		field(&t, "Date", date);
	if (close)
		field(&t, "Connection", "close");
	if (answer->type)
		field(&t, "Content-Type", answer->type);
	/* RFC 9110 8.6: of a 304 it would be the length of the file. */
	if (answer->code != CODE_304) {
		text_lit(&t, "Content-Length: ");
		text_u64(&t, answer->length);
		text_lit(&t, "\r\n");
	}
	field(&t, "Cache-Control", "no-store");
	field(&t, "X-Content-Type-Options", "nosniff");
	if (answer->code == CODE_405)
		field(&t, "Allow", "GET, HEAD");
	if (answer->has_file) {
		field(&t, "ETag", answer->file.etag);
		if (answer->file.date[0])
			field(&t, "Last-Modified", answer->file.date);
	}
	text_lit(&t, "\r\n");
	assert(!t.cut);
	return t.len;
}
