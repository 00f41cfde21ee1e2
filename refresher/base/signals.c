#include "base/signals.h"

#include <stddef.h>

void signals_ours(sigset_t *mask)
{
	static const int signals[] = {SIGTERM, SIGINT, SIGHUP, SIGUSR1, SIGUSR2};
	sigemptyset(mask);
	for (size_t i = 0; i < sizeof signals / sizeof *signals; i++)
		sigaddset(mask, signals[i]);
}

void signals_take(void)
{
	sigset_t mask;
	/* Ignored, which survives execve(2), it would make each waitpid(2) fail. */
	signal(SIGCHLD, SIG_DFL);
	signals_ours(&mask);
	sigprocmask(SIG_BLOCK, &mask, NULL);
}

void signals_give_back(void)
{
	sigset_t mask;
	signals_ours(&mask);
	sigprocmask(SIG_UNBLOCK, &mask, NULL);
}

bool signals_to_end(void)
{
	sigset_t pending;
	return sigpending(&pending) == 0 && (sigismember(&pending, SIGTERM) == 1 || sigismember(&pending, SIGINT) == 1);
}
