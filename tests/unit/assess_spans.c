#include "assess_spans.h"

static uint8_t any(const uint8_t *s, size_t i, unsigned k, uint64_t *random)
{
	(void)s;
	(void)i;
	return (uint8_t)sample_below(random, k);
}

/* The lesser symbols come more often. */
static uint8_t uneven(const uint8_t *s, size_t i, unsigned k, uint64_t *random)
{
	(void)s;
	(void)i;
	return (uint8_t)sample_below(random, 1 + sample_below(random, 1 + sample_below(random, k)));
}

static uint8_t nearly_stuck(const uint8_t *s, size_t i, unsigned k, uint64_t *random)
{
	return sample_below(random, 50) ? (uint8_t)(k - 1) : any(s, i, k, random);
}

/* Mostly the symbol before, or mostly the next one. */
static uint8_t sticky(const uint8_t *s, size_t i, unsigned k, uint64_t *random)
{
	return i > 0 && sample_below(random, 4) ? s[i - 1] : any(s, i, k, random);
}

static uint8_t counting(const uint8_t *s, size_t i, unsigned k, uint64_t *random)
{
	if (i > 0 && sample_below(random, 7))
		return (uint8_t)((s[i - 1] + 1U) % k);
	return any(s, i, k, random);
}

/* A block again and again. */
static uint8_t block_of_5(const uint8_t *s, size_t i, unsigned k, uint64_t *random)
{
	return i >= 5 ? s[i - 5] : any(s, i, k, random);
}

static uint8_t block_of_64(const uint8_t *s, size_t i, unsigned k, uint64_t *random)
{
	return i >= 64 ? s[i - 64] : any(s, i, k, random);
}

/* Pieces of what was long ago, and a new symbol now and then. */
static uint8_t pieces(const uint8_t *s, size_t i, unsigned k, uint64_t *random)
{
	const size_t back = 150 + (i >> 8 << 3);

	return i >= back && sample_below(random, 40) ? s[i - back] : any(s, i, k, random);
}

/* Fibonacci's word: 0 1 0 0 1 0 1 0 ..., each piece the two before it. */
static uint8_t fibonacci(const uint8_t *s, size_t i, unsigned k, uint64_t *random)
{
	size_t a = 1, b = 2;

	(void)random;
	(void)k;
	if (i < 2)
		return (uint8_t)i;
	while (b <= i) {
		const size_t next = a + b;
		a = b;
		b = next;
	}
	return s[i - a];
}

const struct span_kind span_kinds[SPAN_KINDS] = {
	{"any symbols", any},
	{"lesser symbols more often", uneven},
	{"nearly stuck", nearly_stuck},
	{"mostly the same again", sticky},
	{"mostly the next one", counting},
	{"a block of 5 again and again", block_of_5},
	{"a block of 64 again and again", block_of_64},
	{"pieces of what was long ago", pieces},
	{"Fibonacci's word", fibonacci},
};

struct symbols span_make(const struct span_kind *kind, unsigned k, size_t n, uint64_t *random, uint8_t *out)
{
	for (size_t i = 0; i < n; i++)
		out[i] = kind->symbol(out, i, k, random);
	return symbols_literal(out, n, out);
}
