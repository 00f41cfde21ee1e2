/* Signals, each row in a child of its own: which are held back, which are seen to wait, and by which the child ends. */
#include "rows.h"

#include "base/signals.h"

#include <sys/wait.h>
#include <unistd.h>

enum { TERM = 1, INT = 2, HUP = 4, USR1 = 8, USR2 = 16, PIPE = 32 };

static const struct {
	int bit, signo;
} signals[] = {{TERM, SIGTERM}, {INT, SIGINT}, {HUP, SIGHUP}, {USR1, SIGUSR1}, {USR2, SIGUSR2}, {PIPE, SIGPIPE}};

static void raise_all(int bits)
{
	for (size_t i = 0; i < sizeof signals / sizeof *signals; i++)
		if (bits & signals[i].bit)
			raise(signals[i].signo);
}

static int bits_of(const sigset_t *mask)
{
	int bits = 0;
	for (size_t i = 0; i < sizeof signals / sizeof *signals; i++)
		bits |= sigismember(mask, signals[i].signo) == 1 ? signals[i].bit : 0;
	return bits;
}

/* A full one before: what is not put in must be out. */
static int ours(int bits)
{
	sigset_t mask;
	(void)bits;
	sigfillset(&mask);
	signals_ours(&mask);
	return bits_of(&mask);
}

static int of_end(int bits)
{
	sigset_t mask;
	(void)bits;
	sigfillset(&mask);
	signals_of_end(&mask);
	return bits_of(&mask);
}

static int taken(int bits)
{
	sigset_t now;
	signals_take();
	raise_all(bits);
	sigprocmask(SIG_BLOCK, NULL, &now);
	return bits_of(&now);
}

static int child_of_a_parent_that_ignores_children(int bits)
{
	int status;
	(void)bits;
	signal(SIGCHLD, SIG_IGN);
	signals_take();
	pid_t child = fork();
	if (child == 0)
		_exit(7);
	return waitpid(child, &status, 0) == child ? WEXITSTATUS(status) : 99;
}

static int given_back(int bits)
{
	signals_take();
	raise_all(bits);
	signals_give_back();
	return 0;
}

static int ended_by_term(int bits)
{
	signals_take();
	raise_all(bits);
	return signals_end_by(SIGTERM);
}

static int ended_by_an_ignored_int(int bits)
{
	signal(SIGINT, SIG_IGN);
	signals_take();
	raise_all(bits);
	return signals_end_by(SIGINT);
}

struct row {
	const char *name;
	int (*child)(int bits);
	int raised, code, signo; /* how the child ends: with a code, or by a signal */
};

static const struct row rows[] = {
	{"five are ours", ours, 0, TERM | INT | HUP | USR1 | USR2, 0},
	{"two of them end the program", of_end, 0, TERM | INT, 0},
	{"taken, they are held back", taken, TERM | INT | HUP | USR1 | USR2, TERM | INT | HUP | USR1 | USR2, 0},
	{"others are not", taken, PIPE, 0, SIGPIPE},
	{"children can be waited for", child_of_a_parent_that_ignores_children, 0, 7, 0},
	{"given back, one that came meanwhile does what it always does", given_back, HUP, 0, SIGHUP},
	{"given back, and none came", given_back, 0, 0, 0},
	{"ended by the one that was named, not by the least", ended_by_term, TERM | INT | HUP, 0, SIGTERM},
	{"ended by one that is not pending any more", ended_by_term, 0, 0, SIGTERM},
	{"ended by one that was ignored before", ended_by_an_ignored_int, INT, 0, SIGINT},
};

static void check_row(void **state)
{
	const struct row *row = *state;
	int status;
	pid_t child = fork();
	if (child == 0)
		_exit(row->child(row->raised));
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(WIFSIGNALED(status) ? WTERMSIG(status) : 0, row->signo);
	if (row->signo == 0)
		assert_int_equal(WEXITSTATUS(status), row->code);
}

int main(void)
{
	return ROWS_RUN("signals", check_row, rows);
}
