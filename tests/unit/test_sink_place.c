/* Where FILE leads: symbolic links, planted ones too, and the parts of a path. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "sink/place.h"
#include "sink_rig.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* --- symbolic links --- */

static void link_in(struct rig *r, const char *text, const char *name)
{
	char path[512];
	assert_int_equal(symlink(text, fake_io_path(&r->f, name, path)), 0);
}

static void make_dir(struct rig *r, const char *name, mode_t mode)
{
	char path[512];
	assert_int_equal(mkdir(fake_io_path(&r->f, name, path), 0755), 0);
	assert_int_equal(chmod(path, mode), 0);
}

static void a_dangling_link_into_a_directory_creates_its_target(void **state)
{
	(void)state;
	struct rig r;
	struct stat st;
	char path[512];
	sink_rig_init(&r);
	make_dir(&r, "data", 0755);
	link_in(&r, "data/real.txt", "numbers.txt");
	rig_open_ok(&r);
	assert_string_equal(sink_path(r.s), fake_io_path(&r.f, "data/real.txt", path));
	assert_int_equal(rig_publish(&r, "1\n"), 0);
	rig_expect(&r, "data/real.txt", "1\n");
	assert_int_equal(lstat(fake_io_path(&r.f, "numbers.txt", path), &st), 0);
	assert_true(S_ISLNK(st.st_mode));
	rig_fini(&r);
}

static void a_chain_of_links_relative_and_absolute_is_followed(void **state)
{
	(void)state;
	struct rig r;
	char absolute[512];
	sink_rig_init(&r);
	make_dir(&r, "data", 0755);
	link_in(&r, "data/second", "numbers.txt");
	link_in(&r, fake_io_path(&r.f, "third", absolute), "data/second");
	link_in(&r, "./data/real.txt", "third");
	fake_file_write(&r.f, "data/real.txt", "old\n");
	rig_open_ok(&r);
	assert_int_equal(rig_publish(&r, "1\n"), 0);
	rig_expect(&r, "data/real.txt", "1\n");
	rig_fini(&r);
}

static void a_link_is_resolved_once_at_start(void **state)
{
	(void)state;
	struct rig r;
	char path[512];
	sink_rig_init(&r);
	link_in(&r, "a", "numbers.txt");
	rig_open_ok(&r);
	unlink(fake_io_path(&r.f, "numbers.txt", path));
	link_in(&r, "b", "numbers.txt");
	assert_int_equal(rig_publish(&r, "1\n"), 0);
	rig_expect(&r, "a", "1\n");
	rig_expect(&r, "b", NULL);
	rig_fini(&r);
}

static void a_loop_of_links_ends(void **state)
{
	(void)state;
	struct rig r;
	sink_rig_init(&r);
	link_in(&r, "numbers.txt", "numbers.txt");
	assert_false(rig_open(&r));
	rig_expect_error(&r, ERR_CANTCREAT, "Too many levels of symbolic links");
	rig_fini(&r);
}

static void a_link_into_a_missing_directory_names_both(void **state)
{
	(void)state;
	struct rig r;
	sink_rig_init(&r);
	link_in(&r, "run/numbers.txt", "numbers.txt");
	assert_false(rig_open(&r));
	rig_expect_error(&r, ERR_CANTCREAT, "/run (where the link ");
	rig_expect_error(&r, ERR_CANTCREAT, "numbers.txt leads) does not exist; create it");
	rig_fini(&r);
}

/* Rows: what the directory allows, who we are, who owns the link. */
struct planted_row {
	const char *name;
	mode_t dir_mode;
	uid_t we, owner;
	bool follows;
};

static const struct planted_row planted_rows[] = {
	{"another user's link in a sticky directory for everybody is refused", 01777, 0, 1000, false},
	{"another user's link in a directory for everybody is refused", 0777, 0, 1000, false},
	{"another user's link in a closed directory is followed", 0755, 0, 1000, true},
	{"root's link in a sticky directory for everybody is followed by root", 01777, 0, 0, true},
	{"root's link in a sticky directory for everybody is followed by others", 01777, 65532, 0, true},
	{"our own link in a sticky directory for everybody is followed", 01777, 65532, 65532, true},
	{"another user's link is refused by others than root as well", 01777, 65532, 1000, false},
};

