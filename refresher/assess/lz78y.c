/* The estimator keeps up to 16 contexts before each place, with a count of every symbol that followed, and predicts by
 * the context with the greatest count: by the longest of those that have it. That needs few counts, because:
 *
 * - A context is kept from where it first comes, or never. So its counts are those of all its places, and a longer
 *   context's count of a symbol is never more than a shorter one's. The greatest count is that of the shortest.
 * - A longer context counts only while it has as much as the shortest, and once it has less it has less for ever. That
 *   is as soon as the same two symbols come behind another symbol.
 *
 * What is kept, then: how often each symbol followed each (a pair), and which longer contexts share all its places.
 * The shortest context is that of one symbol, but for the step in which the room for contexts ends: the longest ones go
 * first, so the shorter ones of that place may be missing, for ever. */
#include "assess/contexts.h"
#include "assess/estimators.h"
#include "assess/memory.h"

#include <stdlib.h>

/* A symbol that followed another. */
struct pair {
	struct before first; /* what was before its first place */
	uint32_t shared;     /* bit j-1: the context of j symbols there is kept, and was before every place since */
};

/* A symbol with all that followed it. */
struct row {
	struct before shortest;   /* ends in the shortest context that is kept ... */
	unsigned shortest_length; /* ... which has so many symbols; 0: none is kept */
	uint32_t most;            /* the greatest count ... */
	unsigned with_most;       /* ... how many symbols have it ... */
	uint8_t greatest;         /* ... the greatest of them ... */
	unsigned with_longer;     /* ... and how many of them have longer contexts that count */
};

enum { TIMES = 0x7fffffff };
#define LONGER 0x80000000 /* in a count: the pair has longer contexts that count */

struct model {
	struct symbols t;
	struct contexts contexts;
	struct row row[SYMBOLS_MAX];
	struct before ended; /* where the room for contexts ended ... */
	unsigned ended_from; /* ... and the length of the shortest context that was kept there last */
	uint32_t *count;     /* k by k; with LONGER where the pair has longer contexts that count */
	struct pair *pair;   /* k by k */
	struct before before;
};

static bool has_longer(const struct pair *p)
{
	return (p->shared & (p->shared - 1)) != 0;
}

/* The longest context before this place that has the pair's count. */
static uint32_t longest(const struct model *m, const struct pair *p)
{
	const uint32_t here = p->shared & ((1U << before_common(&p->first, &m->before)) - 1);

	return here ? 32 - (uint32_t)__builtin_clz(here) : 0;
}

/* What is predicted behind a symbol whose contexts are there. */
static uint8_t predict(const struct model *m, unsigned last)
{
	const struct row *r = &m->row[last];
	uint32_t longest_yet = 0;
	uint8_t prediction = r->greatest;

	/* Of several symbols with the greatest count the longest context decides, and then the greatest symbol. */
	if (r->with_most == 1 || r->with_longer == 0)
		return prediction;
	for (unsigned c = 0; c < m->t.k; c++) {
		const size_t at = (size_t)last * m->t.k + c;
		if ((m->count[at] & TIMES) != r->most)
			continue;
		const uint32_t length = longest(m, &m->pair[at]);
		if (length >= longest_yet) {
			longest_yet = length;
			prediction = (uint8_t)c;
		}
	}
	return prediction;
}

/* Which contexts before this place are kept, as bits. */
static uint32_t kept(const struct model *m)
{
	/* Behind one that is not, no longer one is, but for those that were the last to find room. */
	const bool gap = m->ended_from > 0 && before_common(&m->ended, &m->before) >= m->ended_from;
	uint32_t bits = 0;

	for (unsigned j = 1; j <= CONTEXT_MAX; j++) {
		if (contexts_has(&m->contexts, &m->before, j))
			bits |= 1U << (j - 1);
		else if (!gap)
			break;
	}
	return bits;
}

/* Counts a symbol behind `last`, whose contexts are there. */
static void count(struct model *m, unsigned last, uint8_t symbol)
{
	const size_t at = (size_t)last * m->t.k + symbol;
	struct row *r = &m->row[last];
	struct pair *p = &m->pair[at];
	uint32_t *c = &m->count[at];
	const uint32_t times = (++*c) & TIMES;

	/* Only those contexts go on that were before every place of the pair. */
	if (times == 1)
		*p = (struct pair){.first = m->before, .shared = kept(m)};
	else if (*c & LONGER)
		p->shared &= (1U << before_common(&p->first, &m->before)) - 1;
	if (times == 1 || (*c & LONGER))
		*c = times | (has_longer(p) ? LONGER : 0);

	/* The greatest count, or one more symbol that has it. */
	if (times > r->most) {
		r->most = times;
		r->with_most = r->with_longer = 0;
		r->greatest = symbol;
	}
	if (times == r->most) {
		r->with_most++;
		r->with_longer += *c >> 31;
		r->greatest = symbol > r->greatest ? symbol : r->greatest;
	}
}

/* Keeps the contexts before this place that are not, the longest first, while there is room. Those shorter than one
 * that is kept are kept too. */
static void keep(struct model *m, unsigned last)
{
	struct row *r = &m->row[last];

	for (unsigned j = CONTEXT_MAX; j > 0 && m->contexts.kept < m->contexts.max; j--) {
		if (contexts_has(&m->contexts, &m->before, j))
			return;
		contexts_add(&m->contexts, &m->before, j);
		m->ended = m->before;
		m->ended_from = j;

		/* The first time that this symbol is the last one: the shortest of its contexts is known with the last.
		 */
		if (r->most == 0) {
			r->shortest = m->before;
			r->shortest_length = j;
		}
	}
}

static struct score run(struct model *m)
{
	struct score score = {.n = m->t.n - (CONTEXT_MAX + 1)};
	uint64_t correct_run = 0;

	for (size_t i = 0; i < m->t.n; i++) {
		const uint8_t symbol = m->t.s[i];
		if (i >= CONTEXT_MAX) {
			/* Behind a symbol that never came, or of which no context is kept, nothing is predicted. */
			const unsigned last = m->t.s[i - 1];
			const struct row *r = &m->row[last];
			bool there =
				r->shortest_length > 0 && before_common(&r->shortest, &m->before) >= r->shortest_length;
			const bool correct = there && predict(m, last) == symbol;
			correct_run = correct ? correct_run + 1 : 0;
			score.correct += correct;
			score.longest = correct_run > score.longest ? correct_run : score.longest;

			/* Then this place counts, for the contexts that it brings too. */
			if (m->contexts.kept < m->contexts.max) {
				keep(m, last);
				there = r->shortest_length > 0;
			}
			if (there)
				count(m, last, symbol);
		}
		before_push(&m->before, symbol);
	}
	return score;
}

int lz78y_score(struct symbols t, unsigned contexts_max, struct score *out)
{
	struct model *m = calloc(1, sizeof(*m));
	const size_t pairs = (size_t)t.k * t.k;
	int result = -1;

	if (m) {
		m->t = t;
		m->count = memory_zeroed(pairs * sizeof(*m->count));
		m->pair = memory_zeroed(pairs * sizeof(*m->pair));
		if (m->count && m->pair && contexts_init(&m->contexts, contexts_max) == 0) {
			*out = run(m);
			result = 0;
		}
		contexts_fini(&m->contexts);
		free(m->count);
		free(m->pair);
	}
	free(m);
	return result;
}
