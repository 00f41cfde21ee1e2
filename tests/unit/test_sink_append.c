/* append: one generation after another, whole; rotation on both sides of the limit. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "sink/append.h"
#include "sink_rig.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct full_row {
	const char *name;
	uint64_t size, expected, max_bytes;
	bool full;
};

static const struct full_row full_rows[] = {
	{"no limit", UINT64_MAX, UINT64_MAX, 0, false},
	{"an empty file is never rotated", 0, 100, 10, false},
	{"it just fits", 60, 40, 100, false},
	{"one byte too much", 61, 40, 100, true},
	{"unknown length, below the limit", 99, 0, 100, false},
	{"unknown length, at the limit", 100, 0, 100, true},
	{"already beyond the limit", 101, 0, 100, true},
	{"a sum that would overflow", 2, UINT64_MAX, 100, true},
};

static void check_full(void **state)
{
	const struct full_row *row = *state;
	assert_int_equal(append_is_full(row->size, row->expected, row->max_bytes), row->full);
}

static void append_rig(struct rig *r, uint64_t max_bytes)
{
	sink_rig_init(r);
	r->c.write = SINK_APPEND;
	r->c.max_bytes = max_bytes;
}

static void generations_follow_one_another_across_restarts(void **state)
{
	(void)state;
	struct rig r;
	append_rig(&r, 0);
	fake_file_write(&r.f, "numbers.txt", "old\n");
	rig_open_ok(&r);
	assert_int_equal(rig_publish(&r, "1\n"), 0);
	assert_int_equal(rig_publish(&r, "2\n"), 0);
	sink_free(r.s);
	rig_open_ok(&r);
	assert_int_equal(rig_publish(&r, "3\n"), 0);
	rig_expect(&r, "numbers.txt", "old\n1\n2\n3\n");
	rig_fini(&r);
}

static void rotation_keeps_generations_whole_and_one_old_file(void **state)
{
	(void)state;
	struct rig r;
	append_rig(&r, 10);
	rig_open_ok(&r);
	assert_int_equal(rig_publish(&r, "aaaa\n"), 0);
	assert_int_equal(rig_publish(&r, "bbbb\n"), 0);
	rig_expect(&r, "numbers.txt", "aaaa\nbbbb\n");
	rig_expect(&r, "numbers.txt.1", NULL);
	assert_int_equal(rig_publish(&r, "cccc\n"), 0);
	rig_expect(&r, "numbers.txt", "cccc\n");
	rig_expect(&r, "numbers.txt.1", "aaaa\nbbbb\n");
	assert_int_equal(rig_publish(&r, "dddd\n"), 0);
	assert_int_equal(rig_publish(&r, "eeee\n"), 0);
	rig_expect(&r, "numbers.txt", "eeee\n");
	rig_expect(&r, "numbers.txt.1", "cccc\ndddd\n");
	rig_fini(&r);
}

static void a_generation_larger_than_the_limit_is_not_split(void **state)
{
	(void)state;
	struct rig r;
	append_rig(&r, 3);
	rig_open_ok(&r);
	assert_int_equal(rig_publish(&r, "first generation\n"), 0);
	assert_int_equal(rig_publish(&r, "second generation\n"), 0);
	rig_expect(&r, "numbers.txt", "second generation\n");
	rig_expect(&r, "numbers.txt.1", "first generation\n");
	rig_fini(&r);
}

/* As refresher.yaml(5) says: the length of the next generation is that of the last. */
static void only_a_first_or_a_longer_generation_exceeds_the_limit(void **state)
{
	(void)state;
	struct rig r;
	append_rig(&r, 10);
	fake_file_write(&r.f, "numbers.txt", "before\n");
	rig_open_ok(&r);
	assert_int_equal(rig_publish(&r, "aaaa\n"), 0); /* the first */
	rig_expect(&r, "numbers.txt", "before\naaaa\n");
	assert_int_equal(rig_publish(&r, "bbbb\n"), 0);
	rig_expect(&r, "numbers.txt", "bbbb\n");
	assert_int_equal(rig_publish(&r, "cccccccc\n"), 0); /* a longer one */
	rig_expect(&r, "numbers.txt", "bbbb\ncccccccc\n");
	assert_int_equal(rig_publish(&r, "d\n"), 0);
	rig_expect(&r, "numbers.txt", "d\n");
	rig_fini(&r);
}

static void a_rotated_in_file_has_the_configured_mode(void **state)
{
	(void)state;
	struct rig r;
	struct stat st;
	char path[512];
	append_rig(&r, 1);
	r.c.mode = 0440;
	rig_open_ok(&r);
	assert_int_equal(rig_publish(&r, "1\n"), 0);
	assert_int_equal(rig_publish(&r, "2\n"), 0);
	assert_int_equal(stat(fake_io_path(&r.f, "numbers.txt", path), &st), 0);
	assert_int_equal(st.st_mode & 07777, 0640);
	rig_fini(&r);
}

