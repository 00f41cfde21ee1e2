#include "run/collector.h"

#include "base/log.h"
#include "base/text.h"
#include "base/wipe.h"
#include "run/kernel_bytes.h"
#include "run/reader.h"
#include "run/retry.h"
#include "seed/drbg.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

static const int64_t PROGRESS_NS = 10000000000;

/* What needs no locked memory, but no core dump shall have it. */
struct collector_store {
	struct health_store tests;
	struct running estimates;
};

struct collector {
	const struct pipeline *p;
	struct health health;
	struct collector_store *store;
	struct reader reader;
	struct retry retry;
	atomic_bool stop, on_demand;
	size_t first_need;          /* samples that the first seed wants: no more than those are read before it */
	unsigned skip_left;         /* samples of a failed start-up test that are left out */
	size_t watch_left;          /* samples that are read although the pool is full */
	struct log_rate rate;       /* of what is said of the health tests and the state */
	enum gate_state said_state; /* what the log says now */
	int64_t progress_ns;        /* when the progress of a start-up test is said next */
	uint8_t samples[READER_MAX];
};

/* Two things are always said: a permanent failure, since the back-off keeps those apart, and that all is well no longer
 * where the log says it is. */
static void say_state(struct collector *c, enum gate_state s, const char *event, const char *reason)
{
	bool must = s == GATE_FAILED || c->said_state == GATE_OK;
	enum log_level level = s == GATE_FAILED ? LOG_ERROR : LOG_INFO;

	/* A run that writes once ends by what is wrong, and says it then. */
	if (c->p->writes_once && s != GATE_OK)
		level = LOG_DEBUG;

	/* Of the state that all wait for, how long it took, and how many failures; of a start there may be none. */
	struct gate_view v = gate_view(c->p->gate);
	struct text_span after = text_span(v.since_ns - v.ill_since_ns);
	bool over = s == GATE_OK && v.state == GATE_OK;

	/* What the rate has kept back was not said: catch_up comes back to it. */
	if (log_limited_at(&c->rate, io_now_ns(c->p->io), must, level, "state", log_str("state", gate_state_names[s]),
			   log_str("event", event), log_str("reason", reason), log_str("after", over ? after.text : ""),
			   over ? log_u64("failures", v.ill_events) : (struct log_field){0}))
		c->said_state = s;
}

static void say_failure(struct collector *c, const struct health_failure *f)
{
	const struct log_field fields[] = {log_str("test", health_test_names[f->test]),
					   log_str("severity", health_verdict_names[f->severity]),
					   log_u64("count", f->count),
					   log_u64("cutoff", f->cutoff),
					   log_u64("samples", c->health.counts.samples),
					   {0}};

	/* Of a retry's many start-up tests the first failure is said, the others are metrics. */
	if (retry_is_repeated(&c->retry))
		log_write(LOG_DEBUG, "health test failed", fields, 0);
	else
		log_limited(&c->rate, io_now_ns(c->p->io), f->severity == HEALTH_PERMANENT, LOG_WARN,
			    "health test failed", fields);
}

/* Whatever the rate has kept back, once there is room: the log's last word must be true. */
static void catch_up(struct collector *c)
{
	enum gate_state s = gate_view(c->p->gate).state;
	reader_catch_up(&c->reader);
	if (s != c->said_state && log_rate_has_room(&c->rate, io_now_ns(c->p->io)))
		say_state(c, s, "", "");
}

static void show_tests(struct collector *c)
{
	status_set(c->p->board, &c->health.counts);
	status_set(c->p->board, &c->store->estimates.counts);
}

/* Tells the gate of an event, then everybody who is concerned. */
static void tell(struct collector *c, enum gate_event event, const char *reason)
{
	/* The counters first: who sees the state that follows finds in them what led to it. */
	show_tests(c);
	bool changed = gate_tell(c->p->gate, event, reason, io_now_ns(c->p->io), c->retry.at_ns);
	enum gate_state next = gate_view(c->p->gate).state;
	if (changed)
		say_state(c, next, gate_event_names[event], reason);

	/* The worker asks whether its wait is still worth it, and whether the file has to go. */
	pool_wake(c->p->pool, POOL_TAKER);
	c->p->ring(c->p->ring_self);
}

/* What was opened, or is back, may be another generator, or the same one from its beginning. */
static void begin_anew(struct collector *c)
{
	health_opened(&c->health);
	running_restart(&c->store->estimates);
}

static void on_health_failure(struct collector *c, enum health_verdict v)
{
	const struct health_failure *f = &c->health.last;
	char text[HEALTH_TEXT];

	/* What is in the pool was untouched by the failing sample, but is of the same minute: it is given up. */
	health_failure_text(f, text);
	pool_discard(c->p->pool);
	say_failure(c, f);

	/* health has begun a new start-up test by itself behind an intermittent failure. Behind a permanent one a retry
	 * may have start-up tests left; else the failure is latched, and the source pauses. */
	if (v == HEALTH_INTERMITTENT) {
		tell(c, GATE_INTERMITTENT, text);
	} else if (retry_has_block(&c->retry)) {
		/* The rest of this start-up test's samples is left out, or one bad stretch would be met twice. */
		c->skip_left = c->health.startup_samples;
		health_try_again(&c->health);
	} else {
		retry_pause(&c->retry, io_now_ns(c->p->io));
		atomic_store(&c->on_demand, false); /* asked for before the failure: no reason to cut the pause */
		tell(c, GATE_PERMANENT, text);
	}
}

