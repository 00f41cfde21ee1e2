/* The collector thread with a scripted noise source: what enters the pool, which state follows, what is told. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/log.h"
#include "run/collector.h"
#include "run/thread.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum step_kind { GIVE_GOOD, GIVE_ZEROS, GIVE_ERROR, DEMAND, HANG, GIVE_LATE };
struct step {
	enum step_kind kind;
	size_t n;                /* samples, or errors */
	enum source_cause cause; /* GIVE_ERROR */
};

/* A source that follows a script and then hangs until it is let go. */
struct script {
	const struct step *steps;
	size_t at, left;
	uint64_t seed;
	struct collector *collector; /* for DEMAND */
	bool let_go;                 /* HANG ends with an error, GIVE_LATE with good samples */
	pthread_mutex_t lock;
	pthread_cond_t go;
};

static uint8_t next_good(struct script *s)
{
	s->seed = s->seed * 6364136223846793005U + 1442695040888963407U;
	return (uint8_t)(s->seed >> 56);
}

static void wait_to_be_let_go(struct script *s)
{
	pthread_mutex_lock(&s->lock);
	while (!s->let_go)
		pthread_cond_wait(&s->go, &s->lock);
	pthread_mutex_unlock(&s->lock);
}

static void let_go(struct script *s)
{
	pthread_mutex_lock(&s->lock);
	s->let_go = true;
	pthread_cond_broadcast(&s->go);
	pthread_mutex_unlock(&s->lock);
}

static ssize_t hang(struct script *s, enum source_cause *cause, struct err *e)
{
	wait_to_be_let_go(s);
	*cause = SOURCE_END;
	return err_set(e, ERR_UNAVAILABLE, 0, "script: let go");
}

static ssize_t script_read(void *self, uint8_t *buf, size_t cap, enum source_cause *cause, struct err *e)
{
	struct script *s = self;
	while (s->left == 0 && s->steps[s->at].kind != HANG) {
		s->left = s->steps[++s->at].n;
		if (s->steps[s->at].kind == DEMAND)
			collector_on_demand(s->collector);
	}
	const struct step *step = &s->steps[s->at];
	if (step->kind == HANG)
		return hang(s, cause, e);
	if (step->kind == GIVE_LATE)
		wait_to_be_let_go(s);
	if (step->kind == GIVE_ERROR) {
		s->left--;
		*cause = step->cause;
		return err_set(e, ERR_UNAVAILABLE, 0, "script: error");
	}
	size_t n = cap < s->left ? cap : s->left;
	for (size_t i = 0; i < n; i++)
		buf[i] = step->kind == GIVE_ZEROS ? 0 : next_good(s);
	s->left -= n;
	return (ssize_t)n;
}

static void script_free(void *self)
{
	(void)self;
}

static const struct source_ops script_ops = {.read = script_read, .free = script_free};

struct rig {
	struct script script;
	struct source source;
	struct pool *pool;
	struct gate gate;
	struct status_board board;
	struct pipeline p;
	struct collector *collector;
	struct thread thread;
};

static void nobody(void *self)
{
	(void)self;
}

static void rig_start(struct rig *r, const struct step *steps)
{
	struct err e = {0};
	log_setup((struct log_config){.level = LOG_ERROR});
	*r = (struct rig){.script = {.steps = steps, .left = steps[0].n, .seed = 42}};
	pthread_mutex_init(&r->script.lock, NULL);
	pthread_cond_init(&r->script.go, NULL);
	r->source = (struct source){.ops = &script_ops, .self = &r->script, .kind = SOURCE_REPLAY, .name = "script"};
	r->pool = pool_new(1024, NULL, &e);
	gate_init(&r->gate, io_now_ns(&io_posix));
	status_init(&r->board, &io_posix, &r->gate);
	r->p = (struct pipeline){.io = &io_posix,
				 .source = &r->source,
				 .pool = r->pool,
				 .gate = &r->gate,
				 .board = &r->board,
				 .seed = {.h_per_sample = 4, .margin_bits = DRBG_MARGIN_BITS},
				 .ring = nobody};
	const struct run_config c = {
		.source = {.min_entropy = 4, .sample_bits = 8, .timeout_seconds = 5, .pool_samples = 1024},
		.health = {.alpha_log2_intermittent = -30,
			   .alpha_log2_permanent = -60,
			   .startup_samples = 1024,
			   .retry_min_seconds = 0.05,
			   .retry_max_seconds = 0.1,
			   .watch_interval_seconds = 30},
		.interval_seconds = 30,
	};
	r->collector = collector_new(&r->p, &c, &e);
	assert_non_null(r->collector);
	assert_int_equal(thread_start(&r->thread, "collector", collector_main, r->collector, &e), 0);
}

