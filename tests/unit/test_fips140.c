/* fips140.c: blocks built to lie on both sides of each limit of FIPS 140-2 (change notice 1) section 4.9.1. */
#include "health/fips140.h"
#include "health_samples.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

enum { BITS = FIPS140_BLOCK_BITS, BYTES = FIPS140_BLOCK_BYTES, CLASSES = 6 };

static void put_bits(uint8_t *block, unsigned *at, unsigned value, unsigned n)
{
	for (; n > 0; n--, (*at)++)
		block[*at / 8] = (uint8_t)(block[*at / 8] | value << (7 - *at % 8));
}

static unsigned bit_at(const uint8_t *block, unsigned i)
{
	return block[i / 8] >> (7 - i % 8) & 1;
}

static void reverse_bits(uint8_t *block)
{
	uint8_t copy[BYTES];
	unsigned at = 0;

	memcpy(copy, block, BYTES);
	memset(block, 0, BYTES);
	for (unsigned i = BITS; i-- > 0;)
		put_bits(block, &at, bit_at(copy, i), 1);
}

struct row {
	const char *name;
	unsigned parameter[3];
	unsigned test; /* the verdict bit that is looked at */
	unsigned expected;
	uint16_t nibbles[16];
};

/* monobit: parameter[0] ones, then zeros */
static void make_ones(const struct row *r, uint8_t *block)
{
	unsigned at = 0;

	put_bits(block, &at, 1, r->parameter[0]);
}

/* poker: each 4-bit value as often as nibbles[] says */
static void make_nibbles(const struct row *r, uint8_t *block)
{
	unsigned at = 0;

	for (unsigned v = 0; v < 16; v++) {
		for (unsigned n = 0; n < r->nibbles[v]; n++) {
			for (unsigned bit = 0; bit < 4; bit++)
				put_bits(block, &at, v >> (3 - bit) & 1, 1);
		}
	}
	assert_int_equal(at, BITS);
}

/* Moves the difference to the usual number of runs into the classes other than `fixed`. */
static void balance_classes(unsigned counts[CLASSES], unsigned fixed)
{
	static const unsigned low[CLASSES] = {2400, 1180, 580, 280, 130, 130};
	static const unsigned high[CLASSES] = {2600, 1370, 700, 345, 185, 185};
	unsigned sum = 0;

	for (unsigned k = 0; k < CLASSES; k++)
		sum += counts[k];
	for (unsigned k = 0; k < CLASSES; k++) {
		for (; k != fixed && sum < 5000 && counts[k] < high[k]; sum++)
			counts[k]++;
		for (; k != fixed && sum > 5000 && counts[k] > low[k]; sum--)
			counts[k]--;
	}
	assert_int_equal(sum, 5000);
}

/* runs: 5000 of each value, parameter[2] of them of value parameter[0] and class parameter[1] (0: length 1 ... 5: 6 and
 * more); the block begins with one of those. The long runs share what is left of the 20000 bits. */
static void make_runs(const struct row *r, uint8_t *block)
{
	unsigned counts[2][CLASSES] = {{2560, 1260, 610, 300, 140, 130}, {2560, 1260, 610, 300, 140, 130}};
	unsigned value = r->parameter[0], class = r->parameter[1], at = 0, left = BITS;

	counts[value][class] = r->parameter[2];
	balance_classes(counts[value], class);
	for (unsigned k = 0; k + 1 < CLASSES; k++)
		left -= (k + 1) * (counts[0][k] + counts[1][k]);
	unsigned longs = counts[0][5] + counts[1][5];
	for (unsigned i = 0, next[2] = {class, class}; i < 10000; i++, value ^= 1) {
		unsigned k = next[value];
		while (counts[value][k] == 0)
			k = (k + 1) % CLASSES;
		next[value] = k;
		counts[value][k]--;
		unsigned length = k < 5 ? k + 1 : left / longs;
		if (k == 5)
			left -= length, longs--;
		assert_in_range(length, k + 1, k < 5 ? k + 1 : 25);
		put_bits(block, &at, value, length);
	}
	assert_int_equal(at, BITS);
}

