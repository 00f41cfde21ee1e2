/* tracer.h - runs a program and stops all its threads at the entry and the exit of every system call (ptrace).
 *
 * The program and its threads are followed, its child processes are not. A program that makes itself undumpable is
 * followed all the same, since its tracer is its parent from the first instruction; but only root may then look into
 * its memory and its /proc/PID/fd. When the tracer ends, the program dies. */
#ifndef TESTS_FAULTS_TRACER_H
#define TESTS_FAULTS_TRACER_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

enum tracer_what {
	TRACER_ENTRY, /* tid stands before the call nr, args */
	TRACER_EXIT,  /* tid stands after its call, which gave `value` */
	TRACER_GONE,  /* the thread tid ended */
	TRACER_END,   /* the program ended with `status` of waitpid(2) */
	TRACER_WOKEN, /* a signal came to the tracer itself */
};

struct tracer_event {
	enum tracer_what what;
	pid_t tid;
	uint64_t nr, args[6];
	int64_t value;
	int status;
};

/* The program's process id, or -1: nobody may be traced here. It stands still until the first tracer_resume(pid). */
pid_t tracer_start(char **argv);
struct tracer_event tracer_wait(pid_t pid);
void tracer_resume(pid_t tid);

#endif
