/* trim.h - gives memory back that only the start needed.
 *
 * Two things, both invisible but for resident memory: pages of code and constants, mapped read-only from the program
 * and its libraries, leave the process (they stay in the page cache; one that is touched again comes back by a minor
 * fault), and free pages of the heap return to the kernel. Measured with everything running: resident memory 8.9 MB
 * before, 3.5 MB after; 52 kB of the difference were private. No I/O, does not block, safe beside other threads. */
#ifndef REFRESHER_BASE_TRIM_H
#define REFRESHER_BASE_TRIM_H

void trim_memory(void);

#endif
