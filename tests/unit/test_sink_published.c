/* sink_open_published: what stands at FILE, and whether it is handed to a reader. sink_probe: what is asked leaves no
 * trace. */
#include "rows.h"

#include "sink_rig.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { NOBODY = 65532 };

/* What another user puts in FILE's place once it is published. `path` is FILE, `other` a name beside it. */

static void nothing_else(const char *path, const char *other)
{
	(void)path, (void)other;
}

static void removed(const char *path, const char *other)
{
	(void)other;
	assert_int_equal(unlink(path), 0);
}

static void a_link(const char *path, const char *other)
{
	assert_int_equal(symlink("victim", other), 0);
	assert_int_equal(rename(other, path), 0);
}

static void a_dangling_link(const char *path, const char *other)
{
	assert_int_equal(symlink("nowhere", other), 0);
	assert_int_equal(rename(other, path), 0);
}

static void a_hard_link(const char *path, const char *other)
{
	char victim[512];
	snprintf(victim, sizeof victim, "%.*svictim", (int)(strrchr(path, '/') + 1 - path), path);
	assert_int_equal(link(victim, other), 0);
	assert_int_equal(rename(other, path), 0);
}

static void a_pipe(const char *path, const char *other)
{
	assert_int_equal(mkfifo(other, 0666), 0);
	assert_int_equal(rename(other, path), 0);
}

static void a_directory(const char *path, const char *other)
{
	(void)other;
	assert_int_equal(unlink(path), 0);
	assert_int_equal(mkdir(path, 0755), 0);
}

static void another_users_file(const char *path, const char *other)
{
	int fd = open(other, O_WRONLY | O_CREAT | O_EXCL, 0644);
	assert_int_equal(fchown(fd, NOBODY + 1, NOBODY + 1), 0);
	close(fd);
	assert_int_equal(rename(other, path), 0);
}

static void the_configured_owners_file(const char *path, const char *other)
{
	(void)other;
	assert_int_equal(chown(path, NOBODY, NOBODY), 0);
}

struct row {
	const char *name;
	void (*put)(const char *path, const char *other);
	bool root; /* only root can arrange it */
	int error; /* 0: it is opened */
};
static const struct row rows[] = {
	{"the file that was published", nothing_else, false, 0},
	{"nothing any more", removed, false, ENOENT},
	{"a symbolic link to a file of ours", a_link, false, EINVAL},
	{"a symbolic link to nowhere", a_dangling_link, false, EINVAL},
	{"a hard link to a file of ours", a_hard_link, false, EPERM},
	{"a pipe that nobody writes into", a_pipe, false, EINVAL},
	{"a directory", a_directory, false, EINVAL},
	{"another user's file", another_users_file, true, EPERM},
	{"a file of the configured owner", the_configured_owners_file, true, 0},
};

static void check_row(void **state)
{
	const struct row *row = *state;
	struct rig r;
	struct stat st;
	char path[512], other[512], got[16] = "";
	if (row->root && geteuid() != 0)
		skip_since("needs root");
	sink_rig_init(&r);
	if (row->root) {
		r.c.uid = NOBODY;
		r.c.gid = NOBODY;
	}
	rig_open_ok(&r);
	assert_int_equal(rig_publish(&r, "1\n"), 0);
	fake_file_write(&r.f, "victim", "secret");
	row->put(fake_io_path(&r.f, "numbers.txt", path), fake_io_path(&r.f, "other", other));
	int fd = sink_open_published(r.s, &st);
	int error = fd < 0 ? errno : 0;
	if (fd >= 0) {
		assert_int_equal(st.st_size, 2);
		assert_int_equal(read(fd, got, sizeof got), 2);
		r.f.io.close(fd);
	}
	assert_int_equal(error, row->error);
	rig_fini(&r);
}

static void standard_output_and_devices_are_never_handed_on(void **state)
{
	static const char *const files[] = {"-", "/dev/null"};
	(void)state;
	for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
		struct rig r;
		struct stat st;
		sink_rig_init(&r);
		snprintf(r.c.file, sizeof r.c.file, "%s", files[i]);
		rig_open_ok(&r);
		assert_int_equal(sink_open_published(r.s, &st), -1);
		assert_int_equal(errno, EINVAL);
		rig_fini(&r);
	}
}

