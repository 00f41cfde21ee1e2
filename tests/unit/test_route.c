/* route.c: paths, methods, queries, bodies. */
#include "serve/route.h"

#include "rows.h"

struct path_row {
	const char *path; /* also the test's name */
	enum http_handler handler;
	enum probe probe;
	const char *only;
};

static const struct path_row path_rows[] = {
	{"/healthz", HANDLER_HEALTHZ, PROBE_LIVENESS, NULL},
	{"/livez", HANDLER_LIVEZ, PROBE_LIVENESS, NULL},
	{"/readyz", HANDLER_READYZ, PROBE_READINESS, NULL},
	{"/startupz", HANDLER_STARTUPZ, PROBE_STARTUP, NULL},
	{"/metrics", HANDLER_METRICS, PROBE_LIVENESS, NULL},
	{"/status", HANDLER_STATUS, PROBE_LIVENESS, NULL},
	{"/status.txt", HANDLER_REPORT, PROBE_LIVENESS, NULL},
	{"/status.", HANDLER_OTHER, PROBE_LIVENESS, NULL},
	{"/", HANDLER_INDEX, PROBE_LIVENESS, NULL},
	{"/numbers.txt", HANDLER_NUMBERS, PROBE_LIVENESS, NULL},
	{"/readyz/freshness", HANDLER_READYZ, PROBE_READINESS, "freshness"},
	{"/livez/a/b", HANDLER_LIVEZ, PROBE_LIVENESS, "a/b"},
	{"/healthz/", HANDLER_HEALTHZ, PROBE_LIVENESS, ""},
	{"/healthzz", HANDLER_OTHER, PROBE_LIVENESS, NULL},
	{"/health", HANDLER_OTHER, PROBE_LIVENESS, NULL},
	{"/Healthz", HANDLER_OTHER, PROBE_LIVENESS, NULL},
	{"//healthz", HANDLER_OTHER, PROBE_LIVENESS, NULL},
	{"/metrics/", HANDLER_OTHER, PROBE_LIVENESS, NULL},
	{"/metrics/x", HANDLER_OTHER, PROBE_LIVENESS, NULL},
	{"/../status", HANDLER_OTHER, PROBE_LIVENESS, NULL},
	{"/numbers.txt.json", HANDLER_OTHER, PROBE_LIVENESS, NULL},
	{"healthz", HANDLER_OTHER, PROBE_LIVENESS, NULL},
	{"*", HANDLER_OTHER, PROBE_LIVENESS, NULL},
	{"", HANDLER_OTHER, PROBE_LIVENESS, NULL},
	{"http://host:8080/readyz/source", HANDLER_READYZ, PROBE_READINESS, "source"},
	{"HTTPS://host/metrics", HANDLER_METRICS, PROBE_LIVENESS, NULL},
	{"http://host", HANDLER_INDEX, PROBE_LIVENESS, NULL},
	{"http://", HANDLER_INDEX, PROBE_LIVENESS, NULL},
	{"ftp://host/metrics", HANDLER_OTHER, PROBE_LIVENESS, NULL},
};

static void test_path(void **state)
{
	const struct path_row *r = *state;
	struct route route = route_find("GET", r->path);
	assert_int_equal(route.handler, r->handler);
	assert_true(route.allowed);
	if (r->handler != HANDLER_OTHER)
		assert_int_equal(route.request.probe, r->probe);
	if (r->only)
		assert_string_equal(route.request.only, r->only);
	else
		assert_null(route.request.only);
}

struct method_row {
	const char *method;
	bool allowed;
};

static const struct method_row method_rows[] = {
	{"GET", true},    {"HEAD", true},   {"get", false},     {"POST", false},    {"PUT", false},  {"DELETE", false},
	{"PATCH", false}, {"TRACE", false}, {"CONNECT", false}, {"OPTIONS", false}, {"GETX", false}, {"", false},
};

static void test_method(void **state)
{
	const struct method_row *r = *state;
	assert_int_equal(route_find(r->method, "/healthz").allowed, r->allowed);
	assert_int_equal(route_find(r->method, "/healthz").handler, HANDLER_HEALTHZ);
}

#define L "Content-Length"