static void on_startup_passed(struct collector *c)
{
	/* Samples may enter the pool now. That it goes well is said at first, and behind each failure. */
	retry_passed(&c->retry, io_now_ns(c->p->io));
	log_limited_at(&c->rate, io_now_ns(c->p->io), false, LOG_INFO, "start-up test passed",
		       log_u64("samples", c->health.startup_samples));
	tell(c, GATE_PASSED, "");
}

/* Tests n samples and puts into the pool what may be used. */
static void take_in(struct collector *c, size_t n)
{
	size_t at = 0;
	while (at < n && gate_view(c->p->gate).state != GATE_FAILED) {
		/* The rest of a start-up test that has failed is neither tested nor used. */
		if (c->skip_left > 0) {
			size_t skip = n - at < c->skip_left ? n - at : c->skip_left;
			c->skip_left -= (unsigned)skip;
			at += skip;
			continue;
		}

		/* health stops behind a sample that fails; what follows it is tested in the next turn. */
		size_t used, usable;
		bool on_demand = c->health.on_demand_left > 0, in_startup = c->health.startup_left > 0;
		enum health_verdict v = health_feed(&c->health, c->samples + at, n - at, &used, &usable);
		at += used;
		if (v != HEALTH_PASS) {
			on_health_failure(c, v);
			continue;
		}

		/* A test that was under way may have been completed by these samples. */
		if (on_demand && c->health.on_demand_left == 0)
			log_info("on-demand health test passed", log_u64("samples", c->health.startup_samples));
		if (in_startup && health_startup_done(&c->health))
			on_startup_passed(c);

		/* Where the pool is full the newest samples take the place of the oldest. */
		pool_renew(c->p->pool, c->samples + at - usable, usable);
	}
}

static void on_source_error(struct collector *c, const struct err *e)
{
	/* Nothing that was begun with the samples before goes on with those that may come. */
	c->skip_left = 0;
	c->watch_left = 0;
	retry_break_off(&c->retry);
	begin_anew(c);
	tell(c, GATE_LOST, e->msg);

	/* The wait for room that never comes is a pause that a stop or a signal ends early. */
	pool_wait(c->p->pool, POOL_PUTTER, SIZE_MAX, io_now_ns(c->p->io) + c->reader.pause_ns);
}

/* How many samples to ask for: what the tests or the first seed still need, then what the pool has room for. 0: rest.
 */
static size_t samples_wanted(const struct collector *c)
{
	struct pool_counts pool = pool_counts(c->p->pool);
	size_t want = pool.capacity - pool.level;

	/* No more than what completes the present need: it shall not wait for samples that it has no use for. */
	if (c->skip_left > 0)
		want = c->skip_left;
	else if (c->health.startup_left > 0)
		want = c->health.startup_left;
	else if (c->health.on_demand_left > 0)
		want = c->health.on_demand_left;
	else if (pool.level < c->first_need)
		want = c->first_need - pool.level;
	else if (want == 0)
		want = c->watch_left;
	return want;
}

/* A slow source takes minutes for its start-up test: now and then the log says how far it is. */
static void say_progress(struct collector *c)
{
	int64_t now = io_now_ns(c->p->io);
	if (c->health.startup_left == 0 || now < c->progress_ns || now < gate_view(c->p->gate).since_ns + PROGRESS_NS)
		return;
	c->progress_ns = now + PROGRESS_NS;
	log_info("start-up test goes on", log_u64("samples", c->health.startup_samples - c->health.startup_left),
		 log_u64("of", c->health.startup_samples));
}

static void read_some(struct collector *c, size_t want)
{
	struct err e = {0};
	bool back = false;

	/* This may block for as long as the device likes. */
	if (want > READER_MAX)
		want = READER_MAX;
	ssize_t n = reader_read(&c->reader, c->samples, want, &back, &e);
	if (n <= 0) {
		on_source_error(c, &e);
		return;
	}
	if (back) {
		/* What comes back may be another generator, also behind a read that was stuck: it has to pass anew. */
		begin_anew(c);
		tell(c, GATE_BACK, "");
	}

	/* The estimates are of what the source gives, whether a test passes or not. */
	running_feed(&c->store->estimates, c->samples, (size_t)n, io_now_ns(c->p->io));
	take_in(c, (size_t)n);
	c->watch_left -= (size_t)n < c->watch_left ? (size_t)n : c->watch_left;

	/* What may be used lies in the pool now, and nowhere else. */
	wipe(c->samples, (size_t)n);
	show_tests(c);
	say_progress(c);
	catch_up(c);
}