static void rig_end(struct rig *r)
{
	collector_stop(r->collector);
	let_go(&r->script);
	pool_close(r->pool);
	assert_true(thread_join(&r->thread, io_now_ns(&io_posix) + 5000000000));
	collector_free(r->collector);
	pool_free(r->pool);
}

/* Looks at the board until `there` says so; fails the test after 10 s. */
static struct status await(struct rig *r, bool (*there)(const struct status *s, uint64_t n), uint64_t n)
{
	struct status s;
	int64_t end = io_now_ns(&io_posix) + 10000000000;
	for (;;) {
		status_copy(&r->board, &s);
		if (there(&s, n))
			return s;
		if (io_now_ns(&io_posix) > end)
			fail_msg("not in 10 s; state %s, %llu samples read", gate_state_names[s.gate.state],
				 (unsigned long long)s.source.read_bytes);
		nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
	}
}

static bool has_read(const struct status *s, uint64_t n)
{
	return s->source.read_bytes >= n && s->source.read_began_ns != 0;
}

static bool is_state(const struct status *s, uint64_t state)
{
	return s->gate.state == (enum gate_state)state;
}

static bool has_errors(const struct status *s, uint64_t n)
{
	return s->source.read_errors[SOURCE_NO_DRIVER] >= n;
}

static bool has_started(const struct status *s, uint64_t n)
{
	return s->health.tests[HEALTH_STARTUP] >= n && s->gate.state == GATE_OK;
}

static bool has_on_demand(const struct status *s, uint64_t n)
{
	return s->health.tests[HEALTH_ON_DEMAND] >= n;
}

static void start_up_samples_never_enter_the_pool(void **state)
{
	(void)state;
	struct rig r;
	rig_start(&r, (const struct step[]){{GIVE_GOOD, 1023}, {HANG}});
	struct status s = await(&r, has_read, 1023);
	assert_int_equal(s.gate.state, GATE_STARTING);
	assert_int_equal(s.health.startup_done, 1023);
	assert_int_equal(pool_counts(r.pool).level, 0);
	rig_end(&r);
	rig_start(&r, (const struct step[]){{GIVE_GOOD, 1024}, {HANG}});
	await(&r, is_state, GATE_OK);
	assert_int_equal(pool_counts(r.pool).level, 0);
	rig_end(&r);
	rig_start(&r, (const struct step[]){{GIVE_GOOD, 1024 + 10}, {HANG}});
	await(&r, has_read, 1034);
	assert_int_equal(pool_counts(r.pool).level, 10);
	rig_end(&r);
}

static void it_rests_when_the_pool_is_full(void **state)
{
	(void)state;
	struct rig r;
	rig_start(&r, (const struct step[]){{GIVE_GOOD, 100000}, {HANG}});
	struct status s;
	do
		status_copy(&r.board, &s);
	while (s.source.read_bytes < 2048);
	nanosleep(&(struct timespec){.tv_nsec = 50000000}, NULL);
	status_copy(&r.board, &s);
	assert_int_equal(s.source.read_bytes, 2048); /* start-up and one full pool, not a sample more */
	assert_int_equal(s.source.read_began_ns, 0);
	uint8_t out[500];
	assert_int_equal(pool_take(r.pool, out, sizeof out), 500);
	while (pool_counts(r.pool).level < 1024)
		nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
	rig_end(&r);
}

/* Two starts of the pool's content: 1 + 1024 samples of the start-up test and the pool, then a window each time. */
static void a_full_pool_is_no_reason_to_look_away(void **state)
{
	(void)state;
	struct rig r;
	uint8_t first[512], later[512];
	rig_start(&r, (const struct step[]){{GIVE_GOOD, 2048 + 512}, {GIVE_ZEROS, 16}, {HANG}});
	do
		nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
	while (pool_counts(r.pool).level < 1024);
	assert_int_equal(pool_take(r.pool, first, sizeof first), 512);
	do
		nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
	while (pool_counts(r.pool).level < 1024);
	assert_int_equal(gate_view(&r.gate).state, GATE_OK);
	/* Nobody takes any more: the zeros behind are seen only because it looks. */
	collector_configure(r.collector, 5, 0.01);
	await(&r, is_state, GATE_FAILED);
	assert_int_equal(pool_take(r.pool, later, sizeof later), 0);
	rig_end(&r);
}

