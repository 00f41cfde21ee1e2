/* Temporary names, and which of them may be removed. */
#include "rows.h"

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
	{"our pattern", ".n.tmp.0123456789abcdef", true},
	{"our pattern, digits alone", ".n.tmp.0000000000000000", true},
	{"no digits", ".n.tmp.", false},
	{"too few digits", ".n.tmp.0123456789abcde", false},
	{"too many digits", ".n.tmp.0123456789abcdef0", false},
	{"capital digits", ".n.tmp.0123456789ABCDEF", false},
	{"something behind the digits", ".n.tmp.0123456789abcdef.1", false},
	{"another file's", ".nn.tmp.0123456789abcdef", false},
	{"a shorter base", ".tmp.0123456789abcdef", false},
	{"no leading dot", "n.tmp.0123456789abcdef", false},
	{"the file itself", "n", false},
	{"an empty name", "", false},
};

static void check_name(void **state)
{
	const struct name_row *row = *state;
	assert_int_equal(temp_is_name(row->entry, "n"), row->ours);
}

static void names_that_are_made_are_known_again_and_the_longest_fits(void **state)
{
	(void)state;
	char base[TEMP_BASE_MAX + 1], name[OUTPUT_NAME_MAX];
	temp_name(name, "numbers.txt", 0xfedcba9876543210);
	assert_string_equal(name, ".numbers.txt.tmp.fedcba9876543210");
	for (size_t len = 1; len <= TEMP_BASE_MAX; len++) {
		memset(base, 'x', len);
		base[len] = '\0';
		temp_name(name, base, len);
		assert_true(strlen(name) <= 255);
		assert_true(temp_is_name(name, base));
	}
}

#define LEFT  ".numbers.txt.tmp.0123456789abcde"
#define LEFT0 LEFT "0"

static void left_overs_of_the_dead_go_at_start_and_nothing_else_does(void **state)
{
	(void)state;
	struct rig r;
	char path[512];
	sink_rig_init(&r);
	fake_file_write(&r.f, LEFT0, "half");
	fake_file_write(&r.f, LEFT "1", "half");
	fake_file_write(&r.f, ".other.txt.tmp.0123456789abcdef", "theirs");
	fake_file_write(&r.f, ".numbers.txt.tmp.1", "theirs");
	assert_int_equal(mkdir(fake_io_path(&r.f, LEFT "2", path), 0700), 0);
	assert_int_equal(symlink(".other.txt.tmp.0123456789abcdef", fake_io_path(&r.f, LEFT "3", path)), 0);
	assert_int_equal(mkfifo(fake_io_path(&r.f, LEFT "4", path), 0600), 0);
	rig_open_ok(&r);
	rig_expect(&r, LEFT0, NULL);
	rig_expect(&r, LEFT "1", NULL);
	rig_expect(&r, ".other.txt.tmp.0123456789abcdef", "theirs");
	rig_expect(&r, ".numbers.txt.tmp.1", "theirs");
	assert_int_equal(fake_file_count(&r.f, ".numbers.txt.tmp."), 4);
	rig_fini(&r);
}

/* Rows: who we are at the start and at the first generation, whose file it is, and whether it goes. */
struct owner_row {
	const char *name;
	uid_t start, later, owner;
	bool configured; /* output.owner is its owner */
	bool goes;
};

static const struct owner_row owner_rows[] = {
	{"our own goes", 65532, 65532, 65532, false, true},
	{"root's own goes", 0, 0, 0, false, true},
	{"another's stays, for root too", 0, 0, 1000, false, false},
	{"another's stays", 65532, 65532, 1000, false, false},
	{"one of the configured owner goes", 0, 0, 1000, true, true},
	{"one of the user that root has become goes, a little later", 0, 65532, 65532, false, true},
	{"root's goes before it becomes another", 0, 65532, 0, false, true},
};

