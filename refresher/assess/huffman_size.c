#include "assess/huffman_size.h"

#include <stdbool.h>
#include <string.h>

enum {
	LETTERS = 11,
	ROUNDS = 4,
	TABLES_MAX = 6,
	UNLIKELY = 15, /* the length that a symbol has at first in the tables of others */
	COST_BITS = 10 /* 50 symbols of 15 bits fit, and six of those fit 64 bits */
};

#define LIST_BEGINS UINT64_C(0xFEDCBA9876543210)
#define ONES        UINT64_C(0x1111111111111111)

/* The symbols of a group, counted side by side. */
typedef uint8_t counts __attribute__((vector_size(HUFFMAN_SYMBOLS)));

/* A block as symbols: 0 and 1 write how often the first letter of the list comes again, 2 ... the place of another one
 * in the list, and the last one ends the block. */
struct block {
	struct huffman_group *groups;
	uint64_t symbols, group_count;
	uint32_t frequency[HUFFMAN_SYMBOLS];
	unsigned alphabet, tables;
	uint8_t length[TABLES_MAX][HUFFMAN_SYMBOLS];
};

/* ---- symbols ---- */

/* A list in the nibbles of a word, the front in the lowest one: the place of an item, which moves to the front. item:
 * in all the nibbles of a word. */
static inline unsigned move_to_front(uint64_t *list, uint64_t item)
{
	/* The lowest nibble that is 0 behind the difference is the item's place: its highest bit is found. */
	const uint64_t differ = *list ^ item, found = (differ - ONES) & ~differ & ONES << 3;

	/* Those before it move back by one. */
	const uint64_t up_to_it = found ^ (found - 1);
	*list ^= (*list ^ (*list << 4 | (item & 15))) & up_to_it;
	return (unsigned)__builtin_ctzll(found) / 4;
}

/* The list as it is behind the first n letters: those that came stand in the order in which they came last. */
static uint64_t list_behind(const char *letters, size_t n, const uint64_t item[256], unsigned used)
{
	uint64_t order[HUFFMAN_SYMBOLS] = {0};
	unsigned known = 0, seen = 0;
	uint64_t list = LIST_BEGINS;

	/* What stands in the list is moved to the front, the latest letter at the end. */
	while (n > 0 && known < used) {
		const uint64_t letter = item[(unsigned char)letters[--n]];
		if (!(seen >> (letter & 15) & 1))
			order[known++] = letter;
		seen |= 1U << (letter & 15);
	}
	while (known > 0)
		move_to_front(&list, order[--known]);
	return list;
}

/* The letters that occur are numbered in their order; how many. A space is below the digits. */
static unsigned number_letters(const char *letters, size_t n, uint64_t item[256])
{
	unsigned used = 0;

	for (const char *letter = " 0123456789"; *letter; letter++)
		if (memchr(letters, *letter, n))
			item[(unsigned char)*letter] = used++ * ONES;
	return used;
}

/* Letters become places in a list whose front is the letter that came last. One step waits for the one before it, so
 * that the four quarters of the text go side by side. */
static void make_places(const char *letters, size_t n, const uint64_t item[256], unsigned used, uint8_t *places)
{
	const size_t quarter = n / 4;
	uint64_t list[4];
	for (unsigned i = 0; i < 4; i++)
		list[i] = list_behind(letters, i * quarter, item, used);
	uint64_t a = list[0], b = list[1], c = list[2], d = list[3];

	const uint8_t *text = (const uint8_t *)letters;
	for (size_t i = 0; i < quarter; i++) {
		places[i] = (uint8_t)move_to_front(&a, item[text[i]]);
		places[quarter + i] = (uint8_t)move_to_front(&b, item[text[quarter + i]]);
		places[2 * quarter + i] = (uint8_t)move_to_front(&c, item[text[2 * quarter + i]]);
		places[3 * quarter + i] = (uint8_t)move_to_front(&d, item[text[3 * quarter + i]]);
	}
	for (size_t i = 4 * quarter; i < n; i++)
		places[i] = (uint8_t)move_to_front(&d, item[text[i]]);
}

/* How often the first letter came, in the digits 1 and 2 to the base 2, the lowest first; the end of what it wrote. */
static inline uint8_t *write_zeros(uint8_t *out, size_t zeros)
{
	/* Up to two are one symbol or none, without a branch that nobody can foretell. */
	for (; zeros > 2; zeros = (zeros - 1) / 2)
		*out++ = zeros % 2 == 0;
	*out = zeros == 2;
	return out + (zeros > 0);
}

