/* faultcall DEVICE DIR SEED PROGRAM ARG... - runs the program and fails its system calls on command (ptrace).
 *
 * Reads of DEVICE, a character device, are not made: they bring what the misbehaving noise source says. Calls on DIR
 * and on the files in it can be failed, cut short, or held for ever. So a real device node and the real kernel are all
 * that is needed: no driver, no mount, no privilege. Commands come on standard input (faults.h); prints "pid N" at the
 * start. Ends as the program ends. Exit status 77: nobody may be traced here. */
#include "faults.h"
#include "tracer.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#if defined(__x86_64__)

enum { THREADS = 16, DATA_MAX = 4096, TICK_US = 2000 };

struct call {
	pid_t tid;         /* 0: free */
	bool held;         /* stands at the entry; looked at again when due, or after a command */
	int64_t due_ns;    /* 0: only a command brings it on */
	unsigned asked_at; /* the count of commands when it was held */
	bool replaced;     /* the call is not made; at its exit it gets `value` */
	int64_t value;
	struct tracer_event e;
	uint8_t data[DATA_MAX];
};

struct faultcall {
	struct faults faults;
	char device[PATH_MAX], dir[PATH_MAX];
	pid_t pid;
	pthread_t main_thread;
	struct call calls[THREADS];
};

static int64_t now_ns(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static struct call *call_of(struct faultcall *f, pid_t tid)
{
	for (int i = 0; i < THREADS; i++)
		if (f->calls[i].tid == tid)
			return &f->calls[i];
	struct call *c = tid ? call_of(f, 0) : NULL;
	if (c)
		*c = (struct call){.tid = tid};
	return c;
}

static bool path_of(pid_t tid, uint64_t fd, char *path)
{
	char link[64];
	snprintf(link, sizeof link, "/proc/%d/fd/%d", (int)tid, (int)fd);
	ssize_t n = readlink(link, path, PATH_MAX - 1);
	path[n > 0 ? n : 0] = '\0';
	return n > 0;
}

static bool is_inside(const struct faultcall *f, const char *path)
{
	size_t n = strlen(f->dir);
	return strncmp(path, f->dir, n) == 0 && path[n] == '/';
}

/* Which fault could concern this call? false: none. */
static bool op_of(const struct faultcall *f, const struct tracer_event *e, enum fault_op *op)
{
	char path[PATH_MAX];
	static const struct {
		uint64_t nr;
		enum fault_op op;
		bool of_dir;
	} known[] = {
		{SYS_openat, OP_CREATE, true},       {SYS_renameat, OP_RENAME, true}, {SYS_unlinkat, OP_UNLINK, true},
		{SYS_write, OP_WRITE, false},        {SYS_fchmod, OP_CHMOD, false},   {SYS_flock, OP_LOCK, false},
		{SYS_ftruncate, OP_TRUNCATE, false}, {SYS_fsync, OP_FSYNC, false},    {SYS_fsync, OP_FSYNCDIR, true},
	};
	if (e->nr == SYS_openat && !(e->args[2] & O_CREAT))
		return false;
	for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
		if (known[i].nr != e->nr || !path_of(e->tid, e->args[0], path))
			continue;
		*op = known[i].op;
		if (known[i].of_dir ? strcmp(path, f->dir) == 0 : is_inside(f, path))
			return true;
	}
	return false;
}

static bool is_device_read(const struct faultcall *f, const struct tracer_event *e)
{
	char path[PATH_MAX];
	return e->nr == SYS_read && path_of(e->tid, e->args[0], path) && strcmp(path, f->device) == 0;
}

static void hold(struct faultcall *f, struct call *c, int64_t wait_ns)
{
	c->held = true;
	c->due_ns = wait_ns < 0 ? 0 : now_ns() + wait_ns;
	c->asked_at = f->faults.commands;
}

static void replace(struct call *c, int64_t value)
{
	struct user_regs_struct regs;
	c->replaced = true;
	c->value = value;
	ptrace(PTRACE_GETREGS, c->tid, NULL, &regs);
	regs.orig_rax = (unsigned long long)-1;
	ptrace(PTRACE_SETREGS, c->tid, NULL, &regs);
}

static void set_value(const struct call *c)
{
	struct user_regs_struct regs;
	ptrace(PTRACE_GETREGS, c->tid, NULL, &regs);
	regs.rax = (unsigned long long)c->value;
	ptrace(PTRACE_SETREGS, c->tid, NULL, &regs);
}

static void set_length(const struct call *c, size_t limit)
{
	struct user_regs_struct regs;
	ptrace(PTRACE_GETREGS, c->tid, NULL, &regs);
	if (regs.rdx > limit)
		regs.rdx = limit;
	ptrace(PTRACE_SETREGS, c->tid, NULL, &regs);
}

