/* estimate.c: NIST's tool on seven inputs, to 1e-11 (tests/vectors/estimates.inc); a plain reading of the sections, bit
 * by bit, on any data; what is at the edges. */
#include "assess/estimate.h"
#include "assess_inputs.h"
#include "health_samples.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* ---- the rows ---- */

struct row {
	enum { INPUT_ROW, MCV_samples, MCV_bits, COLLISION_ROW, MARKOV_ROW } kind;
	const char *name; /* of an input */
	enum assess_input input;
	unsigned bits;
	const char *sha256;
	struct estimate_mcv mcv;
	struct estimate_collision collision;
	struct estimate_markov markov;
};
#define INPUT(name_, bits_, sha_)                                                                                      \
	{.kind = INPUT_ROW, .name = #name_, .input = (name_), .bits = (bits_), .sha256 = (sha_)},
#define MCV(what_, ...) {.kind = MCV_##what_, .mcv = {__VA_ARGS__}},
#define COLLISION(...)  {.kind = COLLISION_ROW, .collision = {__VA_ARGS__}},
#define MARKOV(...)     {.kind = MARKOV_ROW, .markov = {__VA_ARGS__}},
static const struct row rows[] = {
#include "../vectors/estimates.inc"
};
enum { ROWS = sizeof(rows) / sizeof(rows[0]) };

static void same(double got, double wanted)
{
	double off = got > wanted ? got - wanted : wanted - got;

	if (off > 1e-11 * wanted)
		fail_msg("%.17g is not %.17g", got, wanted);
}

static void same_mcv(const struct estimate_mcv *got, const struct estimate_mcv *wanted)
{
	assert_int_equal(got->mode, wanted->mode);
	same(got->p, wanted->p);
	same(got->p_u, wanted->p_u);
	same(got->h, wanted->h);
}

static void same_collision(const struct estimate_collision *got, const struct estimate_collision *wanted)
{
	assert_int_equal(got->v, wanted->v);
	assert_int_equal(got->sum_t, wanted->sum_t);
	same(got->mean, wanted->mean);
	same(got->sigma, wanted->sigma);
	same(got->mean_l, wanted->mean_l);
	same(got->p, wanted->p);
	same(got->h, wanted->h);
}

static void same_markov(const struct estimate_markov *got, const struct estimate_markov *wanted)
{
	same(got->p_0, wanted->p_0);
	same(got->p_00, wanted->p_00);
	same(got->p_01, wanted->p_01);
	same(got->p_10, wanted->p_10);
	same(got->p_11, wanted->p_11);
	same(got->p_max, wanted->p_max);
	same(got->h, wanted->h);
}

/* The row of an input, and those behind it up to the next input. */
static void test_input(void **state)
{
	const struct row *r = *state;
	uint8_t *samples = malloc(ASSESS_SAMPLES);
	struct estimate t;
	char hex[65];

	assert_non_null(samples);
	assess_make_input(r->input, samples);
	assess_hex_of(samples, hex);
	assert_string_equal(hex, r->sha256);
	estimate_init(&t, r->bits);
	estimate_feed(&t, samples, ASSESS_SAMPLES);
	const struct estimates got = estimate_result(&t);
	for (const struct row *w = r + 1; w < rows + ROWS && w->kind != INPUT_ROW; w++) {
		if (w->kind == MCV_samples)
			same_mcv(&got.samples, &w->mcv);
		else if (w->kind == MCV_bits)
			same_mcv(&got.bits, &w->mcv);
		else if (w->kind == COLLISION_ROW)
			same_collision(&got.collision, &w->collision);
		else
			same_markov(&got.markov, &w->markov);
	}
	if (r->bits == 1)
		same_mcv(&got.bits, &got.samples);
	free(samples);
}

/* ---- a plain reading of the sections ---- */

static size_t to_bits(const uint8_t *samples, size_t n, unsigned sample_bits, uint8_t *bits)
{
	size_t length = 0;

	for (size_t i = 0; i < n; i++)
		for (unsigned b = sample_bits; b-- > 0;)
			bits[length++] = samples[i] >> b & 1;
	return length;
}

static void check_collision(const struct estimate_collision *got, const uint8_t *s, size_t length)
{
	uint64_t v = 0, sum = 0;

	for (size_t i = 0; i + 1 < length;) {
		size_t t = s[i] == s[i + 1] ? 2 : 3;
		if (i + t > length)
			break;
		v++;
		sum += t;
		i += t;
	}
	assert_int_equal(got->v, v);
	assert_int_equal(got->sum_t, sum);
}

/* -log2 of the probability of a sequence of 128 bits, step by step; 128 where a step never came. */
static double surprise(const double p[2], const double step[2][2], const char *sequence)
{
	unsigned before = sequence[0] == '1';
	double sum = -log2(p[before]);

	/* The last two bits of the text stand for all that follow. */
	for (size_t i = 1, at = 1; i < 128; i++, at++) {
		unsigned bit = sequence[at] == '1';
		if (!(step[before][bit] > 0))
			return 128;
		sum -= log2(step[before][bit]);
		before = bit;
		if (sequence[at + 1] == '\0')
			at -= 2;
	}
	return sum;
}

static double likeliest(const double p[2], const double step[2][2])
{
	static const char *const sequences[] = {"0000", "0101", "0111", "1000", "1010", "1111"};
	double least = 128;

	for (size_t i = 0; i < sizeof(sequences) / sizeof(sequences[0]); i++) {
		double bits = surprise(p, step, sequences[i]);
		least = bits < least ? bits : least;
	}
	return least;
}

static void check_markov(const struct estimate_markov *got, const uint8_t *s, size_t length)
{
	double zeros = 0, pairs[2][2] = {{0}};

	for (size_t i = 0; i < length; i++) {
		zeros += s[i] == 0;
		if (i > 0)
			pairs[s[i - 1]][s[i]]++;
	}
	double p[2] = {zeros / (double)length, 1 - zeros / (double)length}, step[2][2];
	for (unsigned i = 0; i < 2; i++) {
		double from = pairs[i][0] + pairs[i][1];
		step[i][0] = from > 0 ? pairs[i][0] / from : 0;
		step[i][1] = from > 0 ? pairs[i][1] / from : 0;
	}
	same(got->p_0, p[0]);
	same(got->p_00, step[0][0]);
	same(got->p_01, step[0][1]);
	same(got->p_10, step[1][0]);
	same(got->p_11, step[1][1]);
	same(got->h, likeliest(p, step) / 128);
}

static void test_plainly(void **state)
{
	uint64_t random = 1;
	uint8_t samples[1200], bits[8 * sizeof(samples)];

	(void)state;
	for (unsigned trial = 0; trial < 2000; trial++) {
		const unsigned sample_bits = 1 + trial % 8,
			       values = 1 + (unsigned)sample_below(&random, 1U << sample_bits);
		const size_t n = 1000 + sample_below(&random, 200);
		uint64_t most = 0, count[256] = {0};
		struct estimate t;
		estimate_init(&t, sample_bits);
		for (size_t i = 0; i < n; i++) {
			samples[i] = (uint8_t)sample_below(&random, values);
			/* In half of the trials a sample is nearly always another one than the sample before. */
			if (trial % 16 >= 8 && i > 0 && sample_below(&random, 10) > 0)
				samples[i] = (uint8_t)(~samples[i - 1] & ((1U << sample_bits) - 1));
			most = ++count[samples[i]] > most ? count[samples[i]] : most;
		}
		for (size_t at = 0, call; at < n; at += call) { /* in calls of any length */
			call = sample_below(&random, n - at + 1);
			estimate_feed(&t, samples + at, call);
		}
		const struct estimates got = estimate_result(&t);
		const size_t length = to_bits(samples, n, sample_bits, bits);
		assert_int_equal(got.samples.mode, most);
		check_collision(&got.collision, bits, length);
		check_markov(&got.markov, bits, length);
	}
}

/* ---- the edges ---- */

struct edge {
	const char *name;
	unsigned bits;
	uint8_t a, b; /* by turns */
	size_t n;
	double samples_h, bits_h, collision_h, markov_h;
};
static const struct edge edges[] = {
	{"zeros hold nothing", 8, 0, 0, 1000, 0, 0, 0, 0},
	{"ones hold nothing", 8, 255, 255, 1000, 0, 0, 0, 0},
	{"one bit that is stuck", 1, 1, 1, 1000, 0, 0, 0, 0},
	{"fewer samples than the least: nothing is said", 8, 0, 255, 999, 0, 0, 0, 0},
	{"bits above those of a sample do not count", 1, 2, 4, 1000, 0, 0, 0, 0},
};
enum { EDGES = sizeof(edges) / sizeof(edges[0]) };

static void test_edge(void **state)
{
	const struct edge *r = *state;
	uint8_t samples[2000];
	struct estimate t;

	for (size_t i = 0; i < r->n; i++)
		samples[i] = i % 2 ? r->b : r->a;
	estimate_init(&t, r->bits);
	estimate_feed(&t, samples, r->n);
	const struct estimates got = estimate_result(&t);
	same(got.samples.h, r->samples_h);
	same(got.bits.h, r->bits_h);
	same(got.collision.h, r->collision_h);
	same(got.markov.h, r->markov_h);
}

/* Two bits by turns: 128 of them are one of two sequences, so all that is left is the first bit. */
static void test_alternating(void **state)
{
	struct estimate t;

	(void)state;
	estimate_init(&t, 1);
	for (size_t i = 0; i < 1000; i++)
		estimate_feed(&t, &(uint8_t){i & 1}, 1);
	same(estimate_result(&t).markov.h, 1.0 / 128);
	same(estimate_result(&t).collision.h, 1); /* the worst case for a collision: 3 bits each */
}

/* Of two bits nearly all are equal: the lower bound of the mean would be below 2, which no collision can take. */
static void test_nearly_stuck(void **state)
{
	struct estimate t;

	(void)state;
	estimate_init(&t, 1);
	for (size_t i = 0; i < 2001; i++)
		estimate_feed(&t, &(uint8_t){i == 1001}, 1);
	const struct estimates got = estimate_result(&t);
	assert_int_equal(got.collision.v, 1000);
	assert_int_equal(got.collision.sum_t, 2001);
	same(got.collision.mean_l, 2);
	same(got.collision.p, 1);
	same(got.collision.h, 0);
	assert_true(got.markov.h > 0 && got.markov.h < 0.01);
}

int main(void)
{
	struct CMUnitTest tests[ROWS + EDGES + 3], *t = tests;

	for (size_t i = 0; i < ROWS; i++) {
		if (rows[i].kind == INPUT_ROW)
			*t++ = (struct CMUnitTest){rows[i].name, test_input, NULL, NULL, (void *)&rows[i]};
	}
	for (size_t i = 0; i < EDGES; i++)
		*t++ = (struct CMUnitTest){edges[i].name, test_edge, NULL, NULL, (void *)&edges[i]};
	*t++ = (struct CMUnitTest){"any samples, read plainly", test_plainly, NULL, NULL, NULL};
	*t++ = (struct CMUnitTest){"two bits by turns", test_alternating, NULL, NULL, NULL};
	*t++ = (struct CMUnitTest){"nearly stuck", test_nearly_stuck, NULL, NULL, NULL};
	return _cmocka_run_group_tests("estimates", tests, (size_t)(t - tests), NULL, NULL);
}