static void check_planted(void **state)
{
	const struct planted_row *row = *state;
	struct rig r;
	char path[512];
	if (geteuid() != 0)
		skip();
	sink_rig_init(&r);
	make_dir(&r, "open", row->dir_mode);
	fake_file_write(&r.f, "victim", "precious\n");
	link_in(&r, "../victim", "open/numbers.txt");
	assert_int_equal(lchown(fake_io_path(&r.f, "open/numbers.txt", path), row->owner, 0), 0);
	rig_file(&r, "open/numbers.txt");
	assert_int_equal(chown(r.f.dir, row->we, 0), 0);
	assert_int_equal(seteuid(row->we), 0);
	bool opened = rig_open(&r);
	assert_int_equal(seteuid(0), 0);
	assert_int_equal(opened, row->follows);
	if (!row->follows)
		rig_expect_error(&r, ERR_NOPERM, "symbolic link of uid 1000 in a directory that everybody may write");
	rig_expect(&r, "victim", "precious\n");
	rig_fini(&r);
}

/* --- pure parts --- */

struct split_row {
	const char *name, *path, *dir, *base;
};

static const struct split_row split_rows[] = {
	{"split of an absolute path", "/a/b", "/a", "b"},
	{"split below the root", "/b", "/", "b"},
	{"split of a bare name", "b", ".", "b"},
	{"split of a relative path", "a/b", "a", "b"},
	{"split over several slashes", "/a//b", "/a", "b"},
	{"split over several slashes at the root", "//b", "/", "b"},
	{"split at a final slash", "/a/", "/a", ""},
};

static void check_split(void **state)
{
	const struct split_row *row = *state;
	char dir[64], base[64];
	assert_true(place_split(row->path, dir, sizeof dir, base, sizeof base));
	assert_string_equal(dir, row->dir);
	assert_string_equal(base, row->base);
}

static void parts_that_do_not_fit_are_refused_and_those_that_just_fit_are_not(void **state)
{
	(void)state;
	char dir[4], base[4];
	assert_true(place_split("/ab/cde", dir, sizeof dir, base, sizeof base));
	assert_false(place_split("/abc/cde", dir, sizeof dir, base, sizeof base));
	assert_false(place_split("/ab/cdef", dir, sizeof dir, base, sizeof base));
	assert_true(place_join("a", "b", dir, sizeof dir));
	assert_string_equal(dir, "a/b");
	assert_false(place_join("a", "bc", dir, sizeof dir));
	assert_true(place_join("/", "bc", dir, sizeof dir));
	assert_string_equal(dir, "/bc");
	assert_true(place_join("anything", "/bc", dir, sizeof dir));
	assert_string_equal(dir, "/bc");
	assert_false(place_join("anything", "/bcd", dir, sizeof dir));
}

#define ADD_ROWS(rows, check)                                                                                          \
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)                                                      \
		tests[n++] = (struct CMUnitTest)                                                                       \
		{                                                                                                      \
			rows[i].name, check, NULL, NULL, (void *)&rows[i]                                              \
		}

int main(void)
{
	enum { ROWS = sizeof planted_rows / sizeof planted_rows[0] + sizeof split_rows / sizeof split_rows[0] };
	struct CMUnitTest tests[ROWS];
	size_t n = 0;
	ADD_ROWS(planted_rows, check_planted);
	ADD_ROWS(split_rows, check_split);
	const struct CMUnitTest others[] = {
		cmocka_unit_test(a_dangling_link_into_a_directory_creates_its_target),
		cmocka_unit_test(a_chain_of_links_relative_and_absolute_is_followed),
		cmocka_unit_test(a_link_is_resolved_once_at_start),
		cmocka_unit_test(a_loop_of_links_ends),
		cmocka_unit_test(a_link_into_a_missing_directory_names_both),
		cmocka_unit_test(parts_that_do_not_fit_are_refused_and_those_that_just_fit_are_not),
	};
	int failed = cmocka_run_group_tests_name("place, rows", tests, NULL, NULL);
	return failed + cmocka_run_group_tests_name("place", others, NULL, NULL);
}
