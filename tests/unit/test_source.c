/* Noise sources: every cause of failure is named with its remedy, short reads and interruptions are handled. */
#include "base/signals.h"
#include "fake_io.h"
#include "rows.h"
#include "source/device.h"
#include "source/hwrng_info.h"
#include "source/source.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <unistd.h>

static int open_device(struct source *s, const char *path, const struct io *io, struct err *e)
{
	static struct source_config c; /* its path outlives the source */
	c = (struct source_config){.kind = SOURCE_DEVICE, .min_entropy = 4, .sample_bits = 8};
	snprintf(c.device, sizeof c.device, "%s", path);
	return source_open(s, &c, io, e);
}

static int open_replay(struct source *s, const char *path, const struct io *io, struct err *e)
{
	static struct source_config c; /* its path outlives the source */
	c = (struct source_config){.kind = SOURCE_REPLAY};
	snprintf(c.path, sizeof c.path, "%s", path);
	return source_open(s, &c, io, e);
}

/* ---- a device that cannot be opened or read ---------------------------------------------------------------------- */

struct fault_row {
	const char *sentence;
	enum fake_call call;
	int error;
	enum source_cause cause; /* of a read */
	enum err_code code;
	const char *remedy;
};

static const struct fault_row fault_rows[] = {
	{"open ENOENT is missing and names the mount", FAKE_OPENAT, ENOENT, SOURCE_FINE, ERR_UNAVAILABLE, "/host_dev"},
	{"open EPERM is the device cgroup", FAKE_OPENAT, EPERM, SOURCE_FINE, ERR_NOPERM, "device cgroup"},
	{"open EACCES that no mode explains names who may refuse", FAKE_OPENAT, EACCES, SOURCE_FINE, ERR_NOPERM,
	 "mode 0666 would let uid"},
	{"open ENODEV is no driver", FAKE_OPENAT, ENODEV, SOURCE_FINE, ERR_UNAVAILABLE, "no driver"},
	{"open ENXIO is no driver", FAKE_OPENAT, ENXIO, SOURCE_FINE, ERR_UNAVAILABLE, "no driver"},
	{"open EMFILE is a limit", FAKE_OPENAT, EMFILE, SOURCE_FINE, ERR_OS, "RLIMIT_NOFILE"},
	{"open EIO is io with the system's text", FAKE_OPENAT, EIO, SOURCE_FINE, ERR_UNAVAILABLE, "Input/output error"},
	{"read ENODEV is no driver", FAKE_READ, ENODEV, SOURCE_NO_DRIVER, ERR_UNAVAILABLE, "no generator is bound"},
	{"read EIO is io", FAKE_READ, EIO, SOURCE_IO, ERR_UNAVAILABLE, "Input/output error"},
	{"read EPERM is no matter of the cgroup", FAKE_READ, EPERM, SOURCE_IO, ERR_UNAVAILABLE,
	 "read: Operation not permitted"},
};

static void device_names_the_fault(void **state)
{
	const struct fault_row *row = *state;
	struct fake_io f;
	struct source s = {0};
	struct err e = {0};
	enum source_cause cause = SOURCE_FINE;
	uint8_t byte;
	fake_io_init(&f);
	fake_io_fault(&f, (struct fake_fault){.call = row->call, .nth = 1, .error = row->error});
	int rc = open_device(&s, "/dev/zero", &f.io, &e);
	if (row->call == FAKE_READ) {
		assert_int_equal(rc, 0);
		rc = (int)s.ops->read(s.self, &byte, 1, &cause, &e);
	}
	assert_int_equal(rc, -1);
	assert_int_equal(cause, row->cause);
	assert_int_equal(e.code, row->code);
	assert_int_equal(e.sys_errno, row->error);
	assert_non_null(strstr(e.msg, "/dev/zero"));
	assert_non_null(strstr(e.msg, row->remedy));
	if (row->call == FAKE_READ) { /* the object stays usable */
		assert_int_equal(s.ops->read(s.self, &byte, 1, &cause, &e), 1);
		source_close(&s);
	}
	assert_int_equal(fake_io_open_fds(&f), 0);
	fake_io_fini(&f);
}

