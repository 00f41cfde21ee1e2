/* Temporary names, and which of them may be removed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "sink/temp.h"
#include "sink_rig.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

struct name_row {
	const char *name, *entry;
	bool ours;
};

static const struct name_row name_rows[] = {
	{"our pattern", ".n.tmp.1", true},
	{"our pattern with a large process id", ".n.tmp.4194304", true},
	{"our pattern with a try", ".n.tmp.1.7", true},
	{"no process id", ".n.tmp.", false},
	{"a word for a process id", ".n.tmp.x", false},
	{"something behind the process id", ".n.tmp.1x", false},
	{"a dot behind the process id", ".n.tmp.1.", false},
	{"something behind the try", ".n.tmp.1.7.8", false},
	{"another file's", ".nn.tmp.1", false},
	{"a shorter base", ".tmp.1", false},
	{"no leading dot", "n.tmp.1", false},
	{"the file itself", "n", false},
	{"an empty name", "", false},
};

static void check_name(void **state)
{
	const struct name_row *row = *state;
	assert_int_equal(temp_is_name(row->entry, "n"), row->ours);
}

static void a_name_that_is_made_is_known_again(void **state)
{
	(void)state;
	char name[TEMP_NAME_MAX];
	temp_name(name, "numbers.txt", 1, 0);
	assert_string_equal(name, ".numbers.txt.tmp.1");
	temp_name(name, "numbers.txt", 4194304, TEMP_TRIES - 1);
	assert_string_equal(name, ".numbers.txt.tmp.4194304.7");
	assert_true(temp_is_name(name, "numbers.txt"));
}

static void the_longest_name_fits_the_file_system(void **state)
{
	(void)state;
	char base[TEMP_BASE_MAX + 1], name[TEMP_NAME_MAX];
	memset(base, 'x', TEMP_BASE_MAX);
	base[TEMP_BASE_MAX] = '\0';
	temp_name(name, base, 4194304, TEMP_TRIES - 1);
	assert_true(strlen(name) <= 255);
	assert_true(temp_is_name(name, base));
}

static void own_name(char *out, const char *suffix)
{
	snprintf(out, 64, ".numbers.txt.tmp.%d%s", (int)getpid(), suffix);
}

static void left_overs_of_the_dead_go_at_start_and_nothing_else_does(void **state)
{
	(void)state;
	struct rig r;
	char own[64], path[512];
	sink_rig_init(&r);
	own_name(own, "");
	fake_file_write(&r.f, ".numbers.txt.tmp.1", "half");
	fake_file_write(&r.f, ".numbers.txt.tmp.99999.3", "half");
	fake_file_write(&r.f, own, "half"); /* process 1 is 1 again after a restart */
	fake_file_write(&r.f, ".other.txt.tmp.1", "theirs");
	fake_file_write(&r.f, ".numbers.txt.tmp.x", "theirs");
	assert_int_equal(mkdir(fake_io_path(&r.f, ".numbers.txt.tmp.2", path), 0700), 0);
	assert_int_equal(symlink(".other.txt.tmp.1", fake_io_path(&r.f, ".numbers.txt.tmp.3", path)), 0);
	assert_int_equal(mkfifo(fake_io_path(&r.f, ".numbers.txt.tmp.4", path), 0600), 0);
	rig_open_ok(&r);
	rig_expect(&r, ".numbers.txt.tmp.1", NULL);
	rig_expect(&r, ".numbers.txt.tmp.99999.3", NULL);
	rig_expect(&r, own, NULL);
	rig_expect(&r, ".other.txt.tmp.1", "theirs");
	rig_expect(&r, ".numbers.txt.tmp.x", "theirs");
	assert_int_equal(fake_file_count(&r.f, ".numbers.txt.tmp."), 4);
	rig_fini(&r);
}

static void a_sealed_left_over_goes_as_well(void **state)
{
	(void)state;
	struct rig r;
	char path[512];
	sink_rig_init(&r);
	if (geteuid() == 0) {
		assert_int_equal(chown(r.f.dir, 65532, 65532), 0);
		assert_int_equal(seteuid(65532), 0);
	}
	fake_file_write(&r.f, ".numbers.txt.tmp.1", "whole, never renamed");
	assert_int_equal(chmod(fake_io_path(&r.f, ".numbers.txt.tmp.1", path), 0444), 0);
	bool opened = rig_open(&r);
	if (getuid() == 0)
		assert_int_equal(seteuid(0), 0);
	assert_true(opened);
	rig_expect_no_temp(&r);
	rig_fini(&r);
}

