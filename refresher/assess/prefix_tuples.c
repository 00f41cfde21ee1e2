#include "assess/memory.h"
#include "assess/tuples.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum {
	LEVELS = 1024,       /* bits: no tuple longer than that may come twice */
	WORK = 20,           /* steps per symbol after which the suffix array is as fast */
	ROOT_BITS = 16,      /* by so many bits all places are parted at first ... */
	PART_BITS = 8,       /* ... and by at most so many a group of them later on */
	SMALL = 32,          /* in a group of so many each is compared with each; less than TUPLES_FREQUENT */
	SYMBOLS_LEAST = 100, /* a span of fewer is not worth it */
};

/* Places that are followed by the same bits, `depth` of them; place[first ... first + size - 1], in ascending order. */
struct group {
	uint32_t first, size;
	unsigned depth;
};

/* All is counted in bits, `width` of them to a symbol; a level is a number of bits. */
struct parting {
	uint8_t *text; /* the symbols' bits, the most significant one first, and zeros behind them */
	size_t n;
	unsigned width;
	uint32_t *place, *scratch;
	uint32_t *count, *start; /* by the next bits of the places of a group */
	uint32_t *root_end;      /* where the groups of the first parting end */
	struct group *open;      /* groups that are to be parted yet */
	size_t opens;
	uint64_t pairs[LEVELS + 65]; /* at a level, less those at the next greater one */
	uint32_t most[LEVELS + 65];
	unsigned deepest; /* the greatest level with a pair */
	uint64_t work;
};

/* The 64 bits that are `depth` bits behind a place. */
static inline uint64_t bits_at(const struct parting *x, uint32_t place, unsigned depth)
{
	const size_t at = (size_t)place * x->width + depth;
	uint64_t word;

	/* Eight bytes as they stand, and from the ninth what the shift leaves free. */
	memcpy(&word, x->text + at / 8, sizeof(word));
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
	word = __builtin_bswap64(word);
#endif
	return word << at % 8 | (uint64_t)x->text[at / 8 + 8] >> (8 - at % 8);
}

/* How many bits there are behind a place. */
static size_t left_at(const struct parting *x, uint32_t place)
{
	return (x->n - place) * x->width;
}

static void add_pairs(struct parting *x, unsigned level, uint64_t pairs)
{
	x->pairs[level] += pairs;
	x->pairs[level - 1] -= pairs;
	if (pairs > 0 && level > x->deepest)
		x->deepest = level;
}

/* The counts of the values of `bits` bits behind `depth` others, and of all their beginnings. The last places of the
 * text, from `tail` on, have not so many bits: each counts from the level that it has. Uses up the counts. */
static void count_levels(struct parting *x, unsigned depth, unsigned bits, const uint32_t *tail, size_t tails)
{
	uint32_t *count = x->count;

	for (unsigned level = bits; level > 0; level--) {
		for (size_t i = 0; i < tails; i++)
			if (left_at(x, tail[i]) == depth + level)
				count[bits_at(x, tail[i], depth) >> (64 - level)]++;

		/* Pairs of equal values, and the most frequent one. */
		uint64_t pairs = 0;
		uint32_t most = 0;
		for (size_t v = 0; v < (size_t)1 << level; v++) {
			const uint64_t c = count[v];
			pairs += c * (c - (c > 0)) / 2;
			most = count[v] > most ? count[v] : most;
		}
		add_pairs(x, depth + level, pairs);
		if (x->most[depth + level] < most)
			x->most[depth + level] = most;

		/* Without its last bit a value is that of two. */
		for (size_t v = 0; v < (size_t)1 << (level - 1); v++)
			count[v] = count[2 * v] + count[2 * v + 1];
	}
}

/* Bits that two places have in common behind `depth` others, of which the first 64 are equal; `left` at most. */
static size_t common_bits(struct parting *x, uint32_t a, uint32_t b, unsigned depth, size_t left)
{
	size_t common = 64;

	while (common < left && depth + common < LEVELS) {
		const uint64_t differ =
			bits_at(x, a, depth + (unsigned)common) ^ bits_at(x, b, depth + (unsigned)common);
		x->work++;
		if (differ)
			return common + (unsigned)__builtin_clzll(differ);
		common += 64;
	}
	return common;
}

