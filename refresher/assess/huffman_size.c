#include "assess/huffman_size.h"

#include <stdbool.h>
#include <string.h>

enum {
	LETTERS = 11,
	ROUNDS = 4,
	TABLES_MAX = 6,
	LENGTH_MAX = 17,
	UNLIKELY = 15, /* the length that a symbol has at first in the tables of others */
	COST_BITS = 10 /* 50 symbols of 17 bits fit, and six of those fit 64 bits */
};

/* A block as symbols: 0 and 1 write how often the first letter of the list comes again, 2 ... the place of another one
 * in the list, and the last one ends the block. */
struct block {
	struct huffman_group *groups;
	uint64_t symbols; /* in all */
	uint32_t frequency[HUFFMAN_SYMBOLS];
	unsigned alphabet, tables;
	uint8_t length[TABLES_MAX][HUFFMAN_SYMBOLS];
};

/* ---- symbols ---- */

/* Where the next symbol is counted: the group, and how many more it takes. */
struct at_group {
	struct huffman_group *group;
	unsigned room;
};

static inline void add_symbol(struct at_group *at, unsigned symbol)
{
	/* The first symbol of a group finds what was there before. */
	if (at->room == 0) {
		*++at->group = (struct huffman_group){{0}};
		at->room = HUFFMAN_GROUP;
	}
	at->room--;
	at->group->count[symbol]++;
}

/* How often the first letter came, in the digits 1 and 2 to the base 2, the lowest first. */
static inline void add_zeros(struct at_group *at, uint64_t zeros)
{
	for (; zeros > 0; zeros = (zeros - 1) / 2)
		add_symbol(at, zeros % 2 == 0);
}

/* The sums over all the groups, of which the last one may have room left. */
static void count_symbols(struct block *b, const struct at_group *end)
{
	const uint64_t groups = (uint64_t)(end->group - b->groups) + 1;

	for (uint64_t group = 0; group < groups; group++)
		for (unsigned symbol = 0; symbol < b->alphabet; symbol++)
			b->frequency[symbol] += b->groups[group].count[symbol];
	b->symbols = groups * HUFFMAN_GROUP - end->room;
}

/* Letters become places in a list whose front is the letter that came last; the list is in the nibbles of a word. */
static void make_symbols(struct block *b, const char *letters, size_t n)
{
	const uint64_t ones = UINT64_C(0x1111111111111111);
	uint8_t number[256] = {0};
	uint64_t list = 0, zeros = 0;
	bool seen[256] = {false};
	unsigned used = 0;
	struct at_group group = {b->groups, HUFFMAN_GROUP};
	*group.group = (struct huffman_group){{0}};

	/* The letters that occur are numbered in their order, and stand so in the list. */
	for (size_t i = 0; i < n; i++)
		seen[(unsigned char)letters[i]] = true;
	for (unsigned letter = 0; letter < 256; letter++)
		if (seen[letter])
			number[letter] = (uint8_t)used++;
	for (unsigned i = 0; i < 16; i++)
		list |= (uint64_t)i << 4 * i;

	for (size_t i = 0; i < n; i++) {
		/* The lowest nibble that is 0 behind the difference is the letter's place. */
		const uint64_t letter = number[(unsigned char)letters[i]], differ = list ^ letter * ones;
		if (!(differ & 15)) {
			zeros++;
			continue;
		}
		const unsigned at = (unsigned)__builtin_ctzll((differ - ones) & ~differ & ones << 3) & ~3U;
		add_zeros(&group, zeros);
		zeros = 0;
		add_symbol(&group, at / 4 + 1);

		/* Those before it move back by one, and it goes to the front. */
		const uint64_t before = (UINT64_C(1) << at) - 1, with_it = before << 4 | 15;
		list = (list & ~with_it) | (list & before) << 4 | letter;
	}
	add_zeros(&group, zeros);
	b->alphabet = used + 2;
	add_symbol(&group, used + 1);
	count_symbols(b, &group);
}

/* ---- tables ---- */

