#include "run/worker.h"

#include "base/log.h"
#include "base/str.h"
#include "run/refresh.h"
#include "run/thread.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>

static const int64_t LOOK_NS = 10000000000; /* how often the worker looks whether the directory is still there */

struct worker {
	struct worker_config c;
	struct refresh refresh;
	struct thread thread;
	atomic_bool stop, now, recovered, reconfigured, self_test;
	pthread_mutex_t mutex; /* guards next_config, noise, rewrite, finished, rc, err */
	struct run_config next_config;
	struct source_identity noise; /* for the manifests */
	bool rewrite;
	bool finished;
	int rc;
	struct err err;
	bool starved;       /* samples were wanting, or the file was removed: begin as soon as the pool has enough */
	bool removed;       /* the file, since it was published last */
	uint64_t obeyed;    /* failures that the gate had latched when their consequence for the file was drawn */
	bool failed_before; /* for the log: say a lasting failure once ... */
	enum refresh_stage failed_stage;
	int failed_errno; /* ... and again when it becomes another one */
};

static int64_t now_ns(const struct worker *w)
{
	return w->c.io->boottime_ns(w->c.io->self);
}

static int64_t seconds_ns(double seconds)
{
	return (int64_t)(seconds * 1e9);
}

/* Readers have no numbers any more. */
static void forget_file(struct worker *w)
{
	struct sink_counts *o = &w->refresh.output;
	o->published_ns = 0;
	o->file_numbers = o->file_bytes = 0;
	refresh_show(&w->refresh);
}

/* What stands in FILE after a failure. */
static const char *outcome(const struct worker *w, bool published, bool has_file)
{
	if (published)
		return "published, but not all that belongs to it";
	bool stays = sink_mode(w->c.sink) == SINK_MODE_REPLACE && has_file && !sink_is_lost(w->c.sink);
	return stays ? "refresh failed; the old file stays" : "refresh failed";
}

static void note_failure(struct worker *w, enum refresh_stage stage, bool published, const struct err *e)
{
	struct refresh *r = &w->refresh;
	const bool had_file = r->output.published_ns != 0;
	r->counts.failures[stage]++;
	str_copy(r->counts.error, sizeof r->counts.error, e->msg);
	if (stage == REFRESH_WRITE || stage == REFRESH_PUBLISH)
		r->output.ok = false;
	r->output.directory_ok = !sink_is_lost(w->c.sink);
	if (stage == REFRESH_GENERATE || (stage == REFRESH_ENTROPY && e->code == ERR_SOFTWARE)) {
		r->seeds.ok = false;
		str_copy(r->seeds.error, sizeof r->seeds.error, e->msg);
	}
	refresh_show(r);
	if (sink_is_emptied(w->c.sink))
		forget_file(w);
	/* A run that writes once ends by this error, and says it then. */
	bool once = w->refresh.config.interval_seconds <= 0;
	bool again = w->failed_before && w->failed_stage == stage && w->failed_errno == e->sys_errno;
	log_write(again || once ? LOG_DEBUG : LOG_ERROR, outcome(w, published, had_file),
		  (struct log_field[]){log_str("stage", refresh_stage_name(stage)), log_str("error", e->msg), {0}});
	w->failed_before = true;
	w->failed_stage = stage;
	w->failed_errno = e->sys_errno;
	/* Not when OpenSSL or the kernel failed: with a full pool that would be tried without a pause. */
	w->starved = stage == REFRESH_ENTROPY && e->code == ERR_UNAVAILABLE;
}

/* Quiet while all is well: the first publication and the one after a failure are said, the others are metrics. */
static void note_success(struct worker *w)
{
	const struct sink_counts *o = &w->refresh.output;
	bool recovered = w->failed_before;
	w->failed_before = w->starved = w->removed = false;
	/* What was latched before these numbers could leave concerns them no more. */
	struct gate_view v = gate_view(w->c.gate);
	w->obeyed = v.failures_latched;
	log_write(recovered || o->generation == 1 ? LOG_INFO : LOG_DEBUG, "published",
		  (struct log_field[]){log_str("file", o->file),
				       log_u64("generation", o->generation),
				       log_u64("numbers", o->file_numbers),
				       log_u64("bytes", o->file_bytes),
				       {0}});
}

static void finish(struct worker *w, int rc, const struct err *e)
{
	pthread_mutex_lock(&w->mutex);
	w->finished = true;
	w->rc = rc;
	w->err = *e;
	pthread_mutex_unlock(&w->mutex);
}

/* What the sink has to say beside success and failure, once each. */
static void note_output(struct worker *w)
{
	const char *note;
	while ((note = sink_take_note(w->c.sink)) != NULL)
		log_warn(note, log_str("file", sink_path(w->c.sink)));
}

