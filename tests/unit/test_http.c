/* http.c: what each request is answered, over real sockets. */
#include "base/str.h"
#include "http_rig.h"

#include "json_check.h"
#include "rows.h"
#include "status_sample.h"

#include <errno.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define H " HTTP/1.1\r\nHost: x\r\n"

struct row {
	const char *name, *request;
	int code;
	const char *head, *body; /* parts of them; NULL: not looked at */
	bool keeps;              /* the connection stays open */
};

static const struct row rows[] = {
	{"healthz", "GET /healthz" H "\r\n", 200, "Content-Type: text/plain; charset=utf-8\r\n", "ok\n", true},
	{"livez", "GET /livez" H "\r\n", 200, "Cache-Control: no-store\r\n", "ok\n", true},
	{"readyz", "GET /readyz" H "\r\n", 200, "X-Content-Type-Options: nosniff\r\n", "ok\n", true},
	{"startupz", "GET /startupz" H "\r\n", 200, "Content-Length: 3\r\n", "ok\n", true},
	{"readyz verbose", "GET /readyz?verbose" H "\r\n", 200, NULL, "[+]freshness ok\n", true},
	{"verbose and exclude", "GET /readyz?verbose&exclude=source&exclude=shutdown" H "\r\n", 200, NULL,
	 "[+]source excluded: ok\n", true},
	{"an encoded query", "GET /readyz?verbos%65&exclude=sour%63e" H "\r\n", 200, NULL, "[+]source excluded: ok\n",
	 true},
	{"one check", "GET /readyz/freshness?verbose" H "\r\n", 200, NULL, "[+]freshness ok\nreadyz check passed\n",
	 true},
	{"an unknown check", "GET /readyz/none" H "\r\n", 404, NULL,
	 "no such check; checks: output source startup-tests freshness shutdown\n", true},
	{"metrics", "GET /metrics" H "\r\n", 200, "Content-Type: text/plain; version=0.0.4; charset=utf-8\r\n",
	 "\nrandom_refresher_source_up 1\n", true},
	{"metrics as OpenMetrics", "GET /metrics" H "Accept: application/openmetrics-text;version=1.0.0\r\n\r\n", 200,
	 "Content-Type: application/openmetrics-text; version=1.0.0; charset=utf-8\r\n", "\n# EOF\n", true},
	{"status as text", "GET /status.txt" H "\r\n", 200, "Content-Type: text/plain; charset=utf-8\r\n",
	 "\nsource      device ", true},
	{"status", "GET /status" H "\r\n", 200, "Content-Type: application/json\r\n", "\"health\":{\"state\":\"ok\"",
	 true},
	{"index", "GET /" H "\r\n", 200, "Content-Type: text/html; charset=utf-8\r\n", "<h1>random-refresher", true},
	{"numbers are off by default", "GET /numbers.txt" H "\r\n", 404, NULL, "http.serve_numbers", true},
	{"an unknown path", "GET /nothing" H "\r\n", 404, "Content-Type: text/plain; charset=utf-8\r\n",
	 "/healthz /livez", true},
	{"a path that climbs", "GET /../../etc/passwd" H "\r\n", 404, NULL, NULL, true},
	{"absolute form", "GET http://x/healthz" H "\r\n", 200, NULL, "ok\n", true},
	{"HEAD has the length but no body", "HEAD /healthz" H "\r\n", 200, "Content-Length: 3\r\n", "", true},
	{"HEAD of metrics", "HEAD /metrics" H "\r\n", 200, "Content-Type: text/plain; version=0.0.4", "", true},
	{"POST", "POST /healthz" H "\r\n", 405, "Allow: GET, HEAD\r\n", "use GET or HEAD\n", true},
	{"DELETE", "DELETE /numbers.txt" H "\r\n", 405, "Allow: GET, HEAD\r\n", NULL, true},
	{"OPTIONS", "OPTIONS /healthz" H "\r\n", 405, "Allow: GET, HEAD\r\n", NULL, true},
	{"OPTIONS *", "OPTIONS *" H "\r\n", 405, "Allow: GET, HEAD\r\n", NULL, true},
	{"a method that nobody knows", "BREW /" H "\r\n", 405, "Allow: GET, HEAD\r\n", NULL, true},
	{"GET with a small body", "GET /healthz" H "Content-Length: 5\r\n\r\nhello", 200, NULL, "ok\n", false},
	{"GET with an empty body", "GET /healthz" H "Content-Length: 0\r\n\r\n", 200, NULL, "ok\n", true},
	{"POST with a small body", "POST /healthz" H "Content-Length: 5\r\n\r\nhello", 405, "Allow: GET, HEAD\r\n",
	 NULL, false},
	{"a body that would be large", "POST /healthz" H "Content-Length: 4097\r\nExpect: 100-continue\r\n\r\n", 413,
	 NULL, NULL, false},
	{"a chunked body", "GET /healthz" H "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n", 413, NULL,
	 NULL, false},
	{"Connection: close", "GET /healthz" H "Connection: close\r\n\r\n", 200, "Connection: close\r\n", "ok\n",
	 false},
	{"HTTP/1.0", "GET /healthz HTTP/1.0\r\n\r\n", 200, NULL, "ok\n", false},
	{"HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505, NULL, NULL, false},
	{"a header that is no number", "GET /healthz" H "Content-Length: -5\r\n\r\n", 400, NULL, NULL, false},
	{"no HTTP at all", "hello\r\n\r\n", 0, NULL, NULL, false},
};

static void test_row(void **state)
{
	const struct row *r = *state;
	static struct response a;
	struct http_rig g;
	rig_init(&g);
	rig_start(&g);
	int fd = rig_connect(&g);
	client_send(fd, r->request);
	client_read(fd, strncmp(r->request, "HEAD ", 5) == 0, &a);
	assert_int_equal(a.code, r->code);
	if (r->head && !strstr(a.head, r->head))
		fail_msg("no \"%s\" in:\n%s", r->head, a.head);
	if (r->body && !strstr(a.body, r->body))
		fail_msg("no \"%s\" in:\n%s", r->body, a.body);
	if (r->body && !*r->body)
		assert_int_equal(a.body_len, 0);
	if (r->keeps) {
		client_send(fd, "GET /livez" H "\r\n");
		client_read(fd, false, &a);
		assert_int_equal(a.code, 200);
	} else {
		assert_true(client_sees_end(fd));
	}
	close(fd);
	rig_stop(&g);
}

/* A request line or a header of n bytes against 8 KiB per connection. */
static int ask_long(const char *before, size_t n, const char *after)
{
	static char request[20000];
	static struct response a;
	struct http_rig g;
	rig_init(&g);
	rig_start(&g);
	size_t used = (size_t)snprintf(request, sizeof request, "%s", before);
	memset(request + used, 'a', n);
	snprintf(request + used + n, sizeof request - used - n, "%s", after);
	client_ask(&g, request, &a);
	rig_stop(&g);

	/* Where such a request ends is not sure, so that nothing behind it is read. */
	assert_int_equal(strstr(a.head, "Connection: close\r\n") != NULL, a.code == 431);
	return a.code;
}

static void test_long_lines(void **state)
{
	(void)state;
	assert_int_equal(ask_long("GET /", 2000, H "\r\n"), 404);
	assert_int_equal(ask_long("GET /", 10000, H "\r\n"), 431);
	assert_int_equal(ask_long("GET /healthz" H "X: ", 2000, "\r\n\r\n"), 200);
	assert_int_equal(ask_long("GET /healthz" H "X: ", 10000, "\r\n\r\n"), 431);
}

static void test_not_ready_is_503(void **state)
{
	static struct response a;
	struct http_rig g;
	(void)state;
	rig_init(&g);
	g.status.daemon.stopping = true;
	rig_start(&g);
	client_get(&g, "/readyz", "", &a);
	assert_int_equal(a.code, 503);
	assert_string_equal(a.body, "[-]shutdown failed: shutting down\nreadyz check failed\n");
	client_get(&g, "/readyz?exclude=shutdown", "", &a);
	assert_int_equal(a.code, 200);
	client_get(&g, "/healthz", "", &a);
	assert_int_equal(a.code, 200);
	rig_stop(&g);
}

static void test_requests_are_counted(void **state)
{
	static struct response a;
	struct http_rig g;
	(void)state;
	rig_init(&g);
	rig_start(&g);
	client_get(&g, "/healthz", "", &a);
	client_get(&g, "/healthz", "", &a);
	client_ask(&g, "POST /healthz" H "\r\n", &a);
	client_get(&g, "/readyz/none", "", &a);
	client_get(&g, "/nothing", "", &a);
	client_get(&g, "/metrics", "", &a);
#define COUNT "\nrandom_refresher_http_requests_total"
	assert_non_null(strstr(a.body, COUNT "{handler=\"healthz\",code=\"200\"} 2\n"));
	assert_non_null(strstr(a.body, COUNT "{handler=\"healthz\",code=\"405\"} 1\n"));
	assert_non_null(strstr(a.body, COUNT "{handler=\"readyz\",code=\"404\"} 1\n"));
	assert_non_null(strstr(a.body, COUNT "{handler=\"other\",code=\"404\"} 1\n"));
	assert_non_null(strstr(a.body, COUNT "{handler=\"metrics\",code=\"200\"} 0\n"));
	client_get(&g, "/metrics", "", &a);
	assert_non_null(strstr(a.body, COUNT "{handler=\"metrics\",code=\"200\"} 1\n"));
	rig_stop(&g);
}

static void test_process_is_asked_for_the_pages_that_show_it(void **state)
{
	static struct response a;
	struct http_rig g;
	(void)state;
	rig_init(&g);
	g.status.process.threads = 77;
	rig_start(&g);
	client_get(&g, "/metrics", "", &a);
	assert_non_null(strstr(a.body, "\nprocess_threads 77\n"));
	client_get(&g, "/status", "", &a);
	assert_true(json_check(a.body));
	assert_non_null(strstr(a.body, "\"threads\":77"));
	rig_stop(&g);
}

static void test_failures_to_start(void **state)
{
	struct err e = {.code = ERR_NONE};
	struct http_rig g, second;
	(void)state;
	rig_init(&g);
	rig_start(&g);
	rig_init(&second);
	snprintf(second.config.listen, sizeof second.config.listen, "127.0.0.1:%u", http_port(g.http));
	assert_null(http_new(&second.config, &second.source, &e));
	assert_int_equal(e.code, ERR_OS);
	assert_int_equal(e.sys_errno, EADDRINUSE);
	assert_non_null(strstr(e.msg, second.config.listen));
	rig_stop(&g);
	str_copy(second.config.listen, sizeof second.config.listen, "localhost:80");
	assert_null(http_new(&second.config, &second.source, &e));
	assert_int_equal(e.code, ERR_CONFIG);
	http_free(NULL);
}

static void test_the_port_is_free_again_at_once(void **state)
{
	static struct response a;
	struct http_rig g;
	(void)state;
	rig_init(&g);
	rig_start(&g);
	client_ask(&g, "GET /healthz" H "Connection: close\r\n\r\n", &a); /* the server closes first: TIME_WAIT */
	snprintf(g.config.listen, sizeof g.config.listen, "127.0.0.1:%u", http_port(g.http));
	rig_stop(&g);
	rig_start(&g);
	client_get(&g, "/healthz", "", &a);
	assert_int_equal(a.code, 200);
	rig_stop(&g);
}

/* In a child: a hard limit cannot be taken back. 0: the endpoint stands and the soft limit is `soft`; 1: refused with
 * a message that names key and limit. */
static int start_under_limits(rlim_t soft, rlim_t hard)
{
	int status;
	pid_t child = fork();
	if (child == 0) {
		struct http_rig r;
		struct err e = {.code = ERR_NONE};
		struct rlimit limit = {soft, hard};
		rig_init(&r);
		r.config.connections = 200;
		if (setrlimit(RLIMIT_NOFILE, &limit) < 0)
			_exit(9);
		struct http *h = http_new(&r.config, &r.source, &e);
		bool named = strstr(e.msg, "http.connections: 200") && strstr(e.msg, "limit is 128");
		if (!h)
			_exit(e.code == ERR_CONFIG && named ? 1 : 8);
		getrlimit(RLIMIT_NOFILE, &limit);
		_exit(limit.rlim_cur >= 200 + 64 ? 0 : 7);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	return WEXITSTATUS(status);
}

static void test_descriptors_are_there_for_all_connections(void **state)
{
	(void)state;
	assert_int_equal(start_under_limits(64, 1024), 0);
	assert_int_equal(start_under_limits(512, 1024), 0);
	assert_int_equal(start_under_limits(64, 128), 1);
}

int main(void)
{
	const struct CMUnitTest others[] = {
		cmocka_unit_test(test_long_lines),
		cmocka_unit_test(test_not_ready_is_503),
		cmocka_unit_test(test_requests_are_counted),
		cmocka_unit_test(test_process_is_asked_for_the_pages_that_show_it),
		cmocka_unit_test(test_failures_to_start),
		cmocka_unit_test(test_the_port_is_free_again_at_once),
		cmocka_unit_test(test_descriptors_are_there_for_all_connections),
	};
	int failed = ROWS_RUN("answers", test_row, rows);
	return failed + cmocka_run_group_tests_name("http", others, NULL, NULL);
}