/* At first each table is for a range of symbols that makes its share of the block. */
static void first_tables(struct block *b)
{
	uint64_t left = b->symbols;
	int from = 0;
	b->tables = b->symbols < 200 ? 2 : b->symbols < 600 ? 3 : b->symbols < 1200 ? 4 : b->symbols < 2400 ? 5 : 6;

	for (unsigned parts = b->tables; parts > 0; parts--) {
		const uint64_t share = left / parts;
		uint64_t sum = 0;
		int to = from - 1;
		while (sum < share && to < (int)b->alphabet - 1)
			sum += b->frequency[++to];

		/* Every second range but for the first and the last gives its last symbol back. */
		if (to > from && parts != b->tables && parts != 1 && (b->tables - parts) % 2 == 1)
			sum -= b->frequency[to--];
		for (int symbol = 0; symbol < (int)b->alphabet; symbol++)
			b->length[parts - 1][symbol] = symbol >= from && symbol <= to ? 0 : UNLIKELY;
		from = to + 1;
		left -= sum;
	}
}

/* Trees that wait to be joined: a heap by weight, whose lowest 8 bits are a tree's depth. */
struct forest {
	uint32_t weight[2 * HUFFMAN_SYMBOLS];
	int parent[2 * HUFFMAN_SYMBOLS];
	unsigned heap[HUFFMAN_SYMBOLS + 2],
		size; /* from heap[1] on; heap[0] is a tree of weight 0 that stops a climb */
};

static void put_tree(struct forest *f, unsigned tree)
{
	unsigned at = ++f->size;

	/* Up, as long as the one above is heavier. */
	for (; f->weight[tree] < f->weight[f->heap[at / 2]]; at /= 2)
		f->heap[at] = f->heap[at / 2];
	f->heap[at] = tree;
}

static unsigned take_lightest(struct forest *f)
{
	const unsigned lightest = f->heap[1], last = f->heap[f->size--];
	unsigned at = 1;

	/* The last one sinks from the top, below what is no heavier. */
	for (unsigned below; (below = 2 * at) <= f->size; at = below) {
		if (below < f->size && f->weight[f->heap[below + 1]] < f->weight[f->heap[below]])
			below++;
		if (f->weight[last] < f->weight[f->heap[below]])
			break;
		f->heap[at] = f->heap[below];
	}
	f->heap[at] = last;
	return lightest;
}

static void join_trees(struct forest *f, unsigned alphabet)
{
	unsigned next = alphabet + 1;
	f->size = 0;
	f->heap[0] = 0;
	f->weight[0] = 0;
	for (unsigned tree = 1; tree <= alphabet; tree++) {
		f->parent[tree] = -1;
		put_tree(f, tree);
	}

	/* The two lightest become one that is as heavy as both, and deeper by one. */
	for (; f->size > 1; next++) {
		const unsigned a = take_lightest(f), b = take_lightest(f);
		const uint32_t deeper =
			(f->weight[a] & 255) > (f->weight[b] & 255) ? f->weight[a] & 255 : f->weight[b] & 255;
		f->parent[a] = f->parent[b] = (int)next;
		f->parent[next] = -1;
		f->weight[next] = ((f->weight[a] & ~255U) + (f->weight[b] & ~255U)) | (1 + deeper);
		put_tree(f, next);
	}
}

/* Lengths of a Huffman code for symbols that come so often. */
static void fit_table(const uint32_t *frequency, unsigned alphabet, uint8_t *length)
{
	struct forest f;
	for (unsigned i = 0; i < alphabet; i++)
		f.weight[i + 1] = (frequency[i] > 0 ? frequency[i] : 1) << 8;

	/* A code that is too long is made anew of weights that differ less. */
	for (bool too_long = true; too_long;) {
		too_long = false;
		join_trees(&f, alphabet);
		for (unsigned i = 0; i < alphabet; i++) {
			length[i] = 0;
			for (int tree = f.parent[i + 1]; tree >= 0; tree = f.parent[tree])
				length[i]++;
			too_long |= length[i] > LENGTH_MAX;
		}
		for (unsigned i = 1; i <= alphabet && too_long; i++)
			f.weight[i] = (1 + (f.weight[i] >> 8) / 2) << 8;
	}
}