static void check_left_over_of(void **state)
{
	const struct owner_row *row = *state;
	struct rig r;
	char path[512];
	if (geteuid() != 0)
		skip_since("needs root");
	sink_rig_init(&r);
	assert_int_equal(chown(r.f.dir, row->later, 0), 0);
	if (row->configured)
		r.c.uid = row->owner;
	/* It was sealed: only its owner may read it, nobody write. */
	fake_file_write(&r.f, LEFT0, "whole, never renamed");
	assert_int_equal(chown(fake_io_path(&r.f, LEFT0, path), row->owner, 0), 0);
	assert_int_equal(chmod(path, 0444), 0);
	assert_int_equal(seteuid(row->start), 0);
	bool opened = rig_open(&r);
	assert_int_equal(seteuid(0), 0);
	assert_int_equal(seteuid(row->later), 0);
	int published = opened ? rig_publish(&r, "1\n") : -1;
	assert_int_equal(seteuid(0), 0);
	assert_int_equal(published, 0);
	rig_expect(&r, LEFT0, row->goes ? NULL : "whole, never renamed");
	rig_expect(&r, "numbers.txt", "1\n");
	rig_fini(&r);
}

/* A second writer, as in another container: the same volume. */
static void a_living_one_stays_until_its_owner_has_died(void **state)
{
	(void)state;
	struct rig r;
	char path[512];
	sink_rig_init(&r);
	fake_file_write(&r.f, LEFT0, "being written");
	int fd = open(fake_io_path(&r.f, LEFT0, path), O_WRONLY);
	assert_int_equal(flock(fd, LOCK_EX | LOCK_NB), 0);
	rig_open_ok(&r);
	assert_int_equal(rig_publish(&r, "1\n"), 0);
	rig_expect(&r, "numbers.txt", "1\n");
	rig_expect(&r, LEFT0, "being written");
	close(fd);
	sink_free(r.s);
	rig_open_ok(&r);
	rig_expect_no_temp(&r);
	rig_fini(&r);
}

/* Nobody can guess a name; should one be taken, that is no reason to stop, and no verdict about rights. */
static void a_name_that_is_taken_is_a_reason_to_try_the_next(void **state)
{
	(void)state;
	struct rig r;
	sink_rig_init(&r);
	fake_io_fault(&r.f,
		      (struct fake_fault){.call = FAKE_OPENAT, .nth = 1, .more = 7, .name = ".tmp.", .error = EEXIST});
	rig_open_ok(&r);
	assert_int_equal(r.f.faults_hit, 8);
	fake_io_reset(&r.f);
	fake_io_fault(&r.f,
		      (struct fake_fault){.call = FAKE_OPENAT, .nth = 1, .more = 7, .name = ".tmp.", .error = EEXIST});
	assert_int_equal(rig_publish(&r, "1\n"), 0);
	/* A file system that says so for ever is broken, and that is told. */
	fake_io_reset(&r.f);
	fake_io_fault(&r.f, (struct fake_fault){
				    .call = FAKE_OPENAT, .nth = 1, .more = 1000, .name = ".tmp.", .error = EEXIST});
	assert_int_equal(rig_publish(&r, "2\n"), -1);
	rig_expect_error(&r, ERR_IO, "cannot create a file for");
	assert_int_equal(r.f.faults_hit, TEMP_TRIES);
	rig_expect(&r, "numbers.txt", "1\n");
	rig_fini(&r);
}

