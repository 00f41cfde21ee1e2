/* text.c: numbers read back as themselves, escapes, and what does not fit. */
#include "serve/text.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

struct f64_row {
	const char *name;
	double value;
	const char *text;
};

static const struct f64_row f64_rows[] = {
	{"zero", 0, "0"},
	{"a whole number", 30, "30"},
	{"a tenth", 0.1, "0.1"},
	{"a millionth", 1e-6, "0.000001"},
	{"a half", 0.5, "0.5"},
	{"less than a millionth", 1e-7, "9.9999999999999995e-08"},
	{"a third", 1.0 / 3, "0.33333333333333331"},
	{"a third of a million", 1e6 / 3, "333333.33333333331"},
	{"negative", -1, "-1"},
	{"large", 1e15, "1000000000000000"},
	{"very large", 1e300, "1.0000000000000001e+300"},
	{"many digits in millionths", 4503599627.370495, "4503599627.370495"},
	{"2^53 millionths", 9007199254.740992, "9007199254.7409916"},
	{"infinite", INFINITY, "+Inf"},
	{"negative infinite", -INFINITY, "-Inf"},
	{"no number", NAN, "NaN"},
};
enum { F64_ROWS = sizeof f64_rows / sizeof *f64_rows };

static void test_f64(void **state)
{
	const struct f64_row *r = *state;
	char buf[64];
	struct text t;
	text_init(&t, buf, sizeof buf);
	text_f64(&t, r->value);
	assert_string_equal(buf, r->text);
	if (!isnan(r->value))
		assert_true(strtod(buf, NULL) == r->value);
}

/* Deterministic: a linear congruential walk over all magnitudes. */
static void test_f64_reads_back(void **state)
{
	uint64_t x = 1;
	char buf[64];
	struct text t;
	(void)state;
	for (int i = 0; i < 100000; i++) {
		x = x * 6364136223846793005u + 1442695040888963407u;
		double v = ldexp((double)(x >> 11), -(int)(x % 100));
		text_init(&t, buf, sizeof buf);
		text_f64(&t, v);
		assert_true(strtod(buf, NULL) == v);
	}
}

struct ns_row {
	const char *name;
	int64_t ns;
	const char *seconds, *ago;
};

static const struct ns_row ns_rows[] = {
	{"nothing", 0, "0", "0 s"},
	{"a nanosecond", 1, "0.000000001", "0 s"},
	{"negative", -1500000000, "-1.5", "0 s"},
	{"under a hundredth", 9999999, "0.009999999", "0 s"},
	{"a quarter", 250000000, "0.25", "0.25 s"},
	{"under a second", 999999999, "0.999999999", "0.99 s"},
	{"a second", 1000000000, "1", "1 s"},
	{"under ten seconds", 9999999999, "9.999999999", "9.9 s"},
	{"ten seconds", 10000000000, "10", "10 s"},
	{"under ten minutes", 599999999999, "599.999999999", "599 s"},
	{"ten minutes", 600000000000, "600", "10 min"},
	{"two hours", 7200000000000, "7200", "2 h"},
	{"a date", 1700000000123456789, "1700000000.123456789", "472222.2 h"},
	{"the earliest", INT64_MIN, "-9223372036.854775808", "0 s"},
};
enum { NS_ROWS = sizeof ns_rows / sizeof *ns_rows };

static void test_ns(void **state)
{
	const struct ns_row *r = *state;
	char buf[64];
	struct text t;
	text_init(&t, buf, sizeof buf);
	text_ns(&t, r->ns);
	assert_string_equal(buf, r->seconds);
	text_init(&t, buf, sizeof buf);
	text_ago(&t, r->ns);
	assert_string_equal(buf, r->ago);
}

struct escape_row {
	const char *name, *in, *json, *label;
};

#define FFFD "\xef\xbf\xbd"

