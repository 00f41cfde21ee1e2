#include "assess/runs.h"

#include <string.h>

void runs_pack(const uint8_t *bits, size_t n, uint64_t *words)
{
	memset(words, 0, (n + 63) / 64 * sizeof *words);

	/* Eight bytes at a time: the product brings their lowest bits side by side into its highest byte. */
	size_t i = 0;
	for (; i + 8 <= n; i += 8) {
		uint64_t eight;
		memcpy(&eight, bits + i, sizeof eight);
		if (__BYTE_ORDER__ == __ORDER_BIG_ENDIAN__)
			eight = __builtin_bswap64(eight);
		words[i / 64] |= (eight * UINT64_C(0x0102040810204080) >> 56) << i % 64;
	}
	for (; i < n; i++)
		words[i / 64] |= (uint64_t)bits[i] << i % 64;
}

/* Whether a word holds `length` ones in a row, 1 ... 64. */
static int has_row(uint64_t word, uint64_t length)
{
	/* A bit stays where the ones behind it reach `have` far; twice as far is two such rows. */
	for (uint64_t have = 1; have < length && word;) {
		const uint64_t more = have < length - have ? have : length - have;
		word &= word >> more;
		have += more;
	}
	return word != 0;
}

/* A row of ones over the borders of words. */
struct row {
	uint64_t carried; /* ones at the end of what was seen so far */
	uint64_t longest;
};

static void add_word(struct row *r, uint64_t word)
{
	/* A word of ones alone goes on with the row and ends nothing. */
	if (word == UINT64_MAX) {
		r->carried += 64;
		return;
	}

	/* The row that comes from before ends here; rows within the word are looked for only if they are longer. */
	const uint64_t whole = r->carried + (uint64_t)__builtin_ctzll(~word);
	if (whole > r->longest)
		r->longest = whole;
	while (r->longest < 64 && has_row(word, r->longest + 1))
		r->longest++;
	r->carried = (uint64_t)__builtin_clzll(~word);
}

struct runs runs_count(const uint64_t *words, size_t n)
{
	struct runs r = {0};
	struct row row = {0};
	if (n == 0)
		return r;

	/* Each word is laid beside the same word moved by one element: where both differ a run ends. */
	const size_t last = (n - 1) / 64;
	for (size_t w = 0; w <= last; w++) {
		const uint64_t next = words[w] >> 1 | (w < last ? words[w + 1] << 63 : 0);
		const size_t pairs = w < last ? 64 : (n - 1) % 64;
		const uint64_t inside = pairs == 64 ? UINT64_MAX : (UINT64_C(1) << pairs) - 1;
		const uint64_t differ = (words[w] ^ next) & inside;

		/* A run of m elements is a row of m - 1 pairs that are equal. */
		r.ones += (uint64_t)__builtin_popcountll(words[w]);
		r.count += (uint64_t)__builtin_popcountll(differ);
		add_word(&row, ~differ & inside);
	}
	r.count++;
	r.longest = 1 + (row.carried > row.longest ? row.carried : row.longest);
	return r;
}