static void device_refuses_a_regular_file(void **state)
{
	struct fake_io f;
	struct source s = {0};
	struct err e = {0};
	char path[512];
	(void)state;
	fake_io_init(&f);
	fake_file_write(&f, "file", "x");
	assert_int_equal(open_device(&s, fake_io_path(&f, "file", path), &f.io, &e), -1);
	assert_int_equal(e.code, ERR_UNAVAILABLE);
	assert_non_null(strstr(e.msg, "replay"));
	fake_io_fini(&f);
}

static void device_survives_interruption_and_eagain(void **state)
{
	struct fake_io f;
	struct source s = {0};
	struct err e = {0};
	enum source_cause cause = SOURCE_FINE;
	uint8_t buf[16];
	(void)state;
	fake_io_init(&f);
	assert_int_equal(open_device(&s, "/dev/zero", &f.io, &e), 0);
	fake_io_fault(&f, (struct fake_fault){.call = FAKE_READ, .nth = 1, .more = 4, .error = EINTR});
	fake_io_fault(&f, (struct fake_fault){.call = FAKE_READ, .nth = 6, .more = 2, .error = EAGAIN});
	fake_io_fault(&f, (struct fake_fault){.call = FAKE_READ, .nth = 9, .limit = 5});
	int64_t before = f.boottime_ns;
	assert_int_equal(s.ops->read(s.self, buf, sizeof buf, &cause, &e), 5);
	assert_int_equal(f.count[FAKE_READ], 9);
	assert_int_equal(f.boottime_ns - before, 300000000); /* three EAGAIN, each paced by 0.1 s of the clock */
	source_close(&s);
	assert_int_equal(fake_io_open_fds(&f), 0);
	fake_io_fini(&f);
}

static void check_eintr_storm(struct source *s, struct fake_io *f)
{
	struct err e = {0};
	enum source_cause cause = SOURCE_FINE;
	uint8_t byte;
	fake_io_fault(f, (struct fake_fault){.call = FAKE_READ, .nth = 1, .more = 99, .error = EINTR});
	int64_t before = f->boottime_ns;
	assert_int_equal(s->ops->read(s->self, &byte, 1, &cause, &e), 1);
	assert_int_equal(f->count[FAKE_READ], 101);
	assert_int_equal(f->boottime_ns - before,
			 36 * 1000000); /* from the 65th on each is paced by 1 ms of the clock */
	source_close(s);
}

static void eintr_without_end_does_not_keep_a_core_busy(void **state)
{
	struct fake_io f;
	struct source s = {0};
	struct err e = {0};
	(void)state;
	fake_io_init(&f);
	assert_int_equal(open_device(&s, "/dev/zero", &f.io, &e), 0);
	check_eintr_storm(&s, &f);
	fake_io_reset(&f);
	assert_int_equal(open_replay(&s, "/dev/zero", &f.io, &e), 0);
	check_eintr_storm(&s, &f);
	fake_io_fini(&f);
}

static ssize_t read_nothing(int fd, void *buf, size_t len)
{
	(void)fd, (void)buf, (void)len;
	return 0;
}

static void device_that_ends_is_an_error(void **state)
{
	struct io ends = io_posix;
	struct source s = {0};
	struct err e = {0};
	enum source_cause cause = SOURCE_FINE;
	uint8_t byte;
	(void)state;
	ends.read = read_nothing;
	assert_int_equal(open_device(&s, "/dev/zero", &ends, &e), 0);
	assert_int_equal(s.ops->read(s.self, &byte, 1, &cause, &e), -1);
	assert_int_equal(cause, SOURCE_END);
	source_close(&s);
}

/* Of which device sysfs speaks: known by its number, not by its name. */
static void only_of_the_hwrng_device_is_the_driver_known(void **state)
{
	struct source s = {0};
	struct err e = {0};
	struct source_identity i;
	struct stat st;
	(void)state;
	assert_int_equal(open_device(&s, "/dev/zero", &io_posix, &e), 0);
	source_identify(&s, &i);
	assert_string_equal(i.name, "/dev/zero");
	assert_string_equal(i.driver, "");
	assert_true(i.kernel_quality_ratio < 0);
	assert_true(i.assessed_entropy_ratio > 0.49 && i.assessed_entropy_ratio < 0.51);
	source_close(&s);
	if (stat("/dev/hwrng", &st) < 0 || st.st_rdev != makedev(10, 183) ||
	    open_device(&s, "/dev/hwrng", &io_posix, &e) < 0)
		skip_since("needs a generator at /dev/hwrng");
	source_identify(&s, &i);
	assert_string_not_equal(i.driver, "");
	source_close(&s);
}

