#include "run/loop.h"

#include "base/clock.h"
#include "base/limit.h"
#include "base/signals.h"

#include <errno.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <sys/timerfd.h>
#include <unistd.h>

void loop_block_signals(void)
{
	sigset_t mask;
	signals_ours(&mask);

	/* A closed standard output or connection, a limit on file sizes: errors of that write, not our end. */
	sigaddset(&mask, SIGPIPE);
	sigaddset(&mask, SIGXFSZ);
	sigprocmask(SIG_BLOCK, &mask, NULL);
}

int loop_open(struct loop *l, struct err *e)
{
	sigset_t ours;

	/* The timer goes on while the machine sleeps. None of them ever blocks a read. */
	signals_ours(&ours);
	l->signal_fd = signalfd(-1, &ours, SFD_NONBLOCK | SFD_CLOEXEC);
	l->timer_fd = timerfd_create(CLOCK_BOOTTIME, TFD_NONBLOCK | TFD_CLOEXEC);
	l->bell_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	if (l->signal_fd < 0 || l->timer_fd < 0 || l->bell_fd < 0)
		return limit_err(e, errno, "main loop");
	return 0;
}

void loop_close(struct loop *l)
{
	const int fds[] = {l->signal_fd, l->timer_fd, l->bell_fd};
	for (unsigned i = 0; i < sizeof fds / sizeof *fds; i++)
		if (fds[i] >= 0)
			close(fds[i]);
}

void loop_arm(struct loop *l, int64_t period_ns, int64_t first_ns)
{
	struct itimerspec spec = {.it_interval = clock_timespec(period_ns), .it_value = clock_timespec(first_ns)};
	timerfd_settime(l->timer_fd, 0, &spec, NULL);
}

void loop_ring(void *loop)
{
	const struct loop *l = loop;
	/* The main thread is woken by it, also if it waits for something else. */
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

struct loop_events loop_wait(struct loop *l, int service_fd, int timeout_ms)
{
	/* poll(2) passes over a descriptor of -1. A signal cannot interrupt it, since all that matter are blocked. */
	struct pollfd p[] = {{.fd = l->signal_fd, .events = POLLIN},
			     {.fd = l->timer_fd, .events = POLLIN},
			     {.fd = l->bell_fd, .events = POLLIN},
			     {.fd = service_fd, .events = POLLIN}};
	poll(p, sizeof p / sizeof *p, timeout_ms);

	/* Timer and bell are silent again with the reading; signals are taken one by one. */
	return (struct loop_events){.signals = p[0].revents != 0,
				    .ticks = p[1].revents ? take_count(l->timer_fd) : 0,
				    .bell = p[2].revents && take_count(l->bell_fd) > 0};
}

int loop_take_signal(struct loop *l)
{
	/* One at a time, since the first may be an order that makes the others void. */
	struct signalfd_siginfo info;
	return read(l->signal_fd, &info, sizeof info) == (ssize_t)sizeof info ? (int)info.ssi_signo : 0;
}
