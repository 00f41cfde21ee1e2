#include "assess/board.h"
#include "assess/estimators.h"

#include <stdbool.h>

enum { WINDOWS = 4, LONGEST = 4095 };
static const size_t length_of[WINDOWS] = {63, 255, 1023, LONGEST};

/* The symbols of a window. Which is the most frequent one, and of several that are, the one that came last. */
struct window {
	uint32_t count[SYMBOLS_MAX];
	uint32_t with_count[LONGEST + 2]; /* how many symbols have each count */
	uint32_t most;                    /* the count of the most frequent one ... */
	uint8_t frequent;                 /* ... which is this one */
};

/* The symbol with the greatest count that came last. */
static uint8_t latest(const struct window *w, const size_t *last, unsigned k)
{
	unsigned found = 0;
	size_t when = 0;

	for (unsigned c = 0; c < k; c++) {
		if (w->count[c] == w->most && last[c] >= when) {
			found = c;
			when = last[c];
		}
	}
	return (uint8_t)found;
}

static void recount(struct window *w, unsigned symbol, int by)
{
	w->with_count[w->count[symbol]]--;
	w->count[symbol] += (uint32_t)by;
	w->with_count[w->count[symbol]]++;
}

/* A symbol comes in, and with `full` one goes out. last: where each symbol came last, the new one too. */
static void slide(struct window *w, unsigned in, unsigned out, bool full, const size_t *last, unsigned k)
{
	/* One that reaches the greatest count is the one of them that came last. */
	recount(w, in, 1);
	if (w->count[in] >= w->most) {
		w->most = w->count[in];
		w->frequent = (uint8_t)in;
	}
	if (!full)
		return;

	/* Where the most frequent one goes out, others may have as many now. */
	recount(w, out, -1);
	if (out != w->frequent)
		return;
	if (w->with_count[w->most] == 0)
		w->most--;
	if (w->count[out] < w->most || w->with_count[w->most] > 1)
		w->frequent = latest(w, last, k);
}

/* Where each window is right in 64 steps or up to the end; a window is silent until it is full. */
struct steps {
	uint64_t correct[WINDOWS], predicted[WINDOWS];
};

static void steps_symbols(struct symbols t, size_t at, size_t end, struct window *windows, size_t *last,
			  struct steps *out)
{
	for (size_t i = at; i < end; i++) {
		const uint8_t symbol = t.s[i];
		last[symbol] = i;
		for (unsigned j = 0; j < WINDOWS; j++) {
			struct window *w = &windows[j];
			const bool full = i >= length_of[j];
			out->predicted[j] |= (uint64_t)full << (i - at);
			out->correct[j] |= (uint64_t)(full && w->frequent == symbol) << (i - at);
			slide(w, symbol, full ? t.s[i - length_of[j]] : 0, full, last, t.k);
		}
	}
}

/* Of bits the length of a window is odd, so one of both has the majority, and nothing but the ones is counted. */
static void steps_bits(struct symbols t, size_t at, size_t end, uint32_t *ones, struct steps *out)
{
	for (unsigned j = 0; j < WINDOWS; j++) {
		const size_t length = length_of[j];
		uint64_t wrong = 0;
		for (size_t i = at; i < end; i++) {
			const uint32_t bit = t.s[i], majority = ones[j] > length / 2;
			wrong |= (uint64_t)(majority ^ bit) << (i - at);
			ones[j] += bit;
			ones[j] -= i >= length ? t.s[i - length] : 0;
		}

		/* A mask of the steps in which the window is full. */
		const size_t silent = length > at ? length - at : 0;
		const uint64_t within = end - at < BOARD_STEPS ? ((uint64_t)1 << (end - at)) - 1 : ~(uint64_t)0;
		out->predicted[j] = silent < BOARD_STEPS ? within & ~(uint64_t)0 << silent : 0;
		out->correct[j] = ~wrong & out->predicted[j];
	}
}

struct score multi_mcw_score(struct symbols t)
{
	struct window windows[WINDOWS] = {0};
	size_t last[SYMBOLS_MAX] = {0};
	uint32_t ones[WINDOWS] = {0};
	struct board board;

	board_init(&board, WINDOWS, t.n - length_of[0]);
	for (size_t at = 0; at < t.n; at += BOARD_STEPS) {
		const size_t end = t.n - at < BOARD_STEPS ? t.n : at + BOARD_STEPS;
		struct steps steps = {0};
		if (t.k == 2)
			steps_bits(t, at, end, ones, &steps);
		else
			steps_symbols(t, at, end, windows, last, &steps);
		board_steps(&board, steps.correct, steps.predicted);
	}
	return board.score;
}
