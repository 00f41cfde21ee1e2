#include "assess/bits.h"
#include "assess/board.h"
#include "assess/estimators.h"

enum { LAGS = 128 };

/* Bit i: whether symbol i of eight equals symbol i of eight others. */
static uint64_t equal_8(const uint8_t *a, const uint8_t *b)
{
	const uint64_t high = 0x8080808080808080, differ = bits_load(a) ^ bits_load(b);

	/* The highest bit of each byte that is zero: adding 127 to the others' lower bits reaches it. */
	const uint64_t zero = ~(((differ & ~high) + ~high) | differ) & high;
	return bits_pack(zero >> 7);
}

/* Where symbol i equals the one `lag` before it, for 64 symbols from `at` on that lie within the span, as does what is
 * `lag` before them. */
static uint64_t equal_64(const uint8_t *s, size_t at, size_t lag)
{
	uint64_t equal = 0;

	for (unsigned i = 0; i < BOARD_STEPS; i += 8)
		equal |= equal_8(s + at + i, s + at + i - lag) << i;
	return equal;
}

/* The same for 64 symbols of which some lie outside, one by one. */
static uint64_t equal_at_edge(struct symbols t, size_t at, size_t lag)
{
	uint64_t equal = 0;

	for (size_t i = at > lag ? at : lag; i < t.n && i < at + BOARD_STEPS; i++)
		equal |= (uint64_t)(t.s[i] == t.s[i - lag]) << (i - at);
	return equal;
}

/* The same for bits, for all lags at once; the last three words of 64 bits, those at hand being the third. */
static void equal_bits(const uint8_t *s, uint64_t words[3], uint64_t *correct)
{
	/* The next word of bits. */
	words[0] = words[1];
	words[1] = words[2];
	words[2] = 0;
	for (unsigned i = 0; i < BOARD_STEPS; i += 8)
		words[2] |= bits_pack(bits_load(s + i)) << i;

	/* What is `lag` before it lies in two words, or in one of them alone. */
	const uint64_t now = words[2];
	for (unsigned lag = 1; lag < 64; lag++) {
		correct[lag - 1] = ~(now ^ (now << lag | words[1] >> (64 - lag)));
		correct[lag + 63] = ~(now ^ (words[1] << lag | words[0] >> (64 - lag)));
	}
	correct[63] = ~(now ^ words[1]);
	correct[127] = ~(now ^ words[0]);
}

struct score lag_score(struct symbols t)
{
	uint64_t correct[LAGS], predicted[LAGS];
	uint64_t words[3] = {0};
	struct board board;

	board_init(&board, LAGS, t.n - 1);
	for (size_t at = 0; at < t.n; at += BOARD_STEPS) {
		/* The first symbol is not predicted, and behind the last one is nothing. */
		const size_t left = t.n - at;
		const uint64_t within = left < BOARD_STEPS ? ((uint64_t)1 << left) - 1 : ~(uint64_t)0;
		for (unsigned lag = 1; lag <= LAGS; lag++)
			predicted[lag - 1] = at == 0 ? within & ~(uint64_t)1 : within;

		/* Where each lag is right; the first 128 symbols are not all behind 128 others. */
		if (t.k == 2 && left >= BOARD_STEPS)
			equal_bits(t.s + at, words, correct);
		for (unsigned lag = 1; lag <= LAGS; lag++) {
			if (at < LAGS || left < BOARD_STEPS)
				correct[lag - 1] = equal_at_edge(t, at, lag);
			else if (t.k > 2)
				correct[lag - 1] = equal_64(t.s, at, lag);
		}
		board_steps(&board, correct, predicted);
	}
	return board.score;
}
