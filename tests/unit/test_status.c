/* status.c: the board under threads (run it with VARIANT=tsan too), its clocks, and which part each owner sets. */
#include "base/io.h"
#include "base/str.h"
#include "rows.h"
#include "run/status.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

static struct status_board *board(const struct io *io, struct gate *gate)
{
	struct status_board *b = malloc(sizeof *b);
	assert_non_null(b);
	memset(b, 0xa5, sizeof *b);
	status_init(b, io, gate);
	return b;
}

static void test_a_new_board_has_no_data(void **state)
{
	struct status s;
	struct status_board *b = board(&io_posix, NULL);
	(void)state;
	status_copy(b, &s);
	free(b);
	assert_true(s.now_ns > 0 && s.now_wall_ns > 0);
	s.now_ns = s.now_wall_ns = 0;
	for (size_t i = 0; i < sizeof s; i++)
		assert_int_equal(((const unsigned char *)&s)[i], 0);
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

struct clocks {
	int64_t mono, wall;
};

static int64_t clocks_ns(void *self, clockid_t id)
{
	const struct clocks *c = self;
	return id == CLOCK_REALTIME ? c->wall : c->mono;
}

static void test_clock(void **state)
{
	const struct clock_row *r = *state;
	struct clocks c = {990 * SECOND, r->wall - 10 * SECOND};
	const struct io io = {.self = &c, .clock_ns = clocks_ns};
	struct status s;
	struct status_board *b = board(&io, NULL);
	const int64_t start = 990 * SECOND;
	status_copy(b, &s);
	c = (struct clocks){1000 * SECOND, r->wall};
	status_copy(b, &s);
	assert_int_equal(s.now_ns, 1000 * SECOND);
	assert_int_equal(s.now_wall_ns, r->wall);
	assert_int_equal(status_wall_ns(&s, start), r->wall - 10 * SECOND);
	c.mono += r->mono_by;
	c.wall += r->wall_by;
	status_copy(b, &s);
	assert_int_equal(s.now_ns, 1000 * SECOND + r->mono_by);
	assert_int_equal(status_wall_ns(&s, start), r->start);
	free(b);
}

static void test_a_copy_is_independent(void **state)
{
	struct status first, second;
	struct status_board *b = board(&io_posix, NULL);
	(void)state;
	status_copy(b, &first);
	status_set(b, &(struct sink_counts){.generation = 7});
	status_copy(b, &second);
	free(b);
	assert_int_equal(first.output.generation, 0);
	assert_int_equal(second.output.generation, 7);
	assert_true(second.now_ns >= first.now_ns);
}

/* Each owner's counters arrive in its own part, and the gate's view with them. */
static void test_every_part_has_its_place(void **state)
{
	struct status s;
	struct gate gate;
	(void)state;
	gate_init(&gate, 1);
	gate_tell(&gate, GATE_PERMANENT, "zeros", 2, 3);
	struct status_board *b = board(&io_posix, &gate);
	status_set(b, &(struct source_identity){.sample_bits = 1});
	status_set(b, &(struct source_counts){.read_bytes = 2});
	status_set(b, &(struct health_counts){.samples = 3});
	status_set(b, &(struct drbg_counts){.generated_bytes = 4});
	status_set(b, &(struct refresh_counts){.attempts = 5});
	status_set(b, &(struct sink_counts){.generation = 6});
	status_set(b, &(struct daemon_counts){.start_ns = 7});
	status_set(b, &(struct confine_report){.count = 1});
	status_copy(b, &s);
	free(b);
	assert_int_equal(s.noise.sample_bits, 1);
	assert_int_equal(s.source.read_bytes, 2);
	assert_int_equal(s.health.samples, 3);
	assert_int_equal(s.drbg.generated_bytes, 4);
	assert_int_equal(s.refresh.attempts, 5);
	assert_int_equal(s.output.generation, 6);
	assert_int_equal(s.daemon.start_ns, 7);
	assert_int_equal(s.confine.count, 1);
	assert_int_equal(s.gate.state, GATE_FAILED);
	assert_string_equal(s.gate.reason, "zeros");
}

/* The collector latches a failure while the clocks are read for a copy. */
static int64_t fail_meanwhile(void *gate, clockid_t id)
{
	(void)id;
	gate_tell(gate, GATE_PERMANENT, "zeros", 2 * SECOND, 3 * SECOND);
	return SECOND;
}

/* The parts are copied before the clocks are read, so this failure came too late for them, and for the gate as well. */
static void test_a_state_never_comes_without_what_led_to_it(void **state)
{
	struct status s;
	struct gate gate;
	const struct io io = {.self = &gate, .clock_ns = fail_meanwhile};
	(void)state;
	gate_init(&gate, 1);
	struct status_board *b = board(&io, &gate);
	status_copy(b, &s);
	assert_int_equal(s.gate.state, GATE_STARTING);
	assert_true(s.gate.since_ns <= s.now_ns);
	status_copy(b, &s);
	assert_int_equal(s.gate.state, GATE_FAILED);
	free(b);
}

enum { EDITS = 20000 };

/* The members always change together; a copy that sees them differ saw half of a change. */
static void *writer(void *arg)
{
	struct status_board *b = arg;
	struct source_counts c = {.read_bytes = 0};
	for (int i = 0; i < EDITS; i++) {
		c.read_bytes++;
		str_copy(c.error, sizeof c.error, i % 2 ? "aaaaaaaaaaaaaaaa" : "bbbbbbbb");
		c.read_seconds.count++;
		status_set(b, &c);
	}
	return NULL;
}

static void test_copies_beside_a_writer_are_whole(void **state)
{
	struct status_board *b = board(&io_posix, NULL);
	pthread_t thread;
	struct status s = {.now_ns = 0};
	(void)state;
	assert_int_equal(pthread_create(&thread, NULL, writer, b), 0);
	while (s.source.read_bytes < EDITS) {
		status_copy(b, &s);
		assert_int_equal(s.source.read_bytes, s.source.read_seconds.count);
		assert_true(strlen(s.source.error) == strspn(s.source.error, s.source.error[0] == 'a' ? "a" : "b"));
	}
	pthread_join(thread, NULL);
	free(b);
}

static void test_names(void **state)
{
	(void)state;
	assert_string_equal(health_test_names[HEALTH_RCT], "repetition_count");
	assert_string_equal(health_test_names[HEALTH_APT], "adaptive_proportion");
	assert_string_equal(health_test_names[HEALTH_STARTUP], "startup");
	assert_string_equal(health_test_names[HEALTH_ON_DEMAND], "on_demand");
	assert_string_equal(health_verdict_names[HEALTH_INTERMITTENT], "intermittent");
	assert_string_equal(health_verdict_names[HEALTH_INTERMITTENT + 1], "permanent");
	assert_string_equal(source_cause_names[SOURCE_CGROUP], "cgroup");
	assert_string_equal(source_cause_names[SOURCE_UNSUPPORTED], "unsupported");
	assert_string_equal(drbg_reason_names[DRBG_RECOVERY], "recovery");
	assert_string_equal(refresh_stage_names[REFRESH_PUBLISH], "publish");
}

int main(void)
{
	const struct CMUnitTest others[] = {
		cmocka_unit_test(test_a_new_board_has_no_data),
		cmocka_unit_test(test_a_copy_is_independent),
		cmocka_unit_test(test_every_part_has_its_place),
		cmocka_unit_test(test_a_state_never_comes_without_what_led_to_it),
		cmocka_unit_test(test_copies_beside_a_writer_are_whole),
		cmocka_unit_test(test_names),
	};
	int failed = ROWS_RUN("status rows", test_clock, clock_rows);
	return failed + cmocka_run_group_tests_name("status", others, NULL, NULL);
}