/* Up to three fields of one head. */
struct head_row {
	const char *name;
	const char *fields[6]; /* name and value in turn */
	unsigned refusal;      /* 0: none */
	bool has_body;
};

static const struct head_row head_rows[] = {
	{"no fields", {NULL}, 0, false},
	{"a body of no bytes", {L, "0"}, 0, false},
	{"more zeros", {L, "0000000000000000"}, 0, false},
	{"one byte", {L, "1"}, 0, true},
	{"the largest small body", {L, "4096"}, 0, true},
	{"one byte more", {L, "4097"}, 413, true},
	{"nine digits", {L, "999999999"}, 413, true},
	{"ten digits", {L, "1000000000"}, 413, true},
	{"more than 64 bits", {L, "99999999999999999999999"}, 413, true},
	{"negative", {L, "-1"}, 413, true},
	{"a sign", {L, "+0"}, 413, true},
	{"not a number", {L, "1x"}, 413, true},
	{"hexadecimal", {L, "0x5"}, 413, true},
	{"chunked", {"Transfer-Encoding", "chunked"}, 413, true},
	{"chunked and empty", {L, "0", "transfer-encoding", "chunked"}, 413, true},
	{"ordinary fields", {"Host", "x:80", L, "5", "X-a_1.~", "a\tb \xff"}, 0, true},
	{"the same length twice", {L, "5", "content-length", "5"}, 0, true},
	{"two lengths", {L, "5", "CONTENT-LENGTH", "6"}, 400, true},
	{"two lengths of one number", {L, "5", L, "05"}, 400, true},
	{"the third differs", {L, "5", L, "5", L, "6"}, 400, true},
	{"an empty length", {L, ""}, 400, true},
	{"two Hosts", {"Host", "a", "host", "b"}, 400, true},
	{"the same Host twice", {"Host", "a", "Host", "a"}, 400, true},
	{"an empty Host", {"Host", ""}, 0, false},
	{"a blank behind a name", {"Transfer-Encoding ", "chunked"}, 400, true},
	{"a tab behind a name", {"Content-Length\t", "5"}, 400, true},
	{"no name", {"", "5"}, 400, true},
	{"a colon in a name", {"a:b", "5"}, 400, true},
	{"a name beyond ASCII", {"\x80", "5"}, 400, true},
	{"a carriage return in a value", {"X", "a\rContent-Length: 5"}, 400, true},
	{"a line feed in a value", {"X", "a\nb"}, 400, true},
	{"the last control character", {"X", "\x1f"}, 400, true},
	{"DEL", {"X", "\x7f"}, 400, true},
	{"an unclear field and clear ones", {"X Y", "1", "Host", "x", L, "5"}, 400, true},
};

static void test_head(void **state)
{
	const struct head_row *r = *state;
	struct route_head head = {.unclear = false};
	for (size_t i = 0; i < 6 && r->fields[i]; i += 2)
		route_field(&head, r->fields[i], r->fields[i + 1]);
	const struct refusal *refusal = route_refusal(&head, ROUTE_HEAD_MAX);
	assert_int_equal(refusal ? refusal->code : 0, r->refusal);
	assert_int_equal(route_refusal(&head, ROUTE_HEAD_MAX + 1)->code, 431);
	if (r->refusal != 400)
		assert_int_equal(route_has_body(&head), r->has_body);
}

struct verbose_row {
	const char *name, *key, *value;
	bool verbose;
};

static const struct verbose_row verbose_rows[] = {
	{"?verbose", "verbose", NULL, true},   {"?verbose=", "verbose", "", true},
	{"?verbose=1", "verbose", "1", true},  {"?verbose=true", "verbose", "true", true},
	{"?verbose=0", "verbose", "0", false}, {"?verbose=False", "verbose", "False", false},
	{"?Verbose", "Verbose", NULL, false},  {"?other", "other", NULL, false},
};

static void test_verbose(void **state)
{
	const struct verbose_row *r = *state;
	struct probe_request q = {.verbose = false};
	route_argument(&q, r->key, r->value);
	assert_int_equal(q.verbose, r->verbose);
	assert_int_equal(q.exclude_count, 0);
}

#define OM "application/openmetrics-text"

