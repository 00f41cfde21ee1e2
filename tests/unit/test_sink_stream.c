/* Standard output and character devices: bytes go out as they are, nothing is taken back. */
#include "rows.h"

#include "sink_rig.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Standard output for the time of one test; the test program reports on it afterwards. */
struct redirect {
	int saved;
};

static void redirect_to(struct redirect *d, int fd)
{
	fflush(stdout);
	d->saved = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 100);
	assert_true(d->saved >= 0);
	if (fd >= 0)
		assert_int_equal(dup2(fd, STDOUT_FILENO), STDOUT_FILENO);
	else
		close(STDOUT_FILENO);
}

static void redirect_back(struct redirect *d)
{
	assert_int_equal(dup2(d->saved, STDOUT_FILENO), STDOUT_FILENO);
	close(d->saved);
}

static void stream_rig(struct rig *r, const char *file)
{
	sink_rig_init(r);
	snprintf(r->c.file, sizeof r->c.file, "%s", file);
}

static void check_pipe(const char *file)
{
	struct rig r;
	struct redirect d;
	int ends[2];
	char got[32] = "";
	stream_rig(&r, file);
	assert_int_equal(pipe(ends), 0);
	redirect_to(&d, ends[1]);
	bool opened = rig_open(&r);
	int first = opened ? rig_publish(&r, "1\n2\n") : -1;
	int second = opened ? rig_publish(&r, "3\n") : -1;
	redirect_back(&d);
	close(ends[1]);
	ssize_t n = read(ends[0], got, sizeof got - 1);
	close(ends[0]);
	assert_true(opened);
	assert_int_equal(first, 0);
	assert_int_equal(second, 0);
	assert_int_equal(n, 6);
	assert_string_equal(got, "1\n2\n3\n");
	assert_int_equal(sink_view(r.s).mode, SINK_MODE_STREAM);
	assert_string_equal(sink_view(r.s).path, "-");
	assert_int_equal(sink_remove(r.s, "", &r.e), 0);
	assert_int_equal(sink_publish_companion(r.s, ".json", "{}", 2, &r.e), 0);
	rig_fini(&r);
}

static void a_dash_is_standard_output(void **state)
{
	(void)state;
	check_pipe("-");
}

static void dev_stdout_is_standard_output(void **state)
{
	(void)state;
	check_pipe("/dev/stdout");
	check_pipe("/dev/fd/1");
	check_pipe("/proc/self/fd/1");
}

/* Of another descriptor, or of another process: a link that leads to no path. */
static void check_without_a_path(int fd, const char *text)
{
	struct rig r;
	char file[64];
	snprintf(file, sizeof file, "/proc/%ld/fd/%d", (long)getpid(), fd);
	stream_rig(&r, file);
	assert_false(rig_open(&r));
	rig_expect_error(&r, ERR_CANTCREAT, text);
	rig_expect_error(&r, ERR_CANTCREAT, "use - for standard output");
	rig_fini(&r);
}

