#include "rows.h"

#include "base/err.h"

#include <errno.h>
#include <string.h>
#include <sysexits.h>

static void set_fills_all_and_says_minus_one(void **state)
{
	(void)state;
	struct err e = {0};
	assert_int_equal(err_set(&e, ERR_IO, 0, "cannot write %s after %d bytes", "/x", 7), -1);
	assert_int_equal(e.code, ERR_IO);
	assert_int_equal(e.sys_errno, 0);
	assert_string_equal(e.msg, "cannot write /x after 7 bytes");
}

static void a_system_error_is_said_in_words(void **state)
{
	(void)state;
	struct err e = {0};
	assert_int_equal(err_set(&e, ERR_NOPERM, EACCES, "open %s", "/x"), -1);
	assert_int_equal(e.sys_errno, EACCES);
	assert_string_equal(e.msg, "open /x: Permission denied");
}

static void an_unknown_system_error_is_said_by_number(void **state)
{
	(void)state;
	struct err e = {0};
	err_set(&e, ERR_IO, 4242, "x");
	assert_non_null(strstr(e.msg, "4242"));
}

static void wraps_go_from_the_inside_out_and_keep_the_code(void **state)
{
	(void)state;
	struct err e = {0};
	err_set(&e, ERR_IO, ENOSPC, "fsync");
	assert_int_equal(err_wrap(&e, "publish %d", 3), -1);
	assert_int_equal(err_wrap(&e, "refresh"), -1);
	assert_string_equal(e.msg, "refresh: publish 3: fsync: No space left on device");
	assert_int_equal(e.code, ERR_IO);
	assert_int_equal(e.sys_errno, ENOSPC);
}

/* main ends with them, and sysexits(3) is what scripts know. */
static void codes_are_those_of_sysexits(void **state)
{
	(void)state;
	static const int pairs[][2] = {
		{ERR_NONE, EX_OK},           {ERR_USAGE, EX_USAGE},   {ERR_UNAVAILABLE, EX_UNAVAILABLE},
		{ERR_SOFTWARE, EX_SOFTWARE}, {ERR_OS, EX_OSERR},      {ERR_CANTCREAT, EX_CANTCREAT},
		{ERR_IO, EX_IOERR},          {ERR_NOPERM, EX_NOPERM}, {ERR_CONFIG, EX_CONFIG}};
	for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++)
		assert_int_equal(pairs[i][0], pairs[i][1]);
}

static void a_shortage_is_one_of_descriptors_or_memory(void **state)
{
	(void)state;
	assert_true(err_is_shortage(EMFILE) && err_is_shortage(ENFILE) && err_is_shortage(ENOMEM));
	assert_false(err_is_shortage(0) || err_is_shortage(EACCES) || err_is_shortage(ENOSPC));
}

/* Rows: how long the text is, how much of it fits. */
struct length_row {
	const char *name;
	size_t len, kept;
};
enum { ROOM = sizeof((struct err *)0)->msg - 1 };

static const struct length_row length_rows[] = {
	{"one byte less than the room", ROOM - 1, ROOM - 1},
	{"just the room", ROOM, ROOM},
	{"one byte more is cut", ROOM + 1, ROOM},
	{"much more is cut", 900, ROOM},
};

static void check_length(void **state)
{
	const struct length_row *row = *state;
	char text[1000];
	struct err e = {0};
	memset(text, 'x', row->len);
	text[row->len] = '\0';
	err_set(&e, ERR_IO, 0, "%s", text);
	assert_int_equal(strlen(e.msg), row->kept);
	/* With a system error the text makes room for its words. */
	static const char cause[] = ": Input/output error";
	size_t before = ROOM - (sizeof cause - 1);
	err_set(&e, ERR_IO, EIO, "%s", text);
	assert_int_equal(strlen(e.msg), ROOM);
	assert_memory_equal(e.msg, text, before);
	assert_string_equal(e.msg + before, cause);
	err_wrap(&e, "%s", text);
	assert_true(strlen(e.msg) <= ROOM);
	err_wrap(&e, "outer");
	assert_memory_equal(e.msg, "outer: xxx", 10);
	assert_int_equal(strlen(e.msg), ROOM);
}

int main(void)
{
	const struct CMUnitTest others[] = {
		cmocka_unit_test(set_fills_all_and_says_minus_one),
		cmocka_unit_test(a_system_error_is_said_in_words),
		cmocka_unit_test(an_unknown_system_error_is_said_by_number),
		cmocka_unit_test(codes_are_those_of_sysexits),
		cmocka_unit_test(a_shortage_is_one_of_descriptors_or_memory),
		cmocka_unit_test(wraps_go_from_the_inside_out_and_keep_the_code),
	};
	int failed = ROWS_RUN("err, lengths", check_length, length_rows);
	return failed + cmocka_run_group_tests_name("err", others, NULL, NULL);
}