/* Compares each place of a small group with each. Pairs of up to `depth` bits were counted before. */
static void compare(struct parting *x, const struct group *g)
{
	const uint32_t *place = x->place + g->first;
	uint64_t bits[SMALL];

	for (unsigned i = 0; i < g->size; i++)
		bits[i] = bits_at(x, place[i], g->depth);
	for (unsigned j = 1; j < g->size; j++) {
		/* The later place has fewer bits behind it. */
		const size_t left = left_at(x, place[j]) - g->depth;
		for (unsigned i = 0; i < j; i++) {
			const uint64_t differ = bits[i] ^ bits[j];
			size_t common = differ ? (unsigned)__builtin_clzll(differ)
					       : common_bits(x, place[i], place[j], g->depth, left);
			common = common < left ? common : left;
			if (g->depth + common > LEVELS)
				common = LEVELS + 1 - g->depth;
			x->pairs[g->depth + common]++;
			x->deepest = g->depth + common > x->deepest ? g->depth + (unsigned)common : x->deepest;
		}
	}
	x->pairs[g->depth] -= (uint64_t)g->size * (g->size - 1) / 2;
	x->work += g->size * g->size / 16;
}

/* A group that was found: compared at once, or kept to be parted. */
static void found(struct parting *x, struct group g)
{
	if (g.size > SMALL)
		x->open[x->opens++] = g;
	else if (g.size > 1)
		compare(x, &g);
}

/* Where the group of each value of `bits` bits starts, from `first` on. */
static void find_starts(struct parting *x, unsigned bits, uint32_t first)
{
	for (size_t v = 0; v < (size_t)1 << bits; v++) {
		x->start[v] = first;
		first += x->count[v];
	}
}

/* Parts a group by the next bits, so many that a few places are left for each value. */
static void part(struct parting *x, struct group g)
{
	unsigned bits = 1;
	while (bits < PART_BITS && g.size >> (bits + 3) > 0)
		bits++;
	const unsigned depth = g.depth + bits;
	uint32_t *place = x->place + g.first;

	/* The last places of the text have not so many bits behind them and go no further. */
	uint32_t whole = g.size;
	while (whole > 0 && left_at(x, place[whole - 1]) < depth)
		whole--;
	memset(x->count, 0, sizeof(*x->count) << bits);
	for (uint32_t i = 0; i < whole; i++)
		x->count[bits_at(x, place[i], g.depth) >> (64 - bits)]++;

	/* The places in the order of their bits, those with equal ones as they were. */
	find_starts(x, bits, 0);
	for (uint32_t i = 0; i < whole; i++)
		x->scratch[x->start[bits_at(x, place[i], g.depth) >> (64 - bits)]++] = place[i];
	const uint32_t tails = g.size - whole;
	memcpy(x->scratch + whole, place + whole, sizeof(*place) * tails);
	memcpy(place, x->scratch, sizeof(*place) * whole);

	/* Counting uses the counts up; where each value's places end is known without. */
	count_levels(x, g.depth, bits, x->scratch + whole, tails);
	x->work += g.size;
	uint32_t end[1 << PART_BITS];
	memcpy(end, x->start, sizeof(*end) << bits);
	for (unsigned v = 0; v < 1U << bits && depth <= LEVELS; v++) {
		const uint32_t first = v > 0 ? end[v - 1] : 0;
		found(x, (struct group){g.first + first, end[v] - first, depth});
	}
	if (depth > LEVELS)
		x->deepest = LEVELS + 1;
}

static bool too_long(const struct parting *x)
{
	return x->deepest > LEVELS || x->work > (uint64_t)WORK * x->n;
}

/* The first bits behind a place, while places go by. */
struct window {
	uint64_t bits;
	unsigned width, ahead; /* of a symbol; symbols from a place to the last that is needed */
};

/* Before the first place. */
static struct window window_at_start(const struct parting *x, struct symbols t)
{
	struct window w = {.width = x->width, .ahead = (ROOT_BITS - 1) / x->width};

	for (unsigned i = 0; i < w.ahead; i++)
		w.bits = w.bits << w.width | t.s[i];
	return w;
}

static inline uint32_t window_slide(struct window *w, uint8_t symbol)
{
	w->bits = w->bits << w->width | symbol;
	return (uint32_t)(w->bits >> ((w->ahead + 1) * w->width - ROOT_BITS)) & ((1U << ROOT_BITS) - 1);
}

