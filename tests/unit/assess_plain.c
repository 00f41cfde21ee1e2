#include "assess_plain.h"

#include <assert.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum { DEPTHS = 16, LAGS = 128, WINDOWS = 4 };

/* The length of the run under way, and the score. */
struct judge {
	struct score score;
	uint64_t run;
};

static void judge(struct judge *j, bool correct)
{
	j->run = correct ? j->run + 1 : 0;
	j->score.correct += correct;
	if (j->run > j->score.longest)
		j->score.longest = j->run;
}

/* ---- 6.3.7 ---- */

/* The most frequent symbol of the w symbols before i; of several that are, the one that came last. */
static uint8_t most_frequent(struct symbols t, size_t i, size_t w, const uint32_t *count)
{
	uint32_t most = 0;

	for (unsigned c = 0; c < t.k; c++)
		most = count[c] > most ? count[c] : most;
	for (size_t at = i; at-- > i - w;)
		if (count[t.s[at]] == most)
			return t.s[at];
	abort();
}

struct score multi_mcw_plain(struct symbols t)
{
	static const size_t window[WINDOWS] = {63, 255, 1023, 4095};
	uint32_t count[WINDOWS][SYMBOLS_MAX] = {{0}};
	uint64_t scores[WINDOWS] = {0};
	unsigned winner = 0;
	struct judge j = {.score.n = t.n - 63};

	for (size_t i = 0; i < t.n; i++) {
		uint8_t frequent[WINDOWS] = {0};
		for (unsigned w = 0; w < WINDOWS; w++)
			if (i >= window[w])
				frequent[w] = most_frequent(t, i, window[w], count[w]);
		if (i >= window[0])
			judge(&j, frequent[winner] == t.s[i]);
		for (unsigned w = 0; w < WINDOWS; w++)
			if (i >= window[w] && frequent[w] == t.s[i] && ++scores[w] >= scores[winner])
				winner = w;
		for (unsigned w = 0; w < WINDOWS; w++) {
			count[w][t.s[i]]++;
			if (i >= window[w])
				count[w][t.s[i - window[w]]]--;
		}
	}
	return j.score;
}

/* ---- 6.3.8 ---- */

struct score lag_plain(struct symbols t)
{
	uint64_t scores[LAGS + 1] = {0}, high = 0;
	size_t winner = 1;
	struct judge j = {.score.n = t.n - 1};

	for (size_t i = 1; i < t.n; i++) {
		judge(&j, t.s[i - winner] == t.s[i]);
		for (size_t lag = 1; lag <= LAGS && lag <= i; lag++) {
			if (t.s[i - lag] == t.s[i] && ++scores[lag] >= high) {
				winner = lag;
				high = scores[lag];
			}
		}
	}
	return j.score;
}

/* ---- 6.3.9 and 6.3.10: contexts with the counts of what followed them ---- */

struct context {
	const uint8_t *s;
	size_t length;
	uint32_t count[SYMBOLS_MAX];
	struct context *next;
};

enum { CHAINS = 1 << 16 };

struct contexts {
	struct context *chain[CHAINS];
};

static struct context **find(struct contexts *t, const uint8_t *s, size_t length)
{
	uint32_t hash = (uint32_t)length;
	for (size_t i = 0; i < length; i++)
		hash = hash * 31 + s[i];
	struct context **c = &t->chain[(hash * 2654435761U) >> 16];
	while (*c && ((*c)->length != length || memcmp((*c)->s, s, length) != 0))
		c = &(*c)->next;
	return c;
}

static void insert(struct contexts *t, const uint8_t *s, size_t length, uint8_t symbol)
{
	struct context **c = find(t, s, length);
	if (!*c) {
		*c = calloc(1, sizeof(**c));
		assert(*c);
		(*c)->s = s;
		(*c)->length = length;
	}
	(*c)->count[symbol]++;
}

/* The most frequent follower; of several, the greatest symbol. */
static uint8_t best(const struct context *c, unsigned k)
{
	uint8_t symbol = 0;
	for (unsigned i = 0; i < k; i++)
		if (c->count[i] >= c->count[symbol])
			symbol = (uint8_t)i;
	return symbol;
}

