/* detection - which health test sees which fault of a source, and after how many samples: a table from the real tests.
 *
 *   detection                  the table, in Markdown
 *   detection --random N       N random samples of getrandom(2) through all tests; 1 if one fails permanently
 *
 * Each fault begins behind a passed start-up test, with the tests as the daemon has them. Random parts come from fixed
 * seeds, so the table is the same everywhere; a column is an assumed min-entropy H per sample, and a cell the median of
 * SEEDS runs: the first test that fails and the samples from the fault to the failure. "i" is an intermittent failure,
 * "p" a permanent one, "-" none within LIMIT samples. */
#include "health/health.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

enum { SEEDS = 9, LIMIT = 4000000, HS = 3 };
static const double assumed_h[HS] = {1, 4, 8};
static const uint8_t key[REPEAT_KEY_BYTES] = "any sixteen byte";
static const struct health_config config = {
	.alpha_log2_intermittent = -30, .alpha_log2_permanent = -60, .startup_samples = 1024};

/* ---- sources ---- */

struct source {
	uint64_t seed; /* of the random part */
	uint64_t i;    /* samples since the fault */
	uint32_t lfsr;
};

/* A 64-bit mixing generator: test data only. */
static uint64_t random_word(uint64_t *seed)
{
	uint64_t z = *seed += 0x9e3779b97f4a7c15;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
	z = (z ^ z >> 27) * 0x94d049bb133111eb;
	return z ^ z >> 31;
}

static uint8_t random_byte(struct source *s)
{
	return (uint8_t)(random_word(&s->seed) >> 56);
}

static uint8_t stuck(struct source *s, double unused)
{
	(void)s, (void)unused;
	return 0x41;
}

static uint8_t two_by_turns(struct source *s, double unused)
{
	(void)unused;
	return s->i % 2 ? 0x41 : 0x42;
}

static uint8_t counter(struct source *s, double unused)
{
	(void)unused;
	return (uint8_t)s->i;
}

static uint8_t block(struct source *s, double period)
{
	uint64_t at = 77 + s->i % (uint64_t)period;

	return (uint8_t)(random_word(&at) >> 56);
}

/* x^16 + x^14 + x^13 + x^11 + 1, eight steps a byte. */
static uint8_t shift_register(struct source *s, double unused)
{
	(void)unused;
	if (s->lfsr == 0)
		s->lfsr = 0xace1;
	for (unsigned n = 0; n < 8; n++)
		s->lfsr = s->lfsr >> 1 ^ (s->lfsr & 1 ? 0xb400 : 0);
	return (uint8_t)s->lfsr;
}

/* One value with probability p, the others evenly. */
static uint8_t leaning(struct source *s, double p)
{
	if ((double)(random_word(&s->seed) >> 11) * 0x1p-53 < p)
		return 0x41;
	return random_byte(s);
}

/* Each bit is a one with probability p. */
static uint8_t biased_bits(struct source *s, double p)
{
	unsigned byte = 0;

	for (unsigned b = 0; b < 8; b++)
		byte = byte << 1 | ((double)(random_word(&s->seed) >> 11) * 0x1p-53 < p);
	return (uint8_t)byte;
}

/* One value comes more often from sample to sample: half of all after a million. */
static uint8_t drift(struct source *s, double unused)
{
	(void)unused;
	return leaning(s, (double)s->i / 2e6);
}

/* Good samples, each one `times` times. */
static uint8_t each_again(struct source *s, double times)
{
	uint64_t at = s->seed + s->i / (uint64_t)times;

	return (uint8_t)(random_word(&at) >> 56);
}

static uint8_t low_bits(struct source *s, double bits)
{
	return random_byte(s) & (uint8_t)((1U << (unsigned)bits) - 1);
}

/* The output of a good generator whose seed somebody knows. */
static uint8_t known_seed(struct source *s, double unused)
{
	(void)unused;
	return random_byte(s);
}

/* The same, opened again: it begins as it began before. */
static uint8_t replay(struct source *s, double unused)
{
	return known_seed(s, unused);
}

struct row {
	const char *fault;
	uint8_t (*next)(struct source *s, double parameter);
	double parameter;
};
static const struct row rows[] = {
	{"one value for ever", stuck, 0},
	{"two values by turns", two_by_turns, 0},
	{"a counter", counter, 0},
	{"a block of 8 again and again", block, 8},
	{"a block of 16", block, 16},
	{"a block of 64", block, 64},
	{"a block of 1001", block, 1001},
	{"a block of 1024", block, 1024},
	{"a shift register of 16 bits", shift_register, 0},
	{"a block of 129,024 samples", block, 129024},
	{"a block of 200,000, not from its start", block, 200000},
	{"opened again, it replays its start", replay, 0},
	{"each sample twice", each_again, 2},
	{"each sample 16 times", each_again, 16},
	{"the upper four bits stuck", low_bits, 4},
	{"the upper seven bits stuck", low_bits, 1},
	{"one value in half of the samples", leaning, 0.5},
	{"one value in 0.117 (H = 3.1)", leaning, 0.114},
	{"one value in 0.0625 (H = 4)", leaning, 0.059},
	{"ones of 60 % in each byte's bits", biased_bits, 0.6},
	{"ones of 90 %", biased_bits, 0.9},
	{"one value drifts up to half in a million", drift, 0},
	{"output of a generator whose seed is known", known_seed, 0},
};
enum { ROWS = sizeof(rows) / sizeof(rows[0]) };

