#include "assess_cli/progress.h"

#include "base/clock.h"
#include "base/signals.h"
#include "base/text.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { REDRAW_NS = 200000000, BAR = 30, WAKE = SIGUSR1 };

struct progress {
	pthread_t thread;
	bool on_terminal;
	atomic_bool ended;
	_Atomic double part;
	pthread_mutex_t lock; /* of what follows */
	const char *what, *units;
	size_t total;
	int64_t began_ns;
};

static void signals_watched(sigset_t *set)
{
	sigemptyset(set);
	sigaddset(set, SIGINT);
	sigaddset(set, SIGTERM);
	sigaddset(set, WAKE);
}

static void draw(struct progress *p)
{
	const double part = p->part;
	char bar[BAR + 1], left[48] = "";

	/* As many signs as are done; what is left follows from what it took so far. */
	for (int i = 0; i < BAR; i++)
		bar[i] = i < part * BAR ? '#' : '.';
	bar[BAR] = '\0';
	pthread_mutex_lock(&p->lock);
	const int64_t passed = clock_ns(CLOCK_MONOTONIC) - p->began_ns;
	if (part > 0.01 && passed > NS_PER_S / 2)
		snprintf(left, sizeof left, ", %s left", text_span((int64_t)((double)passed * (1 / part - 1))).text);
	if (p->what)
		fprintf(stderr, "\r\033[K%s [%s] %3.0f %% of %zu %s%s", p->what, bar, 100 * part, p->total, p->units,
			left);
	pthread_mutex_unlock(&p->lock);
	fflush(stderr);
}

/* Never returns. */
static void end_by(struct progress *p, int signo)
{
	pthread_mutex_lock(&p->lock);
	if (p->on_terminal)
		fputs("\r\033[K", stderr);
	fprintf(stderr, "refresher-assess: interrupted by %s while %s, at %.0f of %zu %s; nothing was assessed\n",
		signo == SIGINT ? "SIGINT" : "SIGTERM", p->what ? p->what : "starting", p->part * (double)p->total,
		p->total, p->units ? p->units : "samples");
	fflush(stderr);
	_exit(signals_end_by(signo));
}

static void *watch(void *self)
{
	struct progress *p = self;
	sigset_t set;
	signals_watched(&set);

	/* It wakes up to draw, for a signal that ends us, or to end itself. */
	while (!p->ended) {
		const struct timespec redraw = {.tv_nsec = REDRAW_NS};
		const int signo = sigtimedwait(&set, NULL, &redraw);
		if (signo == SIGINT || signo == SIGTERM)
			end_by(p, signo);
		if (p->on_terminal && !p->ended)
			draw(p);
	}
	return NULL;
}

struct progress *progress_new(struct err *e)
{
	sigset_t set;
	struct progress *p = calloc(1, sizeof *p);
	if (!p) {
		err_set(e, ERR_OS, ENOMEM, "the progress bar");
		return NULL;
	}

	/* The threads that come later inherit the mask. */
	signals_watched(&set);
	pthread_sigmask(SIG_BLOCK, &set, NULL);
	pthread_mutex_init(&p->lock, NULL);
	p->on_terminal = isatty(STDERR_FILENO);
	const int rc = pthread_create(&p->thread, NULL, watch, p);
	if (rc == 0)
		return p;
	err_set(e, ERR_OS, rc, "cannot start a thread");
	pthread_mutex_destroy(&p->lock);
	free(p);
	return NULL;
}

void progress_begin(struct progress *p, const char *what, size_t total, const char *units)
{
	pthread_mutex_lock(&p->lock);
	p->part = 0;
	p->what = what;
	p->total = total;
	p->units = units;
	p->began_ns = clock_ns(CLOCK_MONOTONIC);
	pthread_mutex_unlock(&p->lock);
}

void progress_tell(void *self, double part)
{
	struct progress *p = self;

	p->part = part;
}

void progress_free(struct progress *p)
{
	sigset_t set;
	if (!p)
		return;

	/* The thread may be in the middle of its wait. */
	p->ended = true;
	pthread_kill(p->thread, WAKE);
	pthread_join(p->thread, NULL);
	if (p->on_terminal)
		fputs("\r\033[K", stderr);

	/* A signal that comes from now on ends the program as usual. */
	signals_watched(&set);
	sigdelset(&set, WAKE);
	pthread_sigmask(SIG_UNBLOCK, &set, NULL);
	pthread_mutex_destroy(&p->lock);
	free(p);
}
