/* non_iid.c: what must hold of any samples, without another program's figures. */
#include "assess/non_iid.h"
#include "assess_spans.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

enum { N = 6100, LONG = 60000, ALL = (1 << NON_IID_ESTIMATORS) - 1 };
#define BIT(estimator) (1U << NON_IID_##estimator)

static struct non_iid assess(const uint8_t *samples, size_t n, unsigned bits, enum non_iid_mode mode)
{
	const struct non_iid_run run = {.threads = 2};
	struct non_iid out;
	struct err e = {0};

	if (assess_non_iid(samples, n, bits, mode, &run, &out, &e) < 0)
		fail_msg("%s", e.msg);
	return out;
}

/* The least of what was done, of no estimator more than the symbols can hold. */
static void check_pass(const struct non_iid_pass *p, double bits)
{
	double least = bits;

	for (unsigned i = 0; i < NON_IID_ESTIMATORS; i++) {
		assert_false(signbit(p->h[i]));
		assert_true(p->h[i] <= log2(p->k) + 1e-12);
		if (p->done >> i & 1)
			least = fmin(least, p->h[i]);
	}
	assert_true(p->h_min == least);
}

static void same_pass(const struct non_iid_pass *a, const struct non_iid_pass *b)
{
	const struct prediction *left[] = {&a->multi_mcw, &a->lag, &a->multi_mmc, &a->lz78y},
				*right[] = {&b->multi_mcw, &b->lag, &b->multi_mmc, &b->lz78y};

	assert_int_equal(a->ran, b->ran);
	assert_int_equal(a->n, b->n);
	assert_int_equal(a->k, b->k);
	assert_int_equal(a->done, b->done);
	assert_memory_equal(a->h, b->h, sizeof(a->h));
	assert_memory_equal(&a->mcv, &b->mcv, sizeof(a->mcv));
	assert_memory_equal(&a->tuples, &b->tuples, sizeof(a->tuples));
	for (unsigned i = 0; i < 4; i++) {
		assert_int_equal(left[i]->c, right[i]->c);
		assert_int_equal(left[i]->r, right[i]->r);
		assert_int_equal(left[i]->n, right[i]->n);
	}
}

static void same_assessment(const struct non_iid *a, const struct non_iid *b)
{
	same_pass(&a->literal, &b->literal);
	same_pass(&a->bitstring, &b->bitstring);
	assert_int_equal(a->bits, b->bits);
	assert_true(a->h == b->h);
}

/* ---- numbers of symbols and word sizes ---- */

static void test_symbols(void **state)
{
	uint8_t *s = malloc(N);
	uint64_t random = 7;

	(void)state;
	assert_non_null(s);
	for (unsigned k = 2; k <= SYMBOLS_MAX; k += 1 + k / 4) {
		for (size_t i = 0; i < N; i++)
			s[i] = (uint8_t)(i < k ? i : sample_below(&random, k));
		const struct non_iid r = assess(s, N, 0, NON_IID_INITIAL);
		assert_int_equal(r.literal.k, k);
		assert_int_equal(r.bits, symbols_width(s, N));
		assert_true(r.bitstring.ran == (k > 2));
		assert_int_equal(r.literal.done & ~(BIT(COLLISION) | BIT(MARKOV) | BIT(COMPRESSION) | BIT(T_TUPLE)),
				 ALL & ~(BIT(COLLISION) | BIT(MARKOV) | BIT(COMPRESSION) | BIT(T_TUPLE)));
		check_pass(&r.literal, r.bits);
		if (k > 2) {
			assert_int_equal(r.bitstring.done, ALL);
			check_pass(&r.bitstring, 1);
		}
		assert_true(r.h == fmin(r.h_original, r.bits * r.h_bitstring));
	}
	free(s);
}

static void test_word_sizes(void **state)
{
	uint8_t *s = malloc(N), *bit = malloc((size_t)N * 8);
	uint64_t random = 8;

	(void)state;
	assert_non_null(s);
	assert_non_null(bit);
	for (unsigned bits = 1; bits <= 8; bits++) {
		for (size_t i = 0; i < N; i++)
			s[i] = (uint8_t)sample_below(&random, (size_t)1 << bits);
		const struct non_iid found = assess(s, N, 0, NON_IID_CONDITIONED),
				     said = assess(s, N, bits, NON_IID_CONDITIONED);
		assert_int_equal(found.bits, bits);
		same_assessment(&found, &said);
		assert_false(found.literal.ran);
		assert_true(found.h == bits * found.h_bitstring);

		/* The bits, each as a sample of its own, are the same string. */
		symbols_bitstring(s, N, bits, bit);
		const struct non_iid single = assess(bit, (size_t)N * bits, 1, NON_IID_CONDITIONED);
		same_pass(&single.bitstring, &found.bitstring);

		/* Bits that are always zero hold nothing, but they are counted. */
		if (bits < 8) {
			const struct non_iid wider = assess(s, N, bits + 1, NON_IID_CONDITIONED);
			assert_int_equal(wider.bitstring.n, N * (bits + 1));
			assert_true(wider.h_bitstring < found.h_bitstring);
		}
	}
	free(s);
	free(bit);
}