static void what_the_kernel_says_is_read_anew_each_time(void **state)
{
	(void)state;
	struct fake_io f;
	char path[512], driver[SOURCE_DRIVER_MAX];
	double quality;
	fake_io_init(&f);
	fake_file_write(&f, "rng_current", "virtio_rng.0\n");
	fake_file_write(&f, "rng_quality", "512\n");
	const struct hwrng_info i = {open(fake_io_path(&f, "rng_current", path), O_RDONLY | O_CLOEXEC),
				     open(fake_io_path(&f, "rng_quality", path), O_RDONLY | O_CLOEXEC)};
	hwrng_info_read(&i, driver, &quality);
	assert_string_equal(driver, "virtio_rng.0");
	assert_true(quality > 0.499 && quality < 0.501);

	/* A driver that claims more than there is claims nothing; one that has gone is "none". */
	fake_file_write(&f, "rng_current", "none\n");
	fake_file_write(&f, "rng_quality", "1025\n");
	hwrng_info_read(&i, driver, &quality);
	assert_string_equal(driver, "none");
	assert_true(quality < 0);
	close(i.current_fd);
	close(i.quality_fd);
	fake_io_fini(&f);
}

/* ---- the first read, in a child
 * ---------------------------------------------------------------------------------------------- */

static int probe(const char *path, double timeout_seconds, struct err *e)
{
	struct source_config c = {.timeout_seconds = timeout_seconds};
	snprintf(c.device, sizeof c.device, "%s", path);
	return device_probe(&c, e);
}

static void probe_accepts_a_device_that_answers(void **state)
{
	struct err e = {0};
	(void)state;
	assert_int_equal(probe("/dev/zero", 5, &e), 0);
}

static void probe_passes_on_the_reason(void **state)
{
	struct err e = {0};
	(void)state;
	assert_int_equal(probe("/nonexistent/hwrng", 5, &e), -1);
	assert_int_equal(e.code, ERR_UNAVAILABLE);
	assert_non_null(strstr(e.msg, "/nonexistent/hwrng"));
}

/* A pseudo-terminal that nobody writes to: a character device whose read does not return. */
static void probe_leaves_a_stuck_device(void **state)
{
	struct err e = {0};
	char name[64];
	int master = posix_openpt(O_RDWR | O_NOCTTY);
	(void)state;
	if (master < 0 || grantpt(master) < 0 || unlockpt(master) < 0 || ptsname_r(master, name, sizeof name) != 0)
		skip_since("needs a pseudo-terminal");
	int slave = open(name, O_RDWR | O_NOCTTY); /* so that the other side exists */
	assert_true(slave >= 0);
	const int free_ones[] = {dup(slave), dup(slave)};
	close(free_ones[0]);
	close(free_ones[1]);
	assert_int_equal(probe(name, 0.2, &e), -1);
	assert_non_null(strstr(e.msg, "stuck"));

	/* A signal that ends the program, blocked as it is at the start, is not kept waiting. */
	sigset_t ends;
	signals_of_end(&ends);
	assert_int_equal(sigprocmask(SIG_BLOCK, &ends, NULL), 0);
	raise(SIGTERM);
	assert_int_equal(probe(name, 60, &e), -1);
	assert_non_null(strstr(e.msg, "given up for a signal"));
	assert_int_equal(sigwaitinfo(&ends, NULL), SIGTERM); /* it is still there for whoever obeys it */
	sigprocmask(SIG_UNBLOCK, &ends, NULL);

	/* Neither a descriptor nor a child is left, not even a dead one. */
	for (int i = 0; i < 2; i++)
		assert_int_equal(dup(slave), free_ones[i]);
	close(free_ones[0]);
	close(free_ones[1]);
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
	assert_int_equal(errno, ECHILD);
	close(slave);
	close(master);
}

/* ---- replay ------------------------------------------------------------------------------------------------------ */

