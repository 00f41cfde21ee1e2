/* The recorded samples of tests/replay through the shipped health tests. Run from the top of the tree. */
#include "health/health.h"
#include "health_rig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

struct row {
	const char *name;                     /* of the file */
	size_t intermittent_at, permanent_at; /* sample, counted from 1; 0: never */
	enum health_test test;
	uint32_t count; /* of the last failure */
	size_t samples; /* taken: up to the permanent failure, or all */
};

static const struct row rows[] = {
	{"pass.bin", 0, 0, HEALTH_RCT, 0, 4096},
	{"rct-intermittent.bin", 2009, 0, HEALTH_RCT, 9, 4105},
	{"rct-permanent.bin", 2009, 2016, HEALTH_RCT, 16, 2016},
	{"rct-permanent-startup.bin", 9, 16, HEALTH_RCT, 16, 16},
	{"apt-intermittent.bin", 2476, 0, HEALTH_APT, 71, 4096},
	{"apt-permanent.bin", 1677, 1719, HEALTH_APT, 92, 1719},
	{"repeat-permanent.bin", 0, 2085, HEALTH_REPEAT, 18, 2085},
	{"repeat-permanent-startup.bin", 0, 96, HEALTH_REPEAT, 18, 96},
};
enum { ROWS = sizeof(rows) / sizeof(rows[0]) };

static size_t read_file(const char *name, uint8_t *samples, size_t cap)
{
	char path[128];
	size_t n;

	snprintf(path, sizeof(path), "tests/replay/%s", name);
	FILE *f = fopen(path, "rb");
	assert_non_null(f);
	n = fread(samples, 1, cap, f);
	fclose(f);
	assert_in_range(n, 1, cap - 1);
	return n;
}

static void test_row(void **state)
{
	const struct row *r = *state;
	const struct health_config config = {
		.alpha_log2_intermittent = -30,
		.alpha_log2_permanent = -60,
		.startup_samples = 1024,
	};
	size_t failed_at[3] = {0}, used, usable, at = 0;
	uint8_t samples[8192];
	size_t n = read_file(r->name, samples, sizeof(samples));
	struct health t;

	health_rig(&t, &config, 4, 8);
	while (at < n && !t.failed) {
		enum health_verdict v = health_feed(&t, samples + at, n - at, &used, &usable);
		at += used;
		assert_int_equal(failed_at[v], 0);
		if (v != HEALTH_PASS)
			failed_at[v] = at;
	}
	assert_int_equal(failed_at[HEALTH_INTERMITTENT], r->intermittent_at);
	assert_int_equal(failed_at[HEALTH_PERMANENT], r->permanent_at);
	assert_int_equal(t.last.test, r->test);
	assert_int_equal(t.last.count, r->count);
	assert_int_equal(t.counts.samples, r->samples);
}

int main(void)
{
	struct CMUnitTest tests[ROWS];

	for (size_t i = 0; i < ROWS; i++)
		tests[i] = (struct CMUnitTest){rows[i].name, test_row, NULL, NULL, (void *)&rows[i]};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
