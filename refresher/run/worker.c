#include "run/worker.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/str.h"
#include "base/text.h"

#include <errno.h>
#include <stdlib.h>

static const int64_t CHECK_NS = 10000000000; /* how often the worker checks that the directory is still there */

struct worker {
	struct refresh refresh;
	atomic_bool now;                   /* a refresh was asked for */
	atomic_bool self_test;             /* a known-answer test was asked for */
	atomic_bool finished;              /* the refresh of a run that writes once has ended; rc and err say how */
	pthread_mutex_t mutex;             /* guards the next two */
	struct refresh_config next_config; /* taken over before each refresh */
	bool rewrite;                      /* it wants a new file at once */
	/* the thread's own */
	int rc;
	struct err err;
	bool starved;    /* samples were wanting, or the file was removed: begin as soon as the pool has enough */
	bool removed;    /* the file, since it was published last */
	uint64_t obeyed; /* failures that the gate had latched when their consequence for the file was drawn */
	uint64_t failed_before;   /* refreshes in a row; for the log: say a lasting failure once ... */
	int64_t failing_since_ns; /* ... since when, once it is over ... */
	enum refresh_stage failed_stage;
	int failed_errno; /* ... and again when it becomes another one */
};

/* Readers have no numbers any more. */
static void forget_file(struct worker *w)
{
	struct sink_counts *o = &w->refresh.output;

	/* What was written in all still counts. */
	o->published_ns = 0;
	o->file_numbers = o->file_bytes = 0;
	refresh_show(&w->refresh);
}

/* What stands in FILE after a failure. */
static const char *outcome(const struct sink *s, bool published, bool has_file)
{
	/* A file that was begun in place, or one whose directory has gone, does not stay. */
	if (published)
		return "published, but not all that belongs to it";
	bool stays = sink_view(s).mode == SINK_MODE_REPLACE && has_file;
	return stays ? "refresh failed; the old file stays" : "refresh failed";
}

static void note_failure(struct worker *w, bool published, const struct err *e)
{
	struct refresh *r = &w->refresh;
	const enum refresh_stage stage = r->stage;
	const bool had_file = r->output.published_ns != 0;
	struct err ignored; /* the refresh has failed with it, if it is so */

	/* For observers: which stage, and whether the output or the DRBG is to blame. */
	r->counts.failures[stage]++;
	str_copy(r->counts.error, sizeof r->counts.error, e->msg);
	if (stage == REFRESH_WRITE || stage == REFRESH_PUBLISH)
		r->output.ok = false;
	r->output.directory_ok = sink_check(r->p->sink, &ignored) == 0;
	if (stage == REFRESH_GENERATE || (stage == REFRESH_ENTROPY && e->code == ERR_SOFTWARE)) {
		r->seeds.ok = false;
		str_copy(r->seeds.error, sizeof r->seeds.error, e->msg);
	}
	refresh_show(r);
	if (*sink_view(r->p->sink).emptied)
		forget_file(w);

	/* A run that writes once ends by this error, and says it then. */
	bool again = w->failed_before && w->failed_stage == stage && w->failed_errno == e->sys_errno;
	log_at(again || r->p->writes_once ? LOG_DEBUG : LOG_ERROR,
	       outcome(r->p->sink, published, had_file && r->output.directory_ok),
	       log_str("stage", refresh_stage_names[stage]), log_str("error", e->msg));

	/* The next one is compared with it, and the end of them told with their number. */
	if (w->failed_before++ == 0)
		w->failing_since_ns = r->began_ns;
	w->failed_stage = stage;
	w->failed_errno = e->sys_errno;

	/* Not when OpenSSL or the kernel failed: with a full pool that would be tried without a pause. */
	w->starved = stage == REFRESH_ENTROPY && e->code == ERR_UNAVAILABLE;
}

/* Quiet while all is well: the first publication and the one after a failure are said, the others are metrics. */
static void note_success(struct worker *w)
{
	const struct sink_counts *o = &w->refresh.output;
	uint64_t failures = w->failed_before;
	w->failed_before = 0;
	w->starved = w->removed = false;

	/* What was latched before these numbers could leave concerns them no more. */
	w->obeyed = gate_view(w->refresh.p->gate).failures_latched;
	if (failures > 0)
		log_info("refreshes succeed again", log_u64("failures", failures),
			 log_str("after", text_span(io_now_ns(w->refresh.p->io) - w->failing_since_ns).text));
	log_at(failures > 0 || o->generation == 1 ? LOG_INFO : LOG_DEBUG, "published", log_str("file", o->file),
	       log_u64("generation", o->generation), log_u64("numbers", o->file_numbers),
	       log_u64("bytes", o->file_bytes));
}

