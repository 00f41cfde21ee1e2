/* capability.h - the capabilities of the calling thread (capabilities(7)), as the kernel tells them: bit n is
 * capability n (CAP_SETUID ...). */
#ifndef REFRESHER_BASE_CAPABILITY_H
#define REFRESHER_BASE_CAPABILITY_H

#include <stdbool.h>
#include <stdint.h>

struct capabilities {
	uint64_t effective, permitted, inheritable;
};

/* 0, or -1 with errno. */
int capabilities_get(struct capabilities *c);

/* Whether one is in the permitted set; a kernel that does not tell counts as yes. */
bool capability_has(unsigned cap);

#endif
