/* watch.c: each row changes a configuration in the way that somebody does it; it is seen, and seen once. */
#include "run/watch.h"

#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static void put(const char *path, const char *text)
{
	FILE *f = fopen(path, "w");
	assert_non_null(f);
	fputs(text, f);
	assert_int_equal(fclose(f), 0);
}

/* The world that the rows change: etc/c.yaml. */
static void plain(void)
{
	assert_int_equal(mkdir("etc", 0700), 0);
	put("etc/c.yaml", "log: {}\n");
	put("etc/v2", "seed: {}\n");
}
/* etc/c.yaml is a link into another directory. */
static void linked(void)
{
	assert_int_equal(mkdir("etc", 0700) | mkdir("real", 0700), 0);
	put("real/r.yaml", "log: {}\n");
	put("real/v2", "seed: {}\n");
	assert_int_equal(symlink("../real/r.yaml", "etc/c.yaml"), 0);
}
/* As the kubelet lays out a ConfigMap. */
static void mapped(void)
{
	assert_int_equal(mkdir("etc", 0700) | mkdir("etc/..1", 0700) | mkdir("etc/..2", 0700), 0);
	put("etc/..1/c.yaml", "log: {}\n");
	put("etc/..2/c.yaml", "seed: {}\n");
	assert_int_equal(symlink("..1", "etc/..data") | symlink("..data/c.yaml", "etc/c.yaml"), 0);
}

static void run(const char *command)
{
	assert_int_equal(system(command), 0); /* NOLINT: a constant of this file */
}

struct row {
	const char *name;
	void (*world)(void);
	const char *command;
	bool changed;
};
static const struct row rows[] = {
	{"rewritten", plain, "echo 'seed: {}' >etc/c.yaml", true},
	{"replaced by renaming", plain, "mv etc/v2 etc/c.yaml", true},
	{"removed and written", plain, "rm etc/c.yaml; echo 'seed: {}' >etc/c.yaml", true},
	{"removed, and a link put there", plain, "rm etc/c.yaml; ln -s v2 etc/c.yaml", true},
	{"removed, and a hard link put there", plain, "rm etc/c.yaml; ln etc/v2 etc/c.yaml", true},
	{"another file beside it", plain, "echo x >etc/other; mv etc/other etc/another", false},
	{"removed", plain, "rm etc/c.yaml", false},
	{"its mode", plain, "chmod 600 etc/c.yaml", false},
	{"the directory removed", plain, "rm -r etc", false},
	{"the directory made again", plain, "rm -r etc; mkdir etc; echo 'seed: {}' >etc/c.yaml", true},
	{"the directory moved away", plain, "mv etc old", false},
	{"the directory exchanged", plain, "mv etc old; mkdir etc; cp old/v2 etc/c.yaml", true},
	{"what a link leads to, rewritten", linked, "echo 'seed: {}' >real/r.yaml", true},
	{"what a link leads to, replaced", linked, "mv real/v2 real/r.yaml", true},
	{"the link to another file", linked, "ln -sf ../real/v2 etc/c.yaml", true},
	{"what a link leads to, gone", linked, "rm real/r.yaml", false},
	{"a ConfigMap's ..data", mapped, "ln -s ..2 etc/..tmp; mv -T etc/..tmp etc/..data; rm -r etc/..1", true},
};
enum { ROWS = sizeof rows / sizeof rows[0] };

static bool is_pending(const struct watch *w)
{
	struct pollfd p = {.fd = w->fd, .events = POLLIN};
	return poll(&p, 1, 0) == 1;
}

static void each_change_is_seen_once(void **state)
{
	const struct row *r = *state;
	struct watch w;
	r->world();
	watch_open(&w, "etc/c.yaml");
	assert_false(is_pending(&w));
	run(r->command);
	assert_int_equal(is_pending(&w) && watch_changed(&w), r->changed);
	for (int i = 0; i < 3; i++) {
		assert_false(is_pending(&w) && watch_changed(&w));
		assert_false(watch_retry(&w));
	}
	watch_close(&w);
}

