/* Method, path, query and the headers of a body -> what to do. An input is lines: method, path, Content-Length,
 * Transfer-Encoding, Accept (an empty line: none), then the arguments, each KEY or KEY=VALUE. */
#include "fuzz.h"

#include "serve/route.h"

#include <strings.h>

struct known {
	const char *path;
	enum http_handler handler;
	bool has_checks;
};

static const struct known paths[] = {
	{"/healthz", HANDLER_HEALTHZ, true},
	{"/livez", HANDLER_LIVEZ, true},
	{"/readyz", HANDLER_READYZ, true},
	{"/startupz", HANDLER_STARTUPZ, true},
	{"/metrics", HANDLER_METRICS, false},
	{"/status", HANDLER_STATUS, false},
	{"/status.txt", HANDLER_REPORT, false},
	{"/numbers.txt", HANDLER_NUMBERS, false},
	{"/", HANDLER_INDEX, false},
};

/* The path of a request in absolute form. */
static const char *path_of(const char *target)
{
	size_t scheme = strncasecmp(target, "http://", 7) == 0 ? 7 : strncasecmp(target, "https://", 8) == 0 ? 8 : 0;
	const char *slash = strchr(target + scheme, '/');

	if (scheme == 0)
		return target;
	return slash ? slash : "/";
}

static void check_route(const char *method, const char *target)
{
	struct route r = route_find(method, target);
	const char *path = path_of(target);
	enum http_handler expected = HANDLER_OTHER;
	const char *only = NULL;

	for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++) {
		size_t n = strlen(paths[i].path);
		if (strcmp(path, paths[i].path) == 0)
			expected = paths[i].handler;
		if (paths[i].has_checks && strncmp(path, paths[i].path, n) == 0 && path[n] == '/') {
			expected = paths[i].handler;
			only = path + n + 1;
		}
	}
	FUZZ_CHECK(r.handler == expected, "%s: %s, not %s", target, handler_name(r.handler), handler_name(expected));
	FUZZ_CHECK(r.request.only == only, "%s", target);
	FUZZ_CHECK(r.allowed == (strcmp(method, "GET") == 0 || strcmp(method, "HEAD") == 0), "%s", method);
	FUZZ_CHECK(r.request.probe == PROBE_LIVENESS || expected == HANDLER_READYZ || expected == HANDLER_STARTUPZ,
		   "%s", target);
}

/* Arguments point into `line`, which stays as long as the query. */
static void feed_argument(struct probe_request *q, char *line)
{
	struct probe_request before = *q;
	char *equals = strchr(line, '=');

	if (equals)
		*equals = '\0';
	route_argument(q, line, equals ? equals + 1 : NULL);
	FUZZ_CHECK(q->exclude_count <= PROBE_EXCLUDES, "%zu", q->exclude_count);
	FUZZ_CHECK(q->exclude_count - before.exclude_count <= 1, "%s", line);
	for (size_t i = 0; i < q->exclude_count; i++)
		FUZZ_CHECK(q->exclude[i] && q->exclude[i][0], "an empty name");
	if (strcmp(line, "exclude") != 0)
		FUZZ_CHECK(q->exclude_count == before.exclude_count, "%s", line);
	if (strcmp(line, "verbose") != 0)
		FUZZ_CHECK(q->verbose == before.verbose, "%s", line);
}

enum { ARGUMENTS = 32 };

static void check_query(struct fuzz_input *in)
{
	struct probe_request q = {.verbose = false};
	char *lines[ARGUMENTS];
	size_t n = 0;

	while (in->left > 0 && n < ARGUMENTS) {
		lines[n] = fuzz_line(in);
		feed_argument(&q, lines[n++]);
	}
	while (n > 0)
		free(lines[--n]);
}

static void check_body(const char *length, const char *encoding)
{
	struct route_head head = {.unclear = false};
	unsigned long long v = strtoull(length, NULL, 10);
	bool digits = strspn(length, "0123456789") == strlen(length);

	if (*length)
		route_field(&head, "Content-Length", length);
	if (*encoding)
		route_field(&head, "Transfer-Encoding", encoding);
	if (head.unclear)
		return;
	const struct refusal *refusal = route_refusal(&head, 0);
	bool large = *encoding || !digits || v > ROUTE_BODY_MAX;
	FUZZ_CHECK((refusal ? refusal->code : 0) == (large ? 413u : 0u), "%s %s", length, encoding);
	FUZZ_CHECK(route_has_body(&head) == (large || v > 0), "%s %s", length, encoding);
}

/* A head of these two lengths and this field: unclear as soon as one of its parts is, in whatever order they come. */
static void check_fields(const char *length, const char *encoding, const char *text)
{
	struct route_head a = {.unclear = false}, b = {.unclear = false}, host = {.unclear = false};

	route_field(&a, "Content-Length", length);
	route_field(&a, "content-length", encoding);
	route_field(&a, text, text);
	route_field(&b, text, text);
	route_field(&b, "CONTENT-LENGTH", encoding);
	route_field(&b, "Content-length", length);
	FUZZ_CHECK(a.unclear == b.unclear, "%s %s %s", length, encoding, text);
	FUZZ_CHECK(a.unclear || (*length && strcmp(length, encoding) == 0), "%s %s", length, encoding);
	route_field(&host, "Host", text);
	route_field(&host, "Host", text);
	FUZZ_CHECK(host.unclear, "two Hosts");
}

/* The choice for the texts, one behind the other. */
static bool choose(const char *a, const char *b)
{
	char *text = NULL;

	if (asprintf(&text, "%s,%s", a, b) < 0)
		abort();
	bool openmetrics = route_openmetrics(text);
	free(text);
	return openmetrics;
}

static void check_accept(const char *text)
{
	bool openmetrics = route_openmetrics(text);

	FUZZ_CHECK(!route_openmetrics(NULL), "no header: the text format");
	if (openmetrics)
		FUZZ_CHECK(strcasestr(text, "application/openmetrics-text"), "%s", text);
	FUZZ_CHECK(openmetrics == choose("", text) && openmetrics == choose(text, " "), "blanks around it: %s", text);
	FUZZ_CHECK(openmetrics == choose("image/png;q=1", text), "a type that we do not have: %s", text);
	FUZZ_CHECK(openmetrics == choose(text, text), "said twice: %s", text);
	FUZZ_CHECK(!choose("*/*", text) && choose("application/openmetrics-text", text), "not the first: %s", text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct fuzz_input in = {data, len};
	char *method = fuzz_line(&in), *target = fuzz_line(&in);
	char *length = fuzz_line(&in), *encoding = fuzz_line(&in), *accept = fuzz_line(&in);

	check_route(method, target);
	check_body(length, encoding);
	check_fields(length, encoding, accept);
	check_accept(accept);
	check_query(&in);
	free(method);
	free(target);
	free(length);
	free(encoding);
	free(accept);
	return 0;
}
