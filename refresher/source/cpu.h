/* cpu.h - the CPU's own generator as a noise source: RDSEED on x86-64, RNDR on arm64.
 *
 * Both hand out conditioned output of a DRBG or of an enhanced entropy source, so the health tests catch gross faults
 * only. */
#ifndef REFRESHER_SOURCE_CPU_H
#define REFRESHER_SOURCE_CPU_H

#include "source/source.h"

/* -1 with SOURCE_UNSUPPORTED where the CPU has no such instruction or it gives nothing. */
int cpu_open(struct source *s, enum source_cause *cause, struct err *e);

#endif
