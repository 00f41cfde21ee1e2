/* Where FILE is, when that cannot be found out: names that are too long, links that cannot be followed, a directory
 * that goes away. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "sink/explain.h"
#include "sink/place.h"
#include "sink_rig.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static void fault(struct rig *r, enum fake_call call, unsigned nth, int error)
{
	fake_io_fault(&r->f, (struct fake_fault){.call = call, .nth = nth, .error = error});
}

static void name_of(char *out, size_t n)
{
	memset(out, 'x', n);
	out[n] = '\0';
}

static void names_that_no_file_system_takes_are_refused(void **state)
{
	(void)state;
	struct rig r;
	struct place p = {.dir_fd = -1};
	char name[SINK_PATH_MAX + 2];
	sink_rig_init(&r);
	name_of(name, 256);
	assert_int_equal(place_find(&p, &r.f.io, name, &r.e), -1);
	rig_expect_error(&r, ERR_CANTCREAT, "File name too long");
	name_of(name, SINK_PATH_MAX);
	assert_int_equal(place_find(&p, &r.f.io, name, &r.e), -1);
	rig_expect_error(&r, ERR_CANTCREAT, "cannot create FILE: File name too long");
	assert_false(place_split("b", name, 1, name, 2));
	rig_fini(&r);
}

static void link_to(struct rig *r, const char *text)
{
	char path[512];
	assert_int_equal(symlink(text, fake_io_path(&r->f, "numbers.txt", path)), 0);
}

static void a_link_to_a_path_that_is_too_long_is_refused(void **state)
{
	(void)state;
	struct rig r;
	char text[SINK_PATH_MAX];
	sink_rig_init(&r);
	name_of(text, sizeof text - 2);
	for (size_t i = 1; i < sizeof text - 2; i += 2)
		text[i] = '/';
	link_to(&r, text);
	assert_false(rig_open(&r));
	rig_expect_error(&r, ERR_CANTCREAT, "cannot follow the symbolic link");
	rig_fini(&r);
}

struct link_row {
	const char *name;
	enum fake_call call;
	unsigned nth;
	const char *says;
};
static const struct link_row link_rows[] = {
	{"the directory of a link cannot be looked at", FAKE_FSTAT, 2, "cannot look at"},
	{"a link cannot be read", FAKE_READLINKAT, 1, "cannot read the symbolic link"},
};

static void a_link_that_cannot_be_followed_is_an_error(void **state)
{
	const struct link_row *row = *state;
	struct rig r;
	sink_rig_init(&r);
	link_to(&r, "elsewhere");
	fault(&r, row->call, row->nth, EIO);
	assert_false(rig_open(&r));
	assert_int_equal(r.f.faults_hit, 1);
	rig_expect_error(&r, ERR_CANTCREAT, row->says);
	rig_fini(&r);
}

struct refresh_row {
	const char *name;
	enum fake_call call;
	int error;
	int result;
	const char *says;
};
static const struct refresh_row refresh_rows[] = {
	{"the directory's path may not be searched: the held one is used", FAKE_FSTATAT, EACCES, 0, ""},
	{"the directory's path is missing", FAKE_FSTATAT, ENOENT, -1, "is gone"},
	{"the directory's path leads through a file", FAKE_FSTATAT, ENOTDIR, -1, "is gone"},
	{"the held directory cannot be looked at: the path is opened again", FAKE_FSTAT, EIO, 0, ""},
};

static void the_directory_is_looked_for_again(void **state)
{
	const struct refresh_row *row = *state;
	struct rig r;
	sink_rig_init(&r);
	rig_open_ok(&r);
	fake_io_reset(&r.f);
	fault(&r, row->call, 1, row->error);
	assert_int_equal(rig_publish(&r, "1\n"), row->result);
	if (row->result < 0)
		rig_expect_error(&r, ERR_IO, row->says);
	assert_int_equal(r.f.count[FAKE_OPENAT], row->result < 0 ? 0 : row->call == FAKE_FSTAT ? 2 : 1);
	fake_io_reset(&r.f);
	assert_int_equal(rig_publish(&r, "2\n"), 0);
	rig_expect(&r, "numbers.txt", "2\n");
	rig_fini(&r);
}

static void permission_without_a_culprit_is_still_an_error(void **state)
{
	(void)state;
	struct rig r;
	sink_rig_init(&r);
	struct place p = {.dir_fd = -1};
	snprintf(p.path, sizeof p.path, "/gone/numbers.txt");
	assert_int_equal(explain(&p, &r.f.io, DOING_CREATE, EACCES, &r.e), -1);
	rig_expect_error(&r, ERR_NOPERM, "may not create a file for /gone/numbers.txt: Permission denied");
	rig_fini(&r);
}

#define COUNT(rows) (sizeof rows / sizeof rows[0])
#define ADD_ROWS(rows, check)                                                                                          \
	for (size_t i = 0; i < COUNT(rows); i++)                                                                       \
		tests[n++] = (struct CMUnitTest)                                                                       \
		{                                                                                                      \
			rows[i].name, check, NULL, NULL, (void *)&rows[i]                                              \
		}

int main(void)
{
	struct CMUnitTest tests[COUNT(link_rows) + COUNT(refresh_rows)];
	size_t n = 0;
	ADD_ROWS(link_rows, a_link_that_cannot_be_followed_is_an_error);
	ADD_ROWS(refresh_rows, the_directory_is_looked_for_again);
	const struct CMUnitTest others[] = {
		cmocka_unit_test(names_that_no_file_system_takes_are_refused),
		cmocka_unit_test(a_link_to_a_path_that_is_too_long_is_refused),
		cmocka_unit_test(permission_without_a_culprit_is_still_an_error),
	};
	int failed = cmocka_run_group_tests_name("place faults, rows", tests, NULL, NULL);
	return failed + cmocka_run_group_tests_name("place faults", others, NULL, NULL);
}
