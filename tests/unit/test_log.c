/* One line per event, as written to standard error. */
#include "rows.h"

#include "base/log.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* What one log_write puts on standard error, from behind the time stamp. */
struct capture {
	char text[8192];
	size_t len;
};

static void capture_line(struct capture *c, struct log_config config, enum log_level level, const char *msg,
			 const struct log_field *fields)
{
	int ends[2];
	int saved = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 100);
	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	assert_int_equal(dup2(ends[1], STDERR_FILENO), STDERR_FILENO);
	log_setup(config);
	log_write(level, msg, fields, 0);
	log_setup((struct log_config){.level = LOG_INFO});
	dup2(saved, STDERR_FILENO);
	close(saved);
	close(ends[1]);
	ssize_t n;
	c->len = 0;
	while ((n = read(ends[0], c->text + c->len, sizeof c->text - 1 - c->len)) > 0)
		c->len += (size_t)n;
	close(ends[0]);
	c->text[c->len] = '\0';
}

static const char *after_time(const struct capture *c, enum log_form form)
{
	/* ts=2026-01-31T12:00:00.123Z or {"ts":"2026-01-31T12:00:00.123Z" */
	size_t skip_len = form == LOG_JSON ? 7 + 24 + 2 : 3 + 24;
	assert_true(c->len > skip_len);
	const char *stamp = c->text + (form == LOG_JSON ? 7 : 3);
	struct tm tm = {0};
	assert_non_null(strptime(stamp, "%Y-%m-%dT%H:%M:%S", &tm));
	assert_in_range(timegm(&tm), time(NULL) - 5, time(NULL) + 1); /* time(2) is coarse */
	assert_int_equal(stamp[10], 'T');
	assert_int_equal(stamp[19], '.');
	assert_int_equal(stamp[23], 'Z');
	return c->text + skip_len;
}

struct row {
	const char *name;
	enum log_form form;
	const char *msg;
	struct log_field fields[3];
	const char *line;
};

#define S(k, s)                                                                                                        \
	{                                                                                                              \
		k, LOG_STR,                                                                                            \
		{                                                                                                      \
			.str = s                                                                                       \
		}                                                                                                      \
	}
#define U(k, n)                                                                                                        \
	{                                                                                                              \
		k, LOG_U64,                                                                                            \
		{                                                                                                      \
			.u64 = n                                                                                       \
		}                                                                                                      \
	}
#define FFFD "\xef\xbf\xbd"