/* Places become symbols, in their place: no more symbols come out than places went in, but for the last one. How many.
 */
static size_t make_symbols(uint8_t *places, size_t n, unsigned last_symbol, uint32_t *at)
{
	uint8_t *out = places;
	size_t others = 0, next = 0;

	/* First where those are that are not the first letter again. */
	for (size_t i = 0; i < n; i++) {
		at[others] = (uint32_t)i;
		others += places[i] != 0;
	}
	for (size_t i = 0; i < others; i++) {
		const uint8_t symbol = (uint8_t)(places[at[i]] + 1);
		out = write_zeros(out, at[i] - next);
		*out++ = symbol;
		next = at[i] + 1;
	}
	out = write_zeros(out, n - next);
	*out++ = (uint8_t)last_symbol;
	return (size_t)(out - places);
}

static inline void add_counts(uint32_t sum[HUFFMAN_SYMBOLS], const struct huffman_group *group)
{
	for (unsigned symbol = 0; symbol < HUFFMAN_SYMBOLS; symbol++)
		sum[symbol] += group->count[symbol];
}

/* The symbols of each group, and of all. */
static void count_symbols(struct block *b, const uint8_t *symbols)
{
	b->group_count = (b->symbols + HUFFMAN_GROUP - 1) / HUFFMAN_GROUP;

	/* A symbol adds a vector that is 1 at its place. */
	counts one[HUFFMAN_SYMBOLS] = {0};
	for (unsigned symbol = 0; symbol < HUFFMAN_SYMBOLS; symbol++)
		one[symbol][symbol] = 1;
	for (uint64_t group = 0; group < b->group_count; group++) {
		const uint64_t first = group * HUFFMAN_GROUP, left = b->symbols - first;
		const uint64_t end = first + (left < HUFFMAN_GROUP ? left : HUFFMAN_GROUP);
		counts sum = {0};
		for (uint64_t i = first; i < end; i++)
			sum += one[symbols[i]];
		memcpy(b->groups[group].count, &sum, sizeof sum);
		add_counts(b->frequency, &b->groups[group]);
	}
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

	/* A symbol's length is its depth. bzip2 makes codes of more than 17 bits anew; of 13 symbols none has more than
	 * 12. */
	join_trees(&f, alphabet);
	for (unsigned i = 0; i < alphabet; i++) {
		length[i] = 0;
		for (int tree = f.parent[i + 1]; tree >= 0; tree = f.parent[tree])
			length[i]++;
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

/* One round: each group chooses a table, and each table is fitted to the groups that chose it. The bits of all the
 * groups by the new tables, and of the choices. */
static uint64_t fit_round(struct block *b)
{
	uint32_t frequency[TABLES_MAX][HUFFMAN_SYMBOLS] = {{0}};
	uint64_t cost[HUFFMAN_SYMBOLS] = {0}, bits = 0, list = LIST_BEGINS;
	for (unsigned table = 0; table < b->tables; table++)
		for (unsigned symbol = 0; symbol < b->alphabet; symbol++)
			cost[symbol] |= (uint64_t)b->length[table][symbol] << table * COST_BITS;

	/* A choice is written as its place in a list whose front is the choice before it, as so many ones and a zero.
	 */
	for (uint64_t group = 0; group < b->group_count; group++) {
		const unsigned table = best_table(b, &b->groups[group], cost);
		bits += move_to_front(&list, table * ONES) + 1;
		add_counts(frequency[table], &b->groups[group]);
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

uint64_t huffman_size(char *letters, size_t n, const struct huffman_space *space)
{
	/* The block's mark, check sum, a flag, where the text begins; which sixteens of bytes occur, how many tables
	 * and choices there are. A space and the digits are of two sixteens. */
	struct block b = {.groups = space->groups};
	uint64_t item[256] = {0};
	uint8_t *symbols = (uint8_t *)letters;
	const bool both = memchr(letters, ' ', n) != NULL;
	uint64_t bits = 48 + 32 + 1 + 24 + 16 + (both ? 32 : 16) + 3 + 15, coded = 0;
	const unsigned used = number_letters(letters, n, item);
	b.alphabet = used + 2;

	/* Only the last round's choices and tables are written. */
	make_places(letters, n, item, used, symbols);
	b.symbols = make_symbols(symbols, n, used + 1, space->others);
	count_symbols(&b, symbols);
	first_tables(&b);
	for (unsigned round = 0; round < ROUNDS; round++)
		coded = fit_round(&b);
	for (unsigned table = 0; table < b.tables; table++)
		bits += table_bits(&b, table);
	return bits + coded;
}