static void a_peak_is_that_of_a_whole_window(void **state)
{
	(void)state;
	struct rig r;
	rig_start(&r, (const struct step[]){{GIVE_GOOD, 1024}, {GIVE_ZEROS, 8}, {GIVE_GOOD, 504 + 100}, {HANG}});
	struct status s = await(&r, has_read, 1024 + 8 + 604);
	assert_int_equal(s.health.peaks[HEALTH_RCT], 8); /* the 100 good samples of the next window do not hide it */
	assert_int_equal(s.health.failures[HEALTH_RCT][0], 0);
	rig_end(&r);
}

static void a_permanent_failure_empties_the_pool_and_latches(void **state)
{
	(void)state;
	struct rig r;
	rig_start(&r, (const struct step[]){{GIVE_GOOD, 1024 + 500}, {GIVE_ZEROS, 16}, {HANG}});
	struct status s = await(&r, is_state, GATE_FAILED);
	assert_int_equal(pool_counts(r.pool).level, 0);
	assert_int_equal(s.health.failures[HEALTH_RCT][0], 1);
	assert_int_equal(s.health.failures[HEALTH_RCT][1], 1);
	assert_non_null(strstr(s.gate.reason, "count 16 reached cutoff 16"));
	rig_end(&r);
}

static void good_data_alone_brings_back_only_through_a_start_up_test(void **state)
{
	(void)state;
	struct rig r;
	rig_start(&r, (const struct step[]){{GIVE_GOOD, 1524}, {GIVE_ZEROS, 16}, {GIVE_GOOD, 1023}, {HANG}});
	struct status s = await(&r, has_read, 1524 + 16 + 1023);
	assert_int_equal(s.gate.state, GATE_STARTING); /* the back-off is over, 1023 samples are not 1024 */
	assert_int_equal(pool_counts(r.pool).level, 0);
	rig_end(&r);
	rig_start(&r, (const struct step[]){{GIVE_GOOD, 1524}, {GIVE_ZEROS, 16}, {GIVE_GOOD, 1024 + 7}, {HANG}});
	s = await(&r, has_started, 2);
	await(&r, has_read, 1524 + 16 + 1031);
	assert_int_equal(pool_counts(r.pool).level, 7);
	assert_string_equal(s.gate.reason, "");
	rig_end(&r);
}

static void a_long_bad_stretch_in_a_queue_is_passed(void **state)
{
	(void)state;
	struct rig r;
	rig_start(&r, (const struct step[]){{GIVE_GOOD, 1524}, {GIVE_ZEROS, 50000}, {GIVE_GOOD, 8000}, {HANG}});
	struct status s = await(&r, has_started, 2);
	assert_true(s.health.failures[HEALTH_RCT][1] >= 2);
	rig_end(&r);
}

static void an_intermittent_failure_asks_for_a_new_start_up_test(void **state)
{
	(void)state;
	struct rig r;
	rig_start(&r, (const struct step[]){{GIVE_GOOD, 1524}, {GIVE_ZEROS, 9}, {GIVE_GOOD, 1023}, {HANG}});
	struct status s = await(&r, has_read, 1524 + 9 + 1023);
	assert_int_equal(s.gate.state, GATE_RECOVERING);
	assert_int_equal(pool_counts(r.pool).level, 0);
	assert_int_equal(s.health.failures[HEALTH_RCT][1], 0);
	rig_end(&r);
	rig_start(&r, (const struct step[]){{GIVE_GOOD, 1524}, {GIVE_ZEROS, 9}, {GIVE_GOOD, 1500}, {HANG}});
	await(&r, has_started, 2);
	rig_end(&r);
}

static void a_lost_source_has_to_pass_the_start_up_test_again(void **state)
{
	(void)state;
	struct rig r;
	rig_start(&r, (const struct step[]){
			      {GIVE_GOOD, 1524}, {GIVE_ERROR, 2, SOURCE_NO_DRIVER}, {GIVE_GOOD, 1000}, {HANG}});
	await(&r, has_errors, 2);
	struct status s = await(&r, has_read, 2524);
	assert_int_equal(s.gate.state, GATE_RECOVERING);
	assert_true(s.source.up); /* it is back ... */
	assert_string_equal(s.source.error, "");
	assert_int_equal(pool_counts(r.pool).level,
			 500); /* ... but nothing new is used before it passed; the old samples were tested */
	rig_end(&r);
}

static void an_error_is_told_while_it_lasts(void **state)
{
	(void)state;
	struct rig r;
	rig_start(&r, (const struct step[]){{GIVE_GOOD, 100}, {GIVE_ERROR, 1, SOURCE_NO_DRIVER}, {HANG}});
	struct status s = await(&r, has_errors, 1);
	assert_false(s.source.up);
	assert_string_equal(s.source.error, "script: error");
	rig_end(&r);
}

