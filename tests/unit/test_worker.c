/* The worker thread over a real pool, DRBG and file: when it refreshes, what it publishes, how it fails. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/log.h"
#include "fake_io.h"
#include "run/thread.h"
#include "run/worker.h"
#include "seed/drbg.h"

#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

struct rig {
	struct fake_io files; /* only its directory is used: the worker gets the real calls */
	struct pool *pool;
	struct sink *sink;
	struct gate gate;
	struct status_board board;
	struct pipeline p;
	struct worker *worker;
	struct thread thread;
	char path[512];
	struct sink_config output;
};

/* Of the worker: it ends. */
static atomic_uint ends;

static void count_end(void *self)
{
	(void)self;
	atomic_fetch_add(&ends, 1);
}

static atomic_bool openssl_refuses;

int __real_drbg_instantiate(struct drbg *d, const uint8_t *pers, size_t pers_len, struct err *e);
int __wrap_drbg_instantiate(struct drbg *d, const uint8_t *pers, size_t pers_len, struct err *e);
int __wrap_drbg_instantiate(struct drbg *d, const uint8_t *pers, size_t pers_len, struct err *e)
{
	return atomic_load(&openssl_refuses) ? err_set(e, ERR_SOFTWARE, 0, "refused")
					     : __real_drbg_instantiate(d, pers, pers_len, e);
}

static struct run_config config_of(double interval, uint64_t count)
{
	return (struct run_config){
		.source = {.min_entropy = 4, .sample_bits = 8, .timeout_seconds = 0.2, .startup_timeout_seconds = 0.2},
		.seed = {.reseed_bytes = 1 << 20},
		.numbers = {.format = NUMBERS_INT32, .count = count, .bytes = 16},
		.output = {.mode = 0444, .uid = (uid_t)-1, .gid = (gid_t)-1},
		.interval_seconds = interval,
	};
}

static void fill(struct rig *r, size_t n)
{
	uint8_t samples[1024];
	assert_int_equal(getrandom(samples, n, 0), (ssize_t)n);
	assert_int_equal(pool_put(r->pool, samples, n), n);
}

static void rig_start(struct rig *r, struct run_config c, size_t samples)
{
	struct err e = {0};
	log_setup((struct log_config){.level = LOG_ERROR});
	fake_io_init(&r->files);
	r->output = c.output;
	snprintf(r->output.file, sizeof r->output.file, "%s", fake_io_path(&r->files, "out.txt", r->path));
	r->pool = pool_new(1024, NULL, &e);
	gate_init(&r->gate, io_now_ns(&io_posix));
	gate_tell(&r->gate, GATE_PASSED, "", io_now_ns(&io_posix), 0);
	status_init(&r->board, &io_posix, &r->gate);
	r->sink = sink_open(&r->output, &io_posix, &e);
	assert_non_null(r->sink);
	static const struct source_ops ops = {0};
	static const struct source source = {.ops = &ops, .kind = SOURCE_REPLAY, .name = "rig"};
	r->p = (struct pipeline){.io = &io_posix,
				 .source = &source,
				 .pool = r->pool,
				 .sink = r->sink,
				 .gate = &r->gate,
				 .board = &r->board,
				 .seed = {.h_per_sample = 4, .margin_bits = DRBG_MARGIN_BITS},
				 .writes_once = run_is_once(&c),
				 .ring = count_end};
	if (samples)
		fill(r, samples);
	r->worker = worker_new(&r->p, &c, &e);
	assert_non_null(r->worker);
	assert_int_equal(thread_start(&r->thread, "worker", worker_main, r->worker, &e), 0);
}

static void rig_end(struct rig *r)
{
	worker_stop(r->worker);
	pool_close(r->pool);
	assert_true(thread_join(&r->thread, io_now_ns(&io_posix) + 5000000000));
	assert_int_equal(atomic_exchange(&ends, 0), 1);
	worker_free(r->worker);
	sink_free(r->sink);
	assert_int_equal(fake_file_count(&r->files, ".tmp"), 0);
	pool_free(r->pool);
	fake_io_fini(&r->files);
}

static struct status await(struct rig *r, bool (*there)(const struct status *s, uint64_t n), uint64_t n)
{
	struct status s;
	int64_t end = io_now_ns(&io_posix) + 10000000000;
	for (;;) {
		status_copy(&r->board, &s);
		if (there(&s, n))
			return s;
		if (io_now_ns(&io_posix) > end)
			fail_msg("not in 10 s: generation %llu, error %s", (unsigned long long)s.output.generation,
				 s.refresh.error);
		nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
	}
}

