/* file.c: what is read and what is refused; each row changes a configuration in the way that somebody does it, and the
 * change is seen, and seen once. */
#include "config/file.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#define LEN(a) (sizeof(a) / sizeof(a)[0])

static const char path[] = "etc/c.yaml";

static void put(const char *name, const char *text)
{
	FILE *f = fopen(name, "w");
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

static int try_read(struct file_watch *w, struct err *e)
{
	char text[4096];
	size_t len;
	const struct file_name name = {path, "configuration", ", or give its keys by --set"};
	return file_read(&name, text, sizeof text, &len, &w->read, e);
}

/* As at the start. */
static void read_it(struct file_watch *w)
{
	struct err e = {0};
	*w = (struct file_watch){0};
	if (try_read(w, &e))
		fail_msg("%s", e.msg);
}

/* Looks until nothing moves any more: what was told, if anything. */
static enum file_change settle(struct file_watch *w)
{
	enum file_change news = FILE_SETTLING;
	for (int i = 0; news == FILE_SETTLING; i++) {
		assert_true(i < 2);
		news = file_check(w, path);
	}
	return news;
}

static const struct row {
	const char *name;
	void (*world)(void);
	const char *command;
	enum file_change news;
} rows[] = {
	{"rewritten in the same size", plain, "echo 'log: []' >etc/c.yaml", FILE_CHANGED},
	{"rewritten in another size", plain, "echo 'seed: {}' >etc/c.yaml", FILE_CHANGED},
	{"rewritten, with its old time", plain, "echo 'log: []' >etc/c.yaml; touch -d 2020-01-01 etc/c.yaml",
	 FILE_CHANGED},
	{"replaced by renaming", plain, "mv etc/v2 etc/c.yaml", FILE_CHANGED},
	{"removed and written", plain, "rm etc/c.yaml; echo 'seed: {}' >etc/c.yaml", FILE_CHANGED},
	{"removed, and a link put there", plain, "rm etc/c.yaml; ln -s v2 etc/c.yaml", FILE_CHANGED},
	{"removed, and a hard link put there", plain, "rm etc/c.yaml; ln etc/v2 etc/c.yaml", FILE_CHANGED},
	{"removed, and a pipe put there", plain, "rm etc/c.yaml; mkfifo etc/c.yaml", FILE_CHANGED},
	{"a link to a device put there", plain, "ln -sf /dev/null etc/c.yaml", FILE_CHANGED},
	{"another file beside it", plain, "echo x >etc/other; mv etc/other etc/another", FILE_SAME},
	{"read by somebody", plain, "cat etc/c.yaml >/dev/null", FILE_SAME},
	{"emptied, the text is to come", plain, ": >etc/c.yaml", FILE_SAME},
	{"removed", plain, "rm etc/c.yaml", FILE_GONE},
	{"the directory removed", plain, "rm -r etc", FILE_GONE},
	{"the directory made again", plain, "rm -r etc; mkdir etc; echo 'seed: {}' >etc/c.yaml", FILE_CHANGED},
	{"the directory moved away", plain, "mv etc old", FILE_GONE},
	{"the directory exchanged", plain, "mv etc old; mkdir etc; cp old/v2 etc/c.yaml", FILE_CHANGED},
	{"what a link leads to, rewritten", linked, "echo 'seed: {}' >real/r.yaml", FILE_CHANGED},
	{"what a link leads to, replaced", linked, "mv real/v2 real/r.yaml", FILE_CHANGED},
	{"the link to another file", linked, "ln -sf ../real/v2 etc/c.yaml", FILE_CHANGED},
	{"what a link leads to, gone", linked, "rm real/r.yaml", FILE_GONE},
	{"a loop of links", linked, "ln -sf c.yaml etc/c.yaml", FILE_GONE},
	{"a ConfigMap's ..data", mapped, "ln -s ..2 etc/..tmp; mv -T etc/..tmp etc/..data; rm -r etc/..1",
	 FILE_CHANGED},
};

/* A clock tick of the file system must pass, or what is written at once may bear the time of what was read. */
static void each_change_is_seen_once(void **state)
{
	const struct row *r = *state;
	struct file_watch w;
	r->world();
	read_it(&w);
	assert_int_equal(file_check(&w, path), FILE_SAME);
	usleep(20000);
	run(r->command);
	assert_int_equal(settle(&w), r->news);
	for (int i = 0; i < 3; i++)
		assert_int_equal(file_check(&w, path), FILE_SAME);
}

/* The first look comes late: during the start, a change was made. */
static void a_change_before_the_first_look_is_seen(void **state)
{
	struct file_watch w;
	(void)state;
	plain();
	read_it(&w);
	usleep(20000);
	run("echo 'log: []' >etc/c.yaml");
	assert_int_equal(settle(&w), FILE_CHANGED);
}

/* Half of a configuration is often a valid one. */
static void a_file_that_moves_is_left_alone(void **state)
{
	struct file_watch w;
	(void)state;
	plain();
	read_it(&w);
	for (int i = 0; i < 5; i++) {
		usleep(20000);
		run("echo '# more' >>etc/c.yaml");
		assert_int_equal(file_check(&w, path), FILE_SETTLING);
	}
	assert_int_equal(file_check(&w, path), FILE_CHANGED);
}

/* A reload by signal reads what no look has told yet: that is then no news. */
static void what_was_read_is_no_news(void **state)
{
	struct file_watch w;
	struct err e = {0};
	(void)state;
	plain();
	read_it(&w);
	usleep(20000);
	run("echo 'log: []' >etc/c.yaml");
	assert_int_equal(try_read(&w, &e), 0);
	assert_int_equal(settle(&w), FILE_SAME);
}

static void what_comes_back_is_seen(void **state)
{
	static const char *const gone[] = {"rm -r etc", "mv etc old", "rm real/r.yaml", "rm -r real"};
	struct file_watch w;
	(void)state;
	for (unsigned i = 0; i < LEN(gone); i++) {
		linked();
		read_it(&w);
		run(gone[i]);
		assert_int_equal(settle(&w), FILE_GONE);
		assert_int_equal(w.seen.sys_errno, ENOENT);
		run("rm -rf etc old real");
		assert_int_equal(settle(&w), FILE_SAME);
		usleep(20000);
		linked();
		assert_int_equal(settle(&w), FILE_CHANGED);
		run("rm -rf etc old real");
	}
}

static const struct read_row {
	const char *name, *command, *says; /* says NULL: it is read */
} read_rows[] = {
	{"a regular file", "echo x >etc/c.yaml", NULL},
	{"an empty file", ": >etc/c.yaml", NULL},
	{"a link to a file", "echo x >etc/x; ln -s x etc/c.yaml", NULL},
	{"nothing", "true", "etc/c.yaml: cannot open the configuration: No such file or directory"},
	{"a directory", "mkdir etc/c.yaml", "etc/c.yaml: is a directory, and a configuration is a regular file; ..."},
	{"a pipe without a writer", "mkfifo etc/c.yaml",
	 "etc/c.yaml: is a pipe, and a configuration is a regular file; write it into one, or give its keys by --set"},
	{"a device", "ln -s /dev/null etc/c.yaml", "etc/c.yaml: is a device, and ..."},
	{"a terminal", "ln -s /dev/ptmx etc/c.yaml", "etc/c.yaml: is a device, and ..."},
};

static void read_test(void **state)
{
	const struct read_row *row = *state;
	struct file_watch w = {0};
	struct err e = {0};
	assert_int_equal(mkdir("etc", 0700), 0);
	run(row->command);
	alarm(20); /* the end, should it wait for ever */
	assert_int_equal(try_read(&w, &e), row->says ? -1 : 0);
	alarm(0);
	assert_int_equal(e.code, row->says ? ERR_CONFIG : ERR_NONE);
	if (!row->says)
		return;
	size_t len = strlen(row->says);
	bool begins = strcmp(row->says + len - 3, "...") == 0;
	if (begins ? strncmp(e.msg, row->says, len - 3) != 0 : strcmp(e.msg, row->says) != 0)
		fail_msg("\"%s\" is not \"%s\"", e.msg, row->says);
}

static int make_dir(void **state)
{
	(void)state;
	char dir[] = "/tmp/test_file.XXXXXX";
	return mkdtemp(dir) && chdir(dir) == 0 ? 0 : -1;
}

static int drop_dir(void **state)
{
	char dir[256];
	(void)state;
	if (!getcwd(dir, sizeof dir) || system("rm -rf etc old real") != 0) /* NOLINT: as above */
		return -1;
	return chdir("/") || rmdir(dir) ? -1 : 0;
}

int main(void)
{
	static struct CMUnitTest tests[LEN(rows) + LEN(read_rows) + 4];
	size_t n = 0;
	for (size_t i = 0; i < LEN(rows); i++)
		tests[n++] = (struct CMUnitTest){rows[i].name, each_change_is_seen_once, make_dir, drop_dir,
						 (void *)&rows[i]};
	for (size_t i = 0; i < LEN(read_rows); i++)
		tests[n++] =
			(struct CMUnitTest){read_rows[i].name, read_test, make_dir, drop_dir, (void *)&read_rows[i]};
	tests[n++] = (struct CMUnitTest){"a change before the first look is seen",
					 a_change_before_the_first_look_is_seen, make_dir, drop_dir};
	tests[n++] = (struct CMUnitTest){"a file that moves is left alone", a_file_that_moves_is_left_alone, make_dir,
					 drop_dir};
	tests[n++] = (struct CMUnitTest){"what a signal made us read is no news", what_was_read_is_no_news, make_dir,
					 drop_dir};
	tests[n++] = (struct CMUnitTest){"what comes back is seen", what_comes_back_is_seen, make_dir, drop_dir};
	return _cmocka_run_group_tests("file", tests, n, NULL, NULL);
}
