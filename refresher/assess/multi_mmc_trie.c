#include "assess/board.h"
#include "assess/memory.h"
#include "assess/multi_mmc.h"
#include "assess/table.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum { DEPTHS = MULTI_MMC_DEPTHS, NODES_BEGIN = 1 << 12 };

/* A context, below the one without its first symbol: a trie of the symbols before a place, backwards. Most contexts
 * come once. So below each node there may be a tail: the longer contexts of one place, up to a depth, none of which
 * came since; they become nodes one by one as they come again. */
struct node {
	uint32_t first_count; /* how often `first` followed */
	uint32_t most;        /* how often `best` did */
	uint32_t tail_at;     /* the place of the tail */
	uint8_t first, best;  /* the symbol that followed first, and the likeliest: the greatest of several */
	uint8_t tail_to;      /* the depth to which the tail goes; 0: there is none */
	bool has_others;      /* symbols other than the first one followed */
	bool has_more;        /* there are nodes below it other than this one: */
	uint8_t below_symbol; /* the first symbol of its context, the oldest one ... */
	uint32_t below;       /* ... and the node; 0: there is none */
};

struct trie {
	struct symbols t;
	struct node *node; /* 1: the root; 0 is no node */
	uint32_t nodes, room;
	/* By node and symbol, of those that the node has no place for: the node below, and how often the symbol
	 * followed. */
	struct table below, count;
	uint32_t entries[DEPTHS + 1], entries_max;
	struct board board;
};

static uint32_t key_of(uint32_t node, uint8_t symbol)
{
	return node << 8 | symbol;
}

/* A new node below `parent` with what followed at place i, and with a tail from there. 0: no memory. */
static uint32_t add_node(struct trie *x, uint32_t parent, uint8_t symbol, size_t i, unsigned tail_to)
{
	if (x->nodes == x->room) {
		struct node *more = memory_scattered(sizeof(*more) * 2 * x->room);
		if (!more)
			return 0;
		memcpy(more, x->node, sizeof(*more) * x->room);
		free(x->node);
		x->node = more;
		x->room *= 2;
	}

	/* The first node below has its place in the parent: most parents have no other. */
	struct node *p = &x->node[parent];
	if (p->below == 0) {
		p->below = x->nodes;
		p->below_symbol = symbol;
	} else if (table_add(&x->below, key_of(parent, symbol), x->nodes) < 0) {
		return 0;
	} else {
		p->has_more = true;
	}

	const uint8_t next = x->t.s[i];
	x->node[x->nodes] = (struct node){.first_count = 1,
					  .most = 1,
					  .tail_at = (uint32_t)i,
					  .first = next,
					  .best = next,
					  .tail_to = (uint8_t)tail_to};
	return x->nodes++;
}

/* The node of the context of `depth` symbols before place i, below that of one symbol less. 0: it never came. */
static int find_below(struct trie *x, uint32_t parent, size_t i, unsigned depth, uint32_t *found)
{
	const uint8_t symbol = x->t.s[i - depth];
	struct node *n = &x->node[parent];

	if (n->below != 0 && n->below_symbol == symbol) {
		*found = n->below;
		return 0;
	}

	/* The first context of a tail comes for the second time: it becomes a node, and the tail hangs on it. */
	if (n->tail_to >= depth && x->t.s[n->tail_at - depth] == symbol) {
		const unsigned tail_to = n->tail_to > depth ? n->tail_to : 0;
		n->tail_to = 0;
		*found = add_node(x, parent, symbol, n->tail_at, tail_to);
		return *found ? 0 : -1;
	}
	const struct table_entry *e = !n->has_more ? NULL : table_find(&x->below, key_of(parent, symbol));
	*found = e ? e->value : 0;
	return 0;
}

/* Counts a symbol behind a context. A new pair of both needs room at its depth. */
static int count(struct trie *x, uint32_t node, unsigned depth, uint8_t symbol)
{
	struct node *n = &x->node[node];
	uint32_t times = 1;

	if (symbol == n->first) {
		times = ++n->first_count;
	} else {
		struct table_entry *e = !n->has_others ? NULL : table_find(&x->count, key_of(node, symbol));
		if (e) {
			times = ++e->value;
		} else if (x->entries[depth] == x->entries_max) {
			return 0;
		} else {
			if (table_add(&x->count, key_of(node, symbol), 1) < 0)
				return -1;
			n->has_others = true;
			x->entries[depth]++;
		}
	}

	/* Of several that followed as often, the greatest symbol is predicted. */
	if (times > n->most || (times == n->most && symbol > n->best))
		n->best = symbol;
	n->most = times > n->most ? times : n->most;
	return 0;
}

/* The context of `depth` symbols before place i is missing, and so are all longer ones: each takes room at its depth,
 * if there is some. Behind a depth that has none nothing is ever looked for. */
static int insert(struct trie *x, uint32_t parent, size_t i, unsigned depth, unsigned deepest)
{
	unsigned tail_to = depth - 1;

	while (tail_to < deepest && x->entries[tail_to + 1] < x->entries_max)
		tail_to++;
	for (unsigned d = depth; d <= deepest; d++)
		x->entries[d] += x->entries[d] < x->entries_max;
	if (tail_to < depth)
		return 0;
	return add_node(x, parent, x->t.s[i - depth], i, tail_to > depth ? tail_to : 0) ? 0 : -1;
}

/* One step: all contexts before place i from the shortest on, and which depths are right, as `step` bits. */
static int step(struct trie *x, size_t i, uint64_t step, uint64_t *correct, uint64_t *predicted)
{
	const unsigned deepest = i < DEPTHS ? (unsigned)i : DEPTHS;
	uint32_t node = 1;

	for (unsigned d = 1; d <= deepest; d++) {
		const uint32_t parent = node;
		if (find_below(x, parent, i, d, &node) < 0)
			return -1;
		if (node == 0)
			return insert(x, parent, i, d, deepest);
		predicted[d - 1] |= step;
		if (x->node[node].best == x->t.s[i])
			correct[d - 1] |= step;
		if (count(x, node, d, x->t.s[i]) < 0)
			return -1;
	}
	return 0;
}

static int run(struct trie *x)
{
	for (size_t at = 0; at < x->t.n; at += BOARD_STEPS) {
		uint64_t correct[DEPTHS] = {0}, predicted[DEPTHS] = {0};
		const size_t end = x->t.n - at < BOARD_STEPS ? x->t.n : at + BOARD_STEPS;

		/* The first symbol has nothing before it. */
		for (size_t i = at > 0 ? at : 1; i < end; i++)
			if (step(x, i, (uint64_t)1 << (i - at), correct, predicted) < 0)
				return -1;
		board_steps(&x->board, correct, predicted);
	}
	return 0;
}

int multi_mmc_trie(struct symbols t, unsigned entries_max, struct score *out)
{
	struct trie x = {.t = t, .nodes = 2, .room = NODES_BEGIN, .entries_max = entries_max};
	int result = -1;

	x.node = calloc(x.room, sizeof(*x.node));
	board_init(&x.board, DEPTHS, t.n - 2);
	if (x.node)
		result = run(&x);
	*out = x.board.score;
	free(x.node);
	table_free(&x.below);
	table_free(&x.count);
	return result;
}
