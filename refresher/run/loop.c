#include "run/loop.h"

#include "base/limit.h"
#include "base/log.h"
#include "base/signals.h"
#include "base/trim.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <sys/timerfd.h>
#include <sys/wait.h>
#include <unistd.h>

/* From SIGTERM to the exit 5 s are promised; a hung disk or device gets 4 s of them. A reader of standard output who
 * does not read is no reason to wait: there is nothing that could be finished, or taken back. */
static const int64_t stop_grace_ns = 4000000000, stop_grace_stream_ns = 100000000;

static int64_t now_ns(const struct run *r)
{
	return r->io->mono_ns(r->io->self);
}

static bool is_once(const struct run *r)
{
	return r->config.interval_seconds <= 0;
}

static void ring(struct run *r)
{
	uint64_t one = 1;
	ssize_t ignored = write(r->bell_fd, &one, sizeof one); /* full means rung already */
	(void)ignored;
}

void loop_on_state(void *self, enum gate_state state)
{
	struct run *r = self;
	if (state == GATE_OK)
		worker_recover(r->worker);
	if (state == GATE_FAILED && atomic_load(&r->on_failure) == HEALTH_REMOVE)
		worker_remove_file(r->worker);
	pool_wake_taker(r->pool); /* a worker that waits for samples looks whether it is still worth it */
	ring(r);
}

void loop_on_refresh(void *self)
{
	ring(self);
}

/* rc < 0: *e says why. The first reason to end is the one that counts. */
static void begin_stop(struct run *r, int rc, const struct err *e)
{
	if (r->stop_deadline_ns)
		return;
	bool stream = sink_mode(r->sink) == SINK_MODE_STREAM;
	r->stop_deadline_ns = now_ns(r) + (stream ? stop_grace_stream_ns : stop_grace_ns);
	r->rc = rc;
	if (e)
		r->end_err = *e;
	r->counts.stopping = true;
	status_set_daemon(r->board, &r->counts);
	worker_stop(r->worker);
	collector_stop(r->collector);
	pool_close(r->pool);
}

static struct timespec seconds(double s)
{
	return (struct timespec){.tv_sec = (time_t)s, .tv_nsec = (long)((s - (double)(time_t)s) * 1e9)};
}

/* A stuck read is noticed within half of source.timeout, and a changed configuration within 4 s. soon: a file that is
 * being written is looked at again after half a second, so that a change takes less than 5 s altogether. */
static void arm_timer(struct run *r, bool soon)
{
	double period = r->config.source.timeout_seconds / 2;
	period = period < 0.1 ? 0.1 : period > 4 ? 4 : period;
	struct itimerspec spec = {.it_interval = seconds(period),
				  .it_value = seconds(soon && period > 0.5 ? 0.5 : period)};
	timerfd_settime(r->timer_fd, 0, &spec, NULL);
}

static void take_over(struct run *r, const struct run_config *next, bool rewrite)
{
	struct run_config old = r->config;
	r->config = *next;
	atomic_store(&r->on_failure, (int)next->health.on_failure);
	/* Else reloads that come faster than its period would keep it from ever ringing. */
	if (next->source.timeout_seconds != old.source.timeout_seconds)
		arm_timer(r, false);
	collector_set_timeout(r->collector, next->source.timeout_seconds);
	worker_configure(r->worker, next, rewrite);
	/* The transition that would have removed the file is over. */
	if (next->health.on_failure == HEALTH_REMOVE && old.health.on_failure != HEALTH_REMOVE &&
	    gate_state(&r->gate) == GATE_FAILED)
		worker_remove_file(r->worker);
}

static void reload(struct run *r)
{
	struct err e = {0};
	struct run_config next;
	bool rewrite = false;
	int rc = r->reload->load(r->reload->self, &next, &rewrite, &e);
	r->counts.reload_ok = rc == 0;
	if (rc == 0) {
		r->counts.last_reload_ns = now_ns(r);
		r->counts.liveness_needs_source = next.health.liveness == HEALTH_LIVENESS_SOURCE;
	}
	status_set_daemon(r->board, &r->counts);
	if (rc < 0) {
		log_error("reload refused; the old configuration stays", log_str("error", e.msg));
		return;
	}
	take_over(r, &next, rewrite);
}

