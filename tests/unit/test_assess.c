/* non_iid.c: the ten estimators of NIST's tool on seven inputs in both modes, integers equal and reals to 1e-11
 * (tests/vectors/assess.inc). */
#include "assess/non_iid.h"
#include "assess_inputs.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* An input with its mode, or a member of what is assessed of it. */
struct row {
	enum { INPUT_ROW, INTEGER_ROW, REAL_ROW, UNSIGNED_ROW } kind;
	const char *name;
	enum assess_input input;
	enum non_iid_mode mode;
	unsigned bits;
	const char *sha256;
	size_t at;
	double wanted;
};
#define INPUT(name_, mode_, bits_, sha_)                                                                               \
	{.kind = INPUT_ROW,                                                                                            \
	 .name = #name_ " " #mode_,                                                                                    \
	 .input = (name_),                                                                                             \
	 .mode = NON_IID_##mode_,                                                                                      \
	 .bits = (bits_),                                                                                              \
	 .sha256 = (sha_)},
#define MEMBER(member_) offsetof(struct non_iid, member_)
#define INTEGER(member_, value_)                                                                                       \
	{.kind = sizeof(((struct non_iid *)0)->member_) == sizeof(unsigned) ? UNSIGNED_ROW : INTEGER_ROW,              \
	 .name = #member_,                                                                                             \
	 .at = MEMBER(member_),                                                                                        \
	 .wanted = (value_)},
#define REAL(member_, value_) {.kind = REAL_ROW, .name = #member_, .at = MEMBER(member_), .wanted = (value_)},
static const struct row rows[] = {
#include "../vectors/assess.inc"
};
enum { ROWS = sizeof(rows) / sizeof(rows[0]) };

static void check(const struct row *r, const struct non_iid *got)
{
	double value;

	if (r->kind == REAL_ROW)
		value = *(const double *)((const char *)got + r->at);
	else if (r->kind == INTEGER_ROW)
		value = (double)*(const uint64_t *)((const char *)got + r->at);
	else
		value = *(const unsigned *)((const char *)got + r->at);
	if (!(fabs(value - r->wanted) <= (r->kind == REAL_ROW ? 1e-11 * r->wanted : 0)))
		fail_msg("%s: %.17g is not %.17g", r->name, value, r->wanted);
}

/* The row of an input, and those behind it up to the next input. */
static void test_input(void **state)
{
	const struct row *r = *state;
	const struct non_iid_run run = {.threads = 2};
	uint8_t *samples = malloc(ASSESS_SAMPLES);
	struct non_iid got;
	struct err e = {0};
	char hex[65];

	assert_non_null(samples);
	assess_make_input(r->input, samples);
	assess_hex_of(samples, hex);
	assert_string_equal(hex, r->sha256);
	assert_int_equal(assess_non_iid(samples, ASSESS_SAMPLES, 0, r->mode, &run, &got, &e), 0);
	assert_int_equal(got.bits, r->bits);
	for (const struct row *w = r + 1; w < rows + ROWS && w->kind != INPUT_ROW; w++)
		check(w, &got);
	free(samples);
}

int main(void)
{
	struct CMUnitTest tests[ROWS], *t = tests;

	for (size_t i = 0; i < ROWS; i++)
		if (rows[i].kind == INPUT_ROW)
			*t++ = (struct CMUnitTest){rows[i].name, test_input, NULL, NULL, (void *)&rows[i]};
	return _cmocka_run_group_tests("the ten estimators", tests, (size_t)(t - tests), NULL, NULL);
}