/* What the source says goes into the reader's buffer; EFAULT where we may not write there. */
static void give(struct call *c, ssize_t n)
{
	struct iovec from = {c->data, n > 0 ? (size_t)n : 0}, to = {(void *)(uintptr_t)c->e.args[1], from.iov_len};
	if (n > 0 && process_vm_writev(c->tid, &from, 1, &to, 1, 0) != n)
		n = -EFAULT;
	replace(c, n);
}

static void on_read(struct faultcall *f, struct call *c)
{
	size_t cap = c->e.args[2] < DATA_MAX ? (size_t)c->e.args[2] : DATA_MAX;
	bool was_held = c->held && c->due_ns;
	if (!was_held) {
		pthread_mutex_lock(&f->faults.mutex);
		struct behave_act act = behave_next(&f->faults.device, c->data, cap);
		pthread_mutex_unlock(&f->faults.mutex);
		c->value = act.n;
		if (act.wait_ns) {
			hold(f, c, act.wait_ns);
			return;
		}
	}
	give(c, (ssize_t)c->value);
	c->held = false;
}

static void on_file(struct faultcall *f, struct call *c, enum fault_op op)
{
	size_t limit;
	int answer = faults_ask(&f->faults, op, &limit);
	if (answer < 0) {
		hold(f, c, -1);
		return;
	}
	if (answer > 0)
		replace(c, -answer);
	else if (limit)
		set_length(c, limit);
	c->held = false;
}

/* Stands at the entry of a call: held, or resumed. */
static void on_entry(struct faultcall *f, struct call *c)
{
	enum fault_op op;
	if (is_device_read(f, &c->e))
		on_read(f, c);
	else if (op_of(f, &c->e, &op))
		on_file(f, c, op);
	if (!c->held)
		tracer_resume(c->tid);
}

static void on_event(struct faultcall *f, const struct tracer_event *e)
{
	struct call *c = call_of(f, e->tid);
	if (e->what == TRACER_GONE && c)
		c->tid = 0;
	if (e->what == TRACER_ENTRY && c) {
		c->e = *e;
		on_entry(f, c);
	}
	if (e->what == TRACER_EXIT) {
		if (c && c->replaced)
			set_value(c);
		if (c)
			c->replaced = false;
		tracer_resume(e->tid);
	}
}

static void look_again(struct faultcall *f)
{
	for (int i = 0; i < THREADS; i++) {
		struct call *c = &f->calls[i];
		bool due = c->due_ns ? now_ns() >= c->due_ns : c->asked_at != f->faults.commands;
		if (c->tid && c->held && due)
			on_entry(f, c);
	}
}

static void nothing(int signal_number)
{
	(void)signal_number;
}

/* Held calls have their times, and a signal may come just before the wait: so a steady tick, not one signal. */
static void start_clock(void)
{
	struct sigaction act = {.sa_handler = nothing};
	struct itimerval tick = {{0, TICK_US}, {0, TICK_US}};
	sigaction(SIGALRM, &act, NULL);
	setitimer(ITIMER_REAL, &tick, NULL);
}

static void no_notice(void *arg)
{
	(void)arg;
}

static void *serve(void *arg)
{
	struct faultcall *f = arg;
	faults_serve(&f->faults, no_notice, NULL);
	kill(f->pid, SIGKILL);
	return NULL;
}

static int run(struct faultcall *f)
{
	for (;;) {
		struct tracer_event e = tracer_wait(f->pid);
		if (e.what == TRACER_END)
			return WIFEXITED(e.status) ? WEXITSTATUS(e.status) : 128 + WTERMSIG(e.status);
		if (e.what != TRACER_WOKEN)
			on_event(f, &e);
		look_again(f);
	}
}

static bool start_server(struct faultcall *f)
{
	pthread_t thread;
	sigset_t alarm_only;
	sigemptyset(&alarm_only);
	sigaddset(&alarm_only, SIGALRM);
	pthread_sigmask(SIG_BLOCK, &alarm_only, NULL); /* the tick is for the main thread, which waits */
	bool started = pthread_create(&thread, NULL, serve, f) == 0;
	pthread_sigmask(SIG_UNBLOCK, &alarm_only, NULL);
	return started;
}

int main(int argc, char **argv)
{
	static struct faultcall f;
	if (argc < 5 || !realpath(argv[1], f.device) || !realpath(argv[2], f.dir))
		return 64;
	faults_init(&f.faults, strtoull(argv[3], NULL, 10));
	f.pid = tracer_start(argv + 4);
	if (f.pid < 0) {
		printf("nobody may be traced here\n");
		return 77;
	}
	printf("pid %d\n", (int)f.pid);
	fflush(stdout);
	if (!start_server(&f))
		return 71;
	start_clock();
	tracer_resume(f.pid);
	/* exit would wait for the lock of standard input, which the server holds while it reads: glibc 2.41 does. */
	_exit(run(&f));
}

#else

int main(void)
{
	printf("written for x86-64 only\n");
	return 77;
}

#endif
