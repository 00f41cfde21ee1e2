/* cpu.h - the CPU's own generator as a noise source: RDSEED on x86-64, RNDR on arm64.
 *
 * Both hand out conditioned output of a DRBG or of an enhanced entropy source, so the health tests catch gross faults
 * only. */
#ifndef REFRESHER_SOURCE_CPU_H
#define REFRESHER_SOURCE_CPU_H

#include "source/source.h"

/* The instruction may run dry when other cores use it too; it recovers within microseconds. */
enum { CPU_TRIES = 100000 };

/* The seam between the instruction and the loop around it. */
struct cpu_instruction {
	const char *name;             /* "rdseed" */
	bool (*exists)(void);         /* has this CPU the instruction? */
	bool (*step)(uint64_t *word); /* executes it once; false: it gave nothing */
};

/* As cpu_open (source.h), with this instruction; kept by address. -1 with *e where the CPU has no such instruction or
 * it gives nothing. */
int cpu_open_instruction(struct source *s, const struct cpu_instruction *cpu, struct err *e);

#endif
