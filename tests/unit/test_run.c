/* A run is opened and closed: what it cannot have is said, and every descriptor goes again. */

#include "base/log.h"
#include "config/config.h"
#include "fake_io.h"
#include "rows.h"
#include "run/run.h"

#include <dirent.h>
#include <stdio.h>
#include <string.h>

struct row {
	const char *name;
	enum source_kind kind;
	const char *samples, *file; /* in the test's own directory; NULL: none of the kind */
	enum err_code code;         /* ERR_NONE: it opens */
	bool goes;                  /* and its one refresh is done */
};

static const struct row rows[] = {
	{"with the kernel as the source", SOURCE_KERNEL, NULL, "out.txt", ERR_NONE, false},
	{"with a recording as the source", SOURCE_REPLAY, "samples", "out.txt", ERR_NONE, false},
	{"a run that writes once", SOURCE_KERNEL, NULL, "out.txt", ERR_NONE, true},
	{"without its recording", SOURCE_REPLAY, "nothing", "out.txt", ERR_UNAVAILABLE, false},
	{"without the directory of its file", SOURCE_REPLAY, "samples", "none/out.txt", ERR_CANTCREAT, false},
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
	if (row->goes) {
		assert_int_equal(run_go(r, NULL, NULL, &e), 0);
		assert_true(fake_file_read(&f, "out.txt", text, sizeof text) > 100);
	}
	assert_true(run_close(r));
	assert_int_equal(open_descriptors(), before);
	fake_io_fini(&f);
}

int main(void)
{
	log_setup((struct log_config){.level = LOG_ERROR});
	return ROWS_RUN("run, opened and closed", check_row, rows);
}
