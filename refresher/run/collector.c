#include "run/collector.h"

#include "base/log.h"
#include "base/wipe.h"
#include "run/news.h"
#include "run/retry.h"
#include "run/thread.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	READ_FIRST = 64,                  /* samples of the first read ... */
	READ_MIN = 4,                     /* ... of one from a device so slow that 64 would look stuck ... */
	READ_MAX = 256,                   /* ... and of one from a fast device: cheap */
	ERROR_PAUSE_FIRST_NS = 100000000, /* a source that fails is tried again after 0.1 s ... */
	ERROR_PAUSE_MAX_NS = 1000000000,  /* ... up to 1 s: a re-bound driver is seen at once */
};

struct collector {
	struct collector_config c;
	struct health health;
	struct thread thread;
	struct news news;
	atomic_bool stop, on_demand;
	bool source_up;
	int64_t stuck_read_ns; /* the beginning of the read that was reported as stuck; guarded by the board */
	struct retry retry;
	int64_t error_pause_ns;
	unsigned skip_left; /* samples of a failed start-up test that are left out */
	uint64_t windows;   /* of the APT, when the peaks were told */
	size_t read_size;   /* READ_MIN ... READ_MAX */
	uint8_t samples[READ_MAX];
};

static int64_t now_ns(const struct collector *c)
{
	return c->c.io->mono_ns(c->c.io->self);
}

static void failure_text(const struct health_failure *f, char *text, size_t cap)
{
	snprintf(text, cap, "%s: count %u reached cutoff %u (%s failure)", health_test_name(f->test), f->count,
		 f->cutoff, health_verdict_name(f->severity));
}

/* What observers see of the gate. */
static void show_gate(struct collector *c, struct status *s)
{
	struct gate_view v;
	gate_copy(c->c.gate, &v);
	s->state = v.state;
	s->state_since_mono_ns = v.since_ns;
	s->retry_at_mono_ns = v.retry_at_ns;
	s->failures_latched = v.failures_latched;
	status_text(s->state_reason, sizeof s->state_reason, v.reason);
}

/* Tells the gate of an event, then everybody who is concerned. */
static void tell(struct collector *c, enum gate_event event, const char *reason)
{
	bool changed = gate_tell(c->c.gate, event, reason, now_ns(c), c->retry.at_ns);
	enum gate_state next = gate_state(c->c.gate);
	show_gate(c, status_edit(c->c.board));
	status_done(c->c.board);
	if (changed)
		news_state(&c->news, now_ns(c), next, event, reason);
	c->c.notify(c->c.notify_self, next);
}

static void copy_tests(struct collector *c, struct status *s)
{
	const struct health_counts *n = &c->health.counts;
	static const enum status_test map[HEALTH_TESTS] = {TEST_RCT, TEST_APT};
	for (unsigned t = 0; t < HEALTH_TESTS; t++) {
		s->failures[map[t]][SEVERITY_INTERMITTENT] = n->failures[t][0];
		s->failures[map[t]][SEVERITY_PERMANENT] = n->failures[t][1];
	}
	s->tests[TEST_RCT] = n->samples;
	s->tests[TEST_APT] = n->apt_windows;
	s->tests[TEST_STARTUP] = n->startup_runs;
	s->tests[TEST_ON_DEMAND] = n->on_demand_runs;
	s->failures[TEST_STARTUP][SEVERITY_INTERMITTENT] = n->startup_failures;
	s->failures[TEST_ON_DEMAND][SEVERITY_INTERMITTENT] = n->on_demand_failures;
	s->peaks[TEST_APT] = c->health.apt.last_count;
	s->startup_done = c->health.startup_samples - c->health.startup_left;
}

static void on_health_failure(struct collector *c, enum health_verdict v)
{
	char text[STATUS_TEXT];
	failure_text(&c->health.last, text, sizeof text);
	pool_discard(c->c.pool); /* untouched by the failing sample, but of the same minute: given up */
	/* Of a retry's many start-up tests the first failure is said, the others are counted. */
	news_failed(&c->news, now_ns(c), &c->health.last, c->health.counts.samples, retry_is_repeated(&c->retry));
	if (v == HEALTH_INTERMITTENT) {
		tell(c, GATE_INTERMITTENT, text);
	} else if (retry_has_block(&c->retry)) {
		/* The rest of this start-up test's samples is left out, or one bad stretch would be met twice. */
		c->skip_left = c->health.startup_samples;
		health_restart(&c->health);
	} else {
		retry_pause(&c->retry, now_ns(c));
		atomic_store(&c->on_demand, false); /* asked for before the failure: no reason to cut the pause */
		tell(c, GATE_PERMANENT, text);
	}
}

static void on_startup_passed(struct collector *c)
{
	retry_passed(&c->retry, now_ns(c));
	news_passed(&c->news, now_ns(c), c->health.startup_samples);
	tell(c, GATE_PASSED, "");
}

