/* limit.h - which limit of the system an errno means, and what helps. One errno may mean several: the sentence names
 * those that the facts leave. */
#ifndef REFRESHER_BASE_LIMIT_H
#define REFRESHER_BASE_LIMIT_H

#include "base/err.h"

#include <stddef.h>
#include <stdint.h>

struct limit_facts {
	unsigned uid; /* effective (the filter of system calls leaves that to ask); RLIMIT_NPROC does not bind 0 */
	uint64_t processes;  /* RLIMIT_NPROC, soft; UINT64_MAX: none */
	uint64_t open_files; /* RLIMIT_NOFILE, soft; UINT64_MAX: none */
};
void limit_read(struct limit_facts *f);

/* Which limit an errno of fork(2), pthread_create(3) or of a call that makes or watches a descriptor means, with its
 * remedy, into out[cap]; "" where it means none. Pure. */
void limit_explain(int sys_errno, const struct limit_facts *f, char *out, size_t cap);

/* Fills *e and returns -1: ERR_OS, "<what>: <which limit, what helps>: <text of sys_errno>". */
int limit_err(struct err *e, int sys_errno, const char *what);

#endif
