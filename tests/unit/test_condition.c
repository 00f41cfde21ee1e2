/* condition.c: conditional requests for a file of 1000 bytes. */
#include "serve/condition.h"

#include "rows.h"

/* 2023-11-14 22:13:20 UTC */
enum { WHEN = 1700000000 };
#define ETAG   "\"a1-5-3e8\""
#define DATE   "Tue, 14 Nov 2023 22:13:20 GMT"
#define BEFORE "Tue, 14 Nov 2023 22:13:19 GMT"
#define AFTER  "Tue, 14 Nov 2023 22:13:21 GMT"

struct row {
	const char *name, *if_none_match, *if_modified_since;
	bool matches; /* 304 */
};

static const struct row rows[] = {
	{"a plain request", NULL, NULL, false},
	{"our tag", ETAG, NULL, true},
	{"our tag, weak", "W/" ETAG, NULL, true},
	{"our tag in a list", "\"x\", W/\"y\" ," ETAG, NULL, true},
	{"any tag", "*", NULL, true},
	{"another tag", "\"x\", \"y\"", NULL, false},
	{"a tag that begins with ours", "\"a1-5-3e80\"", NULL, false},
	{"a tag that ends with ours", "\"0a1-5-3e8\"", NULL, false},
	{"our tag without quotes", "a1-5-3e8", NULL, false},
	{"an unfinished tag", "\"a1", NULL, false},
	{"an empty list", "", NULL, false},
	{"modified since before", NULL, BEFORE, false},
	{"modified since then", NULL, DATE, true},
	{"modified since after", NULL, AFTER, true},
	{"no date: ignored", NULL, "yesterday", false},
	{"an obsolete form of a date: ignored", NULL, "Tue Nov 14 22:13:21 2023", false},
	{"another zone: ignored", NULL, "Tue, 14 Nov 2023 22:13:21 CET", false},
	{"something behind the date: ignored", NULL, AFTER "x", false},
	{"no text: ignored", NULL, "", false},
	{"the tag beats the date", "\"x\"", AFTER, false},
};

static const struct stat file = {.st_ino = 0xa1, .st_size = 1000, .st_mtim.tv_nsec = 5};

static void test_row(void **state)
{
	const struct row *r = *state;
	struct validators v;
	validators_set(&v, &file, WHEN);
	assert_int_equal(validators_match(&v, r->if_none_match, r->if_modified_since), r->matches);
}

static void a_year_that_does_not_fit_gives_no_date(void **state)
{
	static const int64_t years[] = {INT64_C(67767976233532799), INT64_MAX};
	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct validators v;
		memset(&v, '?', sizeof v);
		validators_set(&v, &file, years[i]);
		assert_string_equal(v.date, "");
	}
}

static void test_validators(void **state)
{
	struct validators v;
	(void)state;
	validators_set(&v, &file, WHEN);
	assert_string_equal(v.etag, ETAG);
	assert_string_equal(v.date, DATE);
	assert_int_equal(v.modified, WHEN);
	const struct stat longest = {
		.st_ino = (ino_t)-1, .st_size = -1, .st_mtim = {.tv_sec = INT64_MAX, .tv_nsec = 999999999}};
	validators_set(&v, &longest, INT64_MAX);
	assert_int_equal(v.etag[strlen(v.etag) - 1], '"'); /* not cut */
}

static void test_each_part_of_the_file_changes_the_tag(void **state)
{
	struct stat others[] = {file, file, file, file};
	struct validators v, other;
	(void)state;
	others[0].st_ino++;
	others[1].st_size++;
	others[2].st_mtim.tv_nsec++;
	others[3].st_mtim.tv_sec++;
	validators_set(&v, &file, WHEN);
	for (size_t i = 0; i < 4; i++) {
		validators_set(&other, &others[i], WHEN);
		assert_string_not_equal(other.etag, v.etag);
	}
}

int main(void)
{
	const struct CMUnitTest others[] = {
		cmocka_unit_test(a_year_that_does_not_fit_gives_no_date),
		cmocka_unit_test(test_validators),
		cmocka_unit_test(test_each_part_of_the_file_changes_the_tag),
	};
	int failed = ROWS_RUN("conditions", test_row, rows);
	return failed + cmocka_run_group_tests_name("validators", others, NULL, NULL);
}
