#include "base/limit.h"

#include <errno.h>
#include <stdio.h>
#include <sys/resource.h>
#include <unistd.h>

/* The limit that binds now; the hard one only says how far it may be raised. */
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

void limit_explain(int sys_errno, const struct limit_facts *f, char *out, size_t cap)
{
	const char *text = "";
	unsigned long long processes = f->processes, files = f->open_files;

	/* Of processes the kernel does not say which of the two limits refused. Root, and a uid without a limit, is
	 * refused by the cgroup alone. */
	if (sys_errno == EAGAIN && f->uid != 0 && f->processes != UINT64_MAX) {
		snprintf(out, cap,
			 "RLIMIT_NPROC, which allows uid %u %llu processes and threads in all, or the pids limit of "
			 "the cgroup (pids.max) is used up; raise it",
			 f->uid, processes);
		return;
	}
	if (sys_errno == EMFILE) {
		snprintf(out, cap, "RLIMIT_NOFILE allows %llu open files; raise it", files);
		return;
	}

	/* The others have no figure that could be asked for; ENOSPC is of epoll_ctl(2), no disk is meant. */
	if (sys_errno == EAGAIN)
		text = "the pids limit of the cgroup (pids.max), or of the system, is used up; raise it";
	else if (sys_errno == ENFILE)
		text = "the system's limit of open files (fs.file-max) is used up; raise it";
	else if (sys_errno == ENOMEM)
		text = "memory is short, on this machine or in the cgroup (memory.max); raise its limit";
	else if (sys_errno == ENOSPC)
		text = "the user's limit of watched descriptors (fs.epoll.max_user_watches) is used up; raise it";
	snprintf(out, cap, "%s", text);
}

int limit_err(struct err *e, int sys_errno, const char *what)
{
	/* Where the errno means no limit, the text of the errno alone follows what was tried. */
	char limit[192];
	struct limit_facts f;
	limit_read(&f);
	limit_explain(sys_errno, &f, limit, sizeof limit);
	return err_set(e, ERR_OS, sys_errno, limit[0] ? "%s: %s" : "%s%s", what, limit);
}