/* ---- what does not change the estimates ---- */

struct change {
	const char *name;
	uint8_t (*at)(const uint8_t *s, size_t i); /* symbol i of the changed span */
	unsigned same;                             /* the estimators whose values stay, of the literal pass */
};

static uint8_t with_gaps(const uint8_t *s, size_t i)
{
	return (uint8_t)(s[i] * 3 + 11);
}

static uint8_t upside_down(const uint8_t *s, size_t i)
{
	return (uint8_t)(79 - s[i]);
}

static uint8_t backwards(const uint8_t *s, size_t i)
{
	return s[N - 1 - i];
}

static uint8_t shuffled(const uint8_t *s, size_t i)
{
	return s[i * 7 % N]; /* 7 and N have no common divisor */
}

enum { BITS_ALONE = BIT(COLLISION) | BIT(MARKOV) | BIT(COMPRESSION) };
static const struct change changes[] = {
	{"numbers with gaps between them change nothing", with_gaps, ALL & ~BITS_ALONE},
	{"other names for the symbols change no count", upside_down,
	 BIT(MCV) | BIT(T_TUPLE) | BIT(LRS) | BIT(MULTI_MCW) | BIT(LAG)},
	{"backwards the tuples are the same", backwards, BIT(MCV) | BIT(T_TUPLE) | BIT(LRS)},
	{"in any order the symbols are as frequent", shuffled, BIT(MCV)},
};
enum { CHANGES = sizeof(changes) / sizeof(changes[0]) };

static void test_change(void **state)
{
	const struct change *c = *state;
	uint8_t *s = malloc(N), *changed = malloc(N);
	uint64_t random = 9;

	assert_non_null(s);
	assert_non_null(changed);
	for (unsigned kind = 0; kind < 5; kind++) { /* those after them have all symbols at the beginning alone */
		span_make(&span_kinds[kind], 80, N, &random, s);
		for (size_t i = 0; i < N; i++)
			changed[i] = c->at(s, i);
		const struct non_iid a = assess(s, N, 0, NON_IID_INITIAL), b = assess(changed, N, 0, NON_IID_INITIAL);
		for (unsigned i = 0; i < NON_IID_ESTIMATORS; i++)
			if (c->same >> i & 1)
				assert_true(a.literal.h[i] == b.literal.h[i]);
	}
	free(s);
	free(changed);
}

static void test_threads(void **state)
{
	uint8_t *s = malloc(N);
	uint64_t random = 10;
	struct non_iid one, many;
	struct err e;

	(void)state;
	assert_non_null(s);
	span_make(&span_kinds[0], 200, N, &random, s);
	assert_int_equal(assess_non_iid(s, N, 0, NON_IID_INITIAL, &(struct non_iid_run){.threads = 1}, &one, &e), 0);
	assert_int_equal(assess_non_iid(s, N, 0, NON_IID_INITIAL, &(struct non_iid_run){.threads = 100}, &many, &e), 0);
	same_assessment(&one, &many);

	/* A span on its own is the literal pass. */
	uint8_t *t = malloc(N);
	struct non_iid_pass pass;
	assert_non_null(t);
	assert_int_equal(
		non_iid_pass(symbols_literal(s, N, t), one.bits, &(struct non_iid_run){.threads = 1}, &pass, &e), 0);
	same_pass(&pass, &one.literal);
	free(t);
	free(s);
}

static void note_progress(void *self, double part)
{
	double *last = self;

	assert_true(part > *last && part <= 1);
	*last = part;
}

static void test_progress(void **state)
{
	uint8_t *s = malloc(N);
	uint64_t random = 11;
	struct non_iid out;
	struct err e;
	double last = 0;

	(void)state;
	assert_non_null(s);
	span_make(&span_kinds[0], 256, N, &random, s);
	const struct non_iid_run run = {.threads = 3, .progress = note_progress, .self = &last};
	assert_int_equal(assess_non_iid(s, N, 0, NON_IID_INITIAL, &run, &out, &e), 0);
	assert_true(last == 1);
	free(s);
}

/* ---- the edges ---- */

