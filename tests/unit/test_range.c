/* range.c: preconditions and ranges on a file of 1000 bytes. */
#include "serve/range.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

/* 2023-11-14 22:13:20 UTC */
enum { WHEN = 1700000000 };
#define ETAG   "\"a1-6553f100.5-3e8\""
#define DATE   "Tue, 14 Nov 2023 22:13:20 GMT"
#define BEFORE "Tue, 14 Nov 2023 22:13:19 GMT"
#define AFTER  "Tue, 14 Nov 2023 22:13:21 GMT"

struct row {
	const char *name;
	struct range_request request;
	enum http_code code;
	uint64_t offset, length;
};

static const struct row rows[] = {
	{"a plain request", {.range = NULL}, CODE_200, 0, 1000},
	{"the first byte", {.range = "bytes=0-0"}, CODE_206, 0, 1},
	{"the last byte", {.range = "bytes=999-999"}, CODE_206, 999, 1},
	{"just beyond the end", {.range = "bytes=1000-1000"}, CODE_416, 0, 1000},
	{"from the last byte on", {.range = "bytes=999-"}, CODE_206, 999, 1},
	{"from the end on", {.range = "bytes=1000-"}, CODE_416, 0, 1000},
	{"longer than the file", {.range = "bytes=10-99999"}, CODE_206, 10, 990},
	{"the last ten", {.range = "bytes=-10"}, CODE_206, 990, 10},
	{"the last thousand", {.range = "bytes=-1000"}, CODE_206, 0, 1000},
	{"more than there is", {.range = "bytes=-1001"}, CODE_206, 0, 1000},
	{"the last none", {.range = "bytes=-0"}, CODE_416, 0, 1000},
	{"backwards: ignored", {.range = "bytes=5-4"}, CODE_200, 0, 1000},
	{"two ranges: the whole file", {.range = "bytes=0-1,5-6"}, CODE_200, 0, 1000},
	{"another unit: ignored", {.range = "lines=0-1"}, CODE_200, 0, 1000},
	{"no numbers: ignored", {.range = "bytes=-"}, CODE_200, 0, 1000},
	{"empty: ignored", {.range = ""}, CODE_200, 0, 1000},
	{"not a number: ignored", {.range = "bytes=a-b"}, CODE_200, 0, 1000},
	{"more digits than fit: ignored", {.range = "bytes=0-99999999999999999999"}, CODE_200, 0, 1000},
	{"a range of the same file", {.range = "bytes=1-2", .if_range = ETAG}, CODE_206, 1, 2},
	{"a range of another file", {.range = "bytes=1-2", .if_range = "\"b\""}, CODE_200, 0, 1000},
	{"a range by date is not safe", {.range = "bytes=1-2", .if_range = DATE}, CODE_200, 0, 1000},
	{"our tag: not modified", {.if_none_match = ETAG}, CODE_304, 0, 1000},
	{"our tag, weak: not modified", {.if_none_match = "W/" ETAG}, CODE_304, 0, 1000},
	{"our tag in a list", {.if_none_match = "\"x\", W/\"y\" ," ETAG}, CODE_304, 0, 1000},
	{"any tag", {.if_none_match = "*"}, CODE_304, 0, 1000},
	{"another tag", {.if_none_match = "\"x\", \"y\""}, CODE_200, 0, 1000},
	{"our tag without quotes", {.if_none_match = "a1-6553f100.5-3e8"}, CODE_200, 0, 1000},
	{"an unfinished tag", {.if_none_match = "\"a1"}, CODE_200, 0, 1000},
	{"an empty list", {.if_none_match = ""}, CODE_200, 0, 1000},
	{"modified since before", {.if_modified_since = BEFORE}, CODE_200, 0, 1000},
	{"modified since then", {.if_modified_since = DATE}, CODE_304, 0, 1000},
	{"modified since after", {.if_modified_since = AFTER}, CODE_304, 0, 1000},
	{"no date: ignored", {.if_modified_since = "yesterday"}, CODE_200, 0, 1000},
	{"the tag beats the date", {.if_none_match = "\"x\"", .if_modified_since = AFTER}, CODE_200, 0, 1000},
	{"match", {.if_match = ETAG}, CODE_200, 0, 1000},
	{"match any", {.if_match = "*"}, CODE_200, 0, 1000},
	{"match another", {.if_match = "\"x\""}, CODE_412, 0, 1000},
	{"a weak tag never matches", {.if_match = "W/" ETAG}, CODE_412, 0, 1000},
	{"unmodified since before", {.if_unmodified_since = BEFORE}, CODE_412, 0, 1000},
	{"unmodified since then", {.if_unmodified_since = DATE}, CODE_200, 0, 1000},
	{"match beats unmodified", {.if_match = ETAG, .if_unmodified_since = BEFORE}, CODE_200, 0, 1000},
	{"not modified beats the range", {.range = "bytes=0-1", .if_none_match = ETAG}, CODE_304, 0, 1000},
	{"match, then the range", {.range = "bytes=0-1", .if_match = ETAG}, CODE_206, 0, 2},
};
enum { ROWS = sizeof rows / sizeof *rows };

