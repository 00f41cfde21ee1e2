#include "assess/memory.h"
#include "assess/suffix.h"
#include "assess/tuples.h"

#include <stdbool.h>
#include <stdlib.h>

/* Suffixes next to one another, from place `first` on, that have at least `length` symbols in common. */
struct group {
	int32_t length;
	int32_t first;
};

/* The prefixes that neighbours in order share, in order; the suffix array is used up for it. */
static int32_t *in_order(struct suffix *x)
{
	int32_t *common = x->order;

	for (size_t i = 0; i < x->n; i++)
		common[i] = x->common[x->order[i]];
	return common;
}

/* A group that ends: its tuples of more than `outer` symbols and up to its own length came `size` times. */
static void close_group(struct tuple_counts *c, const struct group *g, int32_t end, int32_t outer)
{
	const uint64_t size = (uint64_t)(end - g->first), pairs = size * (size - 1) / 2;

	/* Sums over all greater lengths follow later: what begins here ends at the outer group's length. */
	c->pairs[g->length] += pairs;
	c->pairs[outer] -= pairs;
	if (c->most[g->length] < size)
		c->most[g->length] = (uint32_t)size;
}

/* Walks the groups, which lie within one another, with those that are open on a stack. */
static void count(struct tuple_counts *c, const int32_t *common, int32_t n, struct group *open)
{
	size_t top = 0;

	open[0] = (struct group){0, 0};
	for (int32_t i = 1; i <= n; i++) {
		const int32_t length = i < n ? common[i] : 0;
		int32_t first = i - 1;
		while (open[top].length > length) {
			const int32_t outer = open[top - 1].length > length ? open[top - 1].length : length;
			first = open[top].first;
			close_group(c, &open[top--], i, outer);
		}
		if (open[top].length < length)
			open[++top] = (struct group){length, first};
	}

	/* A tuple's pairs are those of all longer ones with the same beginning, and it is as frequent as any of them.
	 */
	for (size_t i = c->v; i-- > 0;) {
		c->pairs[i] += c->pairs[i + 1];
		c->most[i] = c->most[i] < c->most[i + 1] ? c->most[i + 1] : c->most[i];
	}
}

int tuple_counts_by_suffixes(struct symbols t, struct tuple_counts *out)
{
	struct suffix x;
	size_t v = 0;

	if (suffix_build(t, &x) < 0)
		return -1;
	for (size_t i = 0; i < t.n; i++)
		v = (size_t)x.common[i] > v ? (size_t)x.common[i] : v;

	/* Open groups have different lengths, so there are v of them at most, beside the one of all suffixes. */
	struct group *open = memory_scattered(sizeof(*open) * (v + 2));
	*out = (struct tuple_counts){
		.v = v,
		.pairs = memory_zeroed(sizeof(*out->pairs) * (v + 2)),
		.most = memory_zeroed(sizeof(*out->most) * (v + 2)),
	};
	const bool ready = open && out->pairs && out->most;
	if (ready)
		count(out, in_order(&x), (int32_t)t.n, open);
	else
		tuple_counts_free(out);
	free(open);
	suffix_free(&x);
	return ready ? 0 : -1;
}

void tuple_counts_free(struct tuple_counts *c)
{
	free(c->pairs);
	free(c->most);
	*c = (struct tuple_counts){.v = 0};
}