static void replay_hands_out_the_file_and_ends(void **state)
{
	struct fake_io f;
	struct source s = {0};
	struct err e = {0};
	enum source_cause cause = SOURCE_FINE;
	uint8_t buf[8];
	char path[512];
	(void)state;
	fake_io_init(&f);
	fake_file_write(&f, "samples", "abcdefghij");
	assert_int_equal(open_replay(&s, fake_io_path(&f, "samples", path), &f.io, &e), 0);
	assert_int_equal(s.kind, SOURCE_REPLAY);
	assert_string_equal(s.name, path);
	assert_int_equal(s.ops->read(s.self, buf, 8, &cause, &e), 8);
	assert_memory_equal(buf, "abcdefgh", 8);
	assert_int_equal(s.ops->read(s.self, buf, 8, &cause, &e), 2);
	assert_int_equal(s.ops->read(s.self, buf, 8, &cause, &e), -1);
	assert_int_equal(cause, SOURCE_END);
	assert_non_null(strstr(e.msg, "after 10 samples"));
	source_close(&s);
	fake_io_fini(&f);
}

static void replay_fifo_says_end_once_and_takes_the_next_writer(void **state)
{
	struct fake_io f;
	struct source s = {0};
	struct err e = {0};
	enum source_cause cause = SOURCE_FINE;
	uint8_t buf[8];
	char path[512];
	(void)state;
	fake_io_init(&f);
	fake_io_path(&f, "fifo", path);
	assert_int_equal(mkfifo(path, 0600), 0);
	assert_int_equal(open_replay(&s, path, &f.io, &e), 0);
	for (int round = 0; round < 2; round++) {
		int w = open(path, O_WRONLY);
		assert_int_equal(write(w, "abc", 3), 3);
		assert_int_equal(s.ops->read(s.self, buf, 8, &cause, &e), 3);
		close(w);
		assert_int_equal(s.ops->read(s.self, buf, 8, &cause, &e), -1);
		assert_int_equal(cause, SOURCE_END);
	}
	source_close(&s);
	fake_io_fini(&f);
}

static void replay_refuses_a_directory(void **state)
{
	struct source s = {0};
	struct err e = {0};
	(void)state;
	assert_int_equal(open_replay(&s, "/", &io_posix, &e), -1);
	assert_int_equal(e.code, ERR_UNAVAILABLE);
	assert_non_null(strstr(e.msg, "/ is not a file or FIFO of samples"));
}

/* ---- choosing ---------------------------------------------------------------------------------------------------- */

static void auto_takes_the_device_that_works(void **state)
{
	struct source s = {0};
	struct err e = {0};
	struct source_config c = {.kind = SOURCE_AUTO, .device = "/dev/zero", .timeout_seconds = 5};
	(void)state;
	assert_int_equal(source_open(&s, &c, &io_posix, &e), 0);
	assert_int_equal(s.kind, SOURCE_DEVICE);
	assert_string_equal(s.why, "");
	source_close(&s);
}

static void auto_falls_back_and_says_why(void **state)
{
	struct source s = {0};
	struct err e = {0};
	enum source_cause cause = SOURCE_FINE;
	struct source_config c = {.kind = SOURCE_AUTO, .device = "/nonexistent/hwrng", .timeout_seconds = 5};
	uint8_t buf[64];
	(void)state;
	assert_int_equal(source_open(&s, &c, &io_posix, &e), 0);
	assert_true(s.kind == SOURCE_CPU || s.kind == SOURCE_KERNEL);
	assert_non_null(strstr(s.why, "/nonexistent/hwrng"));
	assert_true(s.ops->read(s.self, buf, sizeof buf, &cause, &e) > 0);
	source_close(&s);
}

int main(void)
{
	const struct CMUnitTest others[] = {
		cmocka_unit_test(device_refuses_a_regular_file),
		cmocka_unit_test(device_survives_interruption_and_eagain),
		cmocka_unit_test(eintr_without_end_does_not_keep_a_core_busy),
		cmocka_unit_test(device_that_ends_is_an_error),
		cmocka_unit_test(only_of_the_hwrng_device_is_the_driver_known),
		cmocka_unit_test(what_the_kernel_says_is_read_anew_each_time),
		cmocka_unit_test(probe_accepts_a_device_that_answers),
		cmocka_unit_test(probe_passes_on_the_reason),
		cmocka_unit_test(probe_leaves_a_stuck_device),
		cmocka_unit_test(replay_hands_out_the_file_and_ends),
		cmocka_unit_test(replay_fifo_says_end_once_and_takes_the_next_writer),
		cmocka_unit_test(replay_refuses_a_directory),
		cmocka_unit_test(auto_takes_the_device_that_works),
		cmocka_unit_test(auto_falls_back_and_says_why),
	};
	int failed = ROWS_RUN("a device that fails", device_names_the_fault, fault_rows);
	return failed + cmocka_run_group_tests_name("source", others, NULL, NULL);
}