static void a_file_rotated_by_someone_else_is_opened_again(void **state)
{
	(void)state;
	struct rig r;
	char from[512], to[512];
	append_rig(&r, 0);
	rig_open_ok(&r);
	assert_int_equal(rig_publish(&r, "1\n"), 0);
	assert_int_equal(rename(fake_io_path(&r.f, "numbers.txt", from), fake_io_path(&r.f, "moved", to)), 0);
	assert_int_equal(rig_publish(&r, "2\n"), 0);
	rig_expect(&r, "moved", "1\n");
	rig_expect(&r, "numbers.txt", "2\n");
	rig_fini(&r);
}

static void move_away(void *arg)
{
	struct rig *r = arg;
	char from[512], to[512];
	assert_int_equal(rename(fake_io_path(&r->f, "numbers.txt", from), fake_io_path(&r->f, "moved", to)), 0);
}

static void a_file_rotated_while_the_lock_was_awaited_is_opened_again(void **state)
{
	(void)state;
	struct rig r;
	append_rig(&r, 0);
	rig_open_ok(&r);
	assert_int_equal(rig_publish(&r, "1\n"), 0);
	fake_io_reset(&r.f);
	fake_io_fault(&r.f, (struct fake_fault){.call = FAKE_LOCK, .nth = 1, .before = move_away, .arg = &r});
	assert_int_equal(rig_publish(&r, "2\n"), 0);
	rig_expect(&r, "moved", "1\n");
	rig_expect(&r, "numbers.txt", "2\n");
	rig_fini(&r);
}

/* Every name that is opened has gone again by the time of the second look. */
static void always_elsewhere(void *arg)
{
	struct rig *r = arg;
	char path[512];
	unlink(fake_io_path(&r->f, "numbers.txt", path));
}

static void a_file_that_is_never_there_is_an_error_and_no_endless_loop(void **state)
{
	(void)state;
	struct rig r;
	append_rig(&r, 0);
	rig_open_ok(&r);
	fake_io_reset(&r.f);
	fake_io_fault(&r.f, (struct fake_fault){
				    .call = FAKE_LOCK, .nth = 1, .more = 99, .before = always_elsewhere, .arg = &r});
	assert_int_equal(rig_publish(&r, "1\n"), -1);
	rig_expect_error(&r, ERR_IO, "again and again");
	fake_io_reset(&r.f);
	assert_int_equal(rig_publish(&r, "2\n"), 0);
	rig_fini(&r);
}

struct fault_row {
	const char *name;
	struct fake_fault fault;
	const char *says;
};

static const struct fault_row fault_rows[] = {
	{"a full volume in the middle leaves no part", {FAKE_WRITE, 2, 0, ENOSPC}, "sizeLimit"},
	{"EIO in the middle leaves no part", {FAKE_WRITE, 2, 0, EIO}, "cannot write"},
	{"a failed fsync leaves no part", {FAKE_FSYNC, 1, 0, EIO}, "to the disk"},
	{"a failed lock writes nothing", {FAKE_LOCK, 1, 0, ENOLCK}, "cannot lock"},
};

static void check_fault(void **state)
{
	const struct fault_row *row = *state;
	struct rig r;
	append_rig(&r, 0);
	rig_open_ok(&r);
	assert_int_equal(rig_publish(&r, "1\n"), 0);
	fake_io_reset(&r.f);
	fake_io_fault(&r.f, row->fault);
	assert_int_equal(rig_publish(&r, "2\n"), -1);
	rig_expect_error(&r, ERR_IO, row->says);
	rig_expect(&r, "numbers.txt", "1\n");
	assert_int_equal(rig_publish(&r, "3\n"), 0);
	rig_expect(&r, "numbers.txt", "1\n3\n");
	rig_fini(&r);
}

static void abort_cuts_back_and_respects_what_came_before(void **state)
{
	(void)state;
	struct rig r;
	append_rig(&r, 0);
	fake_file_write(&r.f, "numbers.txt", "old\n");
	rig_open_ok(&r);
	assert_int_equal(sink_begin(r.s, &r.e), 0);
	assert_int_equal(sink_write(r.s, "half", 4, &r.e), 0);
	rig_expect(&r, "numbers.txt", "old\nhalf");
	sink_abort(r.s, NULL);
	rig_expect(&r, "numbers.txt", "old\n");
	rig_fini(&r);
}