static const struct row rows[] = {
	{"logfmt, no field", LOG_LOGFMT, "started", {{0}}, " level=info msg=started\n"},
	{"json, no field", LOG_JSON, "started", {{0}}, "\"level\":\"info\",\"msg\":\"started\"}\n"},
	{"logfmt, plain values",
	 LOG_LOGFMT,
	 "x",
	 {S("file", "/n.txt"), U("n", UINT64_MAX)},
	 " level=info msg=x file=/n.txt n=18446744073709551615\n"},
	{"json, plain values",
	 LOG_JSON,
	 "x",
	 {S("file", "/n.txt"), U("n", 0)},
	 "\"level\":\"info\",\"msg\":\"x\",\"file\":\"/n.txt\",\"n\":0}\n"},
	{"logfmt, a blank is quoted", LOG_LOGFMT, "two words", {{0}}, " level=info msg=\"two words\"\n"},
	{"logfmt, an equals sign is quoted", LOG_LOGFMT, "x", {S("k", "a=b")}, " level=info msg=x k=\"a=b\"\n"},
	{"logfmt, a quote is escaped", LOG_LOGFMT, "x", {S("k", "a\"b")}, " level=info msg=x k=\"a\\\"b\"\n"},
	{"logfmt, a backslash is escaped", LOG_LOGFMT, "x", {S("k", "a\\b")}, " level=info msg=x k=\"a\\\\b\"\n"},
	{"a line feed cannot make a second line",
	 LOG_LOGFMT,
	 "x",
	 {S("k", "a\nlevel=error")},
	 " level=info msg=x k=\"a\\nlevel=error\"\n"},
	{"a delete is escaped", LOG_LOGFMT, "x", {S("k", "\x7f")}, " level=info msg=x k=\"\\u007f\"\n"},
	{"logfmt, an empty string is left out", LOG_LOGFMT, "x", {S("k", "")}, " level=info msg=x\n"},
	{"json, a missing string is left out", LOG_JSON, "x", {S("k", NULL)}, "\"level\":\"info\",\"msg\":\"x\"}\n"},
	{"UTF-8 of every length passes",
	 LOG_LOGFMT,
	 "x",
	 {S("k", "\u00e9\u20ac\U0001f600")},
	 " level=info msg=x k=\u00e9\u20ac\U0001f600\n"},
	{"the first and last of each length pass",
	 LOG_JSON,
	 "x",
	 {S("k", "\xf1\x80\x80\x80\xc2\x80\xdf\xbf\xe0\xa0\x80\xed\x9f\xbf\xf0\x90\x80\x80\xf4\x8f\xbf\xbf")},
	 "\"level\":\"info\",\"msg\":\"x\","
	 "\"k\":\"\xf1\x80\x80\x80\xc2\x80\xdf\xbf\xe0\xa0\x80\xed\x9f\xbf\xf0\x90\x80\x80\xf4\x8f\xbf\xbf\"}\n"},
	{"a lone byte is U+FFFD",
	 LOG_JSON,
	 "x",
	 {S("k", "a\xff"
		 "b")},
	 "\"level\":\"info\",\"msg\":\"x\",\"k\":\"a" FFFD "b\"}\n"},
	{"a cut character is U+FFFD", LOG_LOGFMT, "x", {S("k", "\xe2\x82")}, " level=info msg=x k=\"" FFFD FFFD "\"\n"},
	{"an overlong form is U+FFFD",
	 LOG_JSON,
	 "x",
	 {S("k", "\xc0\xaf")},
	 "\"level\":\"info\",\"msg\":\"x\",\"k\":\"" FFFD FFFD "\"}\n"},
	{"an overlong form of three bytes is U+FFFD",
	 LOG_JSON,
	 "x",
	 {S("k", "\xe0\x9f\xbf")},
	 "\"level\":\"info\",\"msg\":\"x\",\"k\":\"" FFFD FFFD FFFD "\"}\n"},
	{"a surrogate is U+FFFD",
	 LOG_JSON,
	 "x",
	 {S("k", "\xed\xa0\x80")},
	 "\"level\":\"info\",\"msg\":\"x\",\"k\":\"" FFFD FFFD FFFD "\"}\n"},
	{"a byte that begins no character is U+FFFD",
	 LOG_JSON,
	 "x",
	 {S("k", "\xf5\x80\x80\x80")},
	 "\"level\":\"info\",\"msg\":\"x\",\"k\":\"" FFFD FFFD FFFD FFFD "\"}\n"},
	{"logfmt, an empty message is quoted", LOG_LOGFMT, "", {{0}}, " level=info msg=\"\"\n"},
	{"beyond U+10FFFF is U+FFFD",
	 LOG_JSON,
	 "x",
	 {S("k", "\xf4\x90\x80\x80")},
	 "\"level\":\"info\",\"msg\":\"x\",\"k\":\"" FFFD FFFD FFFD FFFD "\"}\n"},
};

static void check_row(void **state)
{
	const struct row *row = *state;
	struct capture c;
	capture_line(&c, (struct log_config){LOG_INFO, row->form}, LOG_INFO, row->msg, row->fields);
	assert_string_equal(after_time(&c, row->form), row->line);
}

static void levels_above_the_set_one_are_dropped(void **state)
{
	(void)state;
	static const struct log_field none[] = {{0}};
	struct capture c;
	for (enum log_level set = LOG_ERROR; set <= LOG_DEBUG; set++)
		for (enum log_level level = LOG_ERROR; level <= LOG_DEBUG; level++) {
			capture_line(&c, (struct log_config){set, LOG_LOGFMT}, level, "x", none);
			assert_int_equal(c.len > 0, level <= set);
		}
}

static void the_levels_have_their_names(void **state)
{
	(void)state;
	static const char *const names[] = {" level=error ", " level=warn ", " level=info ", " level=debug "};
	static const struct log_field none[] = {{0}};
	struct capture c;
	for (enum log_level level = LOG_ERROR; level <= LOG_DEBUG; level++) {
		capture_line(&c, (struct log_config){LOG_DEBUG, LOG_LOGFMT}, level, "x", none);
		assert_non_null(strstr(c.text, names[level]));
	}
}