static void a_file_that_cannot_be_looked_at_is_not_handed_on(void **state)
{
	(void)state;
	struct rig r;
	struct stat st;
	sink_rig_init(&r);
	rig_open_ok(&r);
	assert_int_equal(rig_publish(&r, "1\n"), 0);
	fake_io_reset(&r.f);
	fake_io_fault(&r.f, (struct fake_fault){.call = FAKE_FSTAT, .nth = 1, .error = EIO});
	assert_int_equal(sink_open_published(r.s, &st), -1);
	assert_int_equal(errno, EIO);
	rig_fini(&r);
}

static void a_probe_leaves_no_trace(void **state)
{
	static const char *const files[] = {"numbers.txt", "in_place", "/dev/null", "-"};
	(void)state;
	for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
		struct rig r;
		sink_rig_init(&r);
		fake_file_write(&r.f, "in_place", "old\n");
		if (files[i][0] == '/' || files[i][0] == '-')
			snprintf(r.c.file, sizeof r.c.file, "%s", files[i]);
		else
			rig_file(&r, files[i]);
		r.c.write = i == 1 ? SINK_IN_PLACE : SINK_AUTO;
		rig_open_ok(&r);
		assert_int_equal(sink_probe(r.s, &r.e), 0);
		rig_expect(&r, "in_place", "old\n");
		rig_expect(&r, "numbers.txt", NULL);
		rig_expect_no_temp(&r);
		rig_fini(&r);
	}
}

/* A file system that gives its files to one owner, as a share that squashes all users does. */
static int squashed_fstat(int fd, struct stat *st)
{
	int rc = fstat(fd, st);
	st->st_uid = 4711;
	return rc;
}

static void the_file_is_known_by_the_owner_that_it_got(void **state)
{
	(void)state;
	struct rig r;
	struct stat st;
	sink_rig_init(&r);
	r.f.io.fstat = squashed_fstat;
	fake_file_write(&r.f, "numbers.txt", "before\n");
	rig_open_ok(&r);
	assert_int_equal(rig_publish(&r, "1\n"), 0);
	int fd = sink_open_published(r.s, &st);
	assert_true(fd >= 0);
	r.f.io.close(fd);
	rig_fini(&r);
}

/* --- whose file is taken for that of an earlier run --- */

enum { OTHER = 1000, THIRD = 1001 };

static const struct adopt_row {
	const char *name;
	uid_t start, later; /* who we are at the start, and when we ask */
	uid_t owner;
	bool configured; /* output.owner is OTHER */
	bool second_name;
	enum sink_write write;
	bool adopted;
} adopt_rows[] = {
	{"our own", NOBODY, NOBODY, NOBODY, false, false, SINK_AUTO, true},
	{"root's, of a run that stayed root", NOBODY, NOBODY, 0, false, false, SINK_AUTO, true},
	{"that of the user that root becomes again", 0, NOBODY, NOBODY, false, false, SINK_AUTO, true},
	{"root's, before it became another", 0, NOBODY, 0, false, false, SINK_AUTO, true},
	{"output.owner's", 0, 0, OTHER, true, false, SINK_AUTO, true},
	{"that of the user of another confine.user", 0, OTHER, NOBODY, false, false, SINK_AUTO, false},
	{"anybody else's", 0, NOBODY, THIRD, true, false, SINK_AUTO, false},
	{"ours, with a second name", NOBODY, NOBODY, NOBODY, false, true, SINK_AUTO, false},
	{"root's, with a second name", NOBODY, NOBODY, 0, false, true, SINK_AUTO, false},
	{"ours, written in place", 0, 0, 0, false, false, SINK_IN_PLACE, false},
};

