/* condition.c: conditional requests for a file of 1000 bytes. */
#include "serve/condition.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

/* 2023-11-14 22:13:20 UTC */
enum { WHEN = 1700000000 };
#define ETAG   "\"a1-5-3e8\""
#define DATE   "Tue, 14 Nov 2023 22:13:20 GMT"
#define BEFORE "Tue, 14 Nov 2023 22:13:19 GMT"
#define AFTER  "Tue, 14 Nov 2023 22:13:21 GMT"

struct row {
	const char *name;
	struct condition condition;
	enum http_code code;
};

static const struct row rows[] = {
	{"a plain request", {.if_match = NULL}, CODE_200},
	{"our tag: not modified", {.if_none_match = ETAG}, CODE_304},
	{"our tag, weak: not modified", {.if_none_match = "W/" ETAG}, CODE_304},
	{"our tag in a list", {.if_none_match = "\"x\", W/\"y\" ," ETAG}, CODE_304},
	{"any tag", {.if_none_match = "*"}, CODE_304},
	{"another tag", {.if_none_match = "\"x\", \"y\""}, CODE_200},
	{"our tag without quotes", {.if_none_match = "a1-6553f100.5-3e8"}, CODE_200},
	{"an unfinished tag", {.if_none_match = "\"a1"}, CODE_200},
	{"an empty list", {.if_none_match = ""}, CODE_200},
	{"modified since before", {.if_modified_since = BEFORE}, CODE_200},
	{"modified since then", {.if_modified_since = DATE}, CODE_304},
	{"modified since after", {.if_modified_since = AFTER}, CODE_304},
	{"no date: ignored", {.if_modified_since = "yesterday"}, CODE_200},
	{"the tag beats the date", {.if_none_match = "\"x\"", .if_modified_since = AFTER}, CODE_200},
	{"match", {.if_match = ETAG}, CODE_200},
	{"match any", {.if_match = "*"}, CODE_200},
	{"match another", {.if_match = "\"x\""}, CODE_412},
	{"a weak tag never matches", {.if_match = "W/" ETAG}, CODE_412},
	{"unmodified since before", {.if_unmodified_since = BEFORE}, CODE_412},
	{"unmodified since then", {.if_unmodified_since = DATE}, CODE_200},
	{"match beats unmodified", {.if_match = ETAG, .if_unmodified_since = BEFORE}, CODE_200},
};
enum { ROWS = sizeof rows / sizeof *rows };

static void test_row(void **state)
{
	const struct row *r = *state;
	struct validators v;
	validators_set(&v, 0xa1, 1000, 5, WHEN);
	assert_int_equal(condition_evaluate(&r->condition, &v), r->code);
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
	assert_int_equal(condition_date(r->text, &seconds), r->result);
	assert_int_equal(seconds, r->seconds);
}

static void a_year_that_does_not_fit_gives_no_date(void **state)
{
	static const int64_t years[] = {INT64_C(67767976233532799), INT64_MAX};
	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct validators v;
		memset(&v, '?', sizeof v);
		validators_set(&v, 1, 1000, 5, years[i]);
		assert_string_equal(v.date, "");
	}
}

static void test_validators(void **state)
{
	struct validators v;
	(void)state;
	validators_set(&v, 0xa1, 1000, 5, WHEN);
	assert_string_equal(v.etag, ETAG);
	assert_string_equal(v.date, DATE);
	assert_int_equal(v.modified, WHEN);
	validators_set(&v, UINT64_MAX, UINT64_MAX, UINT64_MAX, INT64_MAX);
	assert_int_equal(v.etag[strlen(v.etag) - 1], '"'); /* not cut */
}

static void test_each_part_of_the_file_changes_the_tag(void **state)
{
	struct validators v, other;
	(void)state;
	validators_set(&v, 1, 1000, 5, WHEN);
	for (uint64_t i = 0; i < 3; i++) {
		validators_set(&other, 1 + (i == 0), 1000 + (i == 1), 5 + (i == 2), WHEN);
		assert_string_not_equal(other.etag, v.etag);
	}
}

int main(void)
{
	struct CMUnitTest tests[ROWS] = {{0}}, dates[DATE_ROWS] = {{0}};
	const struct CMUnitTest others[] = {
		cmocka_unit_test(a_year_that_does_not_fit_gives_no_date),
		cmocka_unit_test(test_validators),
		cmocka_unit_test(test_each_part_of_the_file_changes_the_tag),
	};
	for (size_t i = 0; i < ROWS; i++)
		tests[i] = (struct CMUnitTest){rows[i].name, test_row, NULL, NULL, (void *)(uintptr_t)&rows[i]};
	for (size_t i = 0; i < DATE_ROWS; i++)
		dates[i] =
			(struct CMUnitTest){date_rows[i].name, test_date, NULL, NULL, (void *)(uintptr_t)&date_rows[i]};
	int failed = cmocka_run_group_tests_name("conditions", tests, NULL, NULL);
	failed += cmocka_run_group_tests_name("dates", dates, NULL, NULL);
	return failed + cmocka_run_group_tests_name("validators", others, NULL, NULL);
}