static bool has_generation(const struct status *s, uint64_t n)
{
	return s->output.generation >= n;
}

static bool has_starved(const struct status *s, uint64_t n)
{
	return s->refresh.failures[REFRESH_ENTROPY] >= n;
}

static bool has_failed_write(const struct status *s, uint64_t n)
{
	return s->refresh.failures[REFRESH_WRITE] + s->refresh.failures[REFRESH_PUBLISH] >= n;
}

static bool has_refreshed(const struct status *s, uint64_t n)
{
	return s->refresh.attempts >= n && strcmp(s->refresh.activity, "waiting") == 0;
}

static bool waits_for_entropy(const struct status *s, uint64_t n)
{
	(void)n;
	return strcmp(s->refresh.activity, "entropy") == 0;
}

static unsigned lines(struct rig *r)
{
	static const size_t cap = 64 * 1024;
	char text[64 * 1024];
	int len = fake_file_read(&r->files, "out.txt", text, cap);
	unsigned n = 0;
	for (int i = 0; i < len; i++)
		n += text[i] == '\n';
	return n;
}

static void once_writes_the_file_and_says_so(void **state)
{
	(void)state;
	struct rig r;
	struct err e = {0};
	int rc = 1;
	rig_start(&r, config_of(0, 1000), 112);
	struct status s = await(&r, has_refreshed, 1);
	while (!worker_finished(r.worker, &rc, &e))
		;
	assert_int_equal(rc, 0);
	assert_int_equal(lines(&r), 1000);
	assert_int_equal(s.drbg.reseeds[DRBG_START], 1);
	assert_int_equal(s.output.file_numbers, 1000);
	assert_int_equal(s.drbg.generated_bytes, 4000);
	rig_end(&r);
}

static void one_sample_too_few_is_no_seed(void **state)
{
	(void)state;
	struct rig r;
	struct err e = {0};
	int rc = 0;
	rig_start(&r, config_of(0, 10), 111);
	await(&r, has_starved, 1);
	while (!worker_finished(r.worker, &rc, &e))
		;
	assert_int_equal(rc, -1);
	assert_int_equal(e.code, ERR_UNAVAILABLE);
	assert_non_null(strstr(e.msg, "111 of 112 samples"));
	assert_int_equal(lines(&r), 0);
	rig_end(&r);
}

static void a_starved_refresh_begins_when_the_pool_has_enough(void **state)
{
	(void)state;
	struct rig r;
	rig_start(&r, config_of(3600, 10), 0);
	await(&r, has_starved, 1);
	fill(&r, 112);
	struct status s = await(&r, has_generation, 1); /* an hour before the next tick */
	assert_string_equal(s.refresh.error, "");
	rig_end(&r);
}

/* OpenSSL refuses, and the pool is full: a try at each tick, no storm of them, and not live. */
static void a_seed_that_openssl_refuses_waits_for_the_tick(void **state)
{
	(void)state;
	struct rig r;
	atomic_store(&openssl_refuses, true);
	rig_start(&r, config_of(3600, 10), 1024);
	struct status s = await(&r, has_starved, 1);
	nanosleep(&(struct timespec){.tv_nsec = 50000000}, NULL);
	status_copy(&r.board, &s);
	assert_int_equal(s.refresh.attempts, 1);
	assert_false(s.drbg.ok);
	assert_string_equal(s.drbg.error, "refused");
	atomic_store(&openssl_refuses, false);
	worker_refresh_now(r.worker);
	s = await(&r, has_generation, 1);
	assert_true(s.drbg.ok);
	rig_end(&r);
}

static void ticks_need_a_fresh_seed_each(void **state)
{
	(void)state;
	struct rig r;
	rig_start(&r, config_of(0.01, 10), 112);
	await(&r, has_starved, 1); /* the first took the whole pool */
	struct status s;
	status_copy(&r.board, &s);
	assert_int_equal(s.output.generation, 1);
	fill(&r, 80);
	s = await(&r, has_generation, 2);
	assert_int_equal(s.drbg.reseeds[DRBG_START] + s.drbg.reseeds[DRBG_REFRESH], 2);
	rig_end(&r);
}

