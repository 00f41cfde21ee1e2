/* wipe.h - memory for secrets: wiped when done, kept out of swap and of core dumps. */
#ifndef REFRESHER_BASE_WIPE_H
#define REFRESHER_BASE_WIPE_H

#include <stdbool.h>
#include <stddef.h>

/* Overwrites len bytes with zeros; the compiler may not leave it out. p may be NULL when len is 0. */
void wipe(void *p, size_t len);

/* len bytes of zeros in pages of their own, left out of core dumps and of forked children, and locked (mlock) if `lock`
 * says so. NULL when there is no memory. *locked (may be NULL) tells whether the lock held; without it the pages are
 * usable but may be swapped: it was not wanted, or RLIMIT_MEMLOCK was too small, a warning for the user. Free with the
 * same len; that wipes first; NULL is accepted. */
void *locked_new(size_t len, bool lock, bool *locked);
void locked_free(void *p, size_t len);

#endif
