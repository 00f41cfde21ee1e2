#include "run/control.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/str.h"
#include "base/trim.h"
#include "run/parts.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

/* From SIGTERM to the exit 5 s are promised; a hung disk or device gets 4 s of them. A reader of standard output who
 * does not read is no reason to wait: there is nothing that could be finished, or taken back. */
static const int64_t stop_grace_ns = 4000000000, stop_grace_stream_ns = 100000000;

static const int64_t soon_ns = 500000000;

/* While the program ends, the loop asks for the worker's end and for the deadline this often; a worker that has told of
 * its end is given a moment to reach it. */
enum { END_POLL_MS = 50, END_PAUSE_NS = 1000000 };

/* The liveness that the configuration wants is shown with it, since a reload may change that. */
static void show_daemon(struct run *r)
{
	r->counts.liveness_needs_source = r->config->health.liveness == HEALTH_LIVENESS_SOURCE;
	status_set(r->p.board, &r->counts);
}

/* The administrator may bind another generator. */
static void identify_source(struct run *r)
{
	struct source_identity noise;

	/* What is known of the driver is read anew each time, from descriptors that were opened before confinement. */
	source_identify(&r->source, &noise);
	status_set(r->p.board, &noise);
}

void control_describe(struct run *r)
{
	/* Which of many daemons this is. The host of a pod has the pod's name. The start counts as the last reload that
	 * was taken. */
	str_copy(r->counts.openssl, sizeof r->counts.openssl, drbg_library_version());
	const char *node = getenv("NODE_NAME");
	gethostname(r->counts.host, sizeof r->counts.host - 1);
	str_copy(r->counts.node, sizeof r->counts.node, node ? node : "");
	r->counts.start_ns = r->counts.last_reload_ns = io_now_ns(r->p.io);
	r->counts.reload_ok = true;
	show_daemon(r);
	identify_source(r);
}

/* rc < 0: *e says why. The first reason to end is the one that counts. */
static void begin_stop(struct run *r, int rc, const struct err *e)
{
	if (r->stop_deadline_ns)
		return;
	bool stream = sink_view(r->p.sink).mode == SINK_MODE_STREAM;
	r->stop_deadline_ns = io_now_ns(r->p.io) + (stream ? stop_grace_stream_ns : stop_grace_ns);
	r->rc = rc;
	if (e)
		r->end_err = *e;

	/* Observers are told first; then each thread is asked, and woken where it waits. */
	r->counts.stopping = true;
	show_daemon(r);
	worker_stop(r->worker);
	collector_stop(r->collector);
	pool_close(r->p.pool);
}

/* A stuck read is noticed within half of source.timeout, and a changed configuration within 4 s. soon: a file that is
 * being written is asked for again after half a second, so that a change takes less than 5 s altogether. */
static void arm_timer(struct run *r, bool soon)
{
	double half = r->config->source.timeout_seconds / 2;
	int64_t period_ns = clock_from_seconds(half < 0.1 ? 0.1 : half > 4 ? 4 : half);
	loop_arm(&r->loop, period_ns, soon && period_ns > soon_ns ? soon_ns : period_ns);
}

static void reload(struct run *r)
{
	struct err e = {0};
	bool rewrite = false;

	/* One that is refused leaves everything as it is, but observers see it. */
	double old_timeout = r->config->source.timeout_seconds;
	r->counts.reload_ok = r->reload->load(r->reload->self, &rewrite, &e) == 0;
	if (!r->counts.reload_ok) {
		log_error("reload refused; the old configuration stays", log_str("error", e.msg));
		show_daemon(r);
		return;
	}
	r->counts.last_reload_ns = io_now_ns(r->p.io);
	show_daemon(r);

	/* Where the period stays the timer does too: reloads that come faster would keep it from ever ringing. */
	double timeout = r->config->source.timeout_seconds;
	if (timeout < old_timeout || timeout > old_timeout)
		arm_timer(r, false);

	/* The threads get what concerns them; keys that need a restart are not among it. */
	collector_configure(r->collector, timeout, r->config->health.watch_interval_seconds);
	worker_configure(r->worker, r->config, rewrite);
}

/* A run that writes once ends with its refresh. */
static void end_with_refresh(struct run *r)
{
	int rc;
	struct err e = {0};

	/* Of a daemon's worker no refresh is the last one. */
	if (worker_finished(r->worker, &rc, &e))
		begin_stop(r, rc, &e);
}