static void a_failed_rotation_leaves_the_file_and_is_tried_again(void **state)
{
	(void)state;
	struct rig r;
	append_rig(&r, 2);
	rig_open_ok(&r);
	assert_int_equal(rig_publish(&r, "1\n"), 0);
	fake_io_reset(&r.f);
	fake_io_fault(&r.f, (struct fake_fault){.call = FAKE_RENAMEAT, .nth = 1, .error = EIO});
	assert_int_equal(rig_publish(&r, "2\n"), -1);
	rig_expect_error(&r, ERR_IO, "numbers.txt.1: Input/output error");
	rig_expect(&r, "numbers.txt", "1\n");
	assert_int_equal(rig_publish(&r, "3\n"), 0);
	rig_expect(&r, "numbers.txt", "3\n");
	rig_expect(&r, "numbers.txt.1", "1\n");
	rig_fini(&r);
}

static void a_directory_where_the_rotated_file_goes_is_named(void **state)
{
	(void)state;
	struct rig r;
	char path[512];
	append_rig(&r, 2);
	rig_open_ok(&r);
	assert_int_equal(rig_publish(&r, "1\n"), 0);
	assert_int_equal(mkdir(fake_io_path(&r.f, "numbers.txt.1", path), 0755), 0);
	assert_int_equal(rig_publish(&r, "2\n"), -1);
	rig_expect_error(&r, ERR_IO, "numbers.txt.1, it is a directory now; remove it");
	assert_int_equal(rmdir(path), 0);
	assert_int_equal(rig_publish(&r, "3\n"), 0);
	rig_expect(&r, "numbers.txt.1", "1\n");
	rig_fini(&r);
}

static void a_directory_that_forbids_rotation_is_heard_at_start(void **state)
{
	(void)state;
	struct rig r;
	append_rig(&r, 100);
	fake_file_write(&r.f, "numbers.txt", "old\n");
	fake_io_fault(&r.f, (struct fake_fault){.call = FAKE_OPENAT, .nth = 3, .error = EACCES});
	assert_false(rig_open(&r));
	rig_expect_error(&r, ERR_NOPERM, "max_bytes 0: never");
	rig_fini(&r);
}

static void removal_takes_the_file_and_leaves_the_rotated_one(void **state)
{
	(void)state;
	struct rig r;
	append_rig(&r, 2);
	rig_open_ok(&r);
	assert_int_equal(rig_publish(&r, "1\n"), 0);
	assert_int_equal(rig_publish(&r, "2\n"), 0);
	assert_int_equal(sink_remove(r.s, &r.e), 0);
	rig_expect(&r, "numbers.txt", NULL);
	rig_expect(&r, "numbers.txt.1", "1\n");
	assert_int_equal(sink_remove(r.s, &r.e), 0);
	assert_int_equal(rig_publish(&r, "3\n"), 0);
	rig_expect(&r, "numbers.txt", "3\n");
	rig_fini(&r);
}

#define ADD_ROWS(rows, check)                                                                                          \
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)                                                      \
		tests[n++] = (struct CMUnitTest)                                                                       \
		{                                                                                                      \
			rows[i].name, check, NULL, NULL, (void *)&rows[i]                                              \
		}

int main(void)
{
	enum { ROWS = sizeof full_rows / sizeof full_rows[0] + sizeof fault_rows / sizeof fault_rows[0] };
	struct CMUnitTest tests[ROWS];
	size_t n = 0;
	ADD_ROWS(full_rows, check_full);
	ADD_ROWS(fault_rows, check_fault);
	const struct CMUnitTest others[] = {
		cmocka_unit_test(generations_follow_one_another_across_restarts),
		cmocka_unit_test(rotation_keeps_generations_whole_and_one_old_file),
		cmocka_unit_test(a_generation_larger_than_the_limit_is_not_split),
		cmocka_unit_test(only_a_first_or_a_longer_generation_exceeds_the_limit),
		cmocka_unit_test(a_rotated_in_file_has_the_configured_mode),
		cmocka_unit_test(a_file_rotated_by_someone_else_is_opened_again),
		cmocka_unit_test(a_file_rotated_while_the_lock_was_awaited_is_opened_again),
		cmocka_unit_test(a_file_that_is_never_there_is_an_error_and_no_endless_loop),
		cmocka_unit_test(abort_cuts_back_and_respects_what_came_before),
		cmocka_unit_test(a_failed_rotation_leaves_the_file_and_is_tried_again),
		cmocka_unit_test(a_directory_where_the_rotated_file_goes_is_named),
		cmocka_unit_test(a_directory_that_forbids_rotation_is_heard_at_start),
		cmocka_unit_test(removal_takes_the_file_and_leaves_the_rotated_one),
	};
	int failed = cmocka_run_group_tests_name("append, rows", tests, NULL, NULL);
	return failed + cmocka_run_group_tests_name("append", others, NULL, NULL);
}
