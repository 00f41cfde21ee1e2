#include "assess/suffix.h"

#include "assess/memory.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* A text of bytes, or of the numbers that stand for pieces of a longer text. */
struct text {
	const uint8_t *bytes;
	const int32_t *numbers;
	int32_t n, k;
};

/* What is known of a text while its suffixes are sorted by induction (Nong, Zhang and Chan: SA-IS). A suffix is rising
 * when it is less than the one behind it; a valley is a rising one behind one that is not. */
struct work {
	struct text t;
	uint8_t *rising; /* by place */
	int32_t *place;  /* by symbol: where those that are not rising begin, and from place[k] on, the rising ones */
	int32_t *next;   /* by symbol: the next free place */
	int32_t *valleys, *sorted;
	int32_t *names; /* by place / 2: two valleys are never neighbours */
	int32_t m;      /* valleys */
};

static inline int32_t symbol(const struct text *t, int32_t i)
{
	return t->bytes ? t->bytes[i] : t->numbers[i];
}

static inline bool is_valley(const struct work *w, int32_t i)
{
	return i > 0 && w->rising[i] && !w->rising[i - 1];
}

/* Kinds of the suffixes, valleys in the order of the text, and where each symbol's suffixes begin. */
static void survey(struct work *w)
{
	const struct text *t = &w->t;
	int32_t *falls = w->place, *rises = w->place + t->k + 1, sum = 0;

	/* The last suffix is not rising: nothing is behind it. */
	w->rising[t->n - 1] = 0;
	for (int32_t i = t->n - 1; i-- > 0;) {
		const int32_t a = symbol(t, i), b = symbol(t, i + 1);
		w->rising[i] = a == b ? w->rising[i + 1] : a < b;
	}

	/* Of the suffixes that begin with the same symbol, those that are not rising are the lesser ones. */
	memset(w->place, 0, sizeof(*w->place) * (size_t)(2 * t->k + 2));
	for (int32_t i = 0; i < t->n; i++)
		(w->rising[i] ? rises : falls)[symbol(t, i)]++;
	for (int32_t c = 0; c <= t->k; c++) {
		const int32_t f = falls[c], r = rises[c];
		falls[c] = sum;
		rises[c] = sum + f;
		sum += f + r;
	}
}

static void find_valleys(struct work *w)
{
	w->m = 0;
	for (int32_t i = 1; i < w->t.n; i++)
		if (is_valley(w, i))
			w->valleys[w->m++] = i;
}

/* Puts the valleys where their order says, and lets them tell the order of all others. */
static void induce(const struct work *w, const int32_t *valleys, int32_t *order)
{
	const struct text *t = &w->t;
	const size_t table = sizeof(*w->next) * (size_t)(t->k + 1);
	const int32_t *rises = w->place + t->k + 1;

	/* The valleys at the beginning of the rising ones of their symbol. */
	memset(order, 0xff, sizeof(*order) * (size_t)t->n);
	memcpy(w->next, rises, table);
	for (int32_t i = 0; i < w->m; i++)
		order[w->next[symbol(t, valleys[i])]++] = valleys[i];

	/* Upwards: before each suffix stands one that, where it is not rising, is greater, and so comes later. Here
	 * that is told by two symbols: a valley's symbol before it is greater, and before equal ones the kind is the
	 * same. */
	memcpy(w->next, w->place, table);
	order[w->next[symbol(t, t->n - 1)]++] = t->n - 1;
	for (int32_t i = 0; i < t->n; i++) {
		const int32_t before = order[i] - 1;
		if (before < 0)
			continue;
		const int32_t c = symbol(t, before);
		if (c >= symbol(t, before + 1))
			order[w->next[c]++] = before;
	}

	/* Downwards the same for the rising ones, from the end of their symbol, over the valleys that were put there.
	 */
	memcpy(w->next, w->place + 1, table - sizeof(*w->next));
	for (int32_t i = t->n; i-- > 0;) {
		const int32_t before = order[i] - 1;
		if (before < 0)
			continue;
		const int32_t c = symbol(t, before), d = symbol(t, before + 1);
		if (c < d || (c == d && i >= rises[d]))
			order[--w->next[c]] = before;
	}
}

/* Whether the pieces from one valley to the next are equal; one that the text's end cuts off equals no other. */
static bool same_piece(const struct work *w, int32_t a, int32_t b)
{
	/* The later one meets the end first. */
	const int32_t longest = w->t.n - (a > b ? a : b);

	for (int32_t i = 0;; i++) {
		if (i == longest || symbol(&w->t, a + i) != symbol(&w->t, b + i))
			return false;
		const bool a_ends = i > 0 && is_valley(w, a + i), b_ends = i > 0 && is_valley(w, b + i);
		if (a_ends || b_ends)
			return a_ends && b_ends;
	}
}

