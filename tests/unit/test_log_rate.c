/* log_limited: how many lines a minute, and what the next one says of those before it. The messages end in a file that
 * stands in for standard error. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/log.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const int64_t SECOND = 1000000000;
static int saved = -1;
static FILE *file;

static void begin(struct log_rate *r)
{
	log_setup((struct log_config){.level = LOG_INFO});
	*r = (struct log_rate){0};
	fflush(stderr);
	saved = dup(STDERR_FILENO);
	file = tmpfile();
	assert_non_null(file);
	dup2(fileno(file), STDERR_FILENO);
}

/* The lines so far, and the last of them. */
static unsigned lines(char last[512])
{
	unsigned n = 0;
	char line[512];
	rewind(file);
	last[0] = '\0';
	while (fgets(line, sizeof line, file)) {
		n++;
		strcpy(last, line);
	}
	fseek(file, 0, SEEK_END);
	return n;
}

static void end(void)
{
	dup2(saved, STDERR_FILENO);
	close(saved);
	fclose(file);
}

static bool say(struct log_rate *r, int64_t now_ns, bool must)
{
	return log_limited(r, now_ns, must, LOG_WARN, "again", (struct log_field[]){log_u64("n", 7), {0}});
}

static void a_burst_then_one_line_in_three_seconds(void **state)
{
	struct log_rate r;
	char last[512];
	(void)state;
	begin(&r);
	for (unsigned i = 0; i < 1000; i++)
		assert_int_equal(say(&r, 5 * SECOND, false), i < LOG_BURST);
	unsigned burst = lines(last);
	bool quiet = !strstr(last, "left_out");
	bool early = say(&r, 5 * SECOND + LOG_EARN_NS - 1, false), late = say(&r, 5 * SECOND + LOG_EARN_NS, false);
	unsigned after = lines(last);
	bool told = strstr(last, "msg=again n=7 left_out=981\n");
	for (int64_t t = 8 * SECOND; t < 608 * SECOND; t += SECOND / 100)
		say(&r, t, false);
	unsigned minutes = lines(last); /* ten */
	end();
	assert_int_equal(burst, LOG_BURST);
	assert_true(quiet && !early && late && told);
	assert_int_equal(after, LOG_BURST + 1);
	assert_in_range(minutes, LOG_BURST + 200, LOG_BURST + 202);
}

static void rest_earns_a_burst_and_no_more(void **state)
{
	struct log_rate r;
	char last[512];
	(void)state;
	begin(&r);
	for (int i = 0; i < 30; i++)
		say(&r, 6 * SECOND, false);
	for (int i = 0; i < 30; i++)
		say(&r, 86400 * SECOND, false);
	unsigned n = lines(last);
	end();
	assert_int_equal(n, 2 * LOG_BURST);
}

/* What is left of a burst counts in: together they are no more than one. */
static void a_pause_fills_a_burst_up(void **state)
{
	struct log_rate r;
	char last[512];
	(void)state;
	begin(&r);
	for (unsigned i = 0; i < LOG_BURST - 5; i++)
		say(&r, 5 * SECOND, false);
	for (unsigned i = 0; i < 2 * LOG_BURST; i++)
		say(&r, 5 * SECOND + 10 * LOG_EARN_NS, false);
	unsigned some = lines(last);
	for (unsigned i = 0; i < LOG_BURST - 5; i++)
		say(&r, 5 * SECOND + 100 * LOG_EARN_NS, false);
	for (unsigned i = 0; i < 2 * LOG_BURST; i++)
		say(&r, 5 * SECOND + 118 * LOG_EARN_NS, false);
	unsigned all = lines(last);
	end();
	assert_int_equal(some, LOG_BURST - 5 + 15);
	assert_int_equal(all, some + LOG_BURST - 5 + LOG_BURST);
}

static void one_line_that_was_left_out_is_told(void **state)
{
	struct log_rate r;
	char last[512];
	(void)state;
	begin(&r);
	for (unsigned i = 0; i <= LOG_BURST; i++)
		say(&r, 5 * SECOND, false);
	say(&r, 5 * SECOND + LOG_EARN_NS, false);
	lines(last);
	end();
	assert_non_null(strstr(last, " left_out=1\n"));
}

static void what_must_be_said_is_and_tells_of_the_others(void **state)
{
	struct log_rate r;
	char last[512];
	(void)state;
	begin(&r);
	for (int i = 0; i < 100; i++)
		say(&r, 5 * SECOND, false);
	bool said = say(&r, 5 * SECOND, true);
	unsigned n = lines(last);
	bool told = strstr(last, "left_out=80\n");
	say(&r, 5 * SECOND, true);
	lines(last);
	bool again = strstr(last, "left_out");
	end();
	assert_true(said && told && !again);
	assert_int_equal(n, LOG_BURST + 1);
}

static void what_is_left_out_is_there_for_the_level_debug(void **state)
{
	struct log_rate r;
	char last[512];
	(void)state;
	begin(&r);
	log_setup((struct log_config){.level = LOG_DEBUG});
	for (unsigned i = 0; i <= LOG_BURST; i++)
		say(&r, 5 * SECOND, false);
	unsigned n = lines(last);
	end();
	assert_int_equal(n, LOG_BURST + 1);
	assert_non_null(strstr(last, "level=debug msg=again n=7\n"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_burst_then_one_line_in_three_seconds),
		cmocka_unit_test(rest_earns_a_burst_and_no_more),
		cmocka_unit_test(a_pause_fills_a_burst_up),
		cmocka_unit_test(one_line_that_was_left_out_is_told),
		cmocka_unit_test(what_must_be_said_is_and_tells_of_the_others),
		cmocka_unit_test(what_is_left_out_is_there_for_the_level_debug),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