/* Parts all places by their first bits, and then group by group. */
static void part_all(struct parting *x, struct symbols t)
{
	/* The last places have not so many bits. Those of all others slide along the text. */
	const uint32_t whole = (uint32_t)(x->n - (ROOT_BITS - 1) / x->width);
	uint32_t tail[ROOT_BITS], tails = 0;
	for (uint32_t i = whole; i < x->n; i++)
		tail[tails++] = i;

	struct window w = window_at_start(x, t);
	for (uint32_t i = 0; i < whole; i++)
		x->count[window_slide(&w, t.s[i + w.ahead])]++;
	find_starts(x, ROOT_BITS, 0);
	w = window_at_start(x, t);
	for (uint32_t i = 0; i < whole; i++)
		x->place[x->start[window_slide(&w, t.s[i + w.ahead])]++] = i;
	count_levels(x, 0, ROOT_BITS, tail, tails);

	/* Groups of groups, each as deep as it goes. Their starts are used up when the first one is parted. */
	uint32_t *end = x->root_end;
	memcpy(end, x->start, sizeof(*end) << ROOT_BITS);
	for (size_t v = 0; v < (size_t)1 << ROOT_BITS && !too_long(x); v++) {
		const uint32_t first = v > 0 ? end[v - 1] : 0;
		found(x, (struct group){first, end[v] - first, ROOT_BITS});
		while (x->opens > 0 && !too_long(x))
			part(x, x->open[--x->opens]);
	}
}

/* Writes the symbols as bits, the most significant one first. */
static void pack(struct parting *x, struct symbols t)
{
	uint64_t word = 0;
	unsigned bits = 0;
	size_t at = 0;

	for (size_t i = 0; i < t.n; i++) {
		word = word << x->width | t.s[i];
		bits += x->width;
		while (bits >= 8) {
			bits -= 8;
			x->text[at++] = (uint8_t)(word >> bits);
		}
	}
	if (bits > 0)
		x->text[at] = (uint8_t)(word << (8 - bits));
}

/* From levels of bits to lengths in symbols. */
static int conclude(const struct parting *x, struct tuple_counts *out)
{
	const size_t v = x->deepest / x->width;
	uint64_t pairs = 0;

	*out = (struct tuple_counts){
		.v = v,
		.pairs = calloc(v + 2, sizeof(*out->pairs)),
		.most = calloc(v + 2, sizeof(*out->most)),
	};
	if (!out->pairs || !out->most) {
		tuple_counts_free(out);
		return -1;
	}

	/* Pairs of a level are those of all greater ones too. */
	for (size_t level = x->deepest; level > 0; level--) {
		pairs += x->pairs[level];
		if (level % x->width == 0) {
			out->pairs[level / x->width] = pairs;
			out->most[level / x->width] = x->most[level];
		}
	}
	return 0;
}

static bool ready(const struct parting *x)
{
	return x->text && x->place && x->scratch && x->count && x->start && x->root_end && x->open;
}

int tuple_counts_by_prefix(struct symbols t, struct tuple_counts *out)
{
	struct parting *x = t.n < SYMBOLS_LEAST ? NULL : calloc(1, sizeof(*x));
	int result = -1;

	if (t.n < SYMBOLS_LEAST)
		return 1;
	if (!x)
		return -1;
	x->n = t.n;
	for (x->width = 1; t.k > 1U << x->width;)
		x->width++;
	x->text = calloc(t.n * x->width / 8 + LEVELS / 8 + 32, 1);
	x->place = memory_scattered(sizeof(*x->place) * t.n);
	x->scratch = malloc(sizeof(*x->scratch) * t.n);
	x->count = calloc((size_t)1 << ROOT_BITS, sizeof(*x->count));
	x->start = malloc(sizeof(*x->start) << ROOT_BITS);
	x->root_end = malloc(sizeof(*x->root_end) << ROOT_BITS);
	x->open = malloc(sizeof(*x->open) * (t.n / SMALL + 1));
	if (ready(x)) {
		pack(x, t);
		part_all(x, t);
		result = too_long(x) ? 1 : conclude(x, out);
	}
	free(x->text);
	free(x->place);
	free(x->scratch);
	free(x->count);
	free(x->start);
	free(x->root_end);
	free(x->open);
	free(x);
	return result;
}