/* A second writer, as in another container: its own process 1, the same volume. */
static int living_temp(struct rig *r, const char *name)
{
	char path[512];
	fake_file_write(&r->f, name, "being written");
	int fd = open(fake_io_path(&r->f, name, path), O_WRONLY);
	assert_int_equal(flock(fd, LOCK_EX | LOCK_NB), 0);
	return fd;
}

static void a_living_one_stays_and_the_next_name_is_taken(void **state)
{
	(void)state;
	struct rig r;
	char own[64];
	sink_rig_init(&r);
	own_name(own, "");
	int fd = living_temp(&r, own);
	rig_open_ok(&r);
	assert_int_equal(rig_publish(&r, "1\n"), 0);
	rig_expect(&r, "numbers.txt", "1\n");
	rig_expect(&r, own, "being written");
	close(fd);
	/* Its owner has died: the next start takes it away. */
	sink_free(r.s);
	rig_open_ok(&r);
	rig_expect_no_temp(&r);
	rig_fini(&r);
}

static void eight_living_ones_are_an_error_with_a_remedy(void **state)
{
	(void)state;
	struct rig r;
	char name[TEMP_NAME_MAX];
	int fds[TEMP_TRIES];
	sink_rig_init(&r);
	rig_open_ok(&r);
	for (int i = 0; i < TEMP_TRIES; i++) {
		temp_name(name, "numbers.txt", getpid(), i);
		fds[i] = living_temp(&r, name);
	}
	assert_int_equal(rig_publish(&r, "1\n"), -1);
	rig_expect_error(&r, ERR_IO, "remove .numbers.txt.tmp.*");
	close(fds[TEMP_TRIES - 1]);
	assert_int_equal(rig_publish(&r, "2\n"), 0);
	rig_expect(&r, "numbers.txt", "2\n");
	for (int i = 0; i < TEMP_TRIES - 1; i++)
		close(fds[i]);
	rig_fini(&r);
}

static void two_sinks_on_one_file_do_not_disturb_each_other(void **state)
{
	(void)state;
	struct rig r;
	struct err e;
	sink_rig_init(&r);
	rig_open_ok(&r);
	assert_int_equal(sink_begin(r.s, &e), 0);
	assert_int_equal(sink_write(r.s, "first\n", 6, &e), 0);
	/* The second looks for left-overs while the first writes. */
	struct sink *second = sink_open(&r.c, &r.f.io, r.warning, sizeof r.warning, &e);
	assert_non_null(second);
	assert_int_equal(sink_begin(second, &e), 0);
	assert_int_equal(sink_write(second, "second\n", 7, &e), 0);
	assert_int_equal(sink_seal(r.s, &e), 0);
	assert_int_equal(sink_commit(r.s, &e), 0);
	rig_expect(&r, "numbers.txt", "first\n");
	assert_int_equal(sink_seal(second, &e), 0);
	assert_int_equal(sink_commit(second, &e), 0);
	rig_expect(&r, "numbers.txt", "second\n");
	sink_free(second);
	rig_expect_no_temp(&r);
	rig_fini(&r);
}

/* --- races, played at the one moment where they count --- */

struct thief {
	struct rig *r;
	int fd;
};

/* A remover gets the lock of the new file before its creator does, and unlinks it. */
static void remove_under_lock(void *arg)
{
	struct thief *t = arg;
	char own[64], path[512];
	own_name(own, "");
	fake_io_path(&t->r->f, own, path);
	t->fd = open(path, O_RDONLY);
	assert_int_equal(flock(t->fd, LOCK_EX | LOCK_NB), 0);
	unlink(path);
}

static void remove_and_unlock(void *arg)
{
	struct thief *t = arg;
	remove_under_lock(t);
	close(t->fd);
	t->fd = -1;
}