struct edge {
	const char *name;
	size_t n;
	unsigned bits;
	uint8_t a, b; /* by turns of 3 */
	double h;     /* below 0: an error */
	const char *message;
};
static const struct edge edges[] = {
	{"zeros hold nothing", N, 0, 0, 0, 0, NULL},
	{"nor does another symbol alone", N, 0, 200, 200, 0, NULL},
	{"nor does a stuck bit", N, 1, 1, 1, 0, NULL},
	{"one symbol of eight bits", N, 8, 255, 255, 0, NULL},
	{"two symbols by a fixed rule", N, 0, 3, 200, 0, NULL},
	{"too few bits", 6011, 1, 0, 1, -1, "6011 samples are too few: at least 6012 are needed"},
	{"just enough bits", 6012, 1, 0, 1, 0, NULL},
	{"too few bytes", 4095, 8, 0, 255, -1, "4095 samples are too few: at least 4096 are needed"},
	{"just enough bytes", 4096, 8, 0, 255, 0, NULL},
	{"none at all", 0, 0, 0, 0, -1, "0 samples are too few: at least 6012 are needed"},
	{"a sample with too many bits", N, 4, 3, 16, -1, "a sample has 5 bits, which is more than the 4"},
	{"more bits than a byte has", N, 9, 0, 1, -1, "9 bits per sample: 1 to 8 are possible"},
};
enum { EDGES = sizeof(edges) / sizeof(edges[0]) };

static void test_edge(void **state)
{
	const struct edge *r = *state;
	const struct non_iid_run run = {.threads = 1};
	uint8_t *s = malloc(N);

	assert_non_null(s);
	for (size_t i = 0; i < r->n; i++)
		s[i] = i / 3 % 2 ? r->b : r->a;
	for (enum non_iid_mode mode = NON_IID_INITIAL; mode <= NON_IID_CONDITIONED; mode++) {
		struct non_iid out;
		struct err e = {0};
		const int result = assess_non_iid(s, r->n, r->bits, mode, &run, &out, &e);
		assert_int_equal(result, r->message ? -1 : 0);
		if (r->message) {
			assert_int_equal(e.code, ERR_USAGE);
			assert_non_null(strstr(e.msg, r->message));
			continue;
		}
		assert_true(out.h >= r->h && out.h < r->h + 0.01);
		assert_false(signbit(out.h));
		if (r->a == r->b)
			assert_true(out.h == 0);
	}
	free(s);
}

/* More than can be numbered; they are not even looked at. */
static void test_too_many(void **state)
{
	const struct non_iid_run run = {.threads = 1};
	const uint8_t one = 0;
	struct non_iid out;
	struct err e = {0};

	(void)state;
	assert_int_equal(assess_non_iid(&one, INT32_MAX / 8 + 1, 8, NON_IID_INITIAL, &run, &out, &e), -1);
	assert_int_equal(e.code, ERR_USAGE);
	assert_non_null(strstr(e.msg, "at most 268435455 are possible"));
}

/* ---- repeats: no input may take out of all proportion ---- */

static double seconds_of(const uint8_t *samples)
{
	double least = 1e9;

	for (unsigned i = 0; i < 2; i++) {
		const clock_t before = clock();
		assess(samples, LONG, 8, NON_IID_INITIAL);
		least = fmin(least, (double)(clock() - before) / CLOCKS_PER_SEC);
	}
	return least;
}

static void test_repeats(void **state)
{
	static const size_t blocks[] = {1, 2, 64, 4096, LONG / 2};
	uint8_t *s = malloc(LONG);
	uint64_t random = 12;

	(void)state;
	assert_non_null(s);
	for (size_t i = 0; i < LONG; i++)
		s[i] = sample_byte(&random);
	const double usual = seconds_of(s);
	for (size_t b = sizeof(blocks) / sizeof(blocks[0]); b-- > 0;) {
		/* Loops within loops would take thousands of times as long. */
		for (size_t i = blocks[b]; i < LONG; i++)
			s[i] = s[i - blocks[b]];
		const double seconds = seconds_of(s);
		if (seconds > 20 * usual)
			fail_msg("a block of %zu: %.2f s, where %.2f s are usual", blocks[b], seconds, usual);
		if (blocks[b] <= 64)
			assert_true(assess(s, LONG, 8, NON_IID_INITIAL).h == 0);
	}
	free(s);
}

int main(void)
{
	struct CMUnitTest tests[CHANGES + EDGES + 6], *t = tests;

	for (size_t i = 0; i < CHANGES; i++)
		*t++ = (struct CMUnitTest){changes[i].name, test_change, NULL, NULL, (void *)&changes[i]};
	for (size_t i = 0; i < EDGES; i++)
		*t++ = (struct CMUnitTest){edges[i].name, test_edge, NULL, NULL, (void *)&edges[i]};
	*t++ = (struct CMUnitTest){"2 to 256 symbols", test_symbols, NULL, NULL, NULL};
	*t++ = (struct CMUnitTest){"samples of 1 to 8 bits", test_word_sizes, NULL, NULL, NULL};
	*t++ = (struct CMUnitTest){"any number of threads", test_threads, NULL, NULL, NULL};
	*t++ = (struct CMUnitTest){"progress only grows, and ends with all", test_progress, NULL, NULL, NULL};
	*t++ = (struct CMUnitTest){"too many samples", test_too_many, NULL, NULL, NULL};
	*t++ = (struct CMUnitTest){"repeats of any length", test_repeats, NULL, NULL, NULL};
	return _cmocka_run_group_tests("properties of an assessment", tests, (size_t)(t - tests), NULL, NULL);
}