static void two_names_are_never_the_same(void **state)
{
	(void)state;
	struct rig r;
	char names[2][64];
	sink_rig_init(&r);
	rig_open_ok(&r);
	for (int i = 0; i < 2; i++) {
		fake_io_reset(&r.f);
		assert_int_equal(rig_publish(&r, "1\n"), 0);
		for (unsigned k = 0; k < r.f.events_len; k++)
			if (r.f.events[k].call == FAKE_OPENAT)
				snprintf(names[i], sizeof names[i], "%s", r.f.events[k].name);
	}
	assert_true(temp_is_name(names[0], "numbers.txt") && temp_is_name(names[1], "numbers.txt"));
	assert_string_not_equal(names[0], names[1]);
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
	struct sink *second = sink_open(&r.c, &r.f.io, &e);
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
	char path[512];
	const struct fake_io *f = &t->r->f;
	const char *newest = "";
	for (unsigned k = 0; k < f->events_len; k++)
		if (f->events[k].call == FAKE_OPENAT)
			newest = f->events[k].name;
	fake_io_path(f, newest, path);
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
	unlink(fake_io_path(&r->f, LEFT0, path));
	fake_file_write(&r->f, LEFT0, "a new owner's");
}

static void a_name_that_means_another_file_by_now_is_not_removed(void **state)
{
	(void)state;
	struct rig r;
	sink_rig_init(&r);
	fake_file_write(&r.f, LEFT0, "dead");
	fake_io_fault(&r.f, (struct fake_fault){.call = FAKE_FLOCK_TRY, .nth = 1, .before = make_again, .arg = &r});
	rig_open_ok(&r);
	assert_int_equal(r.f.faults_hit, 1);
	rig_expect(&r, LEFT0, "a new owner's");
	rig_fini(&r);
}

/* Each fstat(2) of an open in turn: the one of the left-over costs nothing but the left-over's removal. */
static void a_left_over_that_cannot_be_inspected_stays(void **state)
{
	unsigned stayed = 0, hit = 1;

	(void)state;
	for (unsigned nth = 1; hit; nth++) {
		struct rig r;
		sink_rig_init(&r);
		fake_file_write(&r.f, LEFT0, "half");
		fake_io_fault(&r.f, (struct fake_fault){.call = FAKE_FSTAT, .nth = nth, .error = EIO});
		const bool opened = rig_open(&r);
		hit = r.f.faults_hit;
		stayed += opened && hit && fake_file_count(&r.f, LEFT0) == 1;
		rig_fini(&r);
	}
	assert_int_equal(stayed, 1);
}

static void without_locks_left_overs_stay_and_numbers_flow(void **state)
{
	(void)state;
	struct rig r;
	sink_rig_init(&r);
	fake_file_write(&r.f, LEFT0, "whose?");
	fake_io_fault(&r.f, (struct fake_fault){.call = FAKE_FLOCK_TRY, .nth = 1, .more = 99, .error = ENOLCK});
	rig_open_ok(&r);
	assert_int_equal(rig_publish(&r, "1\n"), 0);
	rig_expect(&r, LEFT0, "whose?");
	rig_expect(&r, "numbers.txt", "1\n");
	rig_fini(&r);
}

int main(void)
{
	const struct CMUnitTest others[] = {
		cmocka_unit_test(names_that_are_made_are_known_again_and_the_longest_fits),
		cmocka_unit_test(left_overs_of_the_dead_go_at_start_and_nothing_else_does),
		cmocka_unit_test(a_living_one_stays_until_its_owner_has_died),
		cmocka_unit_test(a_name_that_is_taken_is_a_reason_to_try_the_next),
		cmocka_unit_test(two_names_are_never_the_same),
		cmocka_unit_test(two_sinks_on_one_file_do_not_disturb_each_other),
		cmocka_unit_test(a_remover_that_holds_the_lock_first_costs_one_name),
		cmocka_unit_test(a_remover_that_was_done_before_our_lock_costs_one_name),
		cmocka_unit_test(a_name_that_means_another_file_by_now_is_not_removed),
		cmocka_unit_test(a_left_over_that_cannot_be_inspected_stays),
		cmocka_unit_test(without_locks_left_overs_stay_and_numbers_flow),
	};
	int failed = ROWS_RUN("name rows", check_name, name_rows);
	failed += ROWS_RUN("owner rows", check_left_over_of, owner_rows);
	return failed + cmocka_run_group_tests_name("temporary files", others, NULL, NULL);
}
