/* route.c: paths, methods, queries, bodies. */
#include "serve/route.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

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
enum { PATH_ROWS = sizeof path_rows / sizeof *path_rows };

static void test_path(void **state)
{
	const struct path_row *r = *state;
	struct route route = route_find("GET", r->path);
	assert_int_equal(route.handler, r->handler);
	assert_true(route.allowed);
	if (r->handler != HANDLER_OTHER)
		assert_int_equal(route.probe, r->probe);
	if (r->only)
		assert_string_equal(route.only, r->only);
	else
		assert_null(route.only);
}

struct method_row {
	const char *method;
	bool allowed;
};

static const struct method_row method_rows[] = {
	{"GET", true},    {"HEAD", true},   {"get", false},     {"POST", false},    {"PUT", false},  {"DELETE", false},
	{"PATCH", false}, {"TRACE", false}, {"CONNECT", false}, {"OPTIONS", false}, {"GETX", false}, {"", false},
};
enum { METHOD_ROWS = sizeof method_rows / sizeof *method_rows };

static void test_method(void **state)
{
	const struct method_row *r = *state;
	assert_int_equal(route_find(r->method, "/healthz").allowed, r->allowed);
	assert_int_equal(route_find(r->method, "/healthz").handler, HANDLER_HEALTHZ);
}

struct body_row {
	const char *name, *length, *encoding;
	int result;
};

static const struct body_row body_rows[] = {
	{"no body", NULL, NULL, 0},
	{"a body of no bytes", "0", NULL, 0},
	{"more zeros", "0000000000000000", NULL, 0},
	{"one byte", "1", NULL, 1},
	{"the largest small body", "4096", NULL, 1},
	{"one byte more", "4097", NULL, -1},
	{"nine digits", "999999999", NULL, -1},
	{"ten digits", "1000000000", NULL, -1},
	{"more than 64 bits", "99999999999999999999999", NULL, -1},
	{"negative", "-1", NULL, -1},
	{"not a number", "1x", NULL, -1},
	{"chunked", NULL, "chunked", -1},
	{"chunked and empty", "0", "chunked", -1},
};
enum { BODY_ROWS = sizeof body_rows / sizeof *body_rows };

static void test_body(void **state)
{
	const struct body_row *r = *state;
	assert_int_equal(route_body(r->length, r->encoding), r->result);
}

/* Up to three fields of one head. */
struct head_row {
	const char *name;
	const char *fields[6]; /* name and value in turn */
	bool unclear;
};

static const struct head_row head_rows[] = {
	{"no fields", {NULL}, false},
	{"ordinary fields", {"Host", "x:80", "Content-Length", "5", "X-a_1.~", "a\tb \xff"}, false},
	{"the same length twice", {"Content-Length", "5", "content-length", "5"}, false},
	{"two lengths", {"Content-Length", "5", "CONTENT-LENGTH", "6"}, true},
	{"two lengths of one number", {"Content-Length", "5", "Content-Length", "05"}, true},
	{"the third differs", {"Content-Length", "5", "Content-Length", "5", "Content-Length", "6"}, true},
	{"an empty length", {"Content-Length", ""}, true},
	{"two Hosts", {"Host", "a", "host", "b"}, true},
	{"the same Host twice", {"Host", "a", "Host", "a"}, true},
	{"an empty Host", {"Host", ""}, false},
	{"a blank behind a name", {"Transfer-Encoding ", "chunked"}, true},
	{"a tab behind a name", {"Content-Length\t", "5"}, true},
	{"no name", {"", "5"}, true},
	{"a colon in a name", {"a:b", "5"}, true},
	{"a name beyond ASCII", {"\x80", "5"}, true},
	{"a carriage return in a value", {"X", "a\rContent-Length: 5"}, true},
	{"a line feed in a value", {"X", "a\nb"}, true},
	{"the last control character", {"X", "\x1f"}, true},
	{"DEL", {"X", "\x7f"}, true},
	{"an unclear field and clear ones", {"X Y", "1", "Host", "x", "Content-Length", "5"}, true},
};
enum { HEAD_ROWS = sizeof head_rows / sizeof *head_rows };

