/* Where FILE leads: the steps of the walk, symbolic links and whose they are, and a directory that goes away. */
#include "rows.h"

#include "sink/output_path.h"
#include "sink_rig.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

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

/* --- what is followed, one row each: "name -> text" are the links that are made, d and d/e directories --- */

struct walk_row {
	const char *name, *file;
	const char *links[3][2];
	const char *leads_to; /* below the test's directory; NULL: refused, and: */
	const char *says;
};

static const struct walk_row walk_rows[] = {
	{"a plain file", "d/n", {{0}}, "d/n", NULL},
	{"slashes and dots", ".//d/./n", {{0}}, "./d/n", NULL},
	{"up again", "d/e/../n", {{0}}, "d/e/../n", NULL},
	{"a link to a file that is missing yet", "l", {{"l", "d/n"}}, "d/n", NULL},
	{"a link in the middle", "l/n", {{"l", "d/e"}}, "d/e/n", NULL},
	{"a link that ends in a slash, in the middle", "l/n", {{"l", "d/e/"}}, "d/e/n", NULL},
	{"a chain of links", "l", {{"l", "d/m"}, {"d/m", "../o"}, {"o", "./d/e/n"}}, "d/../d/e/n", NULL},
	{"a link out of the middle into the middle", "l/../n", {{"l", "d/e"}}, "d/e/../n", NULL},
	{"a loop", "l", {{"l", "l"}}, NULL, "Too many levels of symbolic links"},
	{"a loop in the middle", "l/n", {{"l", "m"}, {"m", "l"}}, NULL, "Too many levels of symbolic links"},
	{"a link into a directory that is missing",
	 "l",
	 {{"l", "x/n"}},
	 NULL,
	 "/l) does not exist; create it or mount a volume there"},
	{"a directory that is missing", "x/n", {{0}}, NULL, "/x does not exist; create it or mount a volume there"},
	{"a link to a directory", "l", {{"l", "d"}}, NULL, "is a directory; choose a FILE in it"},
	{"a link whose text names a directory", "l", {{"l", "d/n/"}}, NULL, "d/n (on the way to "},
	{"a path that ends in a slash", "d/", {{0}}, NULL, "names a directory"},
	{"a path that ends in a dot", "d/.", {{0}}, NULL, "names a directory"},
	{"a path that ends above", "d/..", {{0}}, NULL, "names a directory"},
	{"a file on the way", "f/n", {{0}}, NULL, "/f is not a directory"},
};

static void check_walk(void **state)
{
	const struct walk_row *row = *state;
	struct rig r;
	char expected[512];
	sink_rig_init(&r);
	make_dir(&r, "d", 0755);
	make_dir(&r, "d/e", 0755);
	fake_file_write(&r.f, "f", "");
	for (int i = 0; i < 3 && row->links[i][0]; i++)
		link_in(&r, row->links[i][1], row->links[i][0]);
	rig_file(&r, row->file);
	assert_int_equal(rig_open(&r), row->leads_to != NULL);
	if (row->leads_to) {
		const char *dots = strncmp(row->leads_to, "./", 2) == 0 ? row->leads_to + 2 : row->leads_to;
		assert_string_equal(sink_view(r.s).path, fake_io_path(&r.f, dots, expected));
		assert_int_equal(rig_publish(&r, "1\n"), 0);
		rig_expect(&r, row->leads_to, "1\n");
	} else {
		rig_expect_error(&r, ERR_CANTCREAT, row->says);
	}
	rig_fini(&r);
}