/* ---- one run ---- */

struct seen {
	uint64_t at; /* samples from the fault to the failure; UINT64_MAX: none */
	enum health_test test;
};

/* Of one run: the first failure, and the first permanent one. */
struct outcome {
	struct seen any, permanent;
};

static void note(struct seen *seen, uint64_t at, const struct health *t)
{
	if (seen->at == UINT64_MAX)
		*seen = (struct seen){at, t->last.test};
}

/* Good samples up to the end of a window, so that no run depends on where the fault begins. */
static void start_up(struct health *t, struct source *s)
{
	for (unsigned i = 0; i < 2048; i++) {
		uint8_t sample = random_byte(s);
		size_t used, usable;
		if (health_feed(t, &sample, 1, &used, &usable) != HEALTH_PASS) {
			fprintf(stderr, "detection: good samples failed\n");
			exit(70);
		}
	}
}

static struct outcome run(const struct row *row, double h, uint64_t seed)
{
	static struct health_store store;
	struct outcome o = {{UINT64_MAX, HEALTH_RCT}, {UINT64_MAX, HEALTH_RCT}};
	struct source s = {.seed = seed << 32};
	struct health t;

	health_init(&t, &config, h, 8, &store, key);
	start_up(&t, &s);
	if (row->next == replay) {
		health_opened(&t);
		s.seed = seed << 32;
	}
	for (s.i = 0; s.i < LIMIT && !t.failed; s.i++) {
		uint8_t sample = row->next(&s, row->parameter);
		size_t used, usable;
		enum health_verdict v = health_feed(&t, &sample, 1, &used, &usable);
		if (v != HEALTH_PASS)
			note(&o.any, s.i + 1, &t);
		if (v == HEALTH_PERMANENT)
			note(&o.permanent, s.i + 1, &t);
	}
	return o;
}

static int by_samples(const void *a, const void *b)
{
	const struct seen *x = a, *y = b;

	return (x->at > y->at) - (x->at < y->at);
}

static struct outcome median(const struct row *row, double h)
{
	struct seen any[SEEDS], permanent[SEEDS];

	for (unsigned i = 0; i < SEEDS; i++) {
		struct outcome o = run(row, h, i + 1);
		any[i] = o.any;
		permanent[i] = o.permanent;
	}
	qsort(any, SEEDS, sizeof(any[0]), by_samples);
	qsort(permanent, SEEDS, sizeof(permanent[0]), by_samples);
	return (struct outcome){any[SEEDS / 2], permanent[SEEDS / 2]};
}

/* ---- the table ---- */

static void print_seen(const struct seen *s)
{
	static const char *const names[] = {"RCT", "APT", "blocks", "rate"};

	if (s->at == UINT64_MAX)
		printf(" -");
	else
		printf(" %s %llu", names[s->test], (unsigned long long)s->at);
}

static void print_cell(const struct row *row, double h)
{
	const struct outcome o = median(row, h);

	printf(" |");
	print_seen(&o.permanent);
	if (o.any.at < o.permanent.at) {
		printf(" (intermittent:");
		print_seen(&o.any);
		printf(")");
	}
}

static void print_table(void)
{
	printf("| fault |");
	for (unsigned i = 0; i < HS; i++)
		printf(" H = %g |", assumed_h[i]);
	printf("\n|---|---|---|---|\n");
	for (unsigned r = 0; r < ROWS; r++) {
		printf("| %s", rows[r].fault);
		for (unsigned i = 0; i < HS; i++)
			print_cell(&rows[r], assumed_h[i]);
		printf(" |\n");
	}
}

/* ---- random samples ---- */

static int feed_random(uint64_t n)
{
	static struct health_store store;
	uint8_t chunk[256], fresh[REPEAT_KEY_BYTES];
	struct health t;
	size_t used, usable;

	if (getrandom(fresh, sizeof(fresh), 0) != (ssize_t)sizeof(fresh))
		return 71;
	health_init(&t, &config, 7.9, 8, &store, fresh);
	while (t.counts.samples < n && !t.failed) {
		if (getrandom(chunk, sizeof(chunk), 0) != (ssize_t)sizeof(chunk))
			return 71;
		for (size_t at = 0; at < sizeof(chunk) && !t.failed; at += used)
			health_feed(&t, chunk + at, sizeof(chunk) - at, &used, &usable);
	}
	printf("%llu samples", (unsigned long long)t.counts.samples);
	for (unsigned i = HEALTH_RCT; i <= HEALTH_RATE; i++)
		printf(", %s %llu intermittent %llu permanent", health_test_names[i],
		       (unsigned long long)t.counts.failures[i][0], (unsigned long long)t.counts.failures[i][1]);
	printf("\n");
	return t.failed;
}

int main(int argc, char **argv)
{
	if (argc == 1) {
		print_table();
		return 0;
	}
	if (argc == 3 && strcmp(argv[1], "--random") == 0)
		return feed_random(strtoull(argv[2], NULL, 10));
	fprintf(stderr, "usage: detection [--random N]\n");
	return 64;
}
