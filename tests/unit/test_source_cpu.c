/* The CPU as a source: the loop around the instruction, with a scripted one; then the real one, where there is one. */
#include "rows.h"
#include "source/cpu.h"

#include <string.h>

/* ---- the CPU: a scripted instruction, then the real one -----------------------------------------------------------
 */

static struct {
	bool exists;
	unsigned dry, steps; /* how often it gives nothing first; how often it was executed */
} script;

static bool script_exists(void)
{
	return script.exists;
}

static bool script_step(uint64_t *word)
{
	*word = UINT64_C(0x0807060504030201);
	return script.steps++ >= script.dry;
}

static const struct cpu_instruction scripted = {"scripted", script_exists, script_step};

struct cpu_row {
	const char *sentence;
	unsigned dry;
	size_t cap;
	ssize_t bytes; /* -1: an error */
};

static const struct cpu_row cpu_rows[] = {
	{"a word of the CPU is eight samples", 0, 64, 8},
	{"eight samples are asked for", 0, 8, 8},
	{"three samples are a part of a word", 0, 3, 3},
	{"an instruction that ran dry is tried again", 5, 64, 8},
	{"the last try counts", CPU_TRIES - 1, 64, 8},
	{"an instruction that stays dry is an error", CPU_TRIES, 64, -1},
};

static void cpu_reads(void **state)
{
	static const uint8_t word[8] = {1, 2, 3, 4, 5, 6, 7, 8};
	const struct cpu_row *row = *state;
	struct source s = {0};
	struct err e = {0};
	enum source_cause cause = SOURCE_FINE;
	uint8_t buf[64] = {0}, rest[sizeof buf] = {0};

	script.exists = true, script.dry = script.steps = 0;
	assert_int_equal(cpu_open_instruction(&s, &scripted, &e), 0);
	assert_int_equal(s.kind, SOURCE_CPU);
	assert_string_equal(s.name, "scripted");
	script.dry = row->dry, script.steps = 0;
	assert_int_equal(s.ops->read(s.self, buf, row->cap, &cause, &e), row->bytes);
	size_t n = row->bytes < 0 ? 0 : (size_t)row->bytes;
	assert_memory_equal(buf, word, n);
	assert_memory_equal(buf + n, rest, sizeof buf - n);
	assert_int_equal(script.steps, row->bytes < 0 ? row->dry : row->dry + 1);
	assert_int_equal(cause, row->bytes < 0 ? SOURCE_UNSUPPORTED : SOURCE_FINE);
	if (row->bytes < 0) {
		assert_int_equal(e.code, ERR_UNAVAILABLE);
		assert_non_null(strstr(e.msg, "scripted: no data in 100000 tries"));
	}
	source_close(&s);
}

/* Without the instruction it is not executed: that would be an illegal one. */
static void cpu_without_the_instruction_names_the_other_sources(void **state)
{
	struct source s = {0};
	struct err e = {0};
	(void)state;
	script.exists = false, script.steps = 0;
	assert_int_equal(cpu_open_instruction(&s, &scripted, &e), -1);
	assert_int_equal(script.steps, 0);
	assert_int_equal(e.code, ERR_UNAVAILABLE);
	assert_non_null(strstr(e.msg, "choose --source device or kernel"));
	assert_null(s.ops);
}

static void cpu_that_gives_nothing_is_not_opened(void **state)
{
	struct source s = {0};
	struct err e = {0};
	(void)state;
	script.exists = true, script.steps = 0, script.dry = CPU_TRIES;
	assert_int_equal(cpu_open_instruction(&s, &scripted, &e), -1);
	assert_int_equal(e.code, ERR_UNAVAILABLE);
	assert_null(s.ops);
}

/* Without RDSEED or RNDR the CPU says so; with it, it gives bytes that are not all the same. */
static void cpu_gives_bytes_or_says_why_not(void **state)
{
	struct source s = {0};
	struct err e = {0};
	enum source_cause cause = SOURCE_FINE;
	uint8_t a[8], b[8];
	(void)state;
	if (cpu_open(&s, NULL, NULL, &e) < 0)
		skip_since("needs a CPU with RDSEED or RNDR");
	assert_int_equal(s.ops->read(s.self, a, 8, &cause, &e), 8);
	assert_int_equal(s.ops->read(s.self, b, 8, &cause, &e), 8);
	assert_memory_not_equal(a, b, 8);
	source_close(&s);
}

int main(void)
{
	const struct CMUnitTest others[] = {
		cmocka_unit_test(cpu_without_the_instruction_names_the_other_sources),
		cmocka_unit_test(cpu_that_gives_nothing_is_not_opened),
		cmocka_unit_test(cpu_gives_bytes_or_says_why_not),
	};
	int failed = ROWS_RUN("reads of the CPU", cpu_reads, cpu_rows);
	return failed + cmocka_run_group_tests_name("the CPU as a source", others, NULL, NULL);
}