static int run_refresh(struct worker *w, const struct refresh_times *t)
{
	struct err e = {0};
	enum refresh_stage stage = REFRESH_ENTROPY;
	pthread_mutex_lock(&w->mutex);
	w->refresh.noise = w->noise;
	pthread_mutex_unlock(&w->mutex);
	int rc = refresh_once(&w->refresh, t, &stage, &e);
	note_output(w);
	if (rc == 0)
		note_success(w);
	else if (rc > 0 || !atomic_load(&w->stop))
		note_failure(w, stage, rc > 0, &e);
	else
		log_info("refresh abandoned", log_str("reason", e.msg));
	refresh_beat(&w->refresh, "waiting");
	bool once = w->refresh.config.interval_seconds <= 0;
	if (once && rc != 0)
		err_wrap(&e, "%s", refresh_stage_name(stage));
	if (once)
		finish(w, rc == 0 ? 0 : -1, &e);
	return rc;
}

/* news: the first try after a failure of the source; a later one that fails too is not said again. */
static void remove_file(struct worker *w, bool news)
{
	struct err e = {0};
	enum sink_mode mode = sink_mode(w->c.sink);
	if (mode == SINK_MODE_DEVICE || mode == SINK_MODE_STREAM)
		return; /* nothing can be taken back */
	if (refresh_remove(&w->refresh, &e) < 0) {
		log_write(news ? LOG_ERROR : LOG_DEBUG, "cannot remove the file",
			  (struct log_field[]){log_str("error", e.msg), {0}});
		return;
	}
	w->starved = true; /* readers have nothing now: the next file does not wait for its tick */
	forget_file(w);
	log_warn("file removed: health.on_failure is remove", log_str("file", sink_path(w->c.sink)));
	w->removed = true;
}

/* health.on_failure: remove. The gate is asked, so that nobody has to be fast enough to ask for it: a failure that was
 * latched since the last look counts, even if a new start-up test has begun meanwhile, and so does one that was there
 * before a reload chose to remove. */
static void obey_failure(struct worker *w)
{
	struct gate_view v = gate_view(w->c.gate);
	bool news = v.failures_latched != w->obeyed;
	w->obeyed = v.failures_latched;
	bool wanted = w->refresh.config.health.on_failure == HEALTH_REMOVE && !w->removed;
	if (wanted && (news || v.state == GATE_FAILED))
		remove_file(w, news);
}

/* true: a new file is due at once. */
static bool take_over_config(struct worker *w)
{
	pthread_mutex_lock(&w->mutex);
	w->refresh.config = w->next_config;
	bool rewrite = w->rewrite;
	w->rewrite = false;
	pthread_mutex_unlock(&w->mutex);
	refresh_describe(&w->refresh);
	return rewrite;
}

/* Between refreshes the known-answer test is run each hour as well. That it fails is said once, and that it passes
 * where somebody waits to hear it. */
static void self_test(struct worker *w)
{
	struct err e = {0};
	const struct drbg_counts *c = &w->refresh.seeds;
	const bool asked = atomic_load(&w->self_test), was_ok = c->self_test_ok;

	if (refresh_self_test(&w->refresh, &e) < 0)
		log_write(was_ok || asked ? LOG_ERROR : LOG_DEBUG,
			  "known-answer test failed: no numbers until it passes",
			  (struct log_field[]){log_str("error", e.msg), {0}});
	else if (asked || !was_ok)
		log_info("known-answer test passed", log_u64("tests", c->self_tests));
}

/* Sleeps until the tick, or until something else is to be done. true: a refresh is due. One is due at once when the
 * directory of the output has gone: it fails, and says so, long before the tick of a long interval. */
static bool await_turn(struct worker *w, int64_t tick_ns)
{
	struct err e;
	int64_t look_ns = now_ns(w) + LOOK_NS;
	obey_failure(w);
	size_t need = w->starved ? refresh_need(&w->refresh) : SIZE_MAX;
	/* What was asked for while a refresh waited for its seed: that wait has taken the wake. */
	bool asked = atomic_load(&w->now);
	bool enough = !asked && pool_wait_level(w->c.pool, need, tick_ns < look_ns ? tick_ns : look_ns);
	obey_failure(w);
	self_test(w);
	bool due = atomic_exchange(&w->now, false) || (w->starved && enough) || now_ns(w) >= tick_ns;
	return due || sink_check(w->c.sink, &e) < 0;
}

/* The end: no file stays that has to go. What a run that writes once has published, whole, is not taken back. */
static void drain(struct worker *w)
{
	if (atomic_exchange(&w->reconfigured, false))
		take_over_config(w);
	if (!w->finished || w->rc < 0)
		obey_failure(w);
}

