/* kernel.h - getrandom(2) as a noise source: the last resort of `auto`, where there is no hardware to watch.
 *
 * Its output is that of the kernel's DRBG, so the health tests can only catch gross faults; documents and status say
 * so. */
#ifndef REFRESHER_SOURCE_KERNEL_H
#define REFRESHER_SOURCE_KERNEL_H

#include "source/source.h"

void kernel_open(struct source *s);

#endif
