/* A run is opened and closed: what it cannot have is said, and every descriptor goes again. */

#include "base/log.h"
#include "config/config.h"
#include "fake_io.h"
#include "rows.h"
#include "run/run.h"

#include <dirent.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

struct row {
	const char *name;
	enum source_kind kind;
	const char *samples, *file; /* in the test's own directory; NULL: none of the kind */
	enum err_code code;         /* ERR_NONE: it opens */
	bool goes;                  /* and its one refresh is done, */
	const char *why;            /* or fails for this reason: the stage that it came to, first */
};

static const struct row rows[] = {
	{"with the kernel as the source", SOURCE_KERNEL, NULL, "out.txt", ERR_NONE, false, NULL},
	{"with a recording as the source", SOURCE_REPLAY, "samples", "out.txt", ERR_NONE, false, NULL},
	{"a run that writes once", SOURCE_KERNEL, NULL, "out.txt", ERR_NONE, true, NULL},
	{"a run whose recording is too short", SOURCE_REPLAY, "samples", "out.txt", ERR_NONE, false,
	 "entropy: no seed"},
	{"without its recording", SOURCE_REPLAY, "nothing", "out.txt", ERR_UNAVAILABLE, false, NULL},
	{"without the directory of its file", SOURCE_REPLAY, "samples", "none/out.txt", ERR_CANTCREAT, false, NULL},
};

static unsigned open_descriptors(void)
{
	unsigned n = 0;
	DIR *d = opendir("/proc/self/fd");
	assert_non_null(d);
	while (readdir(d))
		n++;
	closedir(d);
	return n;
}

/* What observers are told before the first refresh. */
static void expect_described(struct run *r, enum source_kind kind, const char *file)
{
	struct status s;
	struct confine_report report = {0};
	run_report(r, &report);
	run_snapshot(r, false, &s);
	assert_int_equal(s.noise.kind, kind);
	assert_true(s.noise.name[0] != '\0' && s.noise.h_per_sample > 0);
	assert_string_equal(s.output.file, file);
	assert_string_equal(sink_view(run_sink(r)).path, file);
	assert_int_equal(s.confine.count, 1);
	assert_string_equal(s.confine.layers[0].name, "memory_lock");

	/* The process is looked at only where it is asked for. */
	assert_int_equal(s.process.resident_bytes, 0);
	run_snapshot(r, true, &s);
	assert_true(s.process.resident_bytes > 0 && s.process.open_fds > 0);
}

static void check_row(void **state)
{
	const struct row *row = *state;
	struct fake_io f;
	struct config c;
	struct err e = {0};
	char path[512], text[8192];
	fake_io_init(&f);
	fake_file_write(&f, "samples", "0123456789");
	config_default(&c);
	c.run.source.kind = row->kind;
	c.run.interval_seconds = 0;
	c.run.numbers.count = 100;
	if (row->samples)
		snprintf(c.run.source.path, sizeof c.run.source.path, "%s", fake_io_path(&f, row->samples, path));
	snprintf(c.run.output.file, sizeof c.run.output.file, "%s", fake_io_path(&f, row->file, path));

	unsigned before = open_descriptors();
	struct run *r = run_open(&c.run, &io_posix, &e);
	assert_int_equal(r != NULL, row->code == ERR_NONE);
	assert_int_equal(e.code, row->code);
	if (r)
		expect_described(r, row->kind, c.run.output.file);
	if (row->why) {
		assert_int_equal(run_go(r, NULL, NULL, &e), -1);
		if (strncmp(e.msg, row->why, strlen(row->why)) != 0)
			fail_msg("\"%s\" does not begin with \"%s\"", e.msg, row->why);
	}
	if (row->goes) {
		assert_int_equal(run_go(r, NULL, NULL, &e), 0);
		assert_true(fake_file_read(&f, "out.txt", text, sizeof text) > 100);
	}
	assert_true(run_close(r));
	assert_int_equal(open_descriptors(), before);
	fake_io_fini(&f);
}

static bool never_changed(void *self, bool *soon)
{
	(void)self, (void)soon;
	return false;
}

static int count_load(void *self, bool *rewrite, struct err *e)
{
	(void)rewrite, (void)e;
	++*(unsigned *)self;
	return 0;
}

/* A daemon that would end with its source, and whose source is well, ends by a signal alone; SIGHUP makes it load its
 * configuration once. */
static void a_daemon_lives_until_it_is_told(void **state)
{
	(void)state;
	struct fake_io f;
	struct config c;
	struct err e = {0};
	char path[512], text[8192];
	unsigned loads = 0;
	const struct run_reload reload = {.self = &loads, .has_changed = never_changed, .load = count_load};
	fake_io_init(&f);
	config_default(&c);
	c.run.source.kind = SOURCE_KERNEL;
	c.run.interval_seconds = 0.05;
	c.run.numbers.count = 100;
	c.run.health.on_failure = HEALTH_EXIT;
	snprintf(c.run.output.file, sizeof c.run.output.file, "%s", fake_io_path(&f, "out.txt", path));
	struct run *r = run_open(&c.run, &io_posix, &e);
	assert_non_null(r);

	/* A child tells it, once there is a file. */
	pid_t child = fork();
	if (child == 0) {
		for (int left = 500; access(c.run.output.file, F_OK) != 0 && left > 0; left--)
			usleep(10000);
		kill(getppid(), SIGHUP);
		usleep(200000);
		kill(getppid(), SIGTERM);
		_exit(0);
	}
	assert_int_equal(run_go(r, NULL, &reload, &e), 0);
	assert_int_equal(waitpid(child, NULL, 0), child);
	assert_int_equal(loads, 1);
	assert_true(fake_file_read(&f, "out.txt", text, sizeof text) > 100);
	assert_true(run_close(r));
	fake_io_fini(&f);
}

int main(void)
{
	const struct CMUnitTest others[] = {cmocka_unit_test(a_daemon_lives_until_it_is_told)};
	log_setup((struct log_config){.level = LOG_ERROR});
	return ROWS_RUN("run, opened and closed", check_row, rows) +
	       cmocka_run_group_tests_name("run, a daemon", others, NULL, NULL);
}