/* long run: alternating bits but for one run of value parameter[0], at bit parameter[1], of length parameter[2] */
static void make_long_run(const struct row *r, uint8_t *block)
{
	unsigned value = r->parameter[0], start = r->parameter[1], end = start + r->parameter[2];

	for (unsigned i = 0, at = 0; i < BITS; i++) {
		unsigned before = (start - i) % 2 ? value ^ 1 : value;
		unsigned after = (i - end) % 2 ? value : value ^ 1;
		put_bits(block, &at, i < start ? before : i < end ? value : after, 1);
	}
}

typedef void make_block(const struct row *r, uint8_t *block);

static void check_row(const struct row *r, make_block *make)
{
	uint8_t block[BYTES] = {0};

	make(r, block);
	assert_int_equal(fips140_block(block) & r->test, r->expected);
	reverse_bits(block);
	assert_int_equal(fips140_block(block) & r->test, r->expected);
}

/* The releases of clang-format disagree about a row in a macro. */
/* clang-format off */
#define MONOBIT(n, verdict) {"monobit: " #n " ones", {(n)}, FIPS140_MONOBIT, (verdict), {0}}
#define POKER(x, verdict, ...) {"poker: X = " #x, {0}, FIPS140_POKER, (verdict), {__VA_ARGS__}}
#define RUNS_OF(v, class, n, verdict)                                                                                  \
	{"runs of " #v ", class " #class ": " #n, {(v), (class) - 1, (n)}, FIPS140_RUNS, (verdict), {0}}
#define LONG_RUN(v, at)                                                                                                \
	{"long run: 25 of " #v " at bit " #at, {(v), (at), 25}, FIPS140_LONG_RUN, 0, {0}},                             \
	{"long run: 26 of " #v " at bit " #at, {(v), (at), 26}, FIPS140_LONG_RUN, FIPS140_LONG_RUN, {0}}
/* clang-format on */

static const struct row monobit_rows[] = {
	MONOBIT(0, FIPS140_MONOBIT),
	MONOBIT(9724, FIPS140_MONOBIT),
	MONOBIT(9725, FIPS140_MONOBIT),
	MONOBIT(9726, 0),
	MONOBIT(10000, 0),
	MONOBIT(10274, 0),
	MONOBIT(10275, FIPS140_MONOBIT),
	MONOBIT(10276, FIPS140_MONOBIT),
	MONOBIT(20000, FIPS140_MONOBIT),
};
static void test_monobit(void **state)
{
	check_row(*state, make_ones);
}

static const struct row poker_rows[] = {
	POKER(2.1568, FIPS140_POKER, 318, 316, 310, 309, 311, 306, 303, 316, 325, 303, 307, 315, 319, 312, 307, 323),
	POKER(2.1632, 0, 312, 316, 314, 305, 307, 307, 309, 299, 323, 320, 317, 317, 314, 304, 316, 320),
	POKER(46.1696, 0, 328, 276, 295, 307, 287, 282, 329, 256, 282, 361, 332, 354, 343, 346, 307, 315),
	POKER(46.176, FIPS140_POKER, 290, 315, 270, 343, 268, 274, 307, 360, 332, 313, 292, 291, 348, 324, 365, 308),
	POKER(75000, FIPS140_POKER, 0, 0, 0, 0, 0, 5000),
};
static void test_poker(void **state)
{
	check_row(*state, make_nibbles);
}

#define RUNS(v, class, below, low, high, above)                                                                        \
	RUNS_OF(v, class, below, FIPS140_RUNS), RUNS_OF(v, class, low, 0), RUNS_OF(v, class, high, 0),                 \
		RUNS_OF(v, class, above, FIPS140_RUNS)
static const struct row runs_rows[] = {
	RUNS(0, 1, 2314, 2315, 2685, 2686), RUNS(1, 1, 2314, 2315, 2685, 2686), RUNS(0, 2, 1113, 1114, 1386, 1387),
	RUNS(1, 2, 1113, 1114, 1386, 1387), RUNS(0, 3, 526, 527, 723, 724),     RUNS(1, 3, 526, 527, 723, 724),
	RUNS(0, 4, 239, 240, 384, 385),     RUNS(1, 4, 239, 240, 384, 385),     RUNS(0, 5, 102, 103, 209, 210),
	RUNS(1, 5, 102, 103, 209, 210),     RUNS(0, 6, 102, 103, 209, 210),     RUNS(1, 6, 102, 103, 209, 210),
};
static void test_runs(void **state)
{
	check_row(*state, make_runs);
}

static const struct row long_run_rows[] = {
	LONG_RUN(0, 0),     LONG_RUN(1, 0),     LONG_RUN(0, 1),     LONG_RUN(1, 1),
	LONG_RUN(0, 38),    LONG_RUN(1, 39),    LONG_RUN(0, 63),    LONG_RUN(1, 63),
	LONG_RUN(0, 64),    LONG_RUN(1, 100),   LONG_RUN(0, 9999),  LONG_RUN(1, 19967),
	LONG_RUN(0, 19968), LONG_RUN(1, 19973), LONG_RUN(0, 19974), LONG_RUN(1, 19974),
};
static void test_long_run(void **state)
{
	check_row(*state, make_long_run);
}

/* The verdict once more, bit by bit. */
static unsigned oracle(const uint8_t *block)
{
	static const unsigned low[CLASSES] = {2315, 1114, 527, 240, 103, 103};
	static const unsigned high[CLASSES] = {2685, 1386, 723, 384, 209, 209};
	unsigned ones = 0, longest = 0, length = 0, runs[2][CLASSES] = {0}, f[16] = {0}, verdict = 0;
	double x = 0;

	for (unsigned i = 0; i < BITS; i++) {
		ones += bit_at(block, i);
		length++;
		if (i + 1 < BITS && bit_at(block, i) == bit_at(block, i + 1))
			continue;
		runs[bit_at(block, i)][length < CLASSES ? length - 1 : CLASSES - 1]++;
		longest = length > longest ? length : longest;
		length = 0;
	}
	for (unsigned i = 0; i < BITS; i += 4)
		f[bit_at(block, i) * 8 + bit_at(block, i + 1) * 4 + bit_at(block, i + 2) * 2 + bit_at(block, i + 3)]++;
	for (unsigned v = 0; v < 16; v++)
		x += 16.0 / 5000 * f[v] * f[v];
	verdict |= ones > 9725 && ones < 10275 ? 0 : FIPS140_MONOBIT;
	verdict |= x - 5000 > 2.16 && x - 5000 < 46.17 ? 0 : FIPS140_POKER;
	verdict |= longest >= 26 ? FIPS140_LONG_RUN : 0;
	for (unsigned k = 0; k < 2 * CLASSES; k++) {
		unsigned n = runs[k / CLASSES][k % CLASSES];
		verdict |= n < low[k % CLASSES] || n > high[k % CLASSES] ? FIPS140_RUNS : 0;
	}
	return verdict;
}

/* Each bit of the block takes the value of the one before with chance `repeat` of 256, else a random one. */
static void random_block(uint64_t *seed, unsigned repeat, uint8_t *block)
{
	unsigned bit = 0, at = 0;

	memset(block, 0, BYTES);
	while (at < BITS) {
		if (sample_byte(seed) >= repeat)
			bit = sample_byte(seed) & 1;
		put_bits(block, &at, bit, 1);
	}
}

static void test_same_as_bit_by_bit(void **state)
{
	uint64_t seed = 1;
	unsigned passed = 0, seen = 0;
	uint8_t block[BYTES];

	(void)state;
	for (unsigned i = 0; i < 600; i++) {
		random_block(&seed, i % 24, block);
		unsigned verdict = fips140_block(block);
		assert_int_equal(verdict, oracle(block));
		passed += verdict == 0;
		seen |= verdict;
	}
	assert_in_range(passed, 100, 599);
	assert_int_equal(seen & (FIPS140_POKER | FIPS140_RUNS), FIPS140_POKER | FIPS140_RUNS);
}

static void test_constant_block_fails_all(void **state)
{
	uint8_t block[BYTES] = {0};

	(void)state;
	assert_int_equal(fips140_block(block), 15);
	memset(block, 0xff, BYTES);
	assert_int_equal(fips140_block(block), 15);
}

static void test_alternating_block(void **state)
{
	uint8_t block[BYTES];

	(void)state;
	memset(block, 0x55, BYTES);
	assert_int_equal(fips140_block(block), FIPS140_POKER | FIPS140_RUNS);
}

/* Feeds one block; only its last sample completes it. */
static unsigned feed_block(struct fips140 *t, const uint8_t *block, unsigned bits)
{
	unsigned verdict = 0;
	bool done = true;

	for (unsigned i = 0; i < BITS; i += bits) {
		uint8_t sample = bits == 8 ? block[i / 8] : (uint8_t)bit_at(block, i);
		verdict = fips140_feed(t, sample, bits, &done);
		assert_int_equal(done, i + bits == BITS);
		assert_true(done || verdict == 0);
	}
	return verdict;
}

static void check_feed(unsigned bits)
{
	uint64_t seed = 2;
	uint8_t block[BYTES];
	struct fips140 t;
	bool done;

	fips140_init(&t);
	for (unsigned i = 0; i < 20; i++) {
		random_block(&seed, i % 3 * 20, block);
		assert_int_equal(feed_block(&t, block, bits), fips140_block(block));
		memset(block, i % 2 ? 0xff : 0, BYTES);
		assert_int_equal(feed_block(&t, block, bits), 15);
	}
	fips140_feed(&t, 1, bits, &done);
	fips140_init(&t);
	random_block(&seed, 0, block);
	assert_int_equal(feed_block(&t, block, bits), 0);
}

static void test_feed_bytes(void **state)
{
	(void)state;
	check_feed(8);
}

static void test_feed_bits(void **state)
{
	(void)state;
	check_feed(1);
}

static const struct CMUnitTest singles[] = {
	{"random and slightly biased blocks: same verdict as bit by bit", test_same_as_bit_by_bit, NULL, NULL, NULL},
	{"a constant block fails every test", test_constant_block_fails_all, NULL, NULL, NULL},
	{"an alternating block fails poker and runs only", test_alternating_block, NULL, NULL, NULL},
	{"2500 samples of 8 bits are a block", test_feed_bytes, NULL, NULL, NULL},
	{"20000 samples of 1 bit are a block", test_feed_bits, NULL, NULL, NULL},
};

#define LEN(a) (sizeof(a) / sizeof((a)[0]))
enum { TESTS = LEN(monobit_rows) + LEN(poker_rows) + LEN(runs_rows) + LEN(long_run_rows) + LEN(singles) };

static struct CMUnitTest *add_rows(struct CMUnitTest *t, const struct row *rows, size_t n, CMUnitTestFunction run)
{
	for (size_t i = 0; i < n; i++)
		*t++ = (struct CMUnitTest){rows[i].name, run, NULL, NULL, (void *)&rows[i]};
	return t;
}

int main(void)
{
	struct CMUnitTest tests[TESTS], *t = tests;

	t = add_rows(t, monobit_rows, LEN(monobit_rows), test_monobit);
	t = add_rows(t, poker_rows, LEN(poker_rows), test_poker);
	t = add_rows(t, runs_rows, LEN(runs_rows), test_runs);
	t = add_rows(t, long_run_rows, LEN(long_run_rows), test_long_run);
	memcpy(t, singles, sizeof(singles));
	return cmocka_run_group_tests(tests, NULL, NULL);
}
