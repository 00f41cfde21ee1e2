#include "tracer.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

#include <linux/ptrace.h>

pid_t tracer_start(char **argv)
{
	int status;
	sigset_t none;
	pid_t pid = fork();
	if (pid == 0) {
		sigemptyset(&none);
		sigprocmask(SIG_SETMASK, &none, NULL);
		if (ptrace(PTRACE_TRACEME, 0, NULL, NULL) < 0)
			_exit(77);
		raise(SIGSTOP);
		execv(argv[0], argv);
		_exit(127);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid || !WIFSTOPPED(status))
		return -1;
	long options = PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACECLONE | PTRACE_O_TRACEEXEC | PTRACE_O_EXITKILL;
	if (ptrace(PTRACE_SETOPTIONS, pid, NULL, options) < 0) {
		kill(pid, SIGKILL);
		return -1;
	}
	return pid;
}

static void go_on(pid_t tid, int signal_number)
{
	ptrace(PTRACE_SYSCALL, tid, NULL, (long)signal_number);
}

void tracer_resume(pid_t tid)
{
	go_on(tid, 0);
}

static bool describe(struct tracer_event *e)
{
	struct ptrace_syscall_info info;
	if (ptrace(PTRACE_GET_SYSCALL_INFO, e->tid, sizeof info, &info) <= 0)
		return false;
	if (info.op == PTRACE_SYSCALL_INFO_ENTRY) {
		e->what = TRACER_ENTRY;
		e->nr = info.entry.nr;
		for (int i = 0; i < 6; i++)
			e->args[i] = info.entry.args[i];
		return true;
	}
	if (info.op != PTRACE_SYSCALL_INFO_EXIT)
		return false;
	e->what = TRACER_EXIT;
	e->value = info.exit.rval;
	return true;
}

/* A stop that is no call: a new thread's first stop, an event of ours, or a signal that is handed on. */
static void pass_on(pid_t tid, int status)
{
	int signal_number = WSTOPSIG(status);
	bool ours = status >> 16 != 0 || signal_number == SIGSTOP || signal_number == SIGTRAP;
	go_on(tid, ours ? 0 : signal_number);
}

struct tracer_event tracer_wait(pid_t pid)
{
	for (;;) {
		int status;
		struct tracer_event e = {.tid = waitpid(-1, &status, __WALL)};
		e.status = status;
		if (e.tid < 0) {
			e.what = errno == EINTR ? TRACER_WOKEN : TRACER_END;
			return e;
		}
		if (!WIFSTOPPED(status)) {
			e.what = e.tid == pid ? TRACER_END : TRACER_GONE;
			return e;
		}
		if (WSTOPSIG(status) == (SIGTRAP | 0x80) && describe(&e))
			return e;
		pass_on(e.tid, status);
	}
}