/* Seen gone, and later there again: by the timer. */
static void what_comes_back_is_seen(void **state)
{
	static const char *const gone[] = {"rm -r etc", "mv etc old", "rm real/r.yaml", "rm -r real"};
	struct watch w;
	(void)state;
	for (unsigned i = 0; i < sizeof gone / sizeof *gone; i++) {
		linked();
		watch_open(&w, "etc/c.yaml");
		run(gone[i]);
		assert_true(is_pending(&w));
		assert_false(watch_changed(&w));
		assert_false(watch_retry(&w));
		run("rm -rf etc old real");
		assert_false(watch_changed(&w));
		linked();
		assert_true(watch_retry(&w));
		assert_false(watch_retry(&w));
		run("echo 'seed: {}' >real/r.yaml");
		assert_true(watch_changed(&w));
		run("ln -sf ../real/v2 etc/c.yaml");
		assert_true(watch_changed(&w));
		watch_close(&w);
		run("rm -rf etc old real");
	}
}

/* An empty configuration is a valid one, and half of one too: neither must be taken while its writer is still busy.
 * *state: whether somebody looks before the first byte is there. */
static void a_file_is_waited_for_until_it_is_closed(void **state)
{
	const bool *look_early = *state;
	struct watch w;
	plain();
	watch_open(&w, "etc/c.yaml");
	run("rm etc/c.yaml");
	assert_false(watch_changed(&w));
	int fd = open("etc/c.yaml", O_WRONLY | O_CREAT | O_EXCL, 0600);
	assert_false(*look_early && (watch_changed(&w) || watch_retry(&w)));
	assert_int_equal(write(fd, "seed: {}\n", 9), 9);
	assert_false(watch_retry(&w)); /* the writer's close will tell */
	assert_false(is_pending(&w) && watch_changed(&w));
	assert_false(watch_retry(&w));
	close(fd);
	assert_true(watch_changed(&w));
	assert_false(is_pending(&w) && watch_changed(&w));
	watch_close(&w);
}

/* All the world writes to it. */
static void a_name_that_comes_to_lead_to_dev_null_is_one_change(void **state)
{
	struct watch w;
	(void)state;
	plain();
	watch_open(&w, "etc/c.yaml");
	run("ln -s /dev/null etc/x && mv -T etc/x etc/c.yaml");
	assert_true(watch_changed(&w));
	run("echo x >/dev/null");
	assert_false(is_pending(&w) && watch_changed(&w));
	assert_false(watch_retry(&w));
	run("rm etc/c.yaml && echo 'seed: {}' >etc/c.yaml");
	assert_true(watch_changed(&w));
	watch_close(&w);
}

static void a_pipe_is_not_watched(void **state)
{
	struct watch w;
	(void)state;
	assert_int_equal(mkdir("etc", 0700) | mkfifo("etc/c.yaml", 0600), 0);
	watch_open(&w, "etc/c.yaml");
	assert_int_equal(w.fd, -1);
	watch_open(&w, NULL);
	assert_int_equal(w.fd, -1);
	assert_false(watch_retry(&w));
	watch_tell(&w);
	watch_close(&w);
}

static int make_dir(void **state)
{
	(void)state;
	char path[] = "/tmp/test_watch.XXXXXX";
	return mkdtemp(path) && chdir(path) == 0 ? 0 : -1;
}

static int drop_dir(void **state)
{
	char path[256];
	(void)state;
	if (!getcwd(path, sizeof path) || system("rm -rf etc old real") != 0) /* NOLINT: as above */
		return -1;
	return chdir("/") || rmdir(path) ? -1 : 0;
}

int main(void)
{
	static bool early = true, late = false;
	struct CMUnitTest tests[ROWS + 5];
	for (size_t i = 0; i < ROWS; i++)
		tests[i] = (struct CMUnitTest){rows[i].name, each_change_is_seen_once, make_dir, drop_dir,
					       (void *)&rows[i]};
	tests[ROWS] = (struct CMUnitTest){"what comes back is seen", what_comes_back_is_seen, make_dir, drop_dir, NULL};
	tests[ROWS + 1] = (struct CMUnitTest){"a pipe is not watched", a_pipe_is_not_watched, make_dir, drop_dir, NULL};
	tests[ROWS + 2] = (struct CMUnitTest){"an empty file is waited for until it is closed",
					      a_file_is_waited_for_until_it_is_closed, make_dir, drop_dir, &early};
	tests[ROWS + 3] = (struct CMUnitTest){"half a file is waited for until it is closed",
					      a_file_is_waited_for_until_it_is_closed, make_dir, drop_dir, &late};
	tests[ROWS + 4] =
		(struct CMUnitTest){"a link to /dev/null is one change",
				    a_name_that_comes_to_lead_to_dev_null_is_one_change, make_dir, drop_dir, NULL};
	return cmocka_run_group_tests_name("watch", tests, NULL, NULL);
}