/* The first tick behind `now`. */
static int64_t next_tick(int64_t tick_ns, int64_t interval_ns, int64_t now_ns)
{
	/* Else it was asked for before its time, and the tick is still to come. */
	return now_ns >= tick_ns ? tick_ns + ((now_ns - tick_ns) / interval_ns + 1) * interval_ns : tick_ns;
}

static struct refresh_times times_of(const struct worker *w, double seed_seconds, int64_t tick_ns)
{
	int64_t now = now_ns(w), interval = seconds_ns(w->refresh.config.interval_seconds);
	return (struct refresh_times){.seed_until_ns = now + seconds_ns(seed_seconds),
				      .next_tick_ns = interval > 0 ? next_tick(tick_ns, interval, now) : 0};
}

static void *worker_main(void *self)
{
	struct worker *w = self;
	/* By itself: the name of another thread is written through /proc, which is out of reach by now. */
	pthread_setname_np(pthread_self(), "worker");
	double wait =
		w->refresh.config.source.startup_timeout_seconds; /* the first refresh waits for the start-up test */
	int64_t tick = now_ns(w);
	refresh_adopt(&w->refresh);
	note_output(w);
	while (!atomic_load(&w->stop)) {
		if (atomic_exchange(&w->reconfigured, false) && take_over_config(w))
			tick = now_ns(w);
		if (!await_turn(w, tick))
			continue;
		struct refresh_times times = times_of(w, wait, tick);
		run_refresh(w, &times);
		wait = w->refresh.config.source.timeout_seconds;
		int64_t interval = seconds_ns(w->refresh.config.interval_seconds);
		if (interval <= 0)
			break;
		tick = next_tick(tick, interval, now_ns(w));
	}
	drain(w);
	w->c.notify(w->c.notify_self);
	return NULL;
}

struct worker *worker_new(const struct worker_config *c, struct err *e)
{
	struct worker *w = calloc(1, sizeof *w);
	if (!w) {
		err_set(e, ERR_OS, ENOMEM, "worker");
		return NULL;
	}
	w->c = *c;
	pthread_mutex_init(&w->mutex, NULL);
	w->refresh = (struct refresh){.config = c->config,
				      .pool = c->pool,
				      .sink = c->sink,
				      .gate = c->gate,
				      .board = c->board,
				      .io = c->io,
				      .account = c->account,
				      .stop = &w->stop,
				      .recovered = &w->recovered,
				      .self_test = &w->self_test};
	if (refresh_init(&w->refresh, e) < 0) {
		worker_free(w);
		return NULL;
	}
	refresh_beat(&w->refresh, "waiting");
	return w;
}

int worker_start(struct worker *w, struct err *e)
{
	return thread_start(&w->thread, "worker", worker_main, w, e);
}

void worker_refresh_now(struct worker *w)
{
	atomic_store(&w->now, true);
	pool_wake_taker(w->c.pool);
}

void worker_self_test(struct worker *w)
{
	atomic_store(&w->self_test, true);
	pool_wake_taker(w->c.pool);
}

void worker_configure(struct worker *w, const struct run_config *config, bool rewrite)
{
	pthread_mutex_lock(&w->mutex);
	w->next_config = *config;
	w->rewrite |= rewrite; /* one that was asked for before, and not taken over yet, is still due */
	pthread_mutex_unlock(&w->mutex);
	atomic_store(&w->reconfigured, true);
	pool_wake_taker(w->c.pool);
}

void worker_identify(struct worker *w, const struct source_identity *noise)
{
	pthread_mutex_lock(&w->mutex);
	w->noise = *noise;
	pthread_mutex_unlock(&w->mutex);
}

void worker_recover(struct worker *w)
{
	atomic_store(&w->recovered, true);
}

void worker_stop(struct worker *w)
{
	atomic_store(&w->stop, true);
	pool_wake_taker(w->c.pool);
}

bool worker_finished(struct worker *w, int *rc, struct err *e)
{
	pthread_mutex_lock(&w->mutex);
	bool finished = w->finished;
	*rc = w->rc;
	if (finished && w->rc < 0)
		*e = w->err;
	pthread_mutex_unlock(&w->mutex);
	return finished;
}

bool worker_join(struct worker *w, int64_t deadline_ns)
{
	return thread_join(&w->thread, deadline_ns);
}

void worker_wipe(struct worker *w)
{
	refresh_fini(&w->refresh);
}

void worker_free(struct worker *w)
{
	if (!w)
		return;
	refresh_fini(&w->refresh);
	pthread_mutex_destroy(&w->mutex);
	free(w);
}