/* Names the pieces by their order, equal ones alike, and writes the text of the names. Returns how many names. */
static int32_t name_pieces(struct work *w, const int32_t *order, int32_t *numbers)
{
	int32_t m = 0, name = 0;

	for (int32_t i = 0; i < w->t.n; i++)
		if (is_valley(w, order[i]))
			w->sorted[m++] = order[i];
	for (int32_t i = 0; i < m; i++) {
		if (i > 0 && !same_piece(w, w->sorted[i - 1], w->sorted[i]))
			name++;
		w->names[w->sorted[i] / 2] = name;
	}
	for (int32_t i = 0; i < m; i++)
		numbers[i] = w->names[w->valleys[i] / 2];
	return name + 1;
}

static int sort_suffixes(struct text t, int32_t *order);

/* The order of the valleys' suffixes: that of the suffixes in the text of the pieces' names. `order` is free. */
static int sort_valleys(struct work *w, int32_t *order)
{
	int32_t *numbers = memory_scattered(sizeof(*numbers) * (size_t)w->m);
	int result = numbers ? 0 : -1;

	if (result == 0) {
		const int32_t k = name_pieces(w, order, numbers);
		result = sort_suffixes((struct text){.numbers = numbers, .n = w->m, .k = k}, order);
	}
	for (int32_t i = 0; result == 0 && i < w->m; i++)
		w->sorted[i] = w->valleys[order[i]];
	free(numbers);
	return result;
}

static int sort_in(struct work *w, int32_t *order)
{
	/* A first induction sorts the pieces, the second one all suffixes. */
	survey(w);
	find_valleys(w);
	induce(w, w->valleys, order);
	if (w->m == 0)
		return 0;
	if (sort_valleys(w, order) < 0)
		return -1;
	induce(w, w->sorted, order);
	return 0;
}

/* The depth is at most log2 n: a text of valleys has at most half the length. */
static int sort_suffixes(struct text t, int32_t *order) /* NOLINT(misc-no-recursion) */
{
	const size_t half = (size_t)t.n / 2 + 1, k = (size_t)t.k;
	struct work w = {
		.t = t,
		.rising = memory_scattered((size_t)t.n),
		.place = malloc(sizeof(int32_t) * (2 * k + 2)),
		.next = malloc(sizeof(int32_t) * (k + 1)),
		.valleys = memory_scattered(sizeof(int32_t) * half),
		.sorted = memory_scattered(sizeof(int32_t) * half),
		.names = memory_scattered(sizeof(int32_t) * half),
	};
	int result = -1;

	if (w.rising && w.place && w.next && w.valleys && w.sorted && w.names)
		result = sort_in(&w, order);
	free(w.rising);
	free(w.place);
	free(w.next);
	free(w.valleys);
	free(w.sorted);
	free(w.names);
	return result;
}

/* The common prefix with the suffix before it in order, for the suffixes in the order of the text: of the next one it
 * is shorter by one at most, so it is counted on from there (Kärkkäinen, Manzini and Puglisi). */
static void find_common(struct symbols t, const int32_t *order, int32_t *common)
{
	const int32_t n = (int32_t)t.n;
	int32_t length = 0;

	/* Each suffix's predecessor is noted where its common prefix will be. */
	common[order[0]] = -1;
	for (int32_t i = 1; i < n; i++)
		common[order[i]] = order[i - 1];
	for (int32_t i = 0; i < n; i++) {
		const int32_t before = common[i];
		if (before < 0)
			length = 0;
		while (before >= 0 && i + length < n && before + length < n && t.s[i + length] == t.s[before + length])
			length++;
		common[i] = length;
		length -= length > 0;
	}
}

int suffix_build(struct symbols t, struct suffix *out)
{
	const size_t bytes = sizeof(int32_t) * (t.n + 1);

	*out = (struct suffix){.order = memory_scattered(bytes), .common = memory_scattered(bytes), .n = t.n};
	const struct text text = {.bytes = t.s, .n = (int32_t)t.n, .k = (int32_t)t.k};
	if (!out->order || !out->common || (t.n > 0 && sort_suffixes(text, out->order) < 0)) {
		suffix_free(out);
		return -1;
	}
	if (t.n > 0)
		find_common(t, out->order, out->common);
	return 0;
}

void suffix_free(struct suffix *x)
{
	free(x->order);
	free(x->common);
	*x = (struct suffix){.n = 0};
}

int64_t suffix_longest_repeat(struct symbols t)
{
	struct suffix x;
	int64_t longest = 0;

	if (suffix_build(t, &x) < 0)
		return -1;
	for (size_t i = 0; i < t.n; i++)
		longest = x.common[i] > longest ? x.common[i] : longest;
	suffix_free(&x);
	return longest;
}