static void end_by_signal(struct run *r, int signo)
{
	if (r->stop_deadline_ns)
		return;
	log_info("stopping", log_str("signal", signo == SIGINT ? "SIGINT" : signo == SIGHUP ? "SIGHUP" : "SIGTERM"));

	/* A file that was whole and in its place before the signal came was not cut off by it. */
	end_with_refresh(r);
	begin_stop(r, r->p.writes_once ? signo : 0, NULL);
}

/* nohup(1) asks so for a run that a hang-up would end. */
static bool ignores_hangup(void)
{
	struct sigaction hangup;
	return sigaction(SIGHUP, NULL, &hangup) < 0 || hangup.sa_handler == SIG_IGN;
}

static void obey_signals(struct run *r)
{
	int signo;

	/* Those that ask for work, then those that end the program. */
	while ((signo = loop_take_signal(&r->loop)) != 0) {
		if (signo == SIGUSR1) {
			worker_refresh_now(r->worker);
		} else if (signo == SIGUSR2) {
			collector_on_demand(r->collector);
			worker_self_test(r->worker);
		} else if (signo == SIGHUP && !r->p.writes_once) {
			reload(r);
		} else if (signo != SIGHUP || !ignores_hangup()) {
			end_by_signal(r, signo);
		}
	}
}

/* health.on_failure: exit. */
static void end_with_source(struct run *r)
{
	struct err e;
	struct gate_view v = gate_view(&r->gate);

	/* A failure that is latched while a reload chooses to exit counts as well. */
	if (r->config->health.on_failure != HEALTH_EXIT || v.state != GATE_FAILED)
		return;
	err_set(&e, ERR_UNAVAILABLE, 0, "health.on_failure is exit: %s: %s", r->source.name, v.reason);
	begin_stop(r, -1, &e);
}

static void on_timer(struct run *r, bool stood_still)
{
	bool soon = false;

	/* Nobody rings for a device that hangs, so it is asked for at each tick. Where the process stood still, the
	 * collector has had no time to return either, so the device is not to blame before the next tick; and the
	 * worker may sleep on, since its wait has stood still with the machine. */
	if (stood_still)
		pool_wake(r->p.pool, POOL_TAKER);
	else
		collector_check_stuck(r->collector);
	identify_source(r);

	/* As process 1 the daemon is given everybody's orphans, also those of a debugger's exec into the container;
	 * otherwise it has none but a trial reader that the kernel would not let die in time. */
	while (waitpid(-1, NULL, WNOHANG) > 0)
		;

	/* A run that writes once goes on with what it has read. */
	if (r->p.writes_once)
		return;
	if (r->reload->has_changed(r->reload->self, &soon))
		reload(r);
	else if (soon)
		arm_timer(r, true);
}

/* The worker has the grace to finish or to take back what it has begun; the collector, which may be held by the kernel
 * in a read, is not waited for. */
static bool has_ended(struct run *r)
{
	if (r->stop_deadline_ns == 0)
		return false;
	return thread_join(&r->worker_thread, io_now_ns(r->p.io) + END_PAUSE_NS) ||
	       io_now_ns(r->p.io) >= r->stop_deadline_ns;
}

/* How long the loop may wait; negative: for ever. */
static int wait_ms(const struct run *r, const struct run_service *service)
{
	int ms = service ? service->timeout_ms(service->self) : -1;
	bool too_long = r->stop_deadline_ns != 0 && (ms < 0 || ms > END_POLL_MS);
	return too_long ? END_POLL_MS : ms;
}

void control_run(struct run *r, const struct run_service *service)
{
	struct err e;
	arm_timer(r, false);

	/* A signal that came during the start is obeyed before any number is made. */
	obey_signals(r);
	if (!r->stop_deadline_ns &&
	    (thread_start(&r->collector_thread, "collector", collector_main, r->collector, &e) < 0 ||
	     thread_start(&r->worker_thread, "worker", worker_main, r->worker, &e) < 0))
		begin_stop(r, -1, &e);

	/* What the start has touched is mostly not touched again: 4 MB of code and constants of the libraries. */
	if (!r->p.writes_once)
		trim_memory();

	/* A run that writes once is over when the bell of its worker rings; a source that has failed for good may end
	 * any. */
	while (!has_ended(r)) {
		struct loop_events came = loop_wait(&r->loop, service ? service->fd : -1, wait_ms(r, service));
		if (came.signals)
			obey_signals(r);
		if (came.ticks > 0)
			on_timer(r, came.ticks > 1);
		if (came.bell)
			end_with_refresh(r);
		if (came.bell || came.ticks > 0)
			end_with_source(r);

		/* The endpoint has timers of its own, so it is asked in each turn. */
		if (service)
			service->work(service->self);
	}
}
