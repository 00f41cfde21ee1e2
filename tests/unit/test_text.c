/* text.c: numbers read back as themselves, escapes, and what does not fit. */

#include "base/text.h"
#include "rows.h"

#include <math.h>
#include <stdio.h>

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
	{"less than a millionth", 1e-7, "0.0000001"},
	{"a nanosecond", 1e-9, "0.000000001"},
	{"less than a nanosecond", 1e-10, "1e-10"},
	{"nanoseconds", 4711.000000815, "4711.000000815"},
	{"negative, with a fraction", -1234.5, "-1234.5"},
	{"negative, less than one", -0.025, "-0.025"},
	{"zero with a sign", -0.0, "0"},
	{"the last with nine decimals", 2251799.813685247, "2251799.813685247"},
	{"seven decimals where six are the most", 2251799.8136853, "2251799.8136853"},
	{"the last microsecond", 2251799813.685247, "2251799813.685247"},
	{"a third", 1.0 / 3, "0.3333333333333333"},
	{"a third of a million", 1e6 / 3, "333333.3333333333"},
	{"negative", -1, "-1"},
	{"large", 1e15, "1000000000000000"},
	{"very large", 1e300, "1e+300"},
	{"many digits in millionths", 4503599627.370495, "4503599627.370495"},
	{"2^53 millionths", 9007199254.740992, "9007199254.740992"},
	{"the last whole number with all digits", 0x1p53 - 1, "9007199254740991"},
	{"the next", 0x1p53, "9007199254740992"},
	{"seconds since 1970", 1700000000.25, "1700000000.25"},
};