static void on_signal(struct run *r)
{
	struct signalfd_siginfo info;
	while (read(r->signal_fd, &info, sizeof info) == (ssize_t)sizeof info) {
		if (info.ssi_signo == SIGHUP && !is_once(r))
			reload(r);
		else if (info.ssi_signo == SIGUSR1)
			worker_refresh_now(r->worker);
		else if (info.ssi_signo == SIGUSR2)
			collector_on_demand(r->collector);
	}
}

/* A run that writes once ends with its refresh. */
static void end_with_refresh(struct run *r)
{
	int rc;
	struct err e = {0};
	if (worker_finished(r->worker, &rc, &e))
		begin_stop(r, rc, &e);
}

/* true: a signal ends the program. It stays pending, so that what it has cut off can end by it. */
static bool on_end(struct run *r)
{
	int signo = signals_pending(&r->end_signals);
	if (signo == 0)
		return false;
	/* Pending, it would keep the descriptor readable, and the loop awake. */
	epoll_ctl(r->epoll_fd, EPOLL_CTL_DEL, r->end_fd, NULL);
	log_info("stopping", log_str("signal", signo == SIGINT ? "SIGINT" : signo == SIGHUP ? "SIGHUP" : "SIGTERM"));
	/* A file that was whole and in its place before the signal came was not cut off by it. */
	end_with_refresh(r);
	begin_stop(r, is_once(r) ? signo : 0, NULL);
	return true;
}

static void check_give_up(struct run *r)
{
	struct gate_view v;
	struct err e = {0};
	if (atomic_load(&r->on_failure) != HEALTH_EXIT)
		return;
	gate_copy(&r->gate, &v);
	if (v.state != GATE_FAILED)
		return;
	err_set(&e, ERR_UNAVAILABLE, 0, "health.on_failure is exit: %s: %s", r->source.name, v.reason);
	begin_stop(r, -1, &e);
}

static void on_bell(struct run *r)
{
	uint64_t rings;
	ssize_t ignored = read(r->bell_fd, &rings, sizeof rings);
	(void)ignored;
	end_with_refresh(r);
	check_give_up(r);
}

/* As process 1 the daemon is given everybody's orphans, also those of a debugger's exec into the container; otherwise
 * it has none but a trial reader that the kernel would not let die in time. */
static void collect_children(void)
{
	while (waitpid(-1, NULL, WNOHANG) > 0)
		;
}

static void look_at_configuration(struct run *r)
{
	enum run_news news = is_once(r) ? RUN_SAME : r->reload->look(r->reload->self);
	if (news == RUN_SETTLING)
		arm_timer(r, true);
	if (news == RUN_CHANGED)
		reload(r);
}

static void on_timer(struct run *r)
{
	uint64_t ticks = 0;
	ssize_t ignored = read(r->timer_fd, &ticks, sizeof ticks);
	(void)ignored;
	/* Ticks that were missed: the whole process stood still (a frozen cgroup, a virtual machine on the move, a
	 * machine that slept). The collector has had no time to return either, so the device is not to blame before the
	 * next tick; and the worker may sleep on, since its wait has stood still with the machine. */
	if (ticks <= 1)
		collector_check_stuck(r->collector);
	else
		pool_wake_taker(r->pool);
	check_give_up(r);
	run_driver(r); /* the administrator may bind another generator at any time */
	collect_children();
	look_at_configuration(r);
}

static int add(struct run *r, int fd)
{
	struct epoll_event ev = {.events = EPOLLIN, .data.fd = fd};
	return fd < 0 ? 0 : epoll_ctl(r->epoll_fd, EPOLL_CTL_ADD, fd, &ev);
}

void loop_init(struct run *r)
{
	r->epoll_fd = r->signal_fd = r->end_fd = r->timer_fd = r->bell_fd = -1;
}

