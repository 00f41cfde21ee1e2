#include "run/loop.h"

#include "base/limit.h"
#include "base/signals.h"

#include <errno.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <sys/timerfd.h>
#include <unistd.h>

void loop_init(struct loop *l)
{
	*l = (struct loop){.epoll_fd = -1, .signal_fd = -1, .end_fd = -1, .timer_fd = -1, .bell_fd = -1};
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

static int add(struct loop *l, int fd)
{
	struct epoll_event ev = {.events = EPOLLIN, .data.fd = fd};
	return fd < 0 ? 0 : epoll_ctl(l->epoll_fd, EPOLL_CTL_ADD, fd, &ev);
}

/* The signals that end the program have a descriptor of their own, since they are looked at and not taken. */
static void choose_signals(struct loop *l, bool hup_ends, sigset_t *others)
{
	struct sigaction hup;
	signals_of_end(&l->end_signals);
	if (hup_ends && sigaction(SIGHUP, NULL, &hup) == 0 && hup.sa_handler != SIG_IGN)
		sigaddset(&l->end_signals, SIGHUP);
	signals_ours(others);
	for (int signo = 1; signo < NSIG; signo++)
		if (sigismember(&l->end_signals, signo) == 1)
			sigdelset(others, signo);
}

int loop_open(struct loop *l, const struct loop_owner *owner, bool hup_ends, struct err *e)
{
	sigset_t others;
	l->owner = *owner;
	choose_signals(l, hup_ends, &others);
	l->signal_fd = signalfd(-1, &others, SFD_NONBLOCK | SFD_CLOEXEC);
	l->end_fd = signalfd(-1, &l->end_signals, SFD_NONBLOCK | SFD_CLOEXEC);
	l->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	l->timer_fd = timerfd_create(CLOCK_BOOTTIME, TFD_NONBLOCK | TFD_CLOEXEC);
	l->bell_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	if (l->epoll_fd < 0 || l->signal_fd < 0 || l->end_fd < 0 || l->timer_fd < 0 || l->bell_fd < 0 ||
	    add(l, l->signal_fd) < 0 || add(l, l->end_fd) < 0 || add(l, l->timer_fd) < 0 || add(l, l->bell_fd) < 0)
		return limit_err(e, errno, "main loop");
	return 0;
}

void loop_close(struct loop *l)
{
	int fds[] = {l->epoll_fd, l->signal_fd, l->end_fd, l->timer_fd, l->bell_fd};
	for (unsigned i = 0; i < sizeof fds / sizeof *fds; i++)
		if (fds[i] >= 0)
			close(fds[i]);
}

static struct timespec seconds(double s)
{
	return (struct timespec){.tv_sec = (time_t)s, .tv_nsec = (long)((s - (double)(time_t)s) * 1e9)};
}

void loop_arm(struct loop *l, double period_seconds, double first_seconds)
{
	struct itimerspec spec = {.it_interval = seconds(period_seconds), .it_value = seconds(first_seconds)};
	timerfd_settime(l->timer_fd, 0, &spec, NULL);
}

void loop_ring(struct loop *l)
{
	uint64_t one = 1;
	ssize_t ignored = write(l->bell_fd, &one, sizeof one); /* full means rung already */
	(void)ignored;
}

/* What an eventfd or a timerfd has counted since it was read last. */
static uint64_t take_count(int fd)
{
	uint64_t n = 0;
	ssize_t ignored = read(fd, &n, sizeof n);
	(void)ignored;
	return n;
}

void loop_look_for_end(struct loop *l)
{
	int signo = signals_pending(&l->end_signals);
	if (signo == 0)
		return;
	/* It stays pending, so that what it has cut off can end by it; its descriptor would keep the loop awake. */
	epoll_ctl(l->epoll_fd, EPOLL_CTL_DEL, l->end_fd, NULL);
	l->owner.on_end(l->owner.self, signo);
}

static void take_signals(struct loop *l)
{
	struct signalfd_siginfo info;
	while (read(l->signal_fd, &info, sizeof info) == (ssize_t)sizeof info)
		l->owner.on_signal(l->owner.self, (int)info.ssi_signo);
}

static void dispatch(struct loop *l, int fd)
{
	if (fd == l->end_fd)
		loop_look_for_end(l);
	else if (fd == l->signal_fd)
		take_signals(l);
	else if (fd == l->timer_fd)
		l->owner.on_timer(l->owner.self, take_count(fd) > 1);
	else if (fd == l->bell_fd && take_count(fd) > 0)
		l->owner.on_bell(l->owner.self);
}

/* The sooner of the two; negative: never. */
static int sooner_ms(int a, int b)
{
	if (a < 0 || b < 0)
		return a < 0 ? b : a;
	return a < b ? a : b;
}

int loop_run(struct loop *l, const struct run_service *service, struct err *e)
{
	struct epoll_event ready[8];
	int again_ms;
	if (service && add(l, service->fd) < 0)
		return limit_err(e, errno, "main loop");
	while ((again_ms = l->owner.look_again_ms(l->owner.self)) != 0) {
		int ms = sooner_ms(again_ms, service ? service->timeout_ms(service->self) : -1);
		int n = epoll_wait(l->epoll_fd, ready, sizeof ready / sizeof *ready, ms);
		for (int i = 0; i < n; i++)
			dispatch(l, ready[i].data.fd);
		if (service)
			service->work(service->self);
	}
	return 0;
}
