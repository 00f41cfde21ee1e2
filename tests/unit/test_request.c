/* request.c: which heads are requests, what they ask, and how the others are refused. */
#include "serve/request.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define LEN(a)  (sizeof(a) / sizeof(a)[0])
#define GET     "GET / HTTP/1.1\r\nHost: x\r\n"
#define TEXT(s) s, sizeof(s) - 1

struct scan_row {
	const char *name, *text;
	size_t len;
	long result;
};

static const struct scan_row scan_rows[] = {
	{"nothing", TEXT(""), 0},
	{"the beginning of a line", TEXT("GET / HT"), 0},
	{"a line without its LF", TEXT("GET / HTTP/1.1\r"), 0},
	{"a line", TEXT("GET / HTTP/1.1\r\n"), 0},
	{"a head without the end of its empty line", TEXT("GET / HTTP/1.1\r\nHost: x\r\n\r"), 0},
	{"a head", TEXT("GET / HTTP/1.1\r\n\r\n"), 18},
	{"a head and more behind it", TEXT("GET / HTTP/1.1\r\n\r\n\0\1"), 18},
	{"a tab and bytes beyond ASCII", TEXT("GET / HTTP/1.1\r\nX:\t\x80\xff\r\n\r\n"), 25},
	{"an LF alone", TEXT("GET / HTTP/1.1\nHost: x\n\n"), -1},
	{"an LF alone in the empty line", TEXT("GET / HTTP/1.1\r\n\n"), -1},
	{"an LF alone in front", TEXT("\nGET / HTTP/1.1\r\n\r\n"), -1},
	{"a CR alone", TEXT("GET / HTTP/1.1\rHost: x"), -1},
	{"a CR alone in a value", TEXT("GET / HTTP/1.1\r\nX: a\rb\r\n"), -1},
	{"two CR", TEXT("GET / HTTP/1.1\r\r\n"), -1},
	{"a NUL", TEXT("GET /\0"), -1},
	{"the last control character", TEXT("GET / HTTP/1.1\r\nX: \x1f"), -1},
	{"DEL", TEXT("GET / HTTP/1.1\r\nX: \x7f"), -1},
	{"a vertical tab", TEXT("GET / HTTP/1.1\r\nX:\v"), -1},
	{"a TLS hello", TEXT("\x16\x03\x01"), -1},
	{"HTTP/0.9", TEXT("GET /\r\n"), -1},
	{"no version", TEXT("GET / HTTP/1\r\n"), -1},
	{"a version alone", TEXT("HTTP/1.1\r\n"), -1},
};

/* However the bytes come, one after the other or at once, the verdict is the same. */
static void test_scan(void **state)
{
	const struct scan_row *r = *state;
	assert_int_equal(request_scan(r->text, 0, r->len), r->result);
	long result = 0;
	for (size_t n = 0; n < r->len && result == 0; n++)
		result = request_scan(r->text, n, n + 1);
	assert_int_equal(result, r->result);
}

struct code_row {
	const char *name, *head;
	enum http_code code;
};

#define WITH(fields) GET fields "\r\n"

