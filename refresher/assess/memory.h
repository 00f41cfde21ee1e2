/* memory.h - memory that is read and written here and there: in few large pages, where the system has them. */
#ifndef REFRESHER_ASSESS_MEMORY_H
#define REFRESHER_ASSESS_MEMORY_H

#include <stddef.h>

/* bytes of zeros, for free(3); NULL: there is none. */
void *memory_zeroed(size_t bytes);

/* The same, without a value. */
void *memory_scattered(size_t bytes);

#endif