static const struct escape_row escape_rows[] = {
	{"plain", "/dev/hwrng", "\"/dev/hwrng\"", "/dev/hwrng"},
	{"empty", "", "\"\"", ""},
	{"quotes and backslash", "a\"b\\c'd", "\"a\\\"b\\\\c'd\"", "a\\\"b\\\\c'd"},
	{"markup", "<b>&amp;", "\"<b>&amp;\"", "<b>&amp;"},
	{"line feed", "a\nb", "\"a\\u000ab\"", "a\\nb"},
	{"control characters", "\x01\x1f\x7f", "\"\\u0001\\u001f\\u007f\"", "???"},
	{"UTF-8 of two, three and four bytes", "\xc3\xa9\xe2\x82\xac\xf0\x9f\x8e\xb2",
	 "\"\xc3\xa9\xe2\x82\xac\xf0\x9f\x8e\xb2\"", "\xc3\xa9\xe2\x82\xac\xf0\x9f\x8e\xb2"},
	{"a lone continuation byte", "a\x80z", "\"a" FFFD "z\"", "a" FFFD "z"},
	{"an overlong slash", "\xc0\xaf", "\"" FFFD FFFD "\"", FFFD FFFD},
	{"a surrogate", "\xed\xa0\x80", "\"" FFFD FFFD FFFD "\"", FFFD FFFD FFFD},
	{"beyond the last character", "\xf4\x90\x80\x80", "\"" FFFD FFFD FFFD FFFD "\"", FFFD FFFD FFFD FFFD},
	{"a sequence cut by the end", "a\xe2\x82", "\"a" FFFD FFFD "\"", "a" FFFD FFFD},
};
enum { ESCAPE_ROWS = sizeof escape_rows / sizeof *escape_rows };

static void test_escape(void **state)
{
	const struct escape_row *r = *state;
	char buf[128];
	struct text t;
	text_init(&t, buf, sizeof buf);
	text_json(&t, r->in);
	assert_string_equal(buf, r->json);
	text_init(&t, buf, sizeof buf);
	text_label(&t, r->in);
	assert_string_equal(buf, r->label);
}

static void test_integers(void **state)
{
	char buf[128];
	struct text t;
	(void)state;
	text_init(&t, buf, sizeof buf);
	text_u64(&t, 0);
	text_char(&t, ' ');
	text_u64(&t, UINT64_MAX);
	assert_string_equal(buf, "0 18446744073709551615");
}

static void test_what_does_not_fit_is_cut(void **state)
{
	char buf[9];
	struct text t;
	(void)state;
	memset(buf, '#', sizeof buf);
	text_init(&t, buf, 8);
	text_lit(&t, "1234567");
	assert_false(t.cut);
	assert_string_equal(buf, "1234567");
	text_char(&t, '8');
	assert_true(t.cut);
	text_str(&t, "more");
	assert_string_equal(buf, "1234567");
	assert_int_equal(t.len, 7);
	assert_int_equal(buf[8], '#');
}

static void test_plain_is_bounded(void **state)
{
	char buf[32];
	struct text t;
	(void)state;
	text_init(&t, buf, sizeof buf);
	text_plain(&t, "a\r\n\t\x7f\xc3z0123456789", 9);
	assert_string_equal(buf, "a?????z01");
}

int main(void)
{
	struct CMUnitTest f64[F64_ROWS] = {{0}}, ns[NS_ROWS] = {{0}}, escape[ESCAPE_ROWS] = {{0}};
	const struct CMUnitTest others[] = {
		cmocka_unit_test(test_f64_reads_back),
		cmocka_unit_test(test_integers),
		cmocka_unit_test(test_what_does_not_fit_is_cut),
		cmocka_unit_test(test_plain_is_bounded),
	};
	for (size_t i = 0; i < F64_ROWS; i++)
		f64[i] = (struct CMUnitTest){f64_rows[i].name, test_f64, NULL, NULL, (void *)(uintptr_t)&f64_rows[i]};
	for (size_t i = 0; i < NS_ROWS; i++)
		ns[i] = (struct CMUnitTest){ns_rows[i].name, test_ns, NULL, NULL, (void *)(uintptr_t)&ns_rows[i]};
	for (size_t i = 0; i < ESCAPE_ROWS; i++)
		escape[i] = (struct CMUnitTest){escape_rows[i].name, test_escape, NULL, NULL,
						(void *)(uintptr_t)&escape_rows[i]};
	int failed = cmocka_run_group_tests_name("text_f64", f64, NULL, NULL);
	failed += cmocka_run_group_tests_name("text_ns, text_ago", ns, NULL, NULL);
	failed += cmocka_run_group_tests_name("escapes", escape, NULL, NULL);
	return failed + cmocka_run_group_tests_name("text", others, NULL, NULL);
}
