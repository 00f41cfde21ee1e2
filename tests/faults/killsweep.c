/* killsweep NTH PROGRAM ARG... - runs the program and kills it (SIGKILL) at its NTH system call, before the call is
 * made; calls of all its threads count, in the order in which they come. Prints the call's number and name. Exit
 * status: 0 killed, 1 the program ended before its NTH call, 77 nobody may be traced here. */
#include "tracer.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>

static const char *name_of(uint64_t nr)
{
	static const struct {
		uint64_t nr;
		const char *name;
	} known[] = {
		{SYS_openat, "openat"}, {SYS_flock, "flock"},   {SYS_write, "write"},
		{SYS_fchmod, "fchmod"}, {SYS_fsync, "fsync"},   {SYS_renameat, "renameat"},
		{SYS_close, "close"},   {SYS_futex, "futex"},   {SYS_unlinkat, "unlinkat"},
		{SYS_exit, "exit"},     {SYS_munmap, "munmap"}, {SYS_exit_group, "exit_group"},
	};
	for (size_t i = 0; i < sizeof known / sizeof *known; i++)
		if (known[i].nr == nr)
			return known[i].name;
	return "other";
}

int main(int argc, char **argv)
{
	unsigned long nth = argc > 2 ? strtoul(argv[1], NULL, 10) : 0, seen = 0;
	if (nth == 0)
		return 64;
	pid_t pid = tracer_start(argv + 2);
	if (pid < 0)
		return 77;
	tracer_resume(pid);
	for (;;) {
		struct tracer_event e = tracer_wait(pid);
		if (e.what == TRACER_END)
			return 1;
		if (e.what == TRACER_ENTRY && ++seen == nth) {
			kill(pid, SIGKILL);
			printf("%llu %s\n", (unsigned long long)e.nr, name_of(e.nr));
			break;
		}
		if (e.what == TRACER_ENTRY || e.what == TRACER_EXIT)
			tracer_resume(e.tid);
	}
	/* Until all its threads are gone its locks are held. */
	for (struct tracer_event e = {0}; e.what != TRACER_END;) {
		e = tracer_wait(pid);
		if (e.what == TRACER_ENTRY || e.what == TRACER_EXIT)
			tracer_resume(e.tid);
	}
	return 0;
}
