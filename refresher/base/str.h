/* str.h - text in fixed buffers. Pure. */
#ifndef REFRESHER_BASE_STR_H
#define REFRESHER_BASE_STR_H

#include <string.h>

/* Copies src, cuts it at the end of dst[cap], and always ends it with NUL. cap > 0; the two may overlap. */
static inline void str_copy(char *dst, size_t cap, const char *src)
{
	size_t len = strnlen(src, cap - 1);
	memmove(dst, src, len);
	dst[len] = '\0';
}

#endif