/* Tests n samples and puts into the pool what may be used. */
static void take_in(struct collector *c, size_t n)
{
	size_t at = 0;
	while (at < n && gate_state(c->c.gate) != GATE_FAILED) {
		if (c->skip_left > 0) {
			size_t skip = n - at < c->skip_left ? n - at : c->skip_left;
			c->skip_left -= (unsigned)skip;
			at += skip;
			continue;
		}
		size_t used, usable;
		bool on_demand = c->health.on_demand_left > 0, in_startup = c->health.startup_left > 0;
		enum health_verdict v = health_feed(&c->health, c->samples + at, n - at, &used, &usable);
		at += used;
		if (v != HEALTH_PASS) {
			on_health_failure(c, v);
			continue;
		}
		if (on_demand && c->health.on_demand_left == 0)
			log_info("on-demand health test passed", log_u64("samples", c->health.startup_samples));
		if (in_startup && health_startup_done(&c->health))
			on_startup_passed(c);
		if (usable > 0)
			pool_put(c->c.pool, c->samples + at - usable, usable);
	}
}

/* true: it was down. */
static bool on_source_up(struct collector *c, struct status *s)
{
	bool back = s->source_error[0] != '\0';
	c->error_pause_ns = ERROR_PAUSE_FIRST_NS;
	c->source_up = s->source_up = true;
	s->source_error[0] = '\0';
	return back;
}

/* What comes back may be another generator: it has to pass the start-up test, also behind a read that was stuck. */
static void on_source_back(struct collector *c)
{
	health_restart(&c->health);
	tell(c, GATE_BACK, "");
	news_up(&c->news, now_ns(c));
}

static void on_source_error(struct collector *c, enum source_cause cause, const struct err *e)
{
	bool first = c->source_up || c->error_pause_ns == ERROR_PAUSE_FIRST_NS;
	c->source_up = false;
	c->skip_left = 0;
	retry_break_off(&c->retry);
	health_restart(&c->health); /* what comes back may be another generator: it has to pass the start-up test */
	struct status *s = status_edit(c->c.board);
	s->source_up = false;
	s->read_errors[cause - 1]++;
	status_text(s->source_error, sizeof s->source_error, e->msg);
	copy_tests(c, s);
	status_done(c->c.board);
	if (first)
		news_down(&c->news, now_ns(c), source_cause_name(cause), e->msg);
	tell(c, GATE_LOST, e->msg);
	pool_wait_room(c->c.pool, SIZE_MAX, now_ns(c) + c->error_pause_ns);
	c->error_pause_ns = c->error_pause_ns * 2 > ERROR_PAUSE_MAX_NS ? ERROR_PAUSE_MAX_NS : c->error_pause_ns * 2;
}

/* How many samples to ask for: what the tests or the first seed still need, then what the pool has room for. 0: rest.
 */
static size_t samples_wanted(const struct collector *c)
{
	size_t level = pool_level(c->c.pool), capacity = pool_capacity(c->c.pool);
	size_t want = capacity > level ? capacity - level : 0;
	if (c->skip_left > 0)
		want = c->skip_left;
	else if (c->health.startup_left > 0)
		want = c->health.startup_left;
	else if (c->health.on_demand_left > 0)
		want = c->health.on_demand_left;
	else if (level < c->c.first_need)
		want = c->c.first_need - level;
	return want < c->read_size ? want : c->read_size;
}

/* A small pool never has room for READ_MAX: half of it must do. */
static size_t room_to_wait_for(const struct collector *c)
{
	size_t half = pool_capacity(c->c.pool) / 2;
	return half < READ_MAX ? half : READ_MAX;
}

/* A read shall take an eighth of source.timeout at most, or a slow source (20 bytes per second exist) would look stuck.
 */
static void adapt_read_size(struct collector *c, int64_t took_ns, int64_t overdue_ns)
{
	bool slow = took_ns > overdue_ns / 8;
	if (slow && c->read_size > READ_MIN)
		c->read_size /= 2;
	else if (!slow && c->read_size < READ_MAX)
		c->read_size *= 2;
}

static void read_some(struct collector *c, size_t want)
{
	struct err e = {0};
	enum source_cause cause = SOURCE_FINE;
	int64_t began = now_ns(c);
	struct status *s = status_edit(c->c.board);
	s->read_began_mono_ns = began;
	int64_t overdue = s->read_overdue_ns; /* a reload may have changed it */
	status_done(c->c.board);
	ssize_t n = c->c.source->ops->read(c->c.source->self, c->samples, want, &cause, &e);
	int64_t took = now_ns(c) - began;
	s = status_edit(c->c.board);
	s->read_began_mono_ns = 0;
	bool back = n > 0 && on_source_up(c, s);
	if (n > 0) {
		s->read_bytes += (uint64_t)n;
		histogram_add(&s->read_seconds, status_read_bounds, STATUS_READ_BUCKETS, (double)took / 1e9);
	}
	status_done(c->c.board);
	if (back)
		on_source_back(c);
	if (n <= 0) {
		on_source_error(c, cause, &e);
		return;
	}
	adapt_read_size(c, took, overdue);
	if (c->c.source_config.sample_bits == 1)
		for (ssize_t i = 0; i < n; i++)
			c->samples[i] &= 1;
	take_in(c, (size_t)n);
	wipe(c->samples, (size_t)n);
	s = status_edit(c->c.board);
	copy_tests(c, s);
	if (c->health.apt.windows != c->windows) { /* of a window, as the APT's */
		c->windows = c->health.apt.windows;
		s->peaks[TEST_RCT] = rct_take_peak(&c->health.rct);
	}
	s->pool_level = pool_level(c->c.pool);
	status_done(c->c.board);
	news_catch_up(&c->news, now_ns(c), gate_state(c->c.gate));
}

