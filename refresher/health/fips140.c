#include "health/fips140.h"

#include <string.h>

enum { WORDS = FIPS140_BLOCK_BITS / 64 + 1, RUN_CLASSES = 6, LONG_RUN = 26 };

/* The block as words, most significant bit first, with zeros behind the last bit. */
static void load_words(uint64_t w[WORDS], const uint8_t *block)
{
	memset(w, 0, WORDS * sizeof(*w));
	for (size_t i = 0; i < FIPS140_BLOCK_BYTES; i++)
		w[i / 8] |= (uint64_t)block[i] << (56 - i % 8 * 8);
}

static void invert_words(uint64_t w[WORDS])
{
	for (size_t i = 0; i < WORDS; i++)
		w[i] = ~w[i];
	w[WORDS - 1] &= UINT64_MAX << (WORDS * 64 - FIPS140_BLOCK_BITS);
}

static bool monobit_ok(const uint64_t w[WORDS])
{
	int ones = 0;

	for (size_t i = 0; i < WORDS; i++)
		ones += __builtin_popcountll(w[i]);
	return ones > 9725 && ones < 10275;
}

/* X = 16/5000 * sum f(i)^2 - 5000, passed when 2.16 < X < 46.17; here 5000 * X, which is whole. */
static bool poker_ok(const uint8_t *block)
{
	uint32_t f[16] = {0};
	int64_t sum = 0;

	for (size_t i = 0; i < FIPS140_BLOCK_BYTES; i++) {
		f[block[i] >> 4]++;
		f[block[i] & 15]++;
	}
	for (size_t i = 0; i < 16; i++)
		sum += (int64_t)f[i] * f[i];
	int64_t x_5000 = 16 * sum - 25000000;
	return x_5000 > 10800 && x_5000 < 230850;
}

/* The runs of ones, 64 positions at a time. at_least[k]: how many are longer than k bits; *longest_ok: none has
 * LONG_RUN. A run is found where it begins: `runs` holds the beginnings whose next k bits are ones too. About 10 times
 * as fast as going bit by bit, because random bits mispredict. */
static void count_runs(const uint64_t w[WORDS], uint32_t at_least[RUN_CLASSES], bool *longest_ok)
{
	memset(at_least, 0, RUN_CLASSES * sizeof(*at_least));
	for (size_t i = 0; i < WORDS; i++) {
		uint64_t before = w[i] >> 1 | (i > 0 ? w[i - 1] << 63 : 0);
		uint64_t after = i + 1 < WORDS ? w[i + 1] : 0;
		uint64_t runs = w[i] & ~before;

		for (unsigned k = 0; k < LONG_RUN && runs != 0; k++) {
			if (k > 0)
				runs &= w[i] << k | after >> (64 - k);
			if (k < RUN_CLASSES)
				at_least[k] += (uint32_t)__builtin_popcountll(runs);
		}
		if (runs != 0)
			*longest_ok = false;
	}
}

/* The required interval for the runs of length 1 ... 5 and 6 or more (change notice 1, table 3). */
static bool runs_ok(const uint32_t at_least[RUN_CLASSES])
{
	static const uint32_t low[RUN_CLASSES] = {2315, 1114, 527, 240, 103, 103};
	static const uint32_t high[RUN_CLASSES] = {2685, 1386, 723, 384, 209, 209};

	for (size_t k = 0; k < RUN_CLASSES; k++) {
		uint32_t longer = k + 1 < RUN_CLASSES ? at_least[k + 1] : 0;
		uint32_t runs = at_least[k] - longer;
		if (runs < low[k] || runs > high[k])
			return false;
	}
	return true;
}

unsigned fips140_block(const uint8_t block[FIPS140_BLOCK_BYTES])
{
	uint64_t w[WORDS];
	uint32_t ones[RUN_CLASSES], zeros[RUN_CLASSES];
	bool longest_ok = true;
	unsigned failed = 0;

	load_words(w, block);
	if (!monobit_ok(w))
		failed |= FIPS140_MONOBIT;
	count_runs(w, ones, &longest_ok);
	invert_words(w);
	count_runs(w, zeros, &longest_ok);
	if (!poker_ok(block))
		failed |= FIPS140_POKER;
	if (!runs_ok(ones) || !runs_ok(zeros))
		failed |= FIPS140_RUNS;
	if (!longest_ok)
		failed |= FIPS140_LONG_RUN;
	return failed;
}

void fips140_init(struct fips140 *t)
{
	*t = (struct fips140){.fill = 0};
}

unsigned fips140_feed(struct fips140 *t, uint8_t sample, unsigned bits, bool *done)
{
	uint8_t *byte = &t->block[t->fill / 8];

	if (bits == 8)
		*byte = sample;
	else
		*byte = (uint8_t)(*byte << 1 | (sample & 1)); /* after 8 of them the old bits are gone */
	t->fill += bits;
	*done = t->fill == FIPS140_BLOCK_BITS;
	if (!*done)
		return 0;
	t->fill = 0;
	return fips140_block(t->block);
}