static void check_adopt(void **state)
{
	const struct adopt_row *row = *state;
	struct rig r;
	struct stat st;
	char path[512], other[512];
	if (geteuid() != 0)
		skip_since("needs root");
	sink_rig_init(&r);
	fake_file_write(&r.f, "numbers.txt", "1\n");
	assert_int_equal(chown(fake_io_path(&r.f, "numbers.txt", path), row->owner, 0), 0);
	if (row->second_name)
		assert_int_equal(link(path, fake_io_path(&r.f, "other", other)), 0);
	assert_int_equal(chmod(r.f.dir, 0777), 0);
	r.c.write = row->write;
	r.c.uid = row->configured ? OTHER : (uid_t)-1;
	assert_int_equal(seteuid(row->start), 0);
	rig_open_ok(&r);
	assert_int_equal(seteuid(0), 0);
	assert_int_equal(seteuid(row->later), 0);
	r.notes[0] = '\0';
	bool adopted = sink_adopt(r.s, &st);
	rig_take_notes(&r);
	assert_int_equal(seteuid(0), 0);
	assert_int_equal(adopted, row->adopted);
	if (adopted || row->write == SINK_IN_PLACE)
		assert_string_equal(r.notes, "");
	else
		assert_non_null(strstr(r.notes, "is not taken for the file of an earlier run"));
	if (adopted)
		assert_int_equal(st.st_size, 2);
	rig_fini(&r);
}

static void what_is_no_whole_file_is_not_adopted(void **state)
{
	static void (*const puts[])(const char *path, const char *other) = {removed, a_link, a_pipe, a_directory};
	(void)state;
	for (size_t i = 0; i < sizeof puts / sizeof puts[0]; i++) {
		struct rig r;
		struct stat st;
		char path[512], other[512];
		sink_rig_init(&r);
		rig_open_ok(&r);
		assert_int_equal(rig_publish(&r, "1\n"), 0);
		assert_true(sink_adopt(r.s, &st));
		puts[i](fake_io_path(&r.f, "numbers.txt", path), fake_io_path(&r.f, "other", other));
		assert_false(sink_adopt(r.s, &st));
		rig_fini(&r);
	}
}

/* --- who may put a file in FILE's place in a sticky directory --- */

struct sticky_row {
	const char *name;
	uid_t we, directory, file; /* NOBODY - 1: there is no file */
	bool may;
};
static const struct sticky_row sticky_rows[] = {
	{"no file yet", NOBODY, 0, NOBODY - 1, true},
	{"our own file", NOBODY, 0, NOBODY, true},
	{"another's file in our own directory", NOBODY, NOBODY, 0, true},
	{"another's file in another's directory", NOBODY, 0, 0, false},
	{"the same, with the capability FOWNER", 0, 1000, 1000, true},
};

static void check_sticky(void **state)
{
	const struct sticky_row *row = *state;
	struct rig r;
	char path[512];
	if (geteuid() != 0)
		skip_since("needs root");
	sink_rig_init(&r);
	assert_int_equal(chown(r.f.dir, row->directory, 0), 0);
	assert_int_equal(chmod(r.f.dir, 01777), 0);
	if (row->file != NOBODY - 1) {
		fake_file_write(&r.f, "numbers.txt", "old\n");
		assert_int_equal(chown(fake_io_path(&r.f, "numbers.txt", path), row->file, 0), 0);
	}
	assert_int_equal(seteuid(row->we), 0);
	bool opened = rig_open(&r);
	int published = opened ? rig_publish(&r, "1\n") : -1;
	assert_int_equal(seteuid(0), 0);
	assert_int_equal(opened, row->may);
	assert_int_equal(published == 0, row->may);
	if (!row->may)
		rig_expect_error(&r, ERR_NOPERM, "it is another user's in a sticky directory; remove it once");
	rig_expect_no_temp(&r);
	rig_fini(&r);
}

int main(void)
{
	const struct CMUnitTest others[] = {
		cmocka_unit_test(standard_output_and_devices_are_never_handed_on),
		cmocka_unit_test(a_file_that_cannot_be_looked_at_is_not_handed_on),
		cmocka_unit_test(a_probe_leaves_no_trace),
		cmocka_unit_test(what_is_no_whole_file_is_not_adopted),
		cmocka_unit_test(the_file_is_known_by_the_owner_that_it_got),
	};
	int failed = ROWS_RUN("sink published", check_row, rows);
	failed += ROWS_RUN("sticky rows", check_sticky, sticky_rows);
	failed += ROWS_RUN("adopt rows", check_adopt, adopt_rows);
	return failed + cmocka_run_group_tests_name("published and probe", others, NULL, NULL);
}
