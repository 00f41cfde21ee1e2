#include "base/wipe.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

void wipe(void *p, size_t len)
{
	if (len > 0)
		explicit_bzero(p, len);
}

/* A page is a power of two, so its size less one masks what is behind the last whole page. */
size_t locked_size(size_t len, size_t page)
{
	return (len + page - 1) & ~(page - 1);
}

/* The system call itself: a sanitizer's runtime puts a function that does nothing in the place of mlock(3). */
static void lock(const void *p, size_t len, struct locked *account)
{
	size_t size = locked_size(len, (size_t)sysconf(_SC_PAGESIZE));

	/* The first refusal is the one that is told. */
	account->wanted_bytes += size;
	if (syscall(SYS_mlock, p, len) == 0)
		account->locked_bytes += size;
	else if (account->sys_errno == 0)
		account->sys_errno = errno;
}

void *locked_new(size_t len, struct locked *account)
{
	/* Pages of their own, so that nothing else lies beside a secret: a lock and an advice are of whole pages, and
	 * would else hold for a neighbour too. */
	void *p = mmap(NULL, len, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (p == MAP_FAILED)
		return NULL;
	if (account && account->wanted)
		lock(p, len, account);

	/* Advice that an old kernel refuses: then a core dump or a child would have the bytes as well. */
	madvise(p, len, MADV_DONTDUMP);
	madvise(p, len, MADV_WIPEONFORK);
	return p;
}

void locked_free(void *p, size_t len)
{
	if (!p)
		return;

	/* Pages that were given back keep what they held until somebody else gets them. */
	wipe(p, len);
	munmap(p, len);
}

bool locked_explain(const struct locked *account, uint64_t limit, char *detail, size_t cap, char *remedy,
		    size_t remedy_cap)
{
	const int fault = account->sys_errno;
	const size_t kb = account->wanted_bytes / 1024;
	const bool memory = fault == ENOMEM || fault == EAGAIN;
	remedy[0] = '\0';
	if (!account->wanted) {
		snprintf(detail, cap, "switched off");
		return false;
	}

	/* One page that is not locked is enough for "no". */
	snprintf(detail, cap, fault ? "%zu of %zu kB" : "%zu kB", account->locked_bytes / 1024, kb);
	if (fault == 0)
		return true;

	/* The kernel says ENOMEM or EPERM when the limit is what refuses; but it says the same for other reasons, so
	 * the limit is blamed only where it is smaller than what was to be locked. */
	if ((memory || fault == EPERM) && limit < account->wanted_bytes)
		snprintf(remedy, remedy_cap, "RLIMIT_MEMLOCK is %llu kB; raise it to %zu kB",
			 (unsigned long long)limit / 1024, kb);
	else
		snprintf(remedy, remedy_cap, "mlock: %s; %s", strerror(fault),
			 memory ? "memory is short, here or in the cgroup"
				: "a filter of system calls or a security module refuses it");
	return false;
}
