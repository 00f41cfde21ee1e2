/* Which of the two values of H is in use: the lesser one, of the same generator, and never a higher one. */
#include "source/assessed.h"

#include "base/str.h"
#include "rows.h"

#include <math.h>

struct row {
	const char *name;
	double configured, found; /* found below 0: no file is configured */
	unsigned bits;
	const char *driver; /* of the evidence */
	enum source_kind kind;
	const char *present, *path; /* driver and name of the source */
	enum assessed_use use;
	double h; /* in use; 0: refused with 69 */
};

static const struct row rows[] = {
	{"no file", 4, -1, 8, "", SOURCE_DEVICE, "a", "/dev/hwrng", ASSESSED_NONE, 4},
	{"less than configured", 4, 3.5, 8, "a", SOURCE_DEVICE, "a", "/dev/hwrng", ASSESSED_LESS, 3.5},
	{"more than configured raises nothing", 4, 7.5, 8, "a", SOURCE_DEVICE, "a", "/dev/hwrng", ASSESSED_ENOUGH, 4},
	{"as much as configured", 4, 4, 8, "a", SOURCE_DEVICE, "a", "/dev/hwrng", ASSESSED_ENOUGH, 4},
	{"the least", 4, 0.1, 8, "a", SOURCE_DEVICE, "a", "/dev/hwrng", ASSESSED_LESS, 0.1},
	{"below the least", 4, 0.0999, 8, "a", SOURCE_DEVICE, "a", "/dev/hwrng", ASSESSED_LESS, 0},
	{"nothing at all", 0.1, 0, 8, "a", SOURCE_DEVICE, "a", "/dev/hwrng", ASSESSED_LESS, 0},
	{"bits", 0.9, 0.5, 1, "a", SOURCE_DEVICE, "a", "/dev/hwrng", ASSESSED_LESS, 0.5},
	{"another driver", 4, 3.5, 8, "b", SOURCE_DEVICE, "a", "/dev/hwrng", ASSESSED_OTHER, 4},
	{"another driver without entropy is no fault of this one", 4, 0, 8, "b", SOURCE_DEVICE, "a", "/dev/hwrng",
	 ASSESSED_OTHER, 4},
	{"a driver whose name goes on", 4, 3.5, 8, "a", SOURCE_DEVICE, "a.0", "/dev/hwrng", ASSESSED_OTHER, 4},
	{"the evidence names no driver", 4, 3.5, 8, "", SOURCE_DEVICE, "a", "/dev/hwrng", ASSESSED_LESS, 3.5},
	{"the kernel names no driver", 4, 3.5, 8, "a", SOURCE_DEVICE, "", "/dev/ttyACM0", ASSESSED_LESS, 3.5},
	{"no driver is bound yet", 4, 3.5, 8, "a", SOURCE_DEVICE, "none", "/dev/hwrng", ASSESSED_LESS, 3.5},
	{"a recording", 4, 3.5, 8, "a", SOURCE_REPLAY, "", "samples", ASSESSED_LESS, 3.5},
	{"the CPU in place of the device that was assessed", 4, 3.5, 8, "a", SOURCE_CPU, "", "rdseed", ASSESSED_OTHER,
	 4},
	{"the kernel in place of the device", 4, 3.5, 8, "a", SOURCE_KERNEL, "", "getrandom", ASSESSED_OTHER, 4},
	{"the CPU, and a file of unknown origin", 4, 3.5, 8, "", SOURCE_CPU, "", "rdseed", ASSESSED_LESS, 3.5},
};

static void row_test(void **state)
{
	const struct row *row = *state;
	struct err e = {0};
	struct source_identity i = {.kind = row->kind, .sample_bits = row->bits};
	struct assessed a = assessed_without(row->found < 0 ? ASSESSED_NONE : ASSESSED_LESS);
	double h = row->configured;
	str_copy(i.driver, sizeof i.driver, row->present);
	str_copy(i.name, sizeof i.name, row->path);
	str_copy(a.driver, sizeof a.driver, row->driver);
	a.h_per_sample = row->found;

	/* Refused, with the exit code of a source that cannot be used, or decided. */
	int rc = assessed_decide(&a, &i, &h, &e);
	assert_int_equal(rc, row->h > 0 ? 0 : -1);
	if (rc < 0) {
		assert_int_equal(e.code, ERR_UNAVAILABLE);
		assert_non_null(strstr(e.msg, "source.min_entropy_file"));
		return;
	}
	assert_int_equal(a.use, row->use);
	assert_true(fabs(h - row->h) < 1e-12 && h <= row->configured);

	/* Only figures of this generator are shown as its own. */
	bool own = row->use == ASSESSED_LESS || row->use == ASSESSED_ENOUGH;
	assert_true(fabs(a.h_per_sample - (own ? row->found : -1)) < 1e-12);
	assert_true(fabs(a.entropy_ratio - (own ? row->found / row->bits : -1)) < 1e-12);
}

/* A file that is not there changes nothing, whatever the memory held. */
static void missing_test(void **state)
{
	struct assessed a = {.use = ASSESSED_MISSING};
	const struct source_identity i = {.kind = SOURCE_DEVICE, .sample_bits = 8};
	double h = 4;
	struct err e;
	(void)state;
	assert_int_equal(assessed_decide(&a, &i, &h, &e), 0);
	assert_true(h >= 4 && h <= 4 && a.use == ASSESSED_MISSING && a.entropy_ratio < 0 && a.date_unix_seconds < 0);
}

int main(void)
{
	const struct CMUnitTest more[] = {cmocka_unit_test(missing_test)};
	return ROWS_RUN("assessed", row_test, rows) + cmocka_run_group_tests_name("missing", more, NULL, NULL);
}
