#include "run/control.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/str.h"

#include <signal.h>
#include <sys/wait.h>

/* From SIGTERM to the exit 5 s are promised; a hung disk or device gets 4 s of them. A reader of standard output who
 * does not read is no reason to wait: there is nothing that could be finished, or taken back. */
static const int64_t stop_grace_ns = 4000000000, stop_grace_stream_ns = 100000000;

/* While the program ends, the loop looks for the worker's end and for the deadline this often. */
enum { END_LOOK_MS = 50, END_PAUSE_NS = 1000000 };

static int64_t now_ns(const struct control *c)
{
	return c->io->boottime_ns(c->io->self);
}

void control_on_state(void *self, enum gate_state state)
{
	struct control *c = self;
	if (state == GATE_OK)
		worker_recover(c->worker);
	pool_wake_taker(
		c->pool); /* the worker looks whether its wait is still worth it, and whether the file has to go */
	loop_ring(c->loop);
}

void control_on_refresh(void *self)
{
	loop_ring(((struct control *)self)->loop);
}

void control_describe(struct control *c)
{
	struct daemon_counts *d = &c->counts;
	str_copy(d->openssl, sizeof d->openssl, drbg_library_version());
	d->start_ns = d->last_reload_ns = now_ns(c);
	d->liveness_needs_source = c->config.health.liveness == HEALTH_LIVENESS_SOURCE;
	d->reload_ok = true;
	status_set(c->board, d);
}

void control_identify_source(struct control *c)
{
	struct source_identity noise;
	source_identify(c->source, &c->config.source, &noise);
	status_set(c->board, &noise);
	worker_identify(c->worker, &noise);
}

/* rc < 0: *e says why. The first reason to end is the one that counts. */
static void begin_stop(struct control *c, int rc, const struct err *e)
{
	if (c->stop_deadline_ns)
		return;
	bool stream = sink_mode(c->sink) == SINK_MODE_STREAM;
	c->stop_deadline_ns = now_ns(c) + (stream ? stop_grace_stream_ns : stop_grace_ns);
	c->rc = rc;
	if (e)
		c->end_err = *e;
	c->counts.stopping = true;
	status_set(c->board, &c->counts);
	worker_stop(c->worker);
	collector_stop(c->collector);
	pool_close(c->pool);
}

/* A stuck read is noticed within half of source.timeout, and a changed configuration within 4 s. soon: a file that is
 * being written is looked at again after half a second, so that a change takes less than 5 s altogether. */
static void arm_timer(struct control *c, bool soon)
{
	double period = c->config.source.timeout_seconds / 2;
	period = period < 0.1 ? 0.1 : period > 4 ? 4 : period;
	loop_arm(c->loop, period, soon && period > 0.5 ? 0.5 : period);
}

static void take_over(struct control *c, const struct run_config *next, bool rewrite)
{
	double old_timeout = c->config.source.timeout_seconds;
	c->config = *next;
	/* Else reloads that come faster than its period would keep it from ever ringing. */
	if (next->source.timeout_seconds != old_timeout)
		arm_timer(c, false);
	collector_configure(c->collector, next->source.timeout_seconds, next->health.watch_interval_seconds);
	worker_configure(c->worker, next, rewrite);
}

static void reload(struct control *c)
{
	struct err e = {0};
	struct run_config next;
	bool rewrite = false;
	int rc = c->reload->load(c->reload->self, &next, &rewrite, &e);
	c->counts.reload_ok = rc == 0;
	if (rc == 0) {
		c->counts.last_reload_ns = now_ns(c);
		c->counts.liveness_needs_source = next.health.liveness == HEALTH_LIVENESS_SOURCE;
		take_over(c, &next, rewrite);
	} else {
		log_error("reload refused; the old configuration stays", log_str("error", e.msg));
	}
	status_set(c->board, &c->counts);
}

/* A run that writes once ends with its refresh. */
static void end_with_refresh(struct control *c)
{
	int rc;
	struct err e = {0};
	if (worker_finished(c->worker, &rc, &e))
		begin_stop(c, rc, &e);
}

static void on_end(void *self, int signo)
{
	struct control *c = self;
	log_info("stopping", log_str("signal", signo == SIGINT ? "SIGINT" : signo == SIGHUP ? "SIGHUP" : "SIGTERM"));
	/* A file that was whole and in its place before the signal came was not cut off by it. */
	end_with_refresh(c);
	begin_stop(c, run_is_once(&c->config) ? signo : 0, NULL);
}

static void on_signal(void *self, int signo)
{
	struct control *c = self;
	if (signo == SIGHUP && !run_is_once(&c->config))
		reload(c);
	else if (signo == SIGUSR1)
		worker_refresh_now(c->worker);
	else if (signo == SIGUSR2) {
		collector_on_demand(c->collector);
		worker_self_test(c->worker);
	}
}

/* health.on_failure: exit. */
static void check_give_up(struct control *c)
{
	struct err e = {0};
	if (c->config.health.on_failure != HEALTH_EXIT)
		return;
	struct gate_view v = gate_view(c->gate);
	if (v.state != GATE_FAILED)
		return;
	err_set(&e, ERR_UNAVAILABLE, 0, "health.on_failure is exit: %s: %s", c->source->name, v.reason);
	begin_stop(c, -1, &e);
}

static void on_bell(void *self)
{
	end_with_refresh(self);
	check_give_up(self);
}

/* As process 1 the daemon is given everybody's orphans, also those of a debugger's exec into the container; otherwise
 * it has none but a trial reader that the kernel would not let die in time. */
static void collect_children(void)
{
	while (waitpid(-1, NULL, WNOHANG) > 0)
		;
}

static void look_at_configuration(struct control *c)
{
	enum run_news news = run_is_once(&c->config) ? RUN_SAME : c->reload->look(c->reload->self);
	if (news == RUN_SETTLING)
		arm_timer(c, true);
	if (news == RUN_CHANGED)
		reload(c);
}

static void on_timer(void *self, bool stood_still)
{
	struct control *c = self;
	/* Where the process stood still, the collector has had no time to return either, so the device is not to blame
	 * before the next tick; and the worker may sleep on, since its wait has stood still with the machine. */
	if (stood_still)
		pool_wake_taker(c->pool);
	else
		collector_check_stuck(c->collector);
	check_give_up(c);
	control_identify_source(c);
	collect_children();
	look_at_configuration(c);
}

static int look_again_ms(void *self)
{
	struct control *c = self;
	if (c->stop_deadline_ns == 0)
		return -1;
	/* A worker that has told of its end needs a moment to reach it. */
	return worker_join(c->worker, now_ns(c) + END_PAUSE_NS) || now_ns(c) >= c->stop_deadline_ns ? 0 : END_LOOK_MS;
}

const struct loop_owner control_owner = {.on_end = on_end,
					 .on_signal = on_signal,
					 .on_timer = on_timer,
					 .on_bell = on_bell,
					 .look_again_ms = look_again_ms};

int control_begin(struct control *c, struct err *e)
{
	arm_timer(c, false);
	/* A signal that came during the start is obeyed before any number is made. */
	loop_look_for_end(c->loop);
	if (c->stop_deadline_ns)
		return 0;
	if (collector_start(c->collector, e) == 0 && worker_start(c->worker, e) == 0)
		return 0;
	begin_stop(c, -1, e);
	return -1;
}
