/* wipe.h - memory for secrets: wiped when done, kept out of swap and of core dumps. */
#ifndef REFRESHER_BASE_WIPE_H
#define REFRESHER_BASE_WIPE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Overwrites len bytes with zeros; the compiler may not leave it out. p may be NULL when len is 0. */
void wipe(void *p, size_t len);

/* The account of what shall be locked: one for the process, so that "locked" is said of all secrets or of none. Main
 * thread, before any other starts. Begins as {.wanted = ...}, the rest 0. */
struct locked {
	bool wanted;         /* false: nothing is locked, and that is no failure */
	size_t wanted_bytes; /* of the pages that were allocated for secrets ... */
	size_t locked_bytes; /* ... and of those that are locked */
	int sys_errno;       /* why the first of the others is not; 0: all are */
};

/* len bytes of zeros in pages of their own, left out of core dumps and of forked children, and locked (mlock) where the
 * account wants it. NULL with errno when there is no memory. A lock that is refused is written into the account; the
 * pages are usable all the same, but may be swapped. account NULL: no secret, no lock. Free with the same len; that
 * wipes first; NULL is accepted. */
void *locked_new(size_t len, struct locked *account);
void locked_free(void *p, size_t len);

/* len rounded up to whole pages, as the kernel counts against RLIMIT_MEMLOCK. page: a power of two. Pure. */
size_t locked_size(size_t len, size_t page);

/* Whether all is locked; detail[cap] says how much of how much. remedy[remedy_cap]: what stands against it and what
 * helps, "" where nothing is to be said. limit: RLIMIT_MEMLOCK in bytes. Pure. */
bool locked_explain(const struct locked *account, uint64_t limit, char *detail, size_t cap, char *remedy,
		    size_t remedy_cap);

#endif
