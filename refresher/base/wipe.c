#include "base/wipe.h"

#include <string.h>
#include <sys/mman.h>

void wipe(void *p, size_t len)
{
	if (len > 0)
		explicit_bzero(p, len);
}

void *locked_new(size_t len, bool lock, bool *locked)
{
	void *p = mmap(NULL, len, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (p == MAP_FAILED)
		return NULL;
	bool held = lock && mlock(p, len) == 0;
	madvise(p, len, MADV_DONTDUMP);
	madvise(p, len, MADV_WIPEONFORK);
	if (locked)
		*locked = held;
	return p;
}

void locked_free(void *p, size_t len)
{
	if (!p)
		return;
	wipe(p, len);
	munmap(p, len);
}