static void errno_survives(void **state)
{
	(void)state;
	int saved = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 100);
	close(STDERR_FILENO);
	errno = ENOTTY;
	log_error("nobody hears this", log_str("k", "v"));
	int after = errno;
	dup2(saved, STDERR_FILENO);
	close(saved);
	assert_int_equal(after, ENOTTY);
}

/* JSON strings closed, braces closed, one line feed at the end: no escape may hide a quote. */
static bool is_closed_json(const struct capture *c)
{
	bool inside = false;
	if (c->len < 3 || c->text[0] != '{' || strcmp(c->text + c->len - 2, "}\n") != 0)
		return false;
	for (size_t i = 1; i < c->len - 2; i++) {
		if (inside && c->text[i] == '\\')
			i++;
		else if (c->text[i] == '"')
			inside = !inside;
		else if (c->text[i] == '\n')
			return false;
	}
	return !inside;
}

/* A field of logfmt is whole or not there; of a string that needs no quotes a beginning is. */
static bool is_cut_right(const char *line, const char *text)
{
	const char *after = strstr(line, " after="), *value = strstr(line, " long=");
	if (after && !strstr(line, " after=18446744073709551615"))
		return false;
	if (!value || value[6] == '"')
		return value != NULL;
	return strncmp(value + 6, text, strcspn(value + 6, " \n")) == 0;
}

/* Every length around the limit, with characters that take one, two, three and six bytes in the line; and a short one
 * behind a long one, which would fit where that does not. */
static void a_long_line_is_cut_and_stays_whole(void **state)
{
	(void)state;
	static const char *const fillers[] = {"a", "\"", "\u20ac", "\n", "\u20aca"};
	char text[4096];
	struct capture c;
	for (size_t f = 0; f < 5; f++)
		for (size_t n = 300; n < (f == 4 ? 1000 : 2100); n = n < 1900 && n > 340 ? n + 77 : n + 1) {
			text[0] = '\0';
			size_t one = strlen(fillers[f]);
			for (size_t i = 0; (i + 1) * one < sizeof text && i < n; i++)
				memcpy(text + i * one, fillers[f], one + 1);
			const struct log_field fields[] = {
				log_str("long", text), log_u64("after", UINT64_MAX), log_str("last", "x"), {0}};
			capture_line(&c, (struct log_config){LOG_INFO, LOG_JSON}, LOG_INFO, "xxxx" + n % 4, fields);
			assert_true(c.len <= 2048);
			if (!is_closed_json(&c))
				fail_msg("filler %zu, %zu times: %s", f, n, c.text);
			capture_line(&c, (struct log_config){LOG_INFO, LOG_LOGFMT}, LOG_INFO, "xxxx" + n % 4, fields);
			assert_true(c.len <= 2048);
			assert_int_equal(c.text[c.len - 1], '\n');
			if (!is_cut_right(c.text, text))
				fail_msg("filler %zu, %zu times: %s", f, n, c.text);
		}
}

static void a_field_after_a_full_line_is_left_out_and_one_that_fits_is_not(void **state)
{
	(void)state;
	char text[4096];
	struct capture c;
	memset(text, 'a', sizeof text - 1);
	text[sizeof text - 1] = '\0';
	const struct log_field fields[] = {log_str("long", text), log_u64("after", 1), {0}};
	capture_line(&c, (struct log_config){LOG_INFO, LOG_LOGFMT}, LOG_INFO, "x", fields);
	assert_null(strstr(c.text, "after="));
	text[1000] = '\0';
	capture_line(&c, (struct log_config){LOG_INFO, LOG_LOGFMT}, LOG_INFO, "x", fields);
	assert_non_null(strstr(c.text, " after=1\n"));
}

int main(void)
{
	const struct CMUnitTest others[] = {
		cmocka_unit_test(levels_above_the_set_one_are_dropped),
		cmocka_unit_test(the_levels_have_their_names),
		cmocka_unit_test(errno_survives),
		cmocka_unit_test(a_long_line_is_cut_and_stays_whole),
		cmocka_unit_test(a_field_after_a_full_line_is_left_out_and_one_that_fits_is_not),
	};
	int failed = ROWS_RUN("log lines", check_row, rows);
	return failed + cmocka_run_group_tests_name("log", others, NULL, NULL);
}