void loop_block_signals(void)
{
	sigset_t mask;
	signals_ours(&mask);
	/* A closed standard output or connection, a limit on file sizes: errors of that write, not our end. */
	sigaddset(&mask, SIGPIPE);
	sigaddset(&mask, SIGXFSZ);
	sigprocmask(SIG_BLOCK, &mask, NULL);
}

/* Which signals end the program, and which others are answered. A run that writes once has nothing to reload, so the
 * end of its terminal ends it too, but not where nohup(1) has asked for the contrary. */
static void choose_signals(struct run *r, sigset_t *others)
{
	struct sigaction hup;
	bool ends = is_once(r) && sigaction(SIGHUP, NULL, &hup) == 0 && hup.sa_handler != SIG_IGN;
	signals_of_end(&r->end_signals);
	sigemptyset(others);
	sigaddset(others, SIGUSR1);
	sigaddset(others, SIGUSR2);
	sigaddset(ends ? &r->end_signals : others, SIGHUP);
}

int loop_open(struct run *r, struct err *e)
{
	sigset_t others;
	choose_signals(r, &others);
	r->signal_fd = signalfd(-1, &others, SFD_NONBLOCK | SFD_CLOEXEC);
	r->end_fd = signalfd(-1, &r->end_signals, SFD_NONBLOCK | SFD_CLOEXEC);
	r->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	r->timer_fd = timerfd_create(CLOCK_BOOTTIME, TFD_NONBLOCK | TFD_CLOEXEC);
	r->bell_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	if (r->epoll_fd < 0 || r->signal_fd < 0 || r->end_fd < 0 || r->timer_fd < 0 || r->bell_fd < 0 ||
	    add(r, r->signal_fd) < 0 || add(r, r->end_fd) < 0 || add(r, r->timer_fd) < 0 || add(r, r->bell_fd) < 0)
		return limit_err(e, errno, "main loop");
	arm_timer(r, false);
	return 0;
}

void loop_close(struct run *r)
{
	int fds[] = {r->epoll_fd, r->signal_fd, r->end_fd, r->timer_fd, r->bell_fd};
	for (unsigned i = 0; i < sizeof fds / sizeof *fds; i++)
		if (fds[i] >= 0)
			close(fds[i]);
}

static void dispatch(struct run *r, int fd)
{
	if (fd == r->end_fd)
		on_end(r);
	else if (fd == r->signal_fd)
		on_signal(r);
	else if (fd == r->timer_fd)
		on_timer(r);
	else if (fd == r->bell_fd)
		on_bell(r);
}

static int wait_ms(const struct run *r)
{
	int ms = r->service ? r->service->timeout_ms(r->service->self) : -1;
	if (r->stop_deadline_ns && (ms < 0 || ms > 50))
		ms = 50; /* look for the worker's end and for the deadline */
	return ms;
}

static bool is_over(struct run *r)
{
	return r->stop_deadline_ns && (worker_join(r->worker, now_ns(r)) || now_ns(r) >= r->stop_deadline_ns);
}

static int attach(struct run *r, const struct run_service *service, const struct run_reload *reload_by, struct err *e)
{
	r->service = service;
	r->reload = reload_by;
	if (add(r, service ? service->fd : -1) < 0)
		return limit_err(e, errno, "main loop");
	/* A signal that came during the start is obeyed before any number is made. */
	if (on_end(r))
		return 0;
	if (collector_start(r->collector, e) < 0)
		return -1;
	return worker_start(r->worker, e);
}

int run_go(struct run *r, const struct run_service *service, const struct run_reload *reload_by, struct err *e)
{
	struct epoll_event ready[8];
	if (attach(r, service, reload_by, e) < 0) {
		begin_stop(r, -1, e);
		return -1;
	}
	/* What the start has touched is mostly not touched again: 4 MB of code and constants of the libraries. */
	if (!is_once(r))
		trim_memory();
	while (!is_over(r)) {
		int n = epoll_wait(r->epoll_fd, ready, sizeof ready / sizeof *ready, wait_ms(r));
		for (int i = 0; i < n; i++)
			dispatch(r, ready[i].data.fd);
		if (service)
			service->work(service->self);
	}
	if (r->rc < 0)
		*e = r->end_err;
	return r->rc;
}
