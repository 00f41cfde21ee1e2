/* news.c by inclusion: how many lines the log gets of a source that comes and goes, and what the last one says. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/log.h"

#include <stdbool.h>
#include <string.h>

struct line {
	enum log_level level;
	char msg[40], first[40]; /* message, value of the first field */
	uint64_t left_out;
};
static struct line last;
static unsigned written; /* lines above LOG_DEBUG */

static void catch_write(enum log_level level, const char *msg, const struct log_field *fields)
{
	if (level == LOG_DEBUG)
		return;
	written++;
	last = (struct line){.level = level};
	strncpy(last.msg, msg, sizeof last.msg - 1);
	if (fields[0].kind == LOG_STR)
		strncpy(last.first, fields[0].v.str, sizeof last.first - 1);
	for (; fields->kind != LOG_END; fields++)
		if (strcmp(fields->key, "left_out") == 0)
			last.left_out = fields->v.u64;
}
#define log_write catch_write
#include "../../refresher/run/news.c"

static const int64_t SECOND = 1000000000;
static const struct health_failure intermittent = {HEALTH_RCT, HEALTH_INTERMITTENT, 9, 9};
static const struct health_failure permanent = {HEALTH_RCT, HEALTH_PERMANENT, 16, 16};

static struct news begin(void)
{
	struct news n;
	written = 0;
	news_init(&n, "/dev/hwrng", 5 * SECOND);
	return n;
}

static void a_burst_then_one_line_in_three_seconds(void **state)
{
	(void)state;
	struct news n = begin();
	for (int i = 0; i < 1000; i++)
		news_failed(&n, 5 * SECOND, &intermittent, 0, false);
	assert_int_equal(written, NEWS_BURST);
	assert_int_equal(last.left_out, 0);
	news_failed(&n, 8 * SECOND - 1, &intermittent, 0, false);
	assert_int_equal(written, NEWS_BURST);
	news_failed(&n, 8 * SECOND, &intermittent, 0, false);
	assert_int_equal(written, NEWS_BURST + 1);
	assert_int_equal(last.left_out, 981);
	for (int64_t t = 8 * SECOND; t < 608 * SECOND; t += SECOND / 100)
		news_failed(&n, t, &intermittent, 0, false);
	assert_in_range(written, NEWS_BURST + 200, NEWS_BURST + 202); /* 10 minutes */
}

static void rest_earns_a_burst_and_no_more(void **state)
{
	(void)state;
	struct news n = begin();
	for (int i = 0; i < 30; i++)
		news_up(&n, 6 * SECOND);
	for (int i = 0; i < 30; i++)
		news_up(&n, 86400 * SECOND);
	assert_int_equal(written, 2 * NEWS_BURST);
}

static void a_permanent_failure_is_always_said(void **state)
{
	(void)state;
	struct news n = begin();
	for (int i = 0; i < 100; i++)
		news_passed(&n, 5 * SECOND, 1024);
	news_failed(&n, 5 * SECOND, &permanent, 0, false);
	assert_int_equal(written, NEWS_BURST + 1);
	assert_string_equal(last.msg, "health test failed");
	assert_int_equal(last.left_out, 80);
	news_state(&n, 5 * SECOND, GATE_FAILED, GATE_PERMANENT, "x");
	assert_int_equal(written, NEWS_BURST + 2);
	assert_int_equal(last.level, LOG_ERROR);
	assert_int_equal(last.left_out, 0);
	news_failed(&n, 5 * SECOND, &permanent, 0, true); /* the others of the same retry are not */
	assert_int_equal(written, NEWS_BURST + 2);
}

static void the_last_word_is_made_true(void **state)
{
	(void)state;
	struct news n = begin();
	news_down(&n, 5 * SECOND, "io", "error");
	assert_int_equal(last.level, LOG_ERROR);
	for (int i = 0; i < 100; i++)
		news_state(&n, 5 * SECOND, GATE_RECOVERING, GATE_INTERMITTENT, "");
	news_up(&n, 5 * SECOND);
	news_state(&n, 5 * SECOND, GATE_OK, GATE_PASSED, ""); /* neither is said */
	assert_int_equal(written, NEWS_BURST);
	news_catch_up(&n, 5 * SECOND, GATE_OK);
	assert_int_equal(written, NEWS_BURST);
	news_catch_up(&n, 8 * SECOND, GATE_OK);
	assert_string_equal(last.msg, "source is back");
	news_catch_up(&n, 11 * SECOND, GATE_OK);
	assert_string_equal(last.msg, "state");
	assert_string_equal(last.first, "ok");
	news_catch_up(&n, 86400 * SECOND, GATE_OK); /* once */
	assert_int_equal(written, NEWS_BURST + 2);
}

static void bad_news_is_said_wherever_the_log_says_well(void **state)
{
	(void)state;
	struct news n = begin();
	for (int i = 0; i < 1000; i++) { /* a source that comes and goes, and is gone in the end */
		news_down(&n, 5 * SECOND, "end", "gone");
		news_state(&n, 5 * SECOND, GATE_RECOVERING, GATE_LOST, "gone");
		news_up(&n, 5 * SECOND);
		news_state(&n, 5 * SECOND, GATE_OK, GATE_PASSED, "");
	}
	news_down(&n, 5 * SECOND, "end", "gone");
	news_state(&n, 5 * SECOND, GATE_RECOVERING, GATE_LOST, "gone");
	assert_in_range(written, NEWS_BURST, NEWS_BURST + 2);
	assert_true(n.down);
	assert_int_equal(n.state, GATE_RECOVERING);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_burst_then_one_line_in_three_seconds),
		cmocka_unit_test(rest_earns_a_burst_and_no_more),
		cmocka_unit_test(a_permanent_failure_is_always_said),
		cmocka_unit_test(the_last_word_is_made_true),
		cmocka_unit_test(bad_news_is_said_wherever_the_log_says_well),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
