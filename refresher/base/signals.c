#include "base/signals.h"

static void set_of(sigset_t *mask, const int *signals) /* 0 behind the last */
{
	sigemptyset(mask);
	for (; *signals; signals++)
		sigaddset(mask, *signals);
}

/* For each there is something to do in a running daemon. */
void signals_ours(sigset_t *mask)
{
	set_of(mask, (const int[]){SIGTERM, SIGINT, SIGHUP, SIGUSR1, SIGUSR2, 0});
}

/* After one of these the daemon stops. */
void signals_of_end(sigset_t *mask)
{
	set_of(mask, (const int[]){SIGTERM, SIGINT, 0});
}

void signals_take(void)
{
	sigset_t mask;

	/* Ignored, which survives execve(2), it would make each waitpid(2) fail. */
	signal(SIGCHLD, SIG_DFL);

	/* Blocked, they wait for the main loop, which asks for them by a descriptor. */
	signals_ours(&mask);
	sigprocmask(SIG_BLOCK, &mask, NULL);
}

void signals_give_back(void)
{
	sigset_t mask;
	signals_ours(&mask);
	sigprocmask(SIG_UNBLOCK, &mask, NULL);
}

int signals_end_by(int signo)
{
	sigset_t mask;

	/* Ignored, as for a job in the background of a script, it would end nothing. */
	signal(signo, SIG_DFL);

	/* Only this one: of several that are pending the kernel takes the least number, not the first that came. */
	set_of(&mask, (const int[]){signo, 0});
	raise(signo);
	sigprocmask(SIG_UNBLOCK, &mask, NULL);
	return 128 + signo;
}