static const struct code_row code_rows[] = {
	{"a request", WITH(""), CODE_200},
	{"HTTP/1.0 without Host", "GET / HTTP/1.0\r\n\r\n", CODE_200},
	{"a later minor version", "GET / HTTP/1.9\r\nHost: x\r\n\r\n", CODE_200},
	{"HTTP/2.0", "PRI * HTTP/2.0\r\n\r\n", CODE_505},
	{"HTTP/0.9", "GET / HTTP/0.9\r\n\r\n", CODE_505},
	{"a version of two digits", "GET / HTTP/1.10\r\nHost: x\r\n\r\n", CODE_400},
	{"a version with a leading zero", "GET / HTTP/01.1\r\nHost: x\r\n\r\n", CODE_400},
	{"a version in small letters", "GET / http/1.1\r\nHost: x\r\n\r\n", CODE_400},
	{"another protocol", "GET / ICAP/1.1\r\nHost: x\r\n\r\n", CODE_400},
	{"a blank behind the version", "GET / HTTP/1.1 \r\nHost: x\r\n\r\n", CODE_400},
	{"two blanks", "GET  / HTTP/1.1\r\nHost: x\r\n\r\n", CODE_400},
	{"a blank in the target", "GET /a b HTTP/1.1\r\nHost: x\r\n\r\n", CODE_400},
	{"tabs for blanks", "GET\t/\tHTTP/1.1\r\nHost: x\r\n\r\n", CODE_400},
	{"no method", " / HTTP/1.1\r\nHost: x\r\n\r\n", CODE_400},
	{"no target", "GET  HTTP/1.1\r\nHost: x\r\n\r\n", CODE_400},
	{"one word", "GET\r\n\r\n", CODE_400},
	{"a method that is no token", "G(T / HTTP/1.1\r\nHost: x\r\n\r\n", CODE_400},
	{"a method that nobody knows is for the route", "BREW / HTTP/1.1\r\nHost: x\r\n\r\n", CODE_200},
	{"a target beyond ASCII", "GET /\x80 HTTP/1.1\r\nHost: x\r\n\r\n", CODE_400},
	{"no Host", "GET / HTTP/1.1\r\n\r\n", CODE_400},
	{"an empty Host", "GET / HTTP/1.1\r\nHost:\r\n\r\n", CODE_200},
	{"a Host with a port", "GET / HTTP/1.1\r\nHost: [::1]:8080\r\n\r\n", CODE_200},
	{"two Hosts", WITH("Host: y\r\n"), CODE_400},
	{"the same Host twice", WITH("host: x\r\n"), CODE_400},
	{"two Hosts in HTTP/1.0", "GET / HTTP/1.0\r\nHost: x\r\nHost: y\r\n\r\n", CODE_400},
	{"a blank in Host", "GET / HTTP/1.1\r\nHost: a b\r\n\r\n", CODE_400},
	{"a path in Host", "GET / HTTP/1.1\r\nHost: a/b\r\n\r\n", CODE_400},
	{"a list in Host", "GET / HTTP/1.1\r\nHost: a,b\r\n\r\n", CODE_400},
	{"a line without a colon", WITH("X\r\n"), CODE_400},
	{"a field without a name", WITH(": x\r\n"), CODE_400},
	{"a blank in a name", WITH("X Y: x\r\n"), CODE_400},
	{"a blank before the colon", WITH("Content-Length : 5\r\n"), CODE_400},
	{"a folded line", WITH("X: a\r\n b\r\n"), CODE_400},
	{"a line folded by a tab", WITH("X: a\r\n\tb: c\r\n"), CODE_400},
	{"a line of a blank", WITH(" \r\n"), CODE_400},
	{"an empty value", WITH("X:\r\n"), CODE_200},
	{"no body", WITH("Content-Length: 0\r\n"), CODE_200},
	{"many zeros", WITH("Content-Length: 000000000000000000000000\r\n"), CODE_200},
	{"the longest small body", WITH("Content-Length: 4096\r\n"), CODE_200},
	{"one byte more", WITH("Content-Length: 4097\r\n"), CODE_413},
	{"2^63", WITH("Content-Length: 9223372036854775808\r\n"), CODE_413},
	{"more than 64 bits", WITH("Content-Length: 99999999999999999999999\r\n"), CODE_413},
	{"blanks around a length", WITH("Content-Length: \t5 \r\n"), CODE_200},
	{"a plus", WITH("Content-Length: +0\r\n"), CODE_400},
	{"minus nothing", WITH("Content-Length: -0\r\n"), CODE_400},
	{"a negative length", WITH("Content-Length: -1\r\n"), CODE_400},
	{"a hexadecimal length", WITH("Content-Length: 0x5\r\n"), CODE_400},
	{"a list of lengths", WITH("Content-Length: 5, 5\r\n"), CODE_400},
	{"a blank in a length", WITH("Content-Length: 1 0\r\n"), CODE_400},
	{"a letter behind a length", WITH("Content-Length: 5a\r\n"), CODE_400},
	{"an empty length", WITH("Content-Length:\r\n"), CODE_400},
	{"two lengths", WITH("Content-Length: 5\r\nContent-Length: 6\r\n"), CODE_400},
	{"the same length twice", WITH("Content-Length: 5\r\ncontent-length: 5\r\n"), CODE_400},
	{"chunked", WITH("Transfer-Encoding: Chunked\r\n"), CODE_413},
	{"another coding", WITH("Transfer-Encoding: gzip, chunked\r\n"), CODE_501},
	{"an empty coding", WITH("Transfer-Encoding:\r\n"), CODE_501},
	{"a coding and a length", WITH("Transfer-Encoding: chunked\r\nContent-Length: 5\r\n"), CODE_400},
	{"a length and a coding", WITH("Content-Length: 0\r\nTransfer-Encoding: x\r\n"), CODE_400},
	{"two codings", WITH("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n"), CODE_400},
	{"a coding in HTTP/1.0", "GET / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n", CODE_400},
	{"other fields may come twice", WITH("Accept: a\r\nAccept: b\r\nX: 1\r\nX: 1\r\n"), CODE_200},
};

static enum http_code parse(const char *head, char text[1024], struct request *r)
{
	size_t len = strlen(head);
	assert_true(len < 1024);
	memcpy(text, head, len);
	/* What stands behind the head belongs to the next request. */
	memset(text + len, 'x', 1024 - len);
	enum http_code code = request_parse(text, len, r);
	assert_int_equal(text[len], 'x');
	return code;
}

static void test_code(void **state)
{
	const struct code_row *row = *state;
	char text[1024];
	struct request r;
	assert_string_equal(code_name(parse(row->head, text, &r)), code_name(row->code));
}

struct end_row {
	const char *name, *head;
	bool close, has_body;
};