static void restart_after_failure(struct collector *c)
{
	bool asked = atomic_exchange(&c->on_demand, false);
	if (!asked && now_ns(c) < c->retry.at_ns) {
		pool_wait_room(c->c.pool, SIZE_MAX, c->retry.at_ns);
		return;
	}
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

static void *collector_main(void *self)
{
	struct collector *c = self;
	thread_begins("collector");
	while (!atomic_load(&c->stop)) {
		if (gate_state(c->c.gate) == GATE_FAILED) {
			restart_after_failure(c);
			continue;
		}
		begin_on_demand(c);
		size_t want = samples_wanted(c);
		if (want > 0)
			read_some(c, want);
		else
			pool_wait_room(c->c.pool, room_to_wait_for(c), INT64_MAX);
	}
	thread_ends(&c->thread);
	return NULL;
}

struct collector *collector_new(const struct collector_config *config, struct err *e)
{
	struct collector *c = locked_new(sizeof *c, config->account); /* samples lie in it */
	if (!c) {
		err_set(e, ERR_OS, ENOMEM, "collector");
		return NULL;
	}
	c->c = *config;
	retry_init(&c->retry, config->health.retry_min_seconds, config->health.retry_max_seconds);
	c->error_pause_ns = ERROR_PAUSE_FIRST_NS;
	c->read_size = READ_FIRST;
	health_init(&c->health, &config->health, config->source_config.min_entropy, config->source_config.sample_bits);
	news_init(&c->news, config->source->name, now_ns(c));
	thread_init(&c->thread);
	struct status *s = status_edit(config->board);
	s->startup_samples = config->health.startup_samples;
	s->pool_capacity = pool_capacity(config->pool);
	s->read_overdue_ns = (int64_t)(config->source_config.timeout_seconds * 1e9);
	for (unsigned i = 0; i < STATUS_SEVERITIES; i++) {
		s->cutoffs[TEST_RCT][i] = c->health.rct.cutoff_c[i];
		s->cutoffs[TEST_APT][i] = c->health.apt.cutoff_c[i];
	}
	show_gate(c, s);
	status_done(config->board);
	return c;
}

int collector_start(struct collector *c, struct err *e)
{
	return thread_start(&c->thread, "collector", collector_main, c, e);
}

void collector_on_demand(struct collector *c)
{
	atomic_store(&c->on_demand, true);
	pool_wake_putter(c->c.pool);
}

void collector_set_timeout(struct collector *c, double seconds)
{
	status_edit(c->c.board)->read_overdue_ns = (int64_t)(seconds * 1e9);
	status_done(c->c.board);
}

void collector_check_stuck(struct collector *c)
{
	char text[STATUS_TEXT];

	/* The board's lock keeps the read from ending in between: it is either told here, or has returned in time. */
	struct status *s = status_edit(c->c.board);
	int64_t began = s->read_began_mono_ns, age = now_ns(c) - began;
	bool stuck = began && age > s->read_overdue_ns && began != c->stuck_read_ns;
	if (stuck) {
		snprintf(text, sizeof text,
			 "%.160s: no data for %.3g s: the read has not returned; the generator is stuck",
			 c->c.source->name, (double)age / 1e9);
		c->stuck_read_ns = began;
		s->source_up = false;
		s->read_errors[CAUSE_TIMEOUT]++;
		status_text(s->source_error, sizeof s->source_error, text);
		gate_tell(c->c.gate, GATE_STUCK, text, now_ns(c), 0);
		show_gate(c, s);
	}
	status_done(c->c.board);

	/* A worker that waits for samples looks whether it is still worth it. */
	if (stuck) {
		log_error("source failed", log_str("cause", "timeout"), log_str("error", text));
		pool_wake_taker(c->c.pool);
	}
}

void collector_stop(struct collector *c)
{
	atomic_store(&c->stop, true);
	pool_wake_putter(c->c.pool);
}

bool collector_join(struct collector *c, int64_t deadline_ns)
{
	return thread_join(&c->thread, deadline_ns);
}

void collector_free(struct collector *c)
{
	if (!c)
		return;
	thread_fini(&c->thread);
	locked_free(c, sizeof *c);
}
