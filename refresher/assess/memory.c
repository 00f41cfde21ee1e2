#include "assess/memory.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

enum { PAGE = 1 << 21 };

void *memory_scattered(size_t bytes)
{
	/* What does not fill such a page gains nothing. */
	if (bytes < PAGE)
		return malloc(bytes);

	void *p = aligned_alloc(PAGE, (bytes + PAGE - 1) / PAGE * PAGE);
	if (p)
		madvise(p, bytes, MADV_HUGEPAGE);
	return p;
}

void *memory_zeroed(size_t bytes)
{
	void *p = memory_scattered(bytes);

	return p ? memset(p, 0, bytes) : NULL;
}
