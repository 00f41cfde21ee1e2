#include "base/limit.h"

#include <errno.h>
#include <stdio.h>
#include <sys/resource.h>
#include <unistd.h>

static uint64_t soft(__rlimit_resource_t which)
{
	struct rlimit l;
	return getrlimit(which, &l) < 0 || l.rlim_cur == RLIM_INFINITY ? UINT64_MAX : (uint64_t)l.rlim_cur;
}

void limit_read(struct limit_facts *f)
{
	*f = (struct limit_facts){
		.uid = (unsigned)geteuid(), .processes = soft(RLIMIT_NPROC), .open_files = soft(RLIMIT_NOFILE)};
}

/* EAGAIN of fork(2): the kernel does not say which of the two refused. Root, and a uid without a limit, is refused by
 * the cgroup alone. */
static void tell_processes(const struct limit_facts *f, char *out, size_t cap)
{
	if (f->uid == 0 || f->processes == UINT64_MAX)
		snprintf(out, cap, "the pids limit of the cgroup (pids.max), or of the system, is used up; raise it");
	else
		snprintf(out, cap,
			 "RLIMIT_NPROC, which allows uid %u %llu processes and threads in all, or the pids limit of "
			 "the cgroup (pids.max) is used up; raise it",
			 f->uid, (unsigned long long)f->processes);
}

void limit_explain(int sys_errno, const struct limit_facts *f, char *out, size_t cap)
{
	out[0] = '\0';
	switch (sys_errno) {
	case EAGAIN:
		tell_processes(f, out, cap);
		return;
	case EMFILE:
		snprintf(out, cap, "RLIMIT_NOFILE allows %llu open files; raise it", (unsigned long long)f->open_files);
		return;
	case ENFILE:
		snprintf(out, cap, "the system's limit of open files (fs.file-max) is used up; raise it");
		return;
	case ENOMEM:
		snprintf(out, cap, "memory is short, on this machine or in the cgroup (memory.max); raise its limit");
		return;
	case ENOSPC: /* of epoll_ctl(2): no disk is meant */
		snprintf(out, cap,
			 "the user's limit of watched descriptors (fs.epoll.max_user_watches) is used up; "
			 "raise it");
		return;
	default:
		return;
	}
}

int limit_err(struct err *e, int sys_errno, const char *what)
{
	char limit[192];
	struct limit_facts f;
	limit_read(&f);
	limit_explain(sys_errno, &f, limit, sizeof limit);
	return err_set(e, ERR_OS, sys_errno, limit[0] ? "%s: %s" : "%s%s", what, limit);
}