static void an_absolute_link_and_a_relative_file(void **state)
{
	(void)state;
	struct rig r;
	char absolute[512], here[512];
	assert_non_null(getcwd(here, sizeof here));
	sink_rig_init(&r);
	make_dir(&r, "d", 0755);
	link_in(&r, fake_io_path(&r.f, "d/n", absolute), "l");
	assert_int_equal(chdir(r.f.dir), 0);
	snprintf(r.c.file, sizeof r.c.file, "l");
	bool linked = rig_open(&r);
	if (linked)
		assert_string_equal(sink_view(r.s).path, absolute);
	sink_free(r.s);
	snprintf(r.c.file, sizeof r.c.file, "n");
	bool bare = rig_open(&r);
	if (bare)
		assert_string_equal(sink_view(r.s).path, "n");
	int published = bare ? rig_publish(&r, "1\n") : -1;
	assert_int_equal(chdir(here), 0);
	assert_true(linked);
	assert_int_equal(published, 0);
	rig_expect(&r, "n", "1\n");
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

/* A link of /proc means what is behind it, whatever its text says. */
static void a_link_of_proc_is_not_taken_by_its_text(void **state)
{
	(void)state;
	struct rig r;
	char gone[512];
	sink_rig_init(&r);
	if (access("/proc/self/fd", X_OK) < 0)
		skip_since("needs /proc");
	/* A directory that has no path any more. */
	make_dir(&r, "gone", 0755);
	int fd = r.f.io.openat(AT_FDCWD, fake_io_path(&r.f, "gone", gone), 0, 0);
	assert_int_equal(rmdir(gone), 0);
	snprintf(r.c.file, sizeof r.c.file, "/proc/self/fd/%d/numbers.txt", fd);
	assert_false(rig_open(&r));
	rig_expect_error(&r, ERR_CANTCREAT, "leads to an open file without a path");
	r.f.io.close(fd);
	rig_fini(&r);
}

/* --- whose link it is: the mode of its directory has no say --- */

struct owner_row {
	const char *name;
	mode_t dir_mode;
	uid_t we, owner;
	bool middle; /* not the last component */
	bool follows;
};

static const struct owner_row owner_rows[] = {
	{"another user's link in a sticky directory for everybody", 01777, 0, 1000, false, false},
	{"another user's link in a directory for everybody", 0777, 0, 1000, false, false},
	{"another user's link in his own closed directory", 0755, 0, 1000, false, false},
	{"another user's link in a directory for its group", 0775, 0, 1000, false, false},
	{"another user's link before the last component", 0755, 0, 1000, true, false},
	{"another user's link, met by others than root", 0755, 65532, 1000, false, false},
	{"another user's link before the last, met by others than root", 0755, 65532, 1000, true, false},
	{"root's link in a sticky directory for everybody", 01777, 0, 0, false, true},
	{"root's link before the last component", 0755, 0, 0, true, true},
	{"root's link, met by others than root", 01777, 65532, 0, false, true},
	{"root's link before the last, met by others than root", 0777, 65532, 0, true, true},
	{"our own link", 01777, 65532, 65532, false, true},
	{"our own link before the last component", 0755, 65532, 65532, true, true},
};

static void check_owner(void **state)
{
	const struct owner_row *row = *state;
	struct rig r;
	char path[512];
	if (geteuid() != 0)
		skip_since("needs root");
	sink_rig_init(&r);
	make_dir(&r, "open", row->dir_mode);
	make_dir(&r, "target", 0777);
	fake_file_write(&r.f, "target/victim", "precious\n");
	link_in(&r, row->middle ? "../target" : "../target/victim", "open/link");
	assert_int_equal(lchown(fake_io_path(&r.f, "open/link", path), row->owner, 0), 0);
	assert_int_equal(chown(fake_io_path(&r.f, "open", path), row->owner, 0), 0);
	rig_file(&r, row->middle ? "open/link/victim" : "open/link");
	assert_int_equal(seteuid(row->we), 0);
	bool opened = rig_open(&r);
	assert_int_equal(seteuid(0), 0);
	assert_int_equal(opened, row->follows);
	if (!row->follows)
		rig_expect_error(&r, ERR_NOPERM,
				 "/open/link is a symbolic link of uid 1000, who could lead it anywhere; it is not "
				 "followed: remove it, or name its target as FILE");
	rig_expect(&r, "target/victim", "precious\n");
	rig_fini(&r);
}

/* --- the directory, and a file that is written in place, while refresher runs --- */

static void rename_in(struct rig *r, const char *from, const char *to)
{
	char a[512], b[512];
	assert_int_equal(rename(fake_io_path(&r->f, from, a), fake_io_path(&r->f, to, b)), 0);
}

static void remove_in(struct rig *r, const char *name)
{
	char path[512];
	assert_int_equal(remove(fake_io_path(&r->f, name, path)), 0);
}

static void nothing(struct rig *r)
{
	(void)r;
}

static void remove_all(struct rig *r)
{
	remove_in(r, "data/numbers.txt");
	remove_in(r, "data");
}

static void make_again(struct rig *r)
{
	remove_all(r);
	make_dir(r, "data", 0755);
}

static void move_away(struct rig *r)
{
	rename_in(r, "data", "aside");
}

static void replace(struct rig *r)
{
	move_away(r);
	make_dir(r, "data", 0755);
}

static void swap_for_a_link_elsewhere(struct rig *r)
{
	move_away(r);
	make_dir(r, "victim", 0777);
	link_in(r, "victim", "data");
}

static void swap_for_a_link_to_itself(struct rig *r)
{
	move_away(r);
	link_in(r, "aside", "data");
}

static void swap_for_a_file(struct rig *r)
{
	move_away(r);
	fake_file_write(&r->f, "data", "");
}

static void move_and_back(struct rig *r)
{
	move_away(r);
	rename_in(r, "aside", "data");
}

static void remove_the_file(struct rig *r)
{
	remove_in(r, "data/numbers.txt");
}

static void replace_the_file(struct rig *r)
{
	fake_file_write(&r->f, "data/new", "another's\n");
	rename_in(r, "data/new", "data/numbers.txt");
}

static void swap_the_file_for_a_pipe(struct rig *r)
{
	char path[512];
	remove_the_file(r);
	assert_int_equal(mkfifo(fake_io_path(&r->f, "data/numbers.txt", path), 0666), 0);
}

static void swap_the_file_for_a_link(struct rig *r)
{
	remove_the_file(r);
	fake_file_write(&r->f, "data/victim", "precious\n");
	link_in(r, "victim", "data/numbers.txt");
}

struct lost_row {
	const char *name;
	void (*what)(struct rig *r);
	bool lost, lost_in_place; /* of replace, of in_place */
};

static const struct lost_row lost_rows[] = {
	{"nothing happens", nothing, false, false},
	{"the directory is removed", remove_all, true, true},
	{"the directory is removed and made again", make_again, true, true},
	{"the directory is moved away", move_away, true, true},
	{"the directory is moved away and another stands in its place", replace, true, true},
	{"the directory is swapped for a link to elsewhere", swap_for_a_link_elsewhere, true, true},
	{"the directory is swapped for a link to where it is now", swap_for_a_link_to_itself, true, true},
	{"the directory is swapped for a file", swap_for_a_file, true, true},
	{"the directory is moved away and back", move_and_back, false, false},
	{"the file is removed", remove_the_file, false, true},
	{"the file is replaced", replace_the_file, false, true},
	{"the file is swapped for a pipe", swap_the_file_for_a_pipe, false, true},
	{"the file is swapped for a link", swap_the_file_for_a_link, false, true},
};

static void check_lost_in(const struct lost_row *row, enum sink_write write, bool lost)
{
	struct rig r;
	sink_rig_init(&r);
	make_dir(&r, "data", 0755);
	rig_file(&r, "data/numbers.txt");
	r.c.write = write;
	rig_open_ok(&r);
	assert_int_equal(rig_publish(&r, "1\n"), 0);
	row->what(&r);
	assert_int_equal(rig_publish(&r, "2\n"), lost ? -1 : 0);
	struct err why;
	assert_int_equal(sink_check(r.s, &why), lost ? -1 : 0);
	if (lost) {
		rig_expect_error(&r, ERR_IO, "while refresher runs; restart refresher");
		assert_int_equal(r.step, STEP_BEGIN);
		/* Numbers that may not be used go wherever they are by now. */
		char got[64] = "";
		assert_int_equal(sink_remove(r.s, "", &r.e), 0);
		fake_file_read(&r.f, "aside/numbers.txt", got, sizeof got);
		assert_string_equal(got, "");
		assert_int_equal(fake_file_count(&r.f, "victim/") + fake_file_count(&r.f, "data/.numbers"), 0);
	} else {
		rig_expect(&r, "data/numbers.txt", "2\n");
	}
	char got[64] = "precious\n";
	fake_file_read(&r.f, "data/victim", got, sizeof got);
	assert_string_equal(got, "precious\n");
	/* A restart finds what is there now, where that can be an output. */
	sink_free(r.s);
	if (rig_open(&r))
		assert_int_equal(rig_publish(&r, "3\n"), 0);
	rig_fini(&r);
}

static void check_lost(void **state)
{
	const struct lost_row *row = *state;
	check_lost_in(row, SINK_REPLACE, row->lost);
	check_lost_in(row, SINK_IN_PLACE, row->lost_in_place);
}

/* Between begin and commit: what was written for nobody is not called published. */
static void a_directory_that_goes_during_a_generation_fails_it(void **state)
{
	(void)state;
	struct rig r;
	sink_rig_init(&r);
	make_dir(&r, "data", 0755);
	rig_file(&r, "data/numbers.txt");
	rig_open_ok(&r);
	assert_int_equal(sink_begin(r.s, &r.e), 0);
	assert_int_equal(sink_write(r.s, "1\n", 2, &r.e), 0);
	assert_int_equal(sink_seal(r.s, &r.e), 0);
	rename_in(&r, "data", "aside");
	assert_int_equal(sink_commit(r.s, &r.e), -1);
	rig_expect_error(&r, ERR_IO, "restart refresher");
	assert_int_equal(sink_check(r.s, &r.e), -1);
	rig_expect(&r, "aside/numbers.txt", NULL);
	rig_expect_no_temp(&r);
	rig_fini(&r);
}

struct errno_row {
	const char *name;
	enum fake_call call;
	int error;
	bool lost;
};
static const struct errno_row errno_rows[] = {
	{"the path may not be searched: what is held is used", FAKE_FSTATAT, EACCES, false},
	{"the disk fails at a look: other calls will tell", FAKE_FSTATAT, EIO, false},
	{"the path is missing", FAKE_FSTATAT, ENOENT, true},
	{"the path leads through a file", FAKE_FSTATAT, ENOTDIR, true},
	{"the path leads in a circle", FAKE_FSTATAT, ELOOP, true},
	{"the server of the path forgot it", FAKE_FSTATAT, ESTALE, true},
	{"the server of what is held forgot it", FAKE_FSTAT, ESTALE, true},
	{"the server of what is held has ended", FAKE_FSTAT, ENOTCONN, true},
	{"what is held cannot be looked at: other calls will tell", FAKE_FSTAT, EIO, false},
};

static void check_errno(void **state)
{
	const struct errno_row *row = *state;
	struct rig r;
	sink_rig_init(&r);
	rig_open_ok(&r);
	fake_io_reset(&r.f);
	fake_io_fault(&r.f, (struct fake_fault){.call = row->call, .nth = 1, .error = row->error});
	assert_int_equal(rig_publish(&r, "1\n"), row->lost ? -1 : 0);
	if (row->lost)
		assert_int_equal(r.step, STEP_BEGIN);
	fake_io_reset(&r.f);
	assert_int_equal(rig_publish(&r, "2\n"), 0);
	assert_int_equal(sink_check(r.s, &r.e), 0);
	rig_fini(&r);
}

/* --- faults of the walk --- */

struct fault_row {
	const char *name;
	enum fake_call call;
	int error;
	enum err_code code;
	const char *says;
};
static const struct fault_row fault_rows[] = {
	{"a link cannot be looked at", FAKE_FSTAT, EIO, ERR_IO, "cannot look at"},
	{"a link cannot be read", FAKE_READLINKAT, EIO, ERR_CANTCREAT, "cannot read the symbolic link"},
	{"the first directory cannot be opened", FAKE_OPENAT, EIO, ERR_CANTCREAT, "cannot open directory /"},
	{"descriptors are short", FAKE_OPENAT, EMFILE, ERR_OS, "cannot open directory /"},
};

static void check_fault(void **state)
{
	const struct fault_row *row = *state;
	struct rig r;
	sink_rig_init(&r);
	link_in(&r, "elsewhere", "numbers.txt");
	fake_io_fault(&r.f, (struct fake_fault){.call = row->call, .nth = 1, .error = row->error});
	assert_false(rig_open(&r));
	assert_int_equal(r.f.faults_hit, 1);
	rig_expect_error(&r, row->code, row->says);
	rig_fini(&r);
}

/* What is only looked up for a sentence may fail. */
struct look_row {
	const char *name;
	enum fake_call call;
	int error;
};
static const struct look_row look_rows[] = {
	{"the directory's links are not told", FAKE_FSTAT, EIO},
	{"the kind of file system is not told", FAKE_FS_TYPE, ENOSYS},
	{"mounts are not told", FAKE_MOUNT_ROOT, EPERM},
};

static void check_look(void **state)
{
	const struct look_row *row = *state;
	struct rig r;
	sink_rig_init(&r);
	fake_io_fault(&r.f, (struct fake_fault){.call = row->call, .nth = 1, .error = row->error});
	rig_open_ok(&r);
	assert_int_equal(r.f.faults_hit, 1);
	assert_int_equal(rig_publish(&r, "1\n"), 0);
	rig_fini(&r);
}

/* The current directory: one that cannot be opened, and one that has been removed. */
static void the_current_directory_may_be_closed_or_gone(void **state)
{
	(void)state;
	struct rig r;
	struct err gone;
	char here[512], path[512];
	assert_non_null(getcwd(here, sizeof here));
	sink_rig_init(&r);
	make_dir(&r, "gone", 0755);
	assert_int_equal(chdir(fake_io_path(&r.f, "gone", path)), 0);
	assert_int_equal(rmdir(path), 0);
	snprintf(r.c.file, sizeof r.c.file, "n");
	bool opened = rig_open(&r);
	gone = r.e;
	assert_int_equal(chdir(here), 0);
	assert_false(opened);
	assert_non_null(strstr(gone.msg, "directory . was removed; create it again, or choose another FILE"));
	fake_io_fault(&r.f, (struct fake_fault){.call = FAKE_OPENAT, .nth = 1, .error = EACCES});
	assert_false(rig_open(&r));
	rig_expect_error(&r, ERR_NOPERM, "may not open directory .;");
	rig_fini(&r);
}

/* --- the steps over texts --- */

struct take_row {
	const char *name, *rest, *component, *left;
	int result;
};
static const struct take_row take_rows[] = {
	{"the first of several", "/a/b", "a", "/b", 1},
	{"the last", "b", "b", "", 1},
	{"over several slashes", "//a//b", "a", "//b", 1},
	{"with a slash behind it", "a/", "a", "/", 1},
	{"none but slashes", "//", "", "", 0},
	{"none", "", "", "", 0},
};

static void check_take(void **state)
{
	const struct take_row *row = *state;
	char rest[SINK_PATH_MAX], name[OUTPUT_NAME_MAX];
	snprintf(rest, sizeof rest, "%s", row->rest);
	assert_int_equal(path_take(rest, name), row->result);
	assert_string_equal(name, row->component);
	assert_string_equal(rest, row->left);
}

static void name_of(char *out, size_t n)
{
	memset(out, 'x', n);
	out[n] = '\0';
}

static void steps_that_do_not_fit_are_refused_and_those_that_just_fit_are_not(void **state)
{
	(void)state;
	char path[SINK_PATH_MAX], name[OUTPUT_NAME_MAX], text[SINK_PATH_MAX];
	name_of(path, OUTPUT_NAME_MAX - 1);
	assert_int_equal(path_take(path, name), 1);
	name_of(path, OUTPUT_NAME_MAX);
	assert_int_equal(path_take(path, name), -1);
	name_of(path, SINK_PATH_MAX - 3);
	assert_true(path_enter(path, "y"));
	assert_int_equal(strlen(path), SINK_PATH_MAX - 1);
	name_of(path, SINK_PATH_MAX - 3);
	assert_false(path_enter(path, "yz"));
	assert_int_equal(strlen(path), SINK_PATH_MAX - 3); /* as it was */
	strcpy(path, "");
	assert_true(path_enter(path, "a") && path_enter(path, "b"));
	assert_string_equal(path, "a/b");
	strcpy(path, "/");
	assert_true(path_enter(path, "a"));
	assert_string_equal(path, "/a");
	strcpy(path, "/rest");
	assert_true(path_link(path, "text"));
	assert_string_equal(path, "text//rest");
	strcpy(path, "");
	assert_true(path_link(path, "text"));
	assert_string_equal(path, "text");
	name_of(text, SINK_PATH_MAX - 4);
	strcpy(path, "ab");
	assert_true(path_link(path, text));
	strcpy(path, "abc");
	assert_false(path_link(path, text));
	assert_string_equal(path, "abc");
}

static void paths_that_no_file_system_takes_are_refused(void **state)
{
	(void)state;
	struct rig r;
	struct output_path p;
	char name[SINK_PATH_MAX + 2];
	sink_rig_init(&r);
	name_of(name, 256);
	assert_int_equal(output_path_find(&p, &r.f.io, name, &r.e), -1);
	rig_expect_error(&r, ERR_CANTCREAT, "File name too long");
	name_of(name, SINK_PATH_MAX);
	assert_int_equal(output_path_find(&p, &r.f.io, name, &r.e), -1);
	rig_expect_error(&r, ERR_CANTCREAT, "File name too long");
	/* A link whose text fits, but not with what is behind it. */
	name_of(name, SINK_PATH_MAX - 2);
	for (size_t i = 1; i < SINK_PATH_MAX - 2; i += 2)
		name[i] = '/';
	link_in(&r, name, "l");
	rig_file(&r, "l/numbers.txt");
	assert_false(rig_open(&r));
	rig_expect_error(&r, ERR_CANTCREAT, "File name too long");
	/* One whose text fits, and whose walk leads further than a path can tell. */
	make_dir(&r, "d", 0755);
	for (size_t i = 0; i + 5 < SINK_PATH_MAX - 20; i += 5)
		memcpy(name + i, "d/../", 6);
	link_in(&r, name, "m");
	rig_file(&r, "m/numbers.txt");
	assert_false(rig_open(&r));
	rig_expect_error(&r, ERR_CANTCREAT, "File name too long");
	rig_fini(&r);
}

int main(void)
{
	const struct CMUnitTest others[] = {
		cmocka_unit_test(an_absolute_link_and_a_relative_file),
		cmocka_unit_test(a_link_is_resolved_once_at_start),
		cmocka_unit_test(the_current_directory_may_be_closed_or_gone),
		cmocka_unit_test(a_link_of_proc_is_not_taken_by_its_text),
		cmocka_unit_test(a_directory_that_goes_during_a_generation_fails_it),
		cmocka_unit_test(steps_that_do_not_fit_are_refused_and_those_that_just_fit_are_not),
		cmocka_unit_test(paths_that_no_file_system_takes_are_refused),
	};
	int failed = ROWS_RUN("walk rows", check_walk, walk_rows);
	failed += ROWS_RUN("owner rows", check_owner, owner_rows);
	failed += ROWS_RUN("lost rows", check_lost, lost_rows);
	failed += ROWS_RUN("errno rows", check_errno, errno_rows);
	failed += ROWS_RUN("fault rows", check_fault, fault_rows);
	failed += ROWS_RUN("look rows", check_look, look_rows);
	failed += ROWS_RUN("take rows", check_take, take_rows);
	return failed + cmocka_run_group_tests_name("output path", others, NULL, NULL);
}