static void test_f64(void **state)
{
	const struct f64_row *r = *state;
	char buf[64];
	struct text t;
	text_init(&t, buf, sizeof buf);
	text_f64(&t, r->value);
	assert_string_equal(buf, r->text);
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

struct span_row {
	const char *name;
	int64_t ns;
	const char *text;
};

static const struct span_row span_rows[] = {
	{"nothing", 0, "0 s"},
	{"a nanosecond", 1, "0 s"},
	{"negative", -1500000000, "0 s"},
	{"under a hundredth", 9999999, "0 s"},
	{"a quarter", 250000000, "0.25 s"},
	{"three tenths", 300000000, "0.3 s"},
	{"under a second", 999999999, "0.99 s"},
	{"a second", 1000000000, "1 s"},
	{"under ten seconds", 9999999999, "9.9 s"},
	{"ten seconds", 10000000000, "10 s"},
	{"under ten minutes", 599999999999, "599 s"},
	{"ten minutes", 600000000000, "10 min"},
	{"under two hours", 7199999999999, "119 min"},
	{"two hours", 7200000000000, "2 h"},
	{"a date", 1700000000123456789, "472222.2 h"},
	{"the latest", INT64_MAX, "2562047.7 h"},
	{"the earliest", INT64_MIN, "0 s"},
};

static void test_span(void **state)
{
	const struct span_row *r = *state;
	assert_string_equal(text_span(r->ns).text, r->text);
}

struct escape_row {
	const char *name, *in, *out;
	const char *json; /* NULL: as out */
};

#define FFFD "\xef\xbf\xbd"

static const struct escape_row escape_rows[] = {
	{"plain", "/dev/hwrng", "/dev/hwrng"},
	{"empty", "", ""},
	{"quotes and backslash", "a\"b\\c'd", "a\\\"b\\\\c'd"},
	{"markup", "<b>&amp;", "<b>&amp;"},
	{"line feed", "a\nb", "a\\nb"},
	{"control characters", "\x01\x1f\x7f\t", FFFD FFFD FFFD FFFD, "\\u0001\\u001f\\u007f\\u0009"},
	{"UTF-8 of two, three and four bytes", "\xc3\xa9\xe2\x82\xac\xf0\x9f\x8e\xb2",
	 "\xc3\xa9\xe2\x82\xac\xf0\x9f\x8e\xb2"},
	{"a lone continuation byte", "a\x80z", "a" FFFD "z"},
	{"an overlong slash", "\xc0\xaf", FFFD FFFD},
	{"a surrogate", "\xed\xa0\x80", FFFD FFFD FFFD},
	{"beyond the last character", "\xf4\x90\x80\x80", FFFD FFFD FFFD FFFD},
	{"a sequence cut by the end", "a\xe2\x82", "a" FFFD FFFD},
};

static void test_escape(void **state)
{
	const struct escape_row *r = *state;
	char buf[128], quoted[128];
	struct text t;
	text_init(&t, buf, sizeof buf);
	text_quoted(&t, TEXT_LABEL, r->in);
	snprintf(quoted, sizeof quoted, "\"%s\"", r->out);
	assert_string_equal(buf, quoted);
	text_init(&t, buf, sizeof buf);
	text_quoted(&t, TEXT_JSON, r->in);
	snprintf(quoted, sizeof quoted, "\"%s\"", r->json ? r->json : r->out);
	assert_string_equal(buf, quoted);
}

static void test_what_does_not_fit_is_cut(void **state)
{
	char buf[9];
	struct text t;
	(void)state;
	memset(buf, '#', sizeof buf);
	text_init(&t, buf, 8);
	text_fmt(&t, "%d", 1234567);
	assert_false(t.cut);
	assert_string_equal(buf, "1234567");
	text_fmt(&t, "8");
	assert_true(t.cut);
	text_fmt(&t, "more");
	assert_string_equal(buf, "1234567");
	assert_int_equal(t.len, 7);
	assert_int_equal(buf[8], '#');
}

/* Strings are left out whole, and the shorter ones behind them still come. */
static void test_strings_are_put_whole(void **state)
{
	char buf[8];
	struct text t;
	(void)state;
	text_init(&t, buf, sizeof buf);
	text_put(&t, "ab", "", "cde");
	assert_false(t.cut);
	text_put(&t, "fgh", "ij");
	assert_true(t.cut);
	assert_string_equal(buf, "abcdeij");
	assert_int_equal(t.len, 7);
}

/* Where only one of the two quotes has room there is none; a text that is cut has both. */
static void test_quotes_come_in_pairs(void **state)
{
	char buf[8];
	struct text t;
	(void)state;
	text_init(&t, buf, 3);
	text_fmt(&t, "a");
	text_quoted(&t, TEXT_JSON, "x");
	assert_true(t.cut);
	assert_string_equal(buf, "a");
	text_init(&t, buf, 4);
	text_fmt(&t, "a");
	text_quoted(&t, TEXT_JSON, "x");
	assert_true(t.cut);
	assert_string_equal(buf, "a\"\"");
	text_init(&t, buf, sizeof buf);
	text_quoted(&t, TEXT_JSON, "\n\xe2\x82\xac\xe2\x82\xac");
	assert_string_equal(buf, "\"\\n\xe2\x82\xac\"");
}

static void test_ascii_is_bounded(void **state)
{
	char buf[32];
	struct text t;
	(void)state;
	text_init(&t, buf, sizeof buf);
	text_ascii(&t, "a\r\n\t\x7f\xc3z0123456789", 9);
	assert_string_equal(buf, "a?????z01");
}

int main(void)
{
	const struct CMUnitTest others[] = {
		cmocka_unit_test(test_f64_reads_back),        cmocka_unit_test(test_what_does_not_fit_is_cut),
		cmocka_unit_test(test_strings_are_put_whole), cmocka_unit_test(test_quotes_come_in_pairs),
		cmocka_unit_test(test_ascii_is_bounded),
	};
	int failed = ROWS_RUN("text_f64", test_f64, f64_rows);
	failed += ROWS_RUN("text_span", test_span, span_rows);
	failed += ROWS_RUN("escapes", test_escape, escape_rows);
	return failed + cmocka_run_group_tests_name("text", others, NULL, NULL);
}