static void check_race(void (*before)(void *arg))
{
	struct rig r;
	sink_rig_init(&r);
	rig_open_ok(&r);
	struct thief thief = {&r, -1};
	fake_io_reset(&r.f);
	fake_io_fault(&r.f, (struct fake_fault){.call = FAKE_FLOCK_TRY, .nth = 1, .before = before, .arg = &thief});
	assert_int_equal(rig_publish(&r, "1\n"), 0);
	assert_int_equal(r.f.faults_hit, 1);
	assert_int_equal(r.f.count[FAKE_FLOCK_TRY], 2);
	rig_expect(&r, "numbers.txt", "1\n");
	rig_expect_no_temp(&r);
	if (thief.fd >= 0)
		close(thief.fd);
	rig_fini(&r);
}

static void a_remover_that_holds_the_lock_first_costs_one_name(void **state)
{
	(void)state;
	check_race(remove_under_lock);
}

static void a_remover_that_was_done_before_our_lock_costs_one_name(void **state)
{
	(void)state;
	check_race(remove_and_unlock);
}

/* Between our open of a left-over and our lock on it, another remover took it and a new owner made the name again. */
static void make_again(void *arg)
{
	struct rig *r = arg;
	char path[512];
	unlink(fake_io_path(&r->f, ".numbers.txt.tmp.7", path));
	fake_file_write(&r->f, ".numbers.txt.tmp.7", "a new owner's");
}

static void a_name_that_means_another_file_by_now_is_not_removed(void **state)
{
	(void)state;
	struct rig r;
	sink_rig_init(&r);
	fake_file_write(&r.f, ".numbers.txt.tmp.7", "dead");
	fake_io_fault(&r.f, (struct fake_fault){.call = FAKE_FLOCK_TRY, .nth = 1, .before = make_again, .arg = &r});
	rig_open_ok(&r);
	assert_int_equal(r.f.faults_hit, 1);
	rig_expect(&r, ".numbers.txt.tmp.7", "a new owner's");
	rig_fini(&r);
}

static void without_locks_left_overs_stay_and_numbers_flow(void **state)
{
	(void)state;
	struct rig r;
	sink_rig_init(&r);
	fake_file_write(&r.f, ".numbers.txt.tmp.7", "whose?");
	fake_io_fault(&r.f, (struct fake_fault){.call = FAKE_FLOCK_TRY, .nth = 1, .more = 99, .error = ENOLCK});
	rig_open_ok(&r);
	assert_int_equal(rig_publish(&r, "1\n"), 0);
	rig_expect(&r, ".numbers.txt.tmp.7", "whose?");
	rig_expect(&r, "numbers.txt", "1\n");
	rig_fini(&r);
}

int main(void)
{
	enum { ROWS = sizeof name_rows / sizeof name_rows[0] };
	struct CMUnitTest rows[ROWS];
	for (size_t i = 0; i < ROWS; i++)
		rows[i] = (struct CMUnitTest){name_rows[i].name, check_name, NULL, NULL, (void *)&name_rows[i]};
	const struct CMUnitTest others[] = {
		cmocka_unit_test(a_name_that_is_made_is_known_again),
		cmocka_unit_test(the_longest_name_fits_the_file_system),
		cmocka_unit_test(left_overs_of_the_dead_go_at_start_and_nothing_else_does),
		cmocka_unit_test(a_sealed_left_over_goes_as_well),
		cmocka_unit_test(a_living_one_stays_and_the_next_name_is_taken),
		cmocka_unit_test(eight_living_ones_are_an_error_with_a_remedy),
		cmocka_unit_test(two_sinks_on_one_file_do_not_disturb_each_other),
		cmocka_unit_test(a_remover_that_holds_the_lock_first_costs_one_name),
		cmocka_unit_test(a_remover_that_was_done_before_our_lock_costs_one_name),
		cmocka_unit_test(a_name_that_means_another_file_by_now_is_not_removed),
		cmocka_unit_test(without_locks_left_overs_stay_and_numbers_flow),
	};
	int failed = cmocka_run_group_tests_name("temporary names", rows, NULL, NULL);
	return failed + cmocka_run_group_tests_name("temporary files", others, NULL, NULL);
}
