/* process: the figures are those of this process, and at most a second old. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "run/process.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

enum { SECOND_NS = 1000000000, START_NS = 5 };

static struct process_counts sample_at(struct process *p, int64_t now_ns)
{
	struct process_counts s;
	process_sample(p, now_ns, &s);
	return s;
}

static void test_figures(void **state)
{
	struct process p = {0};
	struct rlimit files;
	(void)state;
	process_open(&p);
	struct process_counts s = sample_at(&p, START_NS);
	process_close(&p);
	getrlimit(RLIMIT_NOFILE, &files);
	assert_int_equal(s.max_fds, files.rlim_cur);
	assert_true(s.threads >= 1);
	assert_true(s.open_fds >= 3); /* the two that were just opened, and standard error */
	assert_true(s.resident_bytes > 0 && s.resident_bytes <= s.virtual_bytes);
	assert_int_equal(s.resident_bytes % (uint64_t)sysconf(_SC_PAGESIZE), 0);
	assert_true(s.cpu_seconds >= 0 && s.cpu_seconds < 3600);
}

struct age_row {
	const char *sentence;
	int64_t age_ns;
	uint64_t more; /* descriptors that are seen beside the first sample's, after one was opened */
};

static const struct age_row age_rows[] = {
	{"the same moment shows the same figures", 0, 0},
	{"a nanosecond below a second shows the same figures", SECOND_NS - 1, 0},
	{"a second later they are read again", SECOND_NS, 1},
	{"a minute later they are read again", INT64_C(60) * SECOND_NS, 1},
};

static void test_age(void **state)
{
	const struct age_row *row = *state;
	struct process p = {0};
	process_open(&p);
	struct process_counts first = sample_at(&p, START_NS);
	int fd = open("/dev/null", O_RDONLY);
	assert_true(fd >= 0);
	struct process_counts later = sample_at(&p, START_NS + row->age_ns);
	close(fd);
	process_close(&p);
	assert_int_equal(later.open_fds, first.open_fds + row->more);
}

/* Its two descriptors and no other, however often, and also where one of them is 0. */
static void test_close_is_whole_and_done_once(void **state)
{
	struct process p = {0};
	(void)state;
	int saved = dup(0), fds[2];
	assert_true(saved >= 0);
	close(0);
	process_open(&p);
	fds[0] = p.stat_fd, fds[1] = p.fd_dir;
	assert_int_equal(fds[0], 0);
	process_close(&p);
	for (int i = 0; i < 2; i++)
		assert_int_equal(fcntl(fds[i], F_GETFD), -1);
	for (int i = 0; i < 2; i++)
		assert_true(open("/dev/null", O_RDONLY) >= 0);
	process_close(&p);
	for (int i = 0; i < 2; i++)
		assert_true(fcntl(fds[i], F_GETFD) >= 0);
	for (int i = 0; i < 2; i++)
		close(fds[i]);
	dup2(saved, 0);
	close(saved);
}

/* What stands in for the files of /proc where it is hidden, and what is known then. */
static void test_without_proc(void **state)
{
	const char *const *stand_in = *state;
	struct process p = {-1, -1};
	struct rlimit files;
	if (*stand_in) {
		p.stat_fd = open(*stand_in, O_RDONLY);
		p.fd_dir = open(*stand_in, O_RDONLY);
	}
	struct process_counts s = sample_at(&p, START_NS);
	process_close(&p);
	assert_true(s.resident_bytes == 0 && s.virtual_bytes == 0);
	assert_true(s.threads == 0 && s.open_fds == 0);
	getrlimit(RLIMIT_NOFILE, &files);
	assert_int_equal(s.max_fds, files.rlim_cur);
}

static const char *const stand_ins[] = {NULL, "/dev/null", "/etc/passwd"};

enum { AGE_ROWS = sizeof age_rows / sizeof *age_rows };

static struct CMUnitTest test_of(const char *sentence, CMUnitTestFunction f, const void *row)
{
	return (struct CMUnitTest){.name = sentence, .test_func = f, .initial_state = (void *)(uintptr_t)row};
}

int main(void)
{
	struct CMUnitTest tests[AGE_ROWS + 5];
	size_t n = 0;
	for (size_t i = 0; i < AGE_ROWS; i++)
		tests[n++] = test_of(age_rows[i].sentence, test_age, &age_rows[i]);
	tests[n++] = test_of("the figures are those of this process", test_figures, NULL);
	tests[n++] = test_of("close closes what is its own, once", test_close_is_whole_and_done_once, NULL);
	tests[n++] = test_of("without /proc its figures are unknown", test_without_proc, &stand_ins[0]);
	tests[n++] = test_of("masked by a device they are unknown", test_without_proc, &stand_ins[1]);
	tests[n++] = test_of("other files in its place tell nothing", test_without_proc, &stand_ins[2]);
	return cmocka_run_group_tests_name("process", tests, NULL, NULL);
}