/* As the collector does it: the gate is told, then everybody is woken. */
static void tell(struct rig *r, enum gate_event e)
{
	gate_tell(&r->gate, e, "told", io_now_ns(&io_posix), INT64_MAX);
	pool_wake(r->pool, POOL_TAKER);
}

static void recovery_is_counted_by_its_name(void **state)
{
	(void)state;
	struct rig r;
	rig_start(&r, config_of(3600, 10), 112);
	await(&r, has_generation, 1);
	tell(&r, GATE_INTERMITTENT);
	tell(&r, GATE_PASSED);
	fill(&r, 80);
	worker_refresh_now(r.worker);
	struct status s = await(&r, has_generation, 2);
	assert_int_equal(s.drbg.reseeds[DRBG_RECOVERY], 1);
	assert_int_equal(s.drbg.reseeds[DRBG_REFRESH], 0);
	rig_end(&r);
}

static void a_long_refresh_reseeds_inside(void **state)
{
	(void)state;
	struct rig r;
	struct run_config c = config_of(3600, 100000);
	c.seed.reseed_bytes = 64 * 1024;
	rig_start(&r, c, 112);
	await(&r, has_starved,
	      1); /* at the first inner reseed the pool is empty: no number beyond the reseed interval */
	assert_int_equal(lines(&r), 0);
	struct status s;
	status_copy(&r.board, &s);
	assert_int_equal(s.output.generation, 0);
	int64_t end = io_now_ns(&io_posix) + 10000000000;
	do {
		if (pool_counts(r.pool).level < 512)
			fill(&r, 512);
		status_copy(&r.board, &s);
	} while (s.output.generation == 0 && io_now_ns(&io_posix) < end);
	assert_int_equal(s.output.generation, 1);
	assert_true(s.drbg.reseeds[DRBG_INTERVAL] >= 100000 * 4 / (64 * 1024));
	rig_end(&r);
}

static void a_directory_in_the_way_fails_and_heals(void **state)
{
	(void)state;
	struct rig r;
	rig_start(&r, config_of(3600, 10), 112);
	await(&r, has_generation, 1);
	unlink(r.path);
	assert_int_equal(mkdir(r.path, 0755), 0);
	fill(&r, 80);
	worker_refresh_now(r.worker);
	struct status s = await(&r, has_failed_write, 1);
	assert_false(s.output.ok);
	assert_int_equal(rmdir(r.path), 0);
	fill(&r, 80);
	worker_refresh_now(r.worker);
	s = await(&r, has_generation, 2);
	assert_true(s.output.ok);
	assert_int_equal(lines(&r), 10);
	rig_end(&r);
}

static void a_new_configuration_counts_from_the_next_refresh(void **state)
{
	(void)state;
	struct rig r;
	rig_start(&r, config_of(3600, 10), 112);
	await(&r, has_generation, 1);
	struct run_config c = config_of(1800, 20);
	fill(&r, 80);
	worker_configure(r.worker, &c, true);
	struct status s = await(&r, has_generation, 2);
	assert_int_equal(lines(&r), 20);
	assert_true(s.refresh.interval_seconds > 1799 && s.refresh.interval_seconds < 1801);
	rig_end(&r);
}

static bool has_interval_1800(const struct status *s, uint64_t n)
{
	(void)n;
	return s->refresh.interval_seconds > 1799 && s->refresh.interval_seconds < 1801;
}

static void a_configuration_without_a_rewrite_waits_for_the_tick(void **state)
{
	(void)state;
	struct rig r;
	rig_start(&r, config_of(3600, 10), 112);
	await(&r, has_generation, 1);
	fill(&r, 80);
	struct run_config c = config_of(1800, 20);
	int64_t before = io_now_ns(&io_posix);
	worker_configure(r.worker, &c, false);
	struct status s = await(&r, has_interval_1800, 0);

	/* The limit of its age is that of the new interval from now on. */
	assert_true(s.refresh.heartbeat_ns >= before);
	usleep(50000); /* time enough for a refresh that nobody wants */
	assert_int_equal(s.output.generation, 1);
	worker_refresh_now(r.worker);
	s = await(&r, has_generation, 2);
	assert_int_equal(lines(&r), 20);
	rig_end(&r);
}

