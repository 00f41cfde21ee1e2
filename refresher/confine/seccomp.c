#include "confine/seccomp.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <seccomp.h>
#include <stddef.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

/* Calls whose object is a file, a descriptor of the daemon's own, or the thread itself. A trace of every mode shows
 * nearly all of them; the others belong to rare paths of the libraries (writev: assert; sched_getaffinity: malloc;
 * sendfile, poll, getsockopt: libmicrohttpd) or to another architecture (renameat2, epoll_pwait, ppoll). libseccomp
 * leaves out what an architecture does not have. */
static const int plain[] = {
	/* files: which ones is Landlock's matter and the modes' */
	SCMP_SYS(openat), SCMP_SYS(close), SCMP_SYS(read), SCMP_SYS(pread64), SCMP_SYS(write), SCMP_SYS(writev),
	SCMP_SYS(lseek), SCMP_SYS(fstat), SCMP_SYS(newfstatat), SCMP_SYS(fsync), SCMP_SYS(ftruncate), SCMP_SYS(flock),
	SCMP_SYS(fchmod), SCMP_SYS(fchown), SCMP_SYS(renameat), SCMP_SYS(renameat2), SCMP_SYS(unlinkat),
	SCMP_SYS(getdents64),
	/* the main loop */
	SCMP_SYS(epoll_ctl), SCMP_SYS(epoll_wait), SCMP_SYS(epoll_pwait), SCMP_SYS(poll), SCMP_SYS(ppoll),
	SCMP_SYS(timerfd_settime),
	/* connections that were accepted; none can be made */
	SCMP_SYS(accept4), SCMP_SYS(recvfrom), SCMP_SYS(sendto), SCMP_SYS(sendmsg), SCMP_SYS(sendfile),
	SCMP_SYS(shutdown), SCMP_SYS(setsockopt), SCMP_SYS(getsockopt), SCMP_SYS(getsockname),
	/* time */
	SCMP_SYS(clock_gettime), SCMP_SYS(gettimeofday), SCMP_SYS(time), SCMP_SYS(clock_nanosleep), SCMP_SYS(nanosleep),
	/* threads and memory */
	SCMP_SYS(futex), SCMP_SYS(set_robust_list), SCMP_SYS(rseq), SCMP_SYS(sched_yield), SCMP_SYS(sched_getaffinity),
	SCMP_SYS(brk), SCMP_SYS(munmap), SCMP_SYS(mremap), SCMP_SYS(madvise), SCMP_SYS(getrandom),
	/* signals and the end */
	SCMP_SYS(rt_sigprocmask), SCMP_SYS(rt_sigaction), SCMP_SYS(rt_sigpending), SCMP_SYS(rt_sigreturn),
	SCMP_SYS(restart_syscall), SCMP_SYS(exit), SCMP_SYS(exit_group),
	/* what it may know of itself */
	SCMP_SYS(getpid), SCMP_SYS(gettid), SCMP_SYS(geteuid)};

#if defined(__s390__)
enum { CLONE_FLAGS = 1 }; /* the index of the argument */
#else
enum { CLONE_FLAGS = 0 };
#endif

/* An argument: (value & mask) == wanted. */
struct guarded {
	int call;
	unsigned arg;
	scmp_datum_t mask, wanted;
};

static const struct guarded guarded[] = {
	{SCMP_SYS(clone), CLONE_FLAGS, CLONE_THREAD, CLONE_THREAD}, /* threads, no processes */
	{SCMP_SYS(mmap), 2, PROT_EXEC, 0},
	{SCMP_SYS(mprotect), 2, PROT_EXEC, 0},
	{SCMP_SYS(prctl), 0, UINT32_MAX, PR_SET_NAME},
	{SCMP_SYS(wait4), 2, UINT32_MAX, WNOHANG}, /* process 1 collects orphans */
	{SCMP_SYS(prlimit64), 2, UINT64_MAX, 0},   /* ask, not set */
	{SCMP_SYS(fcntl), 1, UINT32_MAX, F_GETFD},
	{SCMP_SYS(fcntl), 1, UINT32_MAX, F_SETFD},
	{SCMP_SYS(fcntl), 1, UINT32_MAX, F_GETFL},
	{SCMP_SYS(fcntl), 1, UINT32_MAX, F_SETFL},
	{SCMP_SYS(fcntl), 1, UINT32_MAX, F_OFD_SETLK},
	{SCMP_SYS(fcntl), 1, UINT32_MAX, F_OFD_GETLK},
};

static const size_t RULES = sizeof plain / sizeof plain[0] + sizeof guarded / sizeof guarded[0] + 1;

/* 0, or a negative errno. */
static int load(scmp_filter_ctx f)
{
	/* no_new_privs is a layer of its own, reported on its own. */
	int rc = seccomp_attr_set(f, SCMP_FLTATR_CTL_NNP, 0);

	/* The calls themselves, then those that are allowed with one argument only; the last is abort(3)'s: a signal to
	 * ourselves and nobody else. */
	for (size_t i = 0; rc == 0 && i < sizeof plain / sizeof plain[0]; i++)
		rc = seccomp_rule_add(f, SCMP_ACT_ALLOW, plain[i], 0);
	for (size_t i = 0; rc == 0 && i < sizeof guarded / sizeof guarded[0]; i++) {
		const struct guarded *g = &guarded[i];
		rc = seccomp_rule_add(f, SCMP_ACT_ALLOW, g->call, 1,
				      SCMP_CMP(g->arg, SCMP_CMP_MASKED_EQ, g->mask, g->wanted));
	}
	if (rc == 0)
		rc = seccomp_rule_add(f, SCMP_ACT_ALLOW, SCMP_SYS(tgkill), 1,
				      SCMP_A0(SCMP_CMP_EQ, (scmp_datum_t)getpid()));

	/* Both need Linux 4.14 or 3.17; neither is worth doing without a filter. */
	seccomp_attr_set(f, SCMP_FLTATR_CTL_LOG, 1);
	seccomp_attr_set(f, SCMP_FLTATR_CTL_TSYNC, 1);
	if (rc == 0)
		rc = seccomp_load(f);

	/* For whatever the kernel answers libseccomp has one code; errno still says what it was. */
	return rc == -ECANCELED ? -errno : rc;
}

void seccomp_enter(struct confine_layer *l)
{
	scmp_filter_ctx f = seccomp_init(SCMP_ACT_ERRNO(ENOSYS));
	int rc = f ? load(f) : -ENOMEM;
	seccomp_release(f);

	/* Without a filter the other layers hold all the same, so that it is a warning. */
	if (rc == 0) {
		layer_set(l, true, "allow-list of %zu rules", RULES);
		return;
	}
	const char *why = rc == -EINVAL || rc == -ENOSYS ? "the kernel has no seccomp filters" : strerror(-rc);
	layer_set(l, false, "%s", why);
	layer_warn(l, "no filter of system calls: %s", why);
}