/* The table that codes a group with the fewest bits; of equals the first. cost: by symbol, its length in each table. */
static unsigned best_table(const struct block *b, const struct huffman_group *group, const uint64_t *cost)
{
	uint64_t sums = 0;
	unsigned best = 0;
	for (unsigned symbol = 0; symbol < b->alphabet; symbol++)
		sums += group->count[symbol] * cost[symbol];

	/* The sums of all tables lie side by side. */
	const uint64_t mask = (1 << COST_BITS) - 1;
	for (unsigned table = 1; table < b->tables; table++)
		if ((sums >> table * COST_BITS & mask) < (sums >> best * COST_BITS & mask))
			best = table;
	return best;
}

/* The place of a table in a list whose front is the table that was chosen last, which moves there. */
static unsigned move_to_front(uint8_t list[TABLES_MAX], unsigned table)
{
	unsigned at = 0;

	while (list[at] != table)
		at++;
	memmove(list + 1, list, at);
	list[0] = (uint8_t)table;
	return at;
}

/* One round: each group chooses a table, and each table is fitted to the groups that chose it. The bits of all the
 * groups by the new tables, and of the choices. */
static uint64_t fit_round(struct block *b)
{
	uint32_t frequency[TABLES_MAX][HUFFMAN_SYMBOLS] = {{0}};
	uint64_t cost[HUFFMAN_SYMBOLS] = {0}, bits = 0;
	uint8_t list[TABLES_MAX] = {0, 1, 2, 3, 4, 5};
	for (unsigned table = 0; table < b->tables; table++)
		for (unsigned symbol = 0; symbol < b->alphabet; symbol++)
			cost[symbol] |= (uint64_t)b->length[table][symbol] << table * COST_BITS;

	/* A choice is written as its place in the list, as so many ones and a zero. */
	for (uint64_t group = 0; group * HUFFMAN_GROUP < b->symbols; group++) {
		const unsigned table = best_table(b, &b->groups[group], cost);
		bits += move_to_front(list, table) + 1;
		for (unsigned symbol = 0; symbol < b->alphabet; symbol++)
			frequency[table][symbol] += b->groups[group].count[symbol];
	}
	for (unsigned table = 0; table < b->tables; table++) {
		fit_table(frequency[table], b->alphabet, b->length[table]);
		for (unsigned symbol = 0; symbol < b->alphabet; symbol++)
			bits += (uint64_t)frequency[table][symbol] * b->length[table][symbol];
	}
	return bits;
}

/* A table is written as its first length in 5 bits, and for each symbol two bits for each step to its length, and one.
 */
static uint64_t table_bits(const struct block *b, unsigned table)
{
	uint64_t bits = 5;
	int now = b->length[table][0];

	for (unsigned symbol = 0; symbol < b->alphabet; symbol++) {
		const int next = b->length[table][symbol];
		bits += (uint64_t)(2 * (next > now ? next - now : now - next) + 1);
		now = next;
	}
	return bits;
}

uint64_t huffman_size(const char *letters, size_t n, struct huffman_group *groups)
{
	/* The block's mark, check sum, a flag, where the text begins; which sixteens of bytes occur, how many tables
	 * and choices there are. A space and the digits are of two sixteens. */
	struct block b = {.groups = groups};
	const bool both = memchr(letters, ' ', n) && strspn(letters, " ") < n;
	uint64_t bits = 48 + 32 + 1 + 24 + 16 + (both ? 32 : 16) + 3 + 15, coded = 0;

	/* Only the last round's choices and tables are written. */
	make_symbols(&b, letters, n);
	first_tables(&b);
	for (unsigned round = 0; round < ROUNDS; round++)
		coded = fit_round(&b);
	for (unsigned table = 0; table < b.tables; table++)
		bits += table_bits(&b, table);
	return bits + coded;
}