static void an_open_file_without_a_path_is_refused(void **state)
{
	(void)state;
	struct rig r;
	char path[512];
	int ends[2];
	assert_int_equal(pipe(ends), 0);
	check_without_a_path(ends[1], "(pipe:[");
	close(ends[0]);
	close(ends[1]);
	sink_rig_init(&r);
	int fd = open(fake_io_path(&r.f, "gone", path), O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
	assert_true(fd >= 0);
	assert_int_equal(unlink(path), 0);
	check_without_a_path(fd, "gone (deleted))");
	fake_file_write(&r.f, "gone (deleted)", "somebody's\n"); /* the text is a path by chance */
	check_without_a_path(fd, "gone (deleted))");
	rig_expect(&r, "gone (deleted)", "somebody's\n");
	close(fd);
	rig_fini(&r);
}

static void an_open_file_that_has_its_path_is_that_file(void **state)
{
	(void)state;
	struct rig r;
	char path[512];
	sink_rig_init(&r);
	fake_file_write(&r.f, "there", "old\n");
	int fd = open(fake_io_path(&r.f, "there", path), O_WRONLY | O_CLOEXEC);
	snprintf(r.c.file, sizeof r.c.file, "/proc/self/fd/%d", fd);
	rig_open_ok(&r);
	assert_string_equal(sink_view(r.s).path, path);
	close(fd);
	rig_fini(&r);
}

static void a_reader_that_went_away_is_named(void **state)
{
	(void)state;
	struct rig r;
	struct redirect d;
	int ends[2];
	signal(SIGPIPE, SIG_IGN);
	stream_rig(&r, "-");
	assert_int_equal(pipe(ends), 0);
	close(ends[0]);
	redirect_to(&d, ends[1]);
	bool opened = rig_open(&r);
	int result = opened ? rig_publish(&r, "1\n") : 0;
	redirect_back(&d);
	close(ends[1]);
	assert_true(opened);
	assert_int_equal(result, -1);
	rig_expect_error(&r, ERR_IO, "standard output was closed by its reader");
	assert_int_equal(r.step, STEP_WRITE);
	rig_fini(&r);
}

static void a_closed_standard_output_is_heard_at_start(void **state)
{
	(void)state;
	struct rig r;
	struct redirect d;
	stream_rig(&r, "-");
	redirect_to(&d, -1);
	bool opened = rig_open(&r);
	redirect_back(&d);
	assert_false(opened);
	rig_expect_error(&r, ERR_CANTCREAT, "standard output is closed");
	rig_fini(&r);
}

static void a_full_disk_behind_standard_output_is_named(void **state)
{
	(void)state;
	struct rig r;
	stream_rig(&r, "-");
	rig_open_ok(&r);
	fake_io_fault(&r.f, (struct fake_fault){.call = FAKE_WRITE, .nth = 1, .error = ENOSPC});
	assert_int_equal(rig_publish(&r, "12\n"), -1);
	rig_expect_error(&r, ERR_IO, "cannot write standard output");
	rig_fini(&r);
}

/* --- devices --- */

static void a_device_takes_bytes_without_sync_or_cut(void **state)
{
	(void)state;
	struct rig r;
	char story[200];
	stream_rig(&r, "/dev/null");
	rig_open_ok(&r);
	assert_int_equal(sink_view(r.s).mode, SINK_MODE_DEVICE);
	fake_io_reset(&r.f);
	assert_int_equal(rig_publish(&r, "1\n"), 0);
	fake_io_story(&r.f, story, sizeof story);
	assert_string_equal(story, "write write");
	assert_int_equal(sink_remove(r.s, "", &r.e), 0);
	rig_fini(&r);
}

static void a_device_that_fails_is_named_and_used_again(void **state)
{
	(void)state;
	struct rig r;
	stream_rig(&r, "/dev/full");
	rig_open_ok(&r);
	assert_int_equal(rig_publish(&r, "1\n"), -1);
	rig_expect_error(&r, ERR_IO, "/dev/full");
	assert_int_equal(sink_begin(r.s, &r.e), 0);
	rig_fini(&r);
}

struct refusal_row {
	const char *name;
	int error;
	enum err_code code;
	const char *says;
};

static const struct refusal_row refusal_rows[] = {
	{"EPERM at a device is the device cgroup", EPERM, ERR_NOPERM, "device cgroup"},
	{"EACCES at a device that everybody may write: its mount", EACCES, ERR_NOPERM,
	 "at the nodev option of its mount"},
	{"a device without a driver", ENXIO, ERR_CANTCREAT, "cannot open /dev/null"},
};

static void check_refusal(void **state)
{
	const struct refusal_row *row = *state;
	struct rig r;
	stream_rig(&r, "/dev/null");
	fake_io_fault(&r.f, (struct fake_fault){.call = FAKE_OPENAT, .nth = 2, .name = "null", .error = row->error});
	assert_false(rig_open(&r));
	rig_expect_error(&r, row->code, row->says);
	rig_fini(&r);
}

int main(void)
{
	const struct CMUnitTest others[] = {
		cmocka_unit_test(a_dash_is_standard_output),
		cmocka_unit_test(dev_stdout_is_standard_output),
		cmocka_unit_test(an_open_file_without_a_path_is_refused),
		cmocka_unit_test(an_open_file_that_has_its_path_is_that_file),
		cmocka_unit_test(a_reader_that_went_away_is_named),
		cmocka_unit_test(a_closed_standard_output_is_heard_at_start),
		cmocka_unit_test(a_full_disk_behind_standard_output_is_named),
		cmocka_unit_test(a_device_takes_bytes_without_sync_or_cut),
		cmocka_unit_test(a_device_that_fails_is_named_and_used_again),
	};
	int failed = ROWS_RUN("device, refused", check_refusal, refusal_rows);
	return failed + cmocka_run_group_tests_name("stream and device", others, NULL, NULL);
}