static void restart_after_failure(struct collector *c)
{
	/* The pause lasts until the back-off is over; an operator's signal does not wait for it. */
	bool asked = atomic_exchange(&c->on_demand, false);
	if (!asked && io_now_ns(c->p->io) < c->retry.at_ns) {
		pool_wait(c->p->pool, POOL_PUTTER, SIZE_MAX, c->retry.at_ns);
		return;
	}

	/* Only this leaves the latched failure, and it leads to a fresh start-up test. */
	health_restart(&c->health);
	retry_begin(&c->retry);
	c->skip_left = 0;
	tell(c, GATE_RETRY, asked ? "start-up test asked for by signal" : "start-up test after a permanent failure");
}

/* Asked for again and again it shall still come to its end: none of its samples may be used. */
static void begin_on_demand(struct collector *c)
{
	if (!atomic_exchange(&c->on_demand, false) || c->health.on_demand_left > 0)
		return;
	log_info("on-demand health test begins", log_u64("samples", c->health.startup_samples));
	health_on_demand(&c->health);
}

/* The pool is full: until there is room again, or until the source was not read for health.watch_interval; then a
 * window of samples is read and tested all the same. */
static void rest(struct collector *c)
{
	int64_t watch = reader_next_watch_ns(&c->reader);

	/* A small pool never has room for a whole read: half of it must do. */
	size_t half = pool_counts(c->p->pool).capacity / 2;
	if (io_now_ns(c->p->io) < watch)
		pool_wait(c->p->pool, POOL_PUTTER, half < READER_MAX ? half : READER_MAX, watch);
	else
		c->watch_left = APT_WINDOW_NONBINARY;
}

void *collector_main(void *collector)
{
	struct collector *c = collector;

	/* By itself: the name of another thread is written through /proc, which is out of reach by now. */
	pthread_setname_np(pthread_self(), "collector");

	/* Each turn is one read at most, so that a stop, a signal or a latched failure is seen between two reads. */
	while (!atomic_load(&c->stop)) {
		if (gate_view(c->p->gate).state == GATE_FAILED) {
			restart_after_failure(c);
			continue;
		}
		begin_on_demand(c);
		size_t want = samples_wanted(c);
		if (want > 0)
			read_some(c, want);
		else
			rest(c);
	}
	return NULL;
}

static int open_tests(struct collector *c, const struct run_config *config, struct err *e)
{
	const struct source_config *source = &config->source;
	const double h = c->p->seed.h_per_sample; /* configured, or less by evidence */
	uint8_t key[REPEAT_KEY_BYTES];

	/* Where H is an estimate itself, the next ones lie a little below it as often as above, which is no news. */
	const double alarm_below = h < source->min_entropy ? 0.9 * h : h;

	/* No secret, but in pages of their own: no core dump has the fingerprints of samples. */
	c->store = locked_new(sizeof *c->store, NULL);
	if (!c->store)
		return err_set(e, ERR_OS, ENOMEM, "health tests");

	/* A source cannot aim at what is drawn anew for each process. */
	if (kernel_bytes(key, sizeof key, e) < 0)
		return -1;
	health_init(&c->health, &config->health, h, source->sample_bits, &c->store->tests, key);
	running_init(&c->store->estimates, source->sample_bits, alarm_below);
	wipe(key, sizeof key);
	return 0;
}

struct collector *collector_new(const struct pipeline *p, const struct run_config *config, struct err *e)
{
	struct collector *c = locked_new(sizeof *c, p->account); /* samples lie in it */
	if (!c) {
		err_set(e, ERR_OS, ENOMEM, "collector");
		return NULL;
	}

	/* Its parts get what they need of the configuration; the counters are shown before anything was read. */
	c->p = p;
	c->first_need = drbg_instantiate_need(&p->seed);
	retry_init(&c->retry, config->health.retry_min_seconds, config->health.retry_max_seconds);
	reader_init(&c->reader, p, config);
	if (open_tests(c, config, e) < 0) {
		collector_free(c);
		return NULL;
	}
	show_tests(c);
	return c;
}

void collector_on_demand(struct collector *c)
{
	/* A collector that rests, or pauses behind a failure, begins at once. */
	atomic_store(&c->on_demand, true);
	pool_wake(c->p->pool, POOL_PUTTER);
}

void collector_configure(struct collector *c, double timeout_seconds, double watch_seconds)
{
	reader_configure(&c->reader, timeout_seconds, watch_seconds);
	pool_wake(c->p->pool, POOL_PUTTER); /* it may have to read sooner than it waits for */
}

void collector_check_stuck(struct collector *c)
{
	/* A worker that waits for samples asks whether it is still worth it. */
	if (reader_check_stuck(&c->reader))
		pool_wake(c->p->pool, POOL_TAKER);
}

void collector_stop(struct collector *c)
{
	/* A read that the kernel holds cannot be ended so; then nobody waits for the thread. */
	atomic_store(&c->stop, true);
	pool_wake(c->p->pool, POOL_PUTTER);
}

void collector_free(struct collector *c)
{
	if (!c)
		return;
	locked_free(c->store, sizeof *c->store);
	locked_free(c, sizeof *c);
}
