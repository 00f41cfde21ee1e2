/* killsweep THREAD NTH PROGRAM ARG... - runs the program and kills it (SIGKILL) at the NTH system call of one of its
 * threads, before the call is made. THREAD 0 is the main thread, 1 the first that it starts, and so on: the calls of
 * one thread come in the same order in every run. Prints the call's number and name. With NTH 0 nothing is killed:
 * every call of the thread is printed, and the path of its first argument where that is a descriptor. Exit status: 0
 * killed, 1 the program ended before that call, 77 nobody may be traced here. */
#include "tracer.h"

#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

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

/* The calls whose first argument is a descriptor; of others it could look like one. */
static bool takes_fd(uint64_t nr)
{
	return nr == SYS_openat || nr == SYS_flock || nr == SYS_write || nr == SYS_fchmod || nr == SYS_fsync ||
	       nr == SYS_renameat || nr == SYS_unlinkat;
}

static void print_call(const struct tracer_event *e, bool with_path)
{
	char link[64], path[PATH_MAX];
	ssize_t n = -1;
	if (with_path && takes_fd(e->nr)) {
		snprintf(link, sizeof link, "/proc/%d/fd/%d", (int)e->tid, (int)e->args[0]);
		n = readlink(link, path, sizeof path);
	}
	printf("%llu %s %.*s\n", (unsigned long long)e->nr, name_of(e->nr), n > 0 ? (int)n : 1, n > 0 ? path : "-");
}

enum { THREADS = 32 };

struct threads {
	pid_t tid[THREADS]; /* in the order of their start, which is that of their ids */
	unsigned count;
};

/* A thread's first stop at a call may come after that of a younger one: its id says which is older. Ids wrap around
 * once in four million; a run that meets that is one bad kill point of many. */
static unsigned index_of(struct threads *t, pid_t tid)
{
	unsigned older = 0;
	bool known = false;
	for (unsigned i = 0; i < t->count; i++) {
		known |= t->tid[i] == tid;
		older += t->tid[i] < tid;
	}
	if (!known && t->count < THREADS)
		t->tid[t->count++] = tid;
	return older;
}

int main(int argc, char **argv)
{
	struct threads threads = {.count = 0};
	if (argc < 4)
		return 64;
	unsigned long thread = strtoul(argv[1], NULL, 10), nth = strtoul(argv[2], NULL, 10), seen = 0;
	pid_t pid = tracer_start(argv + 3);
	if (pid < 0)
		return 77;
	tracer_resume(pid);
	for (;;) {
		struct tracer_event e = tracer_wait(pid);
		if (e.what == TRACER_END)
			return 1;
		if (e.what == TRACER_ENTRY && index_of(&threads, e.tid) == thread) {
			bool there = ++seen == nth;
			if (there)
				kill(pid, SIGKILL);
			if (there || nth == 0)
				print_call(&e, nth == 0);
			if (there)
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