struct accept_row {
	const char *name, *accept;
	bool openmetrics;
};

static const struct accept_row accept_rows[] = {
	{"no header", NULL, false},
	{"an empty header", "", false},
	{"anything", "*/*", false},
	{"text", "text/plain", false},
	{"OpenMetrics", OM, true},
	{"OpenMetrics 1.0.0", OM "; version=1.0.0", true},
	{"OpenMetrics without blanks, other case", "APPLICATION/OpenMetrics-Text;VERSION=1.0.0", true},
	{"OpenMetrics 0.0.1 is not ours", OM "; version=0.0.1", false},
	{"OpenMetrics 2.0.0 is not ours", OM "; version=2.0.0", false},
	{"a version behind another parameter", OM ";charset=utf-8;version=2.0.0", false},
	{"OpenMetrics first", OM ";q=0.5, text/plain;q=0.6", true},
	{"text first", "text/plain;q=0.5, " OM ";q=1", false},
	{"any text first", "text/*;q=0.5," OM, false},
	{"anything first", "*/*;q=0.1," OM, false},
	{"an unknown type first", "image/png, " OM ";q=0.5, text/plain", true},
	{"text of another version is not ours", "text/plain;version=1.0.0," OM, true},
	{"text 0.0.4 is ours", "text/plain;version=0.0.4," OM, false},
	{"only separators", ",;, ;=,=;", false},
	{"separators before it", ", ,\t" OM, true},
	{"a longer type", OM "x", false},
	{"blanks around it", " " OM "\t;version=1.0.0 ", true},
	{"Prometheus 2.42", OM ";version=1.0.0," OM ";version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1",
	 true},
	{"Prometheus 3",
	 OM ";version=1.0.0;escaping=allow-utf-8;q=0.6," OM ";version=0.0.1;q=0.5,"
	    "text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2",
	 true},
	{"Prometheus with protobuf",
	 "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited;"
	 "escaping=allow-utf-8;q=0.7," OM ";version=1.0.0;q=0.6,text/plain;version=0.0.4;q=0.5",
	 true},
	{"a browser", "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", false},
};

static void test_accept(void **state)
{
	const struct accept_row *r = *state;
	assert_int_equal(route_openmetrics(r->accept), r->openmetrics);
}

static void test_excludes_repeat(void **state)
{
	struct probe_request q = {.verbose = false};
	(void)state;
	route_argument(&q, "exclude", "source");
	route_argument(&q, "verbose", NULL);
	route_argument(&q, "exclude", "freshness");
	route_argument(&q, "exclude", NULL);
	route_argument(&q, "exclude", "");
	assert_int_equal(q.exclude_count, 2);
	assert_string_equal(q.exclude[0], "source");
	assert_string_equal(q.exclude[1], "freshness");
	assert_true(q.verbose);
}

static void test_excludes_are_bounded(void **state)
{
	struct probe_request q = {.verbose = false};
	(void)state;
	for (int i = 0; i < PROBE_EXCLUDES + 5; i++)
		route_argument(&q, "exclude", i < PROBE_EXCLUDES ? "kept" : "dropped");
	assert_int_equal(q.exclude_count, PROBE_EXCLUDES);
	assert_string_equal(q.exclude[PROBE_EXCLUDES - 1], "kept");
}

static void test_names(void **state)
{
	(void)state;
	assert_string_equal(handler_name(HANDLER_HEALTHZ), "healthz");
	assert_string_equal(handler_name(HANDLER_NUMBERS), "numbers");
	assert_string_equal(handler_name(HANDLER_OTHER), "other");
}

int main(void)
{
	const struct CMUnitTest others[] = {
		cmocka_unit_test(test_excludes_repeat),
		cmocka_unit_test(test_excludes_are_bounded),
		cmocka_unit_test(test_names),
	};
	int failed = ROWS_RUN("paths", test_path, path_rows);
	failed += ROWS_RUN("methods", test_method, method_rows);
	failed += ROWS_RUN("heads", test_head, head_rows);
	failed += ROWS_RUN("verbose", test_verbose, verbose_rows);
	failed += ROWS_RUN("accept", test_accept, accept_rows);
	return failed + cmocka_run_group_tests_name("route", others, NULL, NULL);
}