static void test_row(void **state)
{
	const struct row *r = *state;
	struct range_file f;
	range_file_set(&f, 0xa1, WHEN, 5, 1000);
	struct range_answer a = range_evaluate(&r->request, &f);
	assert_int_equal(a.code, r->code);
	if (a.code == CODE_200 || a.code == CODE_206) {
		assert_int_equal(a.offset, r->offset);
		assert_int_equal(a.length, r->length);
	}
}

struct date_row {
	const char *name, *text;
	int result;
	int64_t seconds;
};

static const struct date_row date_rows[] = {
	{"the preferred form", DATE, 0, WHEN},
	{"the form of RFC 850", "Tuesday, 14-Nov-23 22:13:20 GMT", 0, WHEN},
	{"the form of asctime", "Tue Nov 14 22:13:20 2023", 0, WHEN},
	{"asctime with one digit", "Tue Nov  7 22:13:20 2023", 0, WHEN - 7 * 86400},
	{"another zone", "Tue, 14 Nov 2023 22:13:20 CET", -1, 0},
	{"something behind it", DATE "x", -1, 0},
	{"nothing", "", -1, 0},
	{"a number", "1700000000", -1, 0},
};
enum { DATE_ROWS = sizeof date_rows / sizeof *date_rows };

static void test_date(void **state)
{
	const struct date_row *r = *state;
	int64_t seconds = 0;
	assert_int_equal(range_date(r->text, &seconds), r->result);
	assert_int_equal(seconds, r->seconds);
}

static void a_year_that_does_not_fit_gives_no_date(void **state)
{
	(void)state;
	struct range_file f;
	memset(&f, '?', sizeof f);
	range_file_set(&f, 1, INT64_C(67767976233532799), 0, 1000); /* year 2147481747 */
	assert_string_equal(f.date, "");
	memset(&f, '?', sizeof f);
	range_file_set(&f, 1, INT64_MAX, 0, 1000);
	assert_string_equal(f.date, "");
}

static void test_file(void **state)
{
	struct range_file f;
	(void)state;
	range_file_set(&f, 0xa1, WHEN, 5, 1000);
	assert_string_equal(f.etag, ETAG);
	assert_string_equal(f.date, DATE);
	assert_int_equal(f.size, 1000);
	range_file_set(&f, UINT64_MAX, INT64_MAX, UINT32_MAX, UINT64_MAX);
	assert_int_equal(f.etag[strlen(f.etag) - 1], '"'); /* not cut */
}

static void test_an_empty_file(void **state)
{
	struct range_request r = {.range = "bytes=0-0"};
	struct range_file f;
	char text[RANGE_CONTENT_MAX];
	(void)state;
	range_file_set(&f, 1, WHEN, 0, 0);
	struct range_answer a = range_evaluate(&r, &f);
	assert_int_equal(a.code, CODE_416);
	assert_true(range_content(&a, &f, text));
	assert_string_equal(text, "bytes */0");
}

static void test_content_range(void **state)
{
	struct range_request r = {.range = "bytes=10-"};
	struct range_file f;
	char text[RANGE_CONTENT_MAX] = "";
	(void)state;
	range_file_set(&f, 1, WHEN, 0, 1000);
	struct range_answer a = range_evaluate(&r, &f);
	assert_true(range_content(&a, &f, text));
	assert_string_equal(text, "bytes 10-999/1000");
	r.range = NULL;
	a = range_evaluate(&r, &f);
	assert_false(range_content(&a, &f, text));
}

int main(void)
{
	struct CMUnitTest tests[ROWS] = {{0}}, dates[DATE_ROWS] = {{0}};
	const struct CMUnitTest others[] = {
		cmocka_unit_test(a_year_that_does_not_fit_gives_no_date),
		cmocka_unit_test(test_file),
		cmocka_unit_test(test_an_empty_file),
		cmocka_unit_test(test_content_range),
	};
	for (size_t i = 0; i < ROWS; i++)
		tests[i] = (struct CMUnitTest){rows[i].name, test_row, NULL, NULL, (void *)(uintptr_t)&rows[i]};
	for (size_t i = 0; i < DATE_ROWS; i++)
		dates[i] =
			(struct CMUnitTest){date_rows[i].name, test_date, NULL, NULL, (void *)(uintptr_t)&date_rows[i]};
	int failed = cmocka_run_group_tests_name("range rows", tests, NULL, NULL);
	failed += cmocka_run_group_tests_name("dates", dates, NULL, NULL);
	return failed + cmocka_run_group_tests_name("range", others, NULL, NULL);
}
