/* status.c: the board under threads (run it with VARIANT=tsan too), the histogram's edges, the names. */
#include "base/io.h"
#include "run/status.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

struct add_row {
	const char *name;
	double seconds;
	unsigned bucket;
};

static const struct add_row add_rows[] = {
	{"zero goes into the first bucket", 0, 0},
	{"a bucket includes its bound", 0.001, 0},
	{"just over a bound is the next bucket", 0.0010001, 1},
	{"the last bound", 60, 8},
	{"over the last bound is +Inf", 60.0001, 9},
	{"a huge value is +Inf", 1e9, 9},
};
enum { ADD_ROWS = sizeof add_rows / sizeof *add_rows };

static void test_add(void **state)
{
	const struct add_row *r = *state;
	struct histogram h = {.count = 0};
	histogram_add(&h, status_read_bounds, STATUS_READ_BUCKETS, r->seconds);
	for (unsigned i = 0; i < 10; i++)
		assert_int_equal(h.buckets[i], i == r->bucket);
	assert_int_equal(h.count, 1);
	assert_true(h.sum == r->seconds);
}

struct text_row {
	const char *name, *in, *out;
	size_t cap;
};

static const struct text_row text_rows[] = {
	{"a text that fits", "abc", "abc", 8},
	{"a text that fits exactly", "abc", "abc", 4},
	{"one character too many is cut", "abcd", "abc", 4},
	{"room for the end only", "abcd", "", 1},
	{"the empty text", "", "", 4},
};
enum { TEXT_ROWS = sizeof text_rows / sizeof *text_rows };

static void test_text(void **state)
{
	const struct text_row *r = *state;
	char dst[9];
	memset(dst, '#', sizeof dst);
	status_text(dst, r->cap, r->in);
	assert_string_equal(dst, r->out);
	assert_int_equal(dst[r->cap], '#');
}

static void test_bounds_rise(void **state)
{
	(void)state;
	for (unsigned i = 1; i < STATUS_READ_BUCKETS; i++)
		assert_true(status_read_bounds[i - 1] < status_read_bounds[i]);
	for (unsigned i = 1; i < STATUS_REFRESH_BUCKETS; i++)
		assert_true(status_refresh_bounds[i - 1] < status_refresh_bounds[i]);
}

static void test_a_new_board_is_well_but_has_no_data(void **state)
{
	struct status s;
	struct status_board *b = status_new(&io_posix, NULL);
	(void)state;
	assert_non_null(b);
	status_copy(b, &s);
	status_free(b);
	assert_int_equal(s.state, GATE_STARTING);
	assert_false(s.source_up);
	assert_true(s.drbg_ok && s.sink_ok && s.directory_ok && s.reload_ok);
	assert_true(s.kernel_quality_ratio < 0);
	assert_true(s.now_mono_ns >= s.start_mono_ns && s.start_mono_ns > 0);
	assert_true(s.now_real_ns > 0);
	assert_int_equal(s.last_reload_mono_ns, s.start_mono_ns);
	assert_int_equal(s.last_refresh_mono_ns, 0);
}

#define SECOND INT64_C(1000000000)

/* What the two clocks show at the second copy, after 1000 s and the time of day `wall` at the first; and the wall time
 * of the start in that copy, 10 s on the monotonic clock before the first. */
struct clock_row {
	const char *name;
	int64_t wall, mono_by, wall_by, start;
};

static const struct clock_row clock_rows[] = {
	{"both clocks go on", 1700000000 * SECOND, 60 * SECOND, 60 * SECOND, 1699999990 * SECOND},
	{"the clock that stood in 1970 is set", 5 * SECOND, 60 * SECOND, 1700000000 * SECOND, 1699999935 * SECOND},
	{"an hour back", 1700000000 * SECOND, 60 * SECOND, -3540 * SECOND, 1699996390 * SECOND},
	{"back before 1970", 1700000000 * SECOND, 60 * SECOND, -1700000100 * SECOND, -170 * SECOND},
	{"the time between two readings is no step", 1700000000 * SECOND, 60 * SECOND, 60 * SECOND + 1000000,
	 1699999990 * SECOND},
	{"nor the other way", 1700000000 * SECOND, 60 * SECOND, 60 * SECOND - 1000000, 1699999990 * SECOND},
	{"the smallest step", 1700000000 * SECOND, 60 * SECOND, 60 * SECOND + 1000001, 1699999990 * SECOND + 1000001},
	{"the machine slept for a day", 1700000000 * SECOND, 86400 * SECOND, 86400 * SECOND, 1699999990 * SECOND},
};
enum { CLOCK_ROWS = sizeof clock_rows / sizeof *clock_rows };

struct clocks {
	int64_t mono, wall;
};

static int64_t clocks_mono(void *self)
{
	return ((struct clocks *)self)->mono;
}

static int64_t clocks_wall(void *self)
{
	return ((struct clocks *)self)->wall;
}