static bool has_no_file(const struct status *s, uint64_t n)
{
	return s->output.generation >= n && s->output.published_ns == 0;
}

static struct run_config removing_config(double interval)
{
	struct run_config c = config_of(interval, 10);
	c.health.on_failure = HEALTH_REMOVE;
	return c;
}

static void the_file_of_a_failed_source_is_removed(void **state)
{
	(void)state;
	struct rig r;
	rig_start(&r, removing_config(3600), 112);
	await(&r, has_generation, 1);
	tell(&r, GATE_PERMANENT);
	int64_t end = io_now_ns(&io_posix) + 5000000000;
	while (access(r.path, F_OK) == 0 && io_now_ns(&io_posix) < end)
		;
	assert_int_equal(access(r.path, F_OK), -1);
	struct status s = await(&r, has_no_file, 1);
	assert_int_equal(s.output.generation, 1);
	assert_int_equal(s.output.file_numbers + s.output.file_bytes, 0);
	tell(&r, GATE_RETRY);
	tell(&r, GATE_PASSED);
	fill(&r, 80);
	s = await(&r, has_generation, 2); /* as soon as there is a seed, an hour before the tick */
	assert_int_equal(lines(&r), 10);
	assert_int_equal(s.output.file_numbers, 10);
	rig_end(&r);
}

/* Held at first: the reload comes after the failure. */
static void a_reload_to_remove_takes_the_file_away(void **state)
{
	(void)state;
	struct rig r;
	rig_start(&r, config_of(3600, 10), 112);
	await(&r, has_generation, 1);
	tell(&r, GATE_PERMANENT);
	usleep(50000);
	assert_int_equal(access(r.path, F_OK), 0);
	struct run_config c = removing_config(3600);
	worker_configure(r.worker, &c, false);
	await(&r, has_no_file, 1);
	assert_int_equal(access(r.path, F_OK), -1);
	rig_end(&r);
}

/* A failure that a start-up test has cleared again takes the old file away, and not the one that came after it. */
static void a_failure_that_has_passed_concerns_the_old_file_only(void **state)
{
	(void)state;
	struct rig r;
	rig_start(&r, removing_config(3600), 112);
	await(&r, has_generation, 1);
	worker_refresh_now(r.worker);
	await(&r, waits_for_entropy, 0);
	gate_tell(&r.gate, GATE_PERMANENT, "bad", io_now_ns(&io_posix), INT64_MAX);
	gate_tell(&r.gate, GATE_RETRY, "again", io_now_ns(&io_posix), 0);
	gate_tell(&r.gate, GATE_PASSED, "", io_now_ns(&io_posix), 0);
	fill(&r, 112);
	await(&r, has_generation, 2);
	usleep(50000);
	assert_int_equal(lines(&r), 10);
	rig_end(&r);
}

/* The gate knows of the failure, but the collector has woken nobody yet when the end comes. */
static void the_end_removes_what_a_failed_source_left(void **state)
{
	const bool *remove = *state;
	struct rig r;
	struct run_config c = config_of(3600, 10);
	c.health.on_failure = *remove ? HEALTH_REMOVE : HEALTH_HOLD;
	rig_start(&r, c, 112);
	await(&r, has_generation, 1);
	gate_tell(&r.gate, GATE_PERMANENT, "bad", io_now_ns(&io_posix), INT64_MAX);
	worker_stop(r.worker);
	assert_true(thread_join(&r.thread, io_now_ns(&io_posix) + 5000000000));
	assert_int_equal(access(r.path, F_OK), *remove ? -1 : 0);
	rig_end(&r);
}

static void what_one_run_has_published_stays(void **state)
{
	(void)state;
	struct rig r;
	rig_start(&r, removing_config(0), 112);
	await(&r, has_generation, 1);
	tell(&r, GATE_PERMANENT);
	assert_true(thread_join(&r.thread, io_now_ns(&io_posix) + 5000000000));
	assert_int_equal(lines(&r), 10);
	rig_end(&r);
}

static void removal_is_not_put_off_by_a_refresh_that_starves(void **state)
{
	(void)state;
	struct rig r;
	rig_start(&r, removing_config(3600), 112);
	await(&r, has_generation, 1);
	worker_refresh_now(r.worker);
	await(&r, waits_for_entropy, 0);
	tell(&r, GATE_PERMANENT);
	await(&r, has_no_file, 1);
	assert_int_equal(access(r.path, F_OK), -1);
	rig_end(&r);
}

