/* The estimators beside their plain readings, on spans of all kinds: the same integers. */
#include "assess/suffix.h"
#include "assess/tuples.h"
#include "assess_plain.h"
#include "assess_spans.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

enum { LENGTH_MAX = 6000 };

static void same_score(const char *what, struct score got, struct score wanted)
{
	if (got.n != wanted.n || got.correct != wanted.correct || got.longest != wanted.longest)
		fail_msg("%s: C %ju, run %ju of N %ju; plainly C %ju, run %ju of N %ju", what, (uintmax_t)got.correct,
			 (uintmax_t)got.longest, (uintmax_t)got.n, (uintmax_t)wanted.correct, (uintmax_t)wanted.longest,
			 (uintmax_t)wanted.n);
}

static void check_predictors(struct symbols t, uint64_t *random)
{
	/* Room that runs out somewhere, or never does. */
	const unsigned entries = 17 + (unsigned)sample_below(random, 3000),
		       contexts = 16 + (unsigned)sample_below(random, 3000);
	struct score got;

	same_score("lag", lag_score(t), lag_plain(t));
	if (t.n >= MULTI_MCW_MIN)
		same_score("multi_mcw", multi_mcw_score(t), multi_mcw_plain(t));
	for (unsigned i = 0; i < 2; i++) {
		assert_int_equal(multi_mmc_score(t, i ? entries : MULTI_MMC_ENTRIES, &got), 0);
		same_score("multi_mmc", got, multi_mmc_plain(t, i ? entries : MULTI_MMC_ENTRIES));
		assert_int_equal(lz78y_score(t, i ? contexts : LZ78Y_CONTEXTS, &got), 0);
		same_score("lz78y", got, lz78y_plain(t, i ? contexts : LZ78Y_CONTEXTS));
	}
}

static void check_tuples(struct symbols t)
{
	uint64_t *pairs = calloc(t.n + 1, sizeof(*pairs));
	uint32_t *most = calloc(t.n + 1, sizeof(*most));
	struct tuple_counts c;

	assert_non_null(pairs);
	assert_non_null(most);
	const size_t v = tuples_plain(t, pairs, most);
	assert_int_equal(suffix_longest_repeat(t), v);
	assert_int_equal(tuple_counts_by_suffixes(t, &c), 0);
	assert_int_equal(c.v, v);
	for (size_t i = 1; i <= v; i++) {
		assert_int_equal(c.pairs[i], pairs[i]);
		assert_int_equal(c.most[i], most[i]);
	}
	tuple_counts_free(&c);

	/* The faster way, where it is one. Of tuples that are rare it need not know how rare. */
	const int counted = tuple_counts_by_prefix(t, &c);
	assert_true(counted >= 0);
	if (counted == 0) {
		assert_int_equal(c.v, v);
		for (size_t i = 1; i <= v; i++) {
			assert_int_equal(c.pairs[i], pairs[i]);
			assert_true(c.most[i] == most[i] || (c.most[i] < most[i] && most[i] < TUPLES_FREQUENT));
		}
		tuple_counts_free(&c);
	}
	free(pairs);
	free(most);
}

/* A kind of span, many times, with all numbers of symbols and all lengths. */
static void test_kind(void **state)
{
	const struct span_kind *kind = *state;
	uint64_t random = 1;
	uint8_t *s = malloc(LENGTH_MAX);

	assert_non_null(s);
	for (unsigned trial = 0; trial < 12; trial++) {
		const size_t n = 20 + sample_below(&random, trial % 6 == 0 ? LENGTH_MAX - 20 : 600);
		const unsigned k = trial % 2 ? 2 : 2 + (unsigned)sample_below(&random, trial % 4 ? 255 : 8);
		const struct symbols t = span_make(kind, k, n, &random, s);
		if (t.k < 2)
			continue;
		check_predictors(t, &random);
		if (n < 700)
			check_tuples(t);
	}
	free(s);
}

int main(void)
{
	struct CMUnitTest tests[SPAN_KINDS];

	for (size_t i = 0; i < SPAN_KINDS; i++)
		tests[i] = (struct CMUnitTest){span_kinds[i].name, test_kind, NULL, NULL, (void *)&span_kinds[i]};
	return _cmocka_run_group_tests("fast and plain", tests, SPAN_KINDS, NULL, NULL);
}
