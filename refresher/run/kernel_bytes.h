/* kernel_bytes.h - random bytes of getrandom(2). They earn no credit as entropy; the caller wipes them. Any thread. */
#ifndef REFRESHER_RUN_KERNEL_BYTES_H
#define REFRESHER_RUN_KERNEL_BYTES_H

#include "base/err.h"

#include <stddef.h>

/* Additional input of every request to the DRBG, and of every seed: a bad device never weakens the output, and a
 * machine that is cloned, in the midst of a refresh too, parts from its twin with the next request. */
enum { KERNEL_BYTES = 32 };

int kernel_bytes(void *buf, size_t len, struct err *e); /* len at most 256. 0, or -1 with *e (ERR_OS) */

#endif