static void test_head(void **state)
{
	const struct head_row *r = *state;
	struct route_head head = {.unclear = false};
	for (size_t i = 0; i < 6 && r->fields[i]; i += 2)
		route_field(&head, r->fields[i], r->fields[i + 1]);
	assert_int_equal(head.unclear, r->unclear);
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
enum { VERBOSE_ROWS = sizeof verbose_rows / sizeof *verbose_rows };

static void test_verbose(void **state)
{
	const struct verbose_row *r = *state;
	struct route_query q = {.verbose = false};
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
enum { ACCEPT_ROWS = sizeof accept_rows / sizeof *accept_rows };

static void test_accept(void **state)
{
	const struct accept_row *r = *state;
	assert_int_equal(route_openmetrics(r->accept), r->openmetrics);
}

static void test_excludes_repeat(void **state)
{
	struct route_query q = {.verbose = false};
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
	struct route_query q = {.verbose = false};
	(void)state;
	for (int i = 0; i < ROUTE_EXCLUDES + 5; i++)
		route_argument(&q, "exclude", i < ROUTE_EXCLUDES ? "kept" : "dropped");
	assert_int_equal(q.exclude_count, ROUTE_EXCLUDES);
	assert_string_equal(q.exclude[ROUTE_EXCLUDES - 1], "kept");
}

static void test_names(void **state)
{
	(void)state;
	assert_string_equal(handler_name(HANDLER_HEALTHZ), "healthz");
	assert_string_equal(handler_name(HANDLER_NUMBERS), "numbers");
	assert_string_equal(handler_name(HANDLER_OTHER), "other");
	assert_string_equal(code_name(CODE_200), "200");
	assert_string_equal(code_name(CODE_503), "503");
	assert_int_equal(code_number(CODE_200), 200);
	assert_int_equal(code_number(CODE_413), 413);
	assert_int_equal(code_number(CODE_503), 503);
}

int main(void)
{
	struct CMUnitTest paths[PATH_ROWS] = {{0}}, methods[METHOD_ROWS] = {{0}}, bodies[BODY_ROWS] = {{0}},
			  heads[HEAD_ROWS] = {{0}}, verbose[VERBOSE_ROWS] = {{0}}, accepts[ACCEPT_ROWS] = {{0}};
	const struct CMUnitTest others[] = {
		cmocka_unit_test(test_excludes_repeat),
		cmocka_unit_test(test_excludes_are_bounded),
		cmocka_unit_test(test_names),
	};
	for (size_t i = 0; i < PATH_ROWS; i++)
		paths[i] =
			(struct CMUnitTest){path_rows[i].path, test_path, NULL, NULL, (void *)(uintptr_t)&path_rows[i]};
	for (size_t i = 0; i < METHOD_ROWS; i++)
		methods[i] = (struct CMUnitTest){method_rows[i].method, test_method, NULL, NULL,
						 (void *)(uintptr_t)&method_rows[i]};
	for (size_t i = 0; i < BODY_ROWS; i++)
		bodies[i] =
			(struct CMUnitTest){body_rows[i].name, test_body, NULL, NULL, (void *)(uintptr_t)&body_rows[i]};
	for (size_t i = 0; i < HEAD_ROWS; i++)
		heads[i] =
			(struct CMUnitTest){head_rows[i].name, test_head, NULL, NULL, (void *)(uintptr_t)&head_rows[i]};
	for (size_t i = 0; i < VERBOSE_ROWS; i++)
		verbose[i] = (struct CMUnitTest){verbose_rows[i].name, test_verbose, NULL, NULL,
						 (void *)(uintptr_t)&verbose_rows[i]};
	for (size_t i = 0; i < ACCEPT_ROWS; i++)
		accepts[i] = (struct CMUnitTest){accept_rows[i].name, test_accept, NULL, NULL,
						 (void *)(uintptr_t)&accept_rows[i]};
	int failed = cmocka_run_group_tests_name("paths", paths, NULL, NULL);
	failed += cmocka_run_group_tests_name("methods", methods, NULL, NULL);
	failed += cmocka_run_group_tests_name("bodies", bodies, NULL, NULL);
	failed += cmocka_run_group_tests_name("heads", heads, NULL, NULL);
	failed += cmocka_run_group_tests_name("verbose", verbose, NULL, NULL);
	failed += cmocka_run_group_tests_name("accept", accepts, NULL, NULL);
	return failed + cmocka_run_group_tests_name("route", others, NULL, NULL);
}