static bool is_reading(const struct status *s, uint64_t n)
{
	return s->source.read_bytes == n && s->source.read_began_ns != 0;
}

/* A read that does not return is told once, whoever looks how often; what it brings in the end may be of another
 * generator, and passes the start-up test before it is used. */
static void a_read_that_does_not_return_closes_the_gate(void **state)
{
	(void)state;
	struct rig r;
	rig_start(&r, (const struct step[]){
			      {GIVE_GOOD, 1524}, {GIVE_LATE, 1024}, {GIVE_ERROR, 1, SOURCE_NO_DRIVER}, {HANG}});
	struct status s = await(&r, is_reading, 1524);
	collector_check_stuck(r.collector);
	assert_int_equal(gate_view(&r.gate).state, GATE_OK); /* 5 s are not over */
	collector_configure(r.collector, 1e-9, 30);
	for (int i = 0; i < 3; i++)
		collector_check_stuck(r.collector);
	status_copy(&r.board, &s);
	assert_int_equal(s.source.read_errors[SOURCE_TIMEOUT], 1);
	assert_false(s.source.up);
	assert_int_equal(s.gate.state, GATE_RECOVERING);
	assert_non_null(strstr(s.gate.reason, "script: no data for"));
	assert_true(gate_is_hopeless(&r.gate, true));
	let_go(&r.script);
	s = await(&r, has_errors, 1);
	assert_int_equal(s.health.tests[HEALTH_STARTUP], 2);
	assert_int_equal(pool_counts(r.pool).level, 500);
	rig_end(&r);
}

static void an_on_demand_test_takes_fresh_samples_and_keeps_them_out(void **state)
{
	(void)state;
	struct rig r;
	rig_start(&r, (const struct step[]){{GIVE_GOOD, 1024 + 1024 + 1024}, {HANG}});
	while (pool_counts(r.pool).level < 1024)
		nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
	collector_on_demand(r.collector);
	struct status s = await(&r, has_on_demand, 1);
	assert_int_equal(s.source.read_bytes, 3 * 1024);
	assert_int_equal(s.gate.state, GATE_OK);
	assert_int_equal(pool_counts(r.pool).level, 1024);
	rig_end(&r);
}

/* Each request would begin it anew, and none of its samples may be used: the pool would starve. */
static void an_on_demand_test_under_way_is_not_begun_again(void **state)
{
	(void)state;
	struct rig r;
	rig_start(&r, (const struct step[]){{GIVE_GOOD, 1024 + 1024 + 600}, {DEMAND}, {GIVE_GOOD, 424}, {HANG}});
	while (pool_counts(r.pool).level < 1024)
		nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
	r.script.collector = r.collector;
	collector_on_demand(r.collector);
	await(&r, has_on_demand, 1);
	rig_end(&r);
}

static void a_thread_in_a_read_that_hangs_cannot_be_joined_in_time(void **state)
{
	(void)state;
	struct rig r;
	rig_start(&r, (const struct step[]){{GIVE_GOOD, 10}, {HANG}});
	await(&r, has_read, 10);
	collector_stop(r.collector);
	assert_false(thread_join(&r.thread, io_now_ns(&io_posix) + 20000000));
	rig_end(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(start_up_samples_never_enter_the_pool),
		cmocka_unit_test(it_rests_when_the_pool_is_full),
		cmocka_unit_test(a_full_pool_is_no_reason_to_look_away),
		cmocka_unit_test(a_peak_is_that_of_a_whole_window),
		cmocka_unit_test(a_permanent_failure_empties_the_pool_and_latches),
		cmocka_unit_test(good_data_alone_brings_back_only_through_a_start_up_test),
		cmocka_unit_test(a_long_bad_stretch_in_a_queue_is_passed),
		cmocka_unit_test(an_intermittent_failure_asks_for_a_new_start_up_test),
		cmocka_unit_test(a_lost_source_has_to_pass_the_start_up_test_again),
		cmocka_unit_test(an_error_is_told_while_it_lasts),
		cmocka_unit_test(a_read_that_does_not_return_closes_the_gate),
		cmocka_unit_test(an_on_demand_test_takes_fresh_samples_and_keeps_them_out),
		cmocka_unit_test(an_on_demand_test_under_way_is_not_begun_again),
		cmocka_unit_test(a_thread_in_a_read_that_hangs_cannot_be_joined_in_time),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