/* What the sink has to say beside success and failure, once each. */
static void note_output(const struct worker *w)
{
	struct sink *s = w->refresh.p->sink;
	const char *note;
	while ((note = sink_take_note(s)) != NULL)
		log_warn("output", log_str("warning", note), log_str("file", sink_view(s).path));
}

static void run_refresh(struct worker *w, const struct refresh_times *t)
{
	struct refresh *r = &w->refresh;
	struct err e = {0};
	int rc = refresh_once(r, t, &e);
	note_output(w);

	/* What an order to stop has cut off is no failure. */
	if (rc == 0)
		note_success(w);
	else if (rc > 0 || !atomic_load(&r->stop))
		note_failure(w, rc > 0, &e);
	else
		log_info("refresh abandoned", log_str("reason", e.msg));

	/* A run that writes once has its result now. */
	if (!r->p->writes_once)
		return;
	if (rc != 0)
		err_wrap(&e, "%s", refresh_stage_names[r->stage]);
	w->rc = rc == 0 ? 0 : -1;
	w->err = e;
	atomic_store(&w->finished, true);
}

/* first: no earlier try after this failure of the source has failed; a later one is not said again. */
static void remove_file(struct worker *w, bool first)
{
	struct refresh *r = &w->refresh;
	struct err e = {0};
	enum sink_mode mode = sink_view(r->p->sink).mode;
	if (mode == SINK_MODE_DEVICE || mode == SINK_MODE_STREAM)
		return; /* nothing can be taken back */

	/* Whoever reads FILE finds none from now on, which is better than numbers of a source that has failed. */
	if (refresh_remove(r, &e) < 0) {
		log_at(first ? LOG_ERROR : LOG_DEBUG, "cannot remove the file", log_str("error", e.msg));
		return;
	}
	log_warn("file removed: health.on_failure is remove", log_str("file", sink_view(r->p->sink).path));
	forget_file(w);
	w->removed = true;
	w->starved = true; /* readers have nothing now: the next file does not wait for its tick */
}

/* health.on_failure: remove. The gate is asked, so that nobody has to be fast enough to ask for it: a failure that was
 * latched since it was asked last counts, even if a new start-up test has begun meanwhile, and so does one that was
 * there before a reload chose to remove. */
static void obey_failure(struct worker *w)
{
	struct gate_view v = gate_view(w->refresh.p->gate);

	/* What was removed already, or published since, has obeyed it. */
	bool first = v.failures_latched != w->obeyed;
	w->obeyed = v.failures_latched;
	bool wanted = w->refresh.config.on_failure == HEALTH_REMOVE && !w->removed;
	if (wanted && (first || v.state == GATE_FAILED))
		remove_file(w, first);
}

/* true: a new file is due at once. */
static bool take_over_config(struct worker *w)
{
	pthread_mutex_lock(&w->mutex);

	/* It changes only here, between two refreshes; who asked for a rewrite gets one. */
	w->refresh.config = w->next_config;
	bool rewrite = w->rewrite;
	w->rewrite = false;
	pthread_mutex_unlock(&w->mutex);
	refresh_describe(&w->refresh);
	return rewrite;
}

/* Before each refresh, and between them each hour as well. That the known-answer test fails is said once, and that it
 * passes where somebody waits to hear it. */
static void self_test(struct worker *w)
{
	struct err e = {0};
	const struct drbg_counts *c = &w->refresh.seeds;
	const bool asked = atomic_exchange(&w->self_test, false), was_ok = c->self_test_ok;

	/* A failure that lasts is tried again at each turn, and fills no log. */
	if (refresh_self_test(&w->refresh, asked, &e) < 0)
		log_at(was_ok || asked ? LOG_ERROR : LOG_DEBUG, "known-answer test failed: no numbers until it passes",
		       log_str("error", e.msg));
	else if (asked || !was_ok)
		log_info("known-answer test passed", log_u64("tests", c->self_tests));
}

/* Sleeps until the tick, or until something else is to be done. true: a refresh is due. One is due at once when the
 * directory of the output has gone: it fails, and says so, long before the tick of a long interval. */
static bool await_turn(struct worker *w, int64_t tick_ns)
{
	struct refresh *r = &w->refresh;
	struct err e;
	int64_t check_ns = io_now_ns(w->refresh.p->io) + CHECK_NS;

	/* Before the wait and behind it: the file of a failed source shall not stand until the next tick. */
	obey_failure(w);

	/* One that was asked for while a refresh waited for its seed is due now: that wait has taken the wake. */
	size_t need = w->starved ? refresh_need(r) : SIZE_MAX;
	bool enough = !atomic_load(&w->now) &&
		      pool_wait(r->p->pool, POOL_TAKER, need, tick_ns < check_ns ? tick_ns : check_ns);
	obey_failure(w);
	self_test(w);

	/* The output is checked last, since that asks the file system. */
	bool due = atomic_exchange(&w->now, false) || (w->starved && enough) || io_now_ns(w->refresh.p->io) >= tick_ns;
	return due || sink_check(r->p->sink, &e) < 0;
}