static const struct end_row end_rows[] = {
	{"HTTP/1.1 stays open", WITH(""), false, false},
	{"HTTP/1.0 does not", "GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", true, false},
	{"Connection: close", WITH("Connection: close\r\n"), true, false},
	{"in a list and in other letters", WITH("connection: keep-alive,\tCLOSE\r\n"), true, false},
	{"in the second of two fields", WITH("Connection: keep-alive\r\nConnection: close\r\n"), true, false},
	{"a longer word is another", WITH("Connection: closed, enclose\r\n"), false, false},
	{"a body that is not read", WITH("Content-Length: 1\r\n"), true, true},
	{"an empty body", WITH("Content-Length: 0\r\n"), false, false},
};

static void test_end(void **state)
{
	const struct end_row *row = *state;
	char text[1024];
	struct request r;
	assert_int_equal(parse(row->head, text, &r), CODE_200);
	assert_int_equal(r.close, row->close);
	assert_int_equal(r.has_body, row->has_body);
}

struct target_row {
	const char *target, *path;
	const char *arguments; /* KEY=VALUE or KEY, each with a semicolon behind it */
};

static const struct target_row target_rows[] = {
	{"/", "/", ""},
	{"/healthz?verbose", "/healthz", "verbose;"},
	{"/a?", "/a", ";"},
	{"/a?x=1&y=&z&=", "/a", "x=1;y=;z;=;"},
	{"/a?b?c=d?", "/a", "b?c=d?;"},
	{"/%68ealth%7A", "/healthz", ""},
	{"/a%2fb%2Fc", "/a/b/c", ""},
	{"/%", "/%", ""},
	{"/%4", "/%4", ""},
	{"/%g0%0g%%41", "/%g0%0g%A", ""},
	{"/%25%32%35", "/%25", ""},
	{"/%e4", "/\xe4", ""},
	{"/a?%76erbose=%31&b=%", "/a", "verbose=1;b=%;"},
	{"/a?x=%3d%26", "/a", "x==&;"},
	{"/%00", "", ""},
	{"/healthz%00", "", ""},
	{"/%0%00", "", ""},
	{"/a?x=%00&y%00=1&z", "/a", "z;"},
	{"http://host:8080/readyz/source?verbose", "/readyz/source", "verbose;"},
	{"HTTPS://host/metrics", "/metrics", ""},
	{"http://host", "/", ""},
	{"http://host?x", "/", "x;"},
	{"http://", "/", ""},
	{"http://host%2fa/b", "/b", ""},
	{"http://host%00/b", "", ""},
	{"http://host/b%00", "", ""},
	{"ftp://host/metrics", "ftp://host/metrics", ""},
	{"*", "*", ""},
	{"host:80", "host:80", ""},
};

static void test_target(void **state)
{
	const struct target_row *row = *state;
	char head[256], text[1024], arguments[128] = "";
	const char *key, *value;
	struct request r;
	snprintf(head, sizeof head, "GET %s HTTP/1.1\r\nHost: x\r\n\r\n", row->target);
	assert_int_equal(parse(head, text, &r), CODE_200);
	assert_string_equal(r.path, row->path);
	while (request_argument(&r, &key, &value)) {
		size_t len = strlen(arguments);
		snprintf(arguments + len, sizeof arguments - len, "%s%s%s;", key, value ? "=" : "", value ? value : "");
	}
	assert_string_equal(arguments, row->arguments);
	assert_false(request_argument(&r, &key, &value));
}

static void test_fields(void **state)
{
	char text[1024];
	struct request r;
	(void)state;
	assert_int_equal(parse("HEAD /x HTTP/1.1\r\nHost: h\r\nACCEPT: \t text/plain \t\r\nAccept: other\r\n"
			       "If-Match: \"a\"\r\nif-none-match:*\r\nIf-Modified-Since: m\r\n"
			       "If-Unmodified-Since: u\r\nIf-Range: r\r\n\r\n",
			       text, &r),
			 CODE_200);
	assert_string_equal(r.method, "HEAD");
	assert_string_equal(r.host, "h");
	assert_string_equal(r.accept, "text/plain");
	assert_string_equal(r.condition.if_match, "\"a\"");
	assert_string_equal(r.condition.if_none_match, "*");
	assert_string_equal(r.condition.if_modified_since, "m");
	assert_string_equal(r.condition.if_unmodified_since, "u");
	assert_int_equal(parse(WITH(""), text, &r), CODE_200);
	assert_null(r.accept);
	assert_null(r.condition.if_match);
	assert_null(r.query);
}

static struct CMUnitTest tests[LEN(scan_rows) + LEN(code_rows) + LEN(end_rows) + LEN(target_rows) + 1];

int main(void)
{
	size_t n = 0;
#define ROWS(rows, label, test)                                                                                        \
	for (size_t i = 0; i < LEN(rows); i++)                                                                         \
	tests[n++] = (struct CMUnitTest){rows[i].label, test, NULL, NULL, (void *)(uintptr_t)&rows[i]}
	ROWS(scan_rows, name, test_scan);
	ROWS(code_rows, name, test_code);
	ROWS(end_rows, name, test_end);
	ROWS(target_rows, target, test_target);
	tests[n++] = (struct CMUnitTest)cmocka_unit_test(test_fields);
	return _cmocka_run_group_tests("request", tests, n, NULL, NULL);
}
