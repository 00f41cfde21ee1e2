/* Keys, sections and values that were removed: found by their name and by what was below them, and refused with what to
 * do instead. */
#include "base/err.h"
#include "config/refuse.h"
#include "config/removed.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#define LEN(a) (sizeof(a) / sizeof(a)[0])

static const struct row {
	const char *sentence, *key, *value;
	const char *row; /* the key of the row that is found; NULL: none */
} rows[] = {
	{"a key", "health.fips140", NULL, "health.fips140"},
	{"the mechanism of the DRBG", "seed.drbg", NULL, "seed.drbg"},
	{"the bound of a file that was appended to", "output.max_bytes", NULL, "output.max_bytes"},
	{"a section", "http.tls", NULL, "http.tls"},
	{"a key of a section that was removed", "http.tls.cert", NULL, "http.tls"},
	{"a key that only begins like a section", "http.tls_cert", NULL, NULL},
	{"a section of which one key was removed", "health", NULL, NULL},
	{"a key below one that was removed", "health.fips140.x", NULL, "health.fips140"},
	{"a value", "output.write", "append", "output.write"},
	{"the beginning of a value", "output.write", "app", NULL},
	{"a key of which one value was removed", "output.write", NULL, NULL},
	{"a value of a key that was removed", "health.fips140", "true", NULL},
	{"a name that never was", "health.fips", NULL, NULL},
	{"the empty name", "", NULL, NULL},
};

static void row_test(void **state)
{
	const struct row *row = *state;
	const struct removed *removed = removed_find(row->key, row->value);
	if (!row->row) {
		assert_null(removed);
		return;
	}
	assert_non_null(removed);
	assert_string_equal(removed->key, row->row);

	/* It says since when and what to do, in one sentence that other text goes around. */
	size_t len = strlen(removed->instead);
	assert_true(strlen(removed->version) > 0 && len > 10);
	assert_true(removed->instead[len - 1] != '.' && !strchr(removed->instead, '\n'));
}

static void message_test(void **state)
{
	static const char *const names[] = {"auto", "replace", NULL};
	const struct key key = {.name = "output.write", .kind = KEY_ENUM, .names = names};
	struct err e = {0};
	(void)state;
	assert_int_equal(key_unknown("http.tls.ca", &e), -1);
	assert_int_equal(e.code, ERR_CONFIG);
	assert_memory_equal(e.msg, "left in 0.2: listen on ", 23);
	assert_int_equal(key_refuse(&key, "append", "is not known", &e), -1);
	assert_int_equal(e.code, ERR_CONFIG);
	assert_memory_equal(e.msg, "append left in 0.2: write replace", 33);
	assert_int_equal(key_refuse(&key, "prepend", "is not known", &e), -1);
	assert_string_equal(e.msg, "\"prepend\" is not known; allowed: auto or replace");
}

int main(void)
{
	static struct CMUnitTest tests[LEN(rows) + 1];
	size_t n = 0;
	for (size_t i = 0; i < LEN(rows); i++)
		tests[n++] = (struct CMUnitTest){rows[i].sentence, row_test, NULL, NULL, (void *)&rows[i]};
	tests[n++] = (struct CMUnitTest){"the refusal says what to do instead", message_test};
	return _cmocka_run_group_tests("removed", tests, n, NULL, NULL);
}