static void drop(struct contexts *t)
{
	for (size_t i = 0; i < CHAINS; i++) {
		while (t->chain[i]) {
			struct context *c = t->chain[i];
			t->chain[i] = c->next;
			free(c);
		}
	}
	free(t);
}

struct score multi_mmc_plain(struct symbols t, unsigned entries_max)
{
	struct contexts *contexts = calloc(1, sizeof(*contexts));
	uint32_t entries[DEPTHS + 1] = {0};
	uint64_t scores[DEPTHS + 1] = {0};
	size_t winner = 1;
	struct judge j = {.score.n = t.n - 2};

	assert(contexts);
	for (size_t d = 1; d <= DEPTHS && d < t.n; d++) {
		insert(contexts, t.s, d, t.s[d]);
		entries[d] = 1;
	}
	for (size_t i = 2; i < t.n; i++) {
		bool found = true;
		const size_t before = winner;
		for (size_t d = 1; d <= DEPTHS && d <= i - 1; d++) {
			struct context *c = found ? *find(contexts, t.s + i - d, d) : NULL;
			found = c != NULL;
			if (!found) {
				if (entries[d] < entries_max) {
					insert(contexts, t.s + i - d, d, t.s[i]);
					entries[d]++;
				}
				continue;
			}
			const bool correct = best(c, t.k) == t.s[i];
			if (d == before)
				judge(&j, correct);
			if (correct && ++scores[d] >= scores[winner])
				winner = d;
			if (c->count[t.s[i]] > 0) {
				c->count[t.s[i]]++;
			} else if (entries[d] < entries_max) {
				c->count[t.s[i]] = 1;
				entries[d]++;
			}
		}
	}
	drop(contexts);
	return j.score;
}

struct score lz78y_plain(struct symbols t, unsigned contexts_max)
{
	struct contexts *contexts = calloc(1, sizeof(*contexts));
	unsigned kept = DEPTHS;
	struct judge j = {.score.n = t.n - 17};

	assert(contexts);
	for (size_t d = 1; d <= DEPTHS; d++)
		insert(contexts, t.s + DEPTHS - d, d, t.s[DEPTHS]);
	for (size_t i = DEPTHS + 1; i < t.n; i++) {
		uint32_t most = 0;
		uint8_t prediction = 0;
		for (size_t d = DEPTHS; d > 0; d--) {
			struct context *c = *find(contexts, t.s + i - d, d);
			if (!c) {
				if (kept < contexts_max) {
					insert(contexts, t.s + i - d, d, t.s[i]);
					kept++;
				}
				continue;
			}
			const uint8_t candidate = best(c, t.k);
			if (c->count[candidate] > most) {
				most = c->count[candidate];
				prediction = candidate;
			}
			c->count[t.s[i]]++;
		}
		judge(&j, most > 0 && prediction == t.s[i]);
	}
	drop(contexts);
	return j.score;
}

/* ---- 6.3.5 and 6.3.6 ---- */

size_t tuples_plain(struct symbols t, uint64_t *pairs, uint32_t *most)
{
	uint32_t *equal = malloc(sizeof(*equal) * (t.n + 1));
	size_t v = 0;

	assert(equal);
	memset(pairs, 0, sizeof(*pairs) * (t.n + 1));
	memset(most, 0, sizeof(*most) * (t.n + 1));
	for (size_t a = 0; a < t.n; a++) {
		/* How many suffixes share how much with this one. */
		memset(equal, 0, sizeof(*equal) * (t.n + 1));
		for (size_t b = 0; b < t.n; b++) {
			size_t length = 0;
			while (a + length < t.n && b + length < t.n && t.s[a + length] == t.s[b + length])
				length++;
			for (size_t i = 1; i <= length; i++) {
				equal[i]++;
				pairs[i] += b < a;
			}
			if (b != a && length > v)
				v = length;
		}
		for (size_t i = 1; i <= t.n; i++)
			most[i] = equal[i] > most[i] ? equal[i] : most[i];
	}
	free(equal);
	return v;
}