static void a_refresh_before_its_tick_leaves_the_tick(void **state)
{
	(void)state;
	struct rig r;
	int64_t began = io_now_ns(&io_posix);
	rig_start(&r, config_of(2, 10), 112);
	await(&r, has_generation, 1);
	fill(&r, 512);
	worker_refresh_now(r.worker);
	await(&r, has_generation, 2);
	fill(&r, 512);
	await(&r, has_generation, 3);
	int64_t took = io_now_ns(&io_posix) - began;
	assert_true(took > 1900000000 && took < 3900000000); /* the tick after it would come at 4 s */
	rig_end(&r);
}

static bool has_settled(const struct status *s, uint64_t n)
{
	return s->output.generation >= n && strcmp(s->refresh.activity, "waiting") == 0;
}

static void a_manifest_that_fails_leaves_the_file_counted(void **state)
{
	(void)state;
	struct rig r;
	char path[512];
	struct run_config c = config_of(3600, 10);
	c.numbers.manifest = true;
	rig_start(&r, c, 0);
	assert_int_equal(mkdir(fake_io_path(&r.files, "out.txt.json", path), 0755), 0);
	fill(&r, 112);
	struct status s = await(&r, has_settled, 1);
	assert_int_equal(s.refresh.failures[REFRESH_PUBLISH], 1);
	assert_int_equal(s.output.generation, 1);
	assert_int_equal(s.output.file_numbers, 10);
	assert_int_equal(lines(&r), 10);
	assert_false(s.output.ok);
	assert_non_null(strstr(s.refresh.error, "out.txt.json, it is a directory now"));
	assert_int_equal(rmdir(path), 0);
	fill(&r, 80);
	worker_refresh_now(r.worker);
	s = await(&r, has_settled, 2);
	assert_true(s.output.ok);
	assert_int_equal(access(path, F_OK), 0);
	/* Switched off, it goes with the next file: it would speak of an older one. */
	c.numbers.manifest = false;
	fill(&r, 80);
	worker_configure(r.worker, &c, true);
	await(&r, has_settled, 3);
	assert_int_equal(access(path, F_OK), -1);
	rig_end(&r);
}

static void stop_abandons_a_long_refresh(void **state)
{
	(void)state;
	struct rig r;
	struct run_config c = config_of(3600, 1000000000);
	c.seed.reseed_bytes = (uint64_t)1 << 40;
	rig_start(&r, c, 112);
	while (fake_file_count(&r.files, "out.txt") == 0)
		;
	rig_end(&r); /* asserts an end within 5 s and no temporary file */
}

int main(void)
{
	static bool remove = true, hold = false;
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(once_writes_the_file_and_says_so),
		cmocka_unit_test(one_sample_too_few_is_no_seed),
		cmocka_unit_test(a_starved_refresh_begins_when_the_pool_has_enough),
		cmocka_unit_test(a_seed_that_openssl_refuses_waits_for_the_tick),
		cmocka_unit_test(ticks_need_a_fresh_seed_each),
		cmocka_unit_test(recovery_is_counted_by_its_name),
		cmocka_unit_test(a_long_refresh_reseeds_inside),
		cmocka_unit_test(a_directory_in_the_way_fails_and_heals),
		cmocka_unit_test(a_new_configuration_counts_from_the_next_refresh),
		cmocka_unit_test(a_configuration_without_a_rewrite_waits_for_the_tick),
		cmocka_unit_test(the_file_of_a_failed_source_is_removed),
		cmocka_unit_test(a_reload_to_remove_takes_the_file_away),
		cmocka_unit_test(a_failure_that_has_passed_concerns_the_old_file_only),
		{"the end removes what a failed source left", the_end_removes_what_a_failed_source_left, NULL, NULL,
		 &remove},
		{"the end holds what a failed source left", the_end_removes_what_a_failed_source_left, NULL, NULL,
		 &hold},
		cmocka_unit_test(what_one_run_has_published_stays),
		cmocka_unit_test(removal_is_not_put_off_by_a_refresh_that_starves),
		cmocka_unit_test(a_refresh_before_its_tick_leaves_the_tick),
		cmocka_unit_test(a_manifest_that_fails_leaves_the_file_counted),
		cmocka_unit_test(stop_abandons_a_long_refresh),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
