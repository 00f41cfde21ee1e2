#include "source/cpu.h"

#include "base/wipe.h"

#include <sched.h>
#include <string.h>

#if defined(__x86_64__)
#include <cpuid.h>
#include <immintrin.h>

static bool cpu_has(void)
{
	unsigned a, b, c, d;
	return __get_cpuid_count(7, 0, &a, &b, &c, &d) && (b & bit_RDSEED);
}

__attribute__((target("rdseed"))) static bool cpu_step(uint64_t *word)
{
	unsigned long long v;
	bool ok = _rdseed64_step(&v);
	*word = v;
	return ok;
}

static const struct cpu_instruction this_cpu = {"rdseed", cpu_has, cpu_step};

#elif defined(__aarch64__)
#include <sys/auxv.h>

static bool cpu_has(void)
{
	return getauxval(AT_HWCAP2) & (1UL << 16); /* HWCAP2_RNG */
}

static bool cpu_step(uint64_t *word)
{
	uint64_t v, ok;
	/* RNDRRS is reseeded before the read; the Z flag is set where it gave nothing. s3_3_c2_c4_1 names it for old
	 * assemblers. */
	__asm__ volatile("mrs %0, s3_3_c2_c4_1\n\tcset %1, ne" : "=r"(v), "=r"(ok) : : "cc");
	*word = v;
	return ok;
}

static const struct cpu_instruction this_cpu = {"rndr", cpu_has, cpu_step};

#else

static bool cpu_has(void)
{
	return false;
}

static const struct cpu_instruction this_cpu = {"none", cpu_has, NULL};
#endif

static ssize_t cpu_read(void *self, uint8_t *buf, size_t cap, enum source_cause *cause, struct err *e)
{
	const struct cpu_instruction *cpu = self;
	uint64_t word;

	/* One word a call. When the generator has run dry others may want the core meanwhile. */
	for (unsigned i = 0; i < CPU_TRIES; i++) {
		if (cpu->step(&word)) {
			size_t n = cap < sizeof word ? cap : sizeof word;
			memcpy(buf, &word, n);
			wipe(&word, sizeof word);
			return (ssize_t)n;
		}
		sched_yield();
	}
	*cause = SOURCE_UNSUPPORTED;
	return err_set(e, ERR_UNAVAILABLE, 0, "%s: no data in %d tries", cpu->name, CPU_TRIES);
}

static const struct source_ops cpu_ops = {.read = cpu_read};

int cpu_open_instruction(struct source *s, const struct cpu_instruction *cpu, struct err *e)
{
	enum source_cause cause;
	uint8_t byte;
	void *self = (void *)(uintptr_t)cpu;
	if (!cpu->exists())
		return err_set(e, ERR_UNAVAILABLE, 0,
			       "this CPU has no RDSEED or RNDR instruction; choose --source device or kernel");

	/* Some CPUs have the instruction, and it never gives anything. */
	if (cpu_read(self, &byte, 1, &cause, e) < 0)
		return -1;
	*s = (struct source){.ops = &cpu_ops, .self = self, .kind = SOURCE_CPU, .name = cpu->name};
	return 0;
}

int cpu_open(struct source *s, const struct source_config *c, const struct io *io, struct err *e)
{
	(void)c, (void)io;
	return cpu_open_instruction(s, &this_cpu, e);
}