/* The first tick behind `now`. */
static int64_t next_tick(int64_t tick_ns, int64_t interval_ns, int64_t now_ns)
{
	/* Else it was asked for before its time, and the tick is still to come. */
	return now_ns >= tick_ns ? tick_ns + ((now_ns - tick_ns) / interval_ns + 1) * interval_ns : tick_ns;
}

void *worker_main(void *worker)
{
	struct worker *w = worker;
	const struct refresh_config *c = &w->refresh.config;

	/* By itself: the name of another thread is written through /proc, which is out of reach by now. */
	pthread_setname_np(pthread_self(), "worker");

	/* The first refresh waits for the start-up test, which may take longer than a read. */
	double seed_seconds = c->startup_timeout_seconds;
	int64_t tick = io_now_ns(w->refresh.p->io);

	/* Whole numbers of an earlier run are better than none: readers have had them all the time. */
	refresh_adopt(&w->refresh);
	note_output(w);
	while (!atomic_load(&w->refresh.stop) && !atomic_load(&w->finished)) {
		/* A reload that changes what is written starts the beat again. */
		if (take_over_config(w))
			tick = io_now_ns(w->refresh.p->io);
		if (!await_turn(w, tick))
			continue;

		/* Ticks that were missed while a refresh went on are left out. */
		int64_t now = io_now_ns(w->refresh.p->io), interval = clock_from_seconds(c->interval_seconds);
		struct refresh_times times = {.seed_until_ns = now + clock_from_seconds(seed_seconds),
					      .next_tick_ns = interval > 0 ? next_tick(tick, interval, now) : 0};
		run_refresh(w, &times);
		seed_seconds = c->timeout_seconds;
		if (interval > 0)
			tick = next_tick(tick, interval, io_now_ns(w->refresh.p->io));
	}

	/* No file stays that has to go. What a run that writes once has published, whole, is not taken back. */
	take_over_config(w);
	if (!atomic_load(&w->finished) || w->rc < 0)
		obey_failure(w);
	w->refresh.p->ring(w->refresh.p->ring_self);
	return NULL;
}

/* What a refresh has to know of the configuration. */
static struct refresh_config refresh_part(const struct run_config *c)
{
	return (struct refresh_config){.numbers = c->numbers,
				       .seed = c->seed,
				       .interval_seconds = c->interval_seconds,
				       .timeout_seconds = c->source.timeout_seconds,
				       .startup_timeout_seconds = c->source.startup_timeout_seconds,
				       .on_failure = c->health.on_failure};
}

struct worker *worker_new(const struct pipeline *p, const struct run_config *config, struct err *e)
{
	struct worker *w = calloc(1, sizeof *w);
	if (!w) {
		err_set(e, ERR_OS, ENOMEM, "worker");
		return NULL;
	}

	/* The first turn takes over the configuration that it was made with. */
	w->next_config = refresh_part(config);
	pthread_mutex_init(&w->mutex, NULL);
	if (refresh_init(&w->refresh, p, &w->next_config, e) < 0) {
		worker_free(w);
		return NULL;
	}
	return w;
}

/* Orders are flags, and the worker is woken where it waits: for samples, be it in a refresh or between two. */
void worker_refresh_now(struct worker *w)
{
	atomic_store(&w->now, true);
	pool_wake(w->refresh.p->pool, POOL_TAKER);
}

void worker_self_test(struct worker *w)
{
	atomic_store(&w->self_test, true);
	pool_wake(w->refresh.p->pool, POOL_TAKER);
}

void worker_configure(struct worker *w, const struct run_config *config, bool rewrite)
{
	/* The worker is woken, since the next tick of the old configuration may be far away. */
	pthread_mutex_lock(&w->mutex);
	w->next_config = refresh_part(config);
	w->rewrite |= rewrite; /* one that was asked for before, and not taken over yet, is still due */
	pthread_mutex_unlock(&w->mutex);
	pool_wake(w->refresh.p->pool, POOL_TAKER);
}

void worker_stop(struct worker *w)
{
	/* A refresh under way sees it between two pieces, and in each of its waits. */
	atomic_store(&w->refresh.stop, true);
	pool_wake(w->refresh.p->pool, POOL_TAKER);
}

bool worker_finished(struct worker *w, int *rc, struct err *e)
{
	/* Behind the flag the result does not change any more. */
	if (!atomic_load(&w->finished))
		return false;
	*rc = w->rc;
	*e = w->err;
	return true;
}

void worker_free(struct worker *w)
{
	if (!w)
		return;
	refresh_fini(&w->refresh);
	pthread_mutex_destroy(&w->mutex);
	free(w);
}