static void test_clock(void **state)
{
	const struct clock_row *r = *state;
	struct clocks c = {990 * SECOND, r->wall - 10 * SECOND};
	const struct io io = {.self = &c, .mono_ns = clocks_mono, .real_ns = clocks_wall};
	struct status s;
	struct status_board *b = status_new(&io, NULL);
	c = (struct clocks){1000 * SECOND, r->wall};
	status_copy(b, &s);
	assert_int_equal(s.now_mono_ns, 1000 * SECOND);
	assert_int_equal(s.now_real_ns, r->wall);
	assert_int_equal(status_wall_ns(&s, s.start_mono_ns), r->wall - 10 * SECOND);
	c.mono += r->mono_by;
	c.wall += r->wall_by;
	status_copy(b, &s);
	assert_int_equal(s.now_mono_ns, 1000 * SECOND + r->mono_by);
	assert_int_equal(status_wall_ns(&s, s.start_mono_ns), r->start);
	status_free(b);
}

static void test_free_accepts_null(void **state)
{
	(void)state;
	status_free(NULL);
}

static void test_a_copy_is_independent(void **state)
{
	struct status first, second;
	struct status_board *b = status_new(&io_posix, NULL);
	(void)state;
	status_copy(b, &first);
	status_edit(b)->generation = 7;
	status_done(b);
	status_copy(b, &second);
	status_free(b);
	assert_int_equal(first.generation, 0);
	assert_int_equal(second.generation, 7);
	assert_true(second.now_mono_ns >= first.now_mono_ns);
}

enum { EDITS = 20000, WRITERS = 3 };

/* The two counters always change together; a copy that sees them differ saw half of an edit. */
static void *writer(void *arg)
{
	struct status_board *b = arg;
	for (int i = 0; i < EDITS; i++) {
		struct status *s = status_edit(b);
		s->read_bytes++;
		status_text(s->source_error, sizeof s->source_error, i % 2 ? "aaaaaaaaaaaaaaaa" : "bbbbbbbb");
		s->numbers_written++;
		status_done(b);
	}
	return NULL;
}

static void test_threads_edit_and_copies_are_whole(void **state)
{
	struct status_board *b = status_new(&io_posix, NULL);
	pthread_t threads[WRITERS];
	struct status s = {.read_bytes = 0};
	(void)state;
	for (int i = 0; i < WRITERS; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, writer, b), 0);
	while (s.read_bytes < (uint64_t)EDITS * WRITERS) {
		status_copy(b, &s);
		assert_int_equal(s.read_bytes, s.numbers_written);
		assert_true(strlen(s.source_error) == strspn(s.source_error, s.source_error[0] == 'a' ? "a" : "b"));
	}
	for (int i = 0; i < WRITERS; i++)
		pthread_join(threads[i], NULL);
	status_free(b);
}

static void test_names(void **state)
{
	(void)state;
	assert_string_equal(status_test_name(TEST_RCT), "repetition_count");
	assert_string_equal(status_test_name(TEST_APT), "adaptive_proportion");
	assert_string_equal(status_test_name(TEST_STARTUP), "startup");
	assert_string_equal(status_test_name(TEST_ON_DEMAND), "on_demand");
	assert_string_equal(status_severity_name(SEVERITY_PERMANENT), "permanent");
	assert_string_equal(status_cause_name(CAUSE_CGROUP), "cgroup");
	assert_string_equal(status_cause_name(CAUSE_UNSUPPORTED), "unsupported");
	assert_string_equal(status_reason_name(RESEED_RECOVERY), "recovery");
	assert_string_equal(status_stage_name(STAGE_PUBLISH), "publish");
	for (unsigned i = 0; i < STATUS_TESTS; i++)
		assert_non_null(status_test_name(i));
	for (unsigned i = 0; i < STATUS_CAUSES; i++)
		assert_non_null(status_cause_name(i));
}

int main(void)
{
	struct CMUnitTest rows[ADD_ROWS + TEXT_ROWS + CLOCK_ROWS] = {{0}};
	const struct CMUnitTest others[] = {
		cmocka_unit_test(test_bounds_rise),
		cmocka_unit_test(test_a_new_board_is_well_but_has_no_data),
		cmocka_unit_test(test_free_accepts_null),
		cmocka_unit_test(test_a_copy_is_independent),
		cmocka_unit_test(test_threads_edit_and_copies_are_whole),
		cmocka_unit_test(test_names),
	};
	for (size_t i = 0; i < ADD_ROWS; i++)
		rows[i] = (struct CMUnitTest){add_rows[i].name, test_add, NULL, NULL, (void *)(uintptr_t)&add_rows[i]};
	for (size_t i = 0; i < TEXT_ROWS; i++)
		rows[ADD_ROWS + i] =
			(struct CMUnitTest){text_rows[i].name, test_text, NULL, NULL, (void *)(uintptr_t)&text_rows[i]};
	for (size_t i = 0; i < CLOCK_ROWS; i++)
		rows[ADD_ROWS + TEXT_ROWS + i] = (struct CMUnitTest){clock_rows[i].name, test_clock, NULL, NULL,
								     (void *)(uintptr_t)&clock_rows[i]};
	int failed = cmocka_run_group_tests_name("status rows", rows, NULL, NULL);
	return failed + cmocka_run_group_tests_name("status", others, NULL, NULL);
}
