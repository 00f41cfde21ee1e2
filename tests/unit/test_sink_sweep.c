/* Every system call of a generation fails once, with several errnos; then the process dies at every one of them. */
#include "rows.h"

#include "sink_rig.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static const char old_text[] = "old numbers\n", new_text[] = "new and longer numbers\n";

struct sweep_row {
	const char *name;
	enum sink_write write;
	bool crash;
	int error;
	const char *good[3]; /* what FILE may hold after a run that went well, or of which only the last sync failed */
	const char *kept; /* what FILE must hold after any other failure; NULL: in_place keeps it, or a beginning of the
			     new */
};

static const struct sweep_row sweep_rows[] = {
	{"replace, every call fails with EIO", SINK_REPLACE, false, EIO, {new_text}, old_text},
	{"replace, every call fails with ENOSPC", SINK_REPLACE, false, ENOSPC, {new_text}, old_text},
	{"replace, every call fails with EINTR", SINK_REPLACE, false, EINTR, {new_text}, old_text},
	{"replace, every call fails with EACCES", SINK_REPLACE, false, EACCES, {new_text}, old_text},
	{"replace, every call fails with ENOENT", SINK_REPLACE, false, ENOENT, {new_text}, old_text},
	{"in_place, every call fails with EIO", SINK_IN_PLACE, false, EIO, {new_text}, NULL},
	{"in_place, every call fails with ENOSPC", SINK_IN_PLACE, false, ENOSPC, {new_text}, NULL},
	{"replace, the process dies at every call", SINK_REPLACE, true, 0, {new_text, old_text}, old_text},
};

struct outcome {
	bool ok;
	struct err e;
};

/* open, begin, write, write, commit; and free, where nothing can be told. */
static struct outcome publish_once(struct rig *r)
{
	struct outcome o = {0};
	r->s = NULL;
	o.ok = rig_open(r) && rig_publish(r, new_text) == 0;
	o.e = r->e;
	return o;
}

static void arrange(struct rig *r, const struct sweep_row *row)
{
	sink_rig_init(r);
	r->c.write = row->write;
	fake_file_write(&r->f, "numbers.txt", old_text);
}

static unsigned calls_of_a_good_run(const struct sweep_row *row)
{
	struct rig r;
	arrange(&r, row);
	assert_true(publish_once(&r).ok);
	unsigned total = fake_io_total(&r.f);
	assert_int_equal(r.f.faults_hit, 0);
	rig_expect(&r, "numbers.txt", row->good[0]);
	rig_fini(&r);
	assert_true(total > 10);
	return total;
}

static bool is_one_of(const char *text, const char *const good[3])
{
	for (int i = 0; i < 3 && good[i]; i++)
		if (strcmp(text, good[i]) == 0)
			return true;
	return false;
}

/* A second life on the same directory, without faults. */
static void expect_recovery(struct rig *r)
{
	char got[200];
	fake_io_reset(&r->f);
	if (!r->s)
		rig_open_ok(r);
	assert_int_equal(rig_publish(r, "next\n"), 0);
	assert_true(fake_file_read(&r->f, "numbers.txt", got, sizeof got) > 0);
	assert_string_equal(got, "next\n");
	rig_expect_no_temp(r);
}

static void check_nth(const struct sweep_row *row, unsigned nth)
{
	struct rig r;
	char got[200];
	arrange(&r, row);
	fake_io_fault(&r.f, (struct fake_fault){.call = FAKE_ANY, .nth = nth, .error = row->error});
	struct outcome o = publish_once(&r);
	assert_int_equal(r.f.faults_hit, 1);
	assert_true(fake_file_read(&r.f, "numbers.txt", got, sizeof got) >= 0);
	if (o.ok) {
		assert_true(is_one_of(got, row->good));
	} else {
		assert_int_not_equal(o.e.code, 0);
		assert_true(strlen(o.e.msg) > 10);
		bool only_the_last_sync = strstr(o.e.msg, "its directory did not reach the disk") != NULL;
		if (only_the_last_sync)
			assert_true(is_one_of(got, row->good));
		else if (row->kept)
			assert_string_equal(got, row->kept);
		else
			assert_true(strcmp(got, old_text) == 0 || strncmp(got, new_text, strlen(got)) == 0);
	}
	/* An unlink that failed leaves what it should remove; the next generation takes it away. */
	if (r.f.last_hit != FAKE_UNLINKAT)
		rig_expect_no_temp(&r);
	expect_recovery(&r);
	rig_fini(&r);
}

static void check_crash(const struct sweep_row *row, unsigned nth)
{
	struct rig r;
	char got[200];
	int status;
	arrange(&r, row);
	pid_t child = fork();
	if (child == 0) {
		fake_io_fault(&r.f, (struct fake_fault){.call = FAKE_ANY, .nth = nth, .crash = true});
		publish_once(&r);
		_exit(0);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), FAKE_EXIT);
	assert_true(fake_file_read(&r.f, "numbers.txt", got, sizeof got) >= 0);
	assert_true(is_one_of(got, row->good));
	expect_recovery(&r);
	rig_fini(&r);
}

static void check_sweep(void **state)
{
	const struct sweep_row *row = *state;
	unsigned total = calls_of_a_good_run(row);
	for (unsigned nth = 1; nth <= total; nth++) {
		if (row->crash)
			check_crash(row, nth);
		else
			check_nth(row, nth);
	}
}

/* The companion has the same promise. */
static void a_companion_survives_every_failure(void **state)
{
	(void)state;
	unsigned total = 0;
	for (unsigned nth = 0; nth <= total; nth++) {
		struct rig r;
		char got[64];
		sink_rig_init(&r);
		rig_open_ok(&r);
		assert_int_equal(sink_publish_companion(r.s, ".json", "{\"a\":1}", 7, &r.e), 0);
		fake_io_reset(&r.f);
		if (nth > 0)
			fake_io_fault(&r.f, (struct fake_fault){.call = FAKE_ANY, .nth = nth, .error = EIO});
		sink_publish_companion(r.s, ".json", "{\"a\":22}", 8, &r.e);
		if (nth == 0)
			total = fake_io_total(&r.f);
		assert_true(fake_file_read(&r.f, "numbers.txt.json", got, sizeof got) > 0);
		assert_true(strcmp(got, "{\"a\":1}") == 0 || strcmp(got, "{\"a\":22}") == 0);
		rig_expect_no_temp(&r);
		fake_io_reset(&r.f);
		assert_int_equal(sink_publish_companion(r.s, ".json", "{}", 2, &r.e), 0);
		rig_expect(&r, "numbers.txt.json", "{}");
		rig_fini(&r);
	}
	assert_true(total > 5);
}

int main(void)
{
	const struct CMUnitTest others[] = {
		cmocka_unit_test(a_companion_survives_every_failure),
	};
	int failed = ROWS_RUN("sweep", check_sweep, sweep_rows);
	return failed + cmocka_run_group_tests_name("sweep of the companion", others, NULL, NULL);
}
