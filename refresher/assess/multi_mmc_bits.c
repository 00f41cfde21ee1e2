#include "assess/board.h"
#include "assess/multi_mmc.h"

#include <stdbool.h>
#include <stdlib.h>

/* Of bits every context has a place of its own: context x of depth d at 2^d + x. */
enum { DEPTHS = MULTI_MMC_DEPTHS, PLACES = 2 << DEPTHS };

/* Where one depth is right in 64 steps, and where it says anything. */
struct steps {
	uint64_t correct, predicted;
};

/* The steps at hand: up to 64, of which the first ones are for lesser depths alone. */
struct span {
	unsigned count;
	uint32_t before[BOARD_STEPS]; /* the 16 bits before each step, the last one in the lowest place */
	int32_t sign[BOARD_STEPS];    /* 1 or -1 by the bit that came */
};

static void read_span(struct symbols t, size_t at, struct span *out)
{
	uint32_t before = at > 0 ? out->before[BOARD_STEPS - 1] << 1 | t.s[at - 1] : 0;

	out->count = t.n - at < BOARD_STEPS ? (unsigned)(t.n - at) : BOARD_STEPS;
	for (unsigned i = 0; i < out->count; i++) {
		out->before[i] = before;
		out->sign[i] = 2 * t.s[at + i] - 1;
		before = before << 1 | t.s[at + i];
	}
}

/* A depth all of whose contexts came. lead: ones less zeros that followed a context, twice, and one more. Ones are
 * predicted where there are as many: wrong is a sign that is not that of the bit. */
static struct steps warm_steps(const struct span *span, unsigned depth, int32_t *lead)
{
	const uint32_t mask = (1U << depth) - 1;
	uint64_t wrong = 0;

	for (unsigned i = 0; i < BOARD_STEPS; i++) {
		int32_t *here = &lead[span->before[i] & mask];
		const int32_t sign = span->sign[i], now = *here;
		wrong = wrong >> 1 | ((uint64_t)((uint32_t)(now ^ sign) >> 31) << 63);
		*here = now + 2 * sign;
	}
	return (struct steps){.correct = ~wrong, .predicted = ~(uint64_t)0};
}

/* The same where contexts may be new, which is a lead of 0. *missing: how many are, in and out. */
static struct steps cold_steps(const struct span *span, unsigned depth, unsigned skip, int32_t *lead, uint32_t *missing)
{
	const uint32_t mask = (1U << depth) - 1;
	struct steps out = {0, 0};

	for (unsigned i = skip; i < span->count; i++) {
		int32_t *here = &lead[span->before[i] & mask];
		const int32_t sign = span->sign[i], now = *here, is_new = now == 0;
		out.predicted |= (uint64_t)!is_new << i;
		out.correct |= (uint64_t)(!is_new & ((now ^ sign) >= 0)) << i;
		*here = now + 2 * sign + is_new;
		*missing -= (uint32_t)is_new;
	}
	return out;
}

/* A depth for which no more than *room new pairs are kept. lead: ones less zeros that were counted, four times, and
 * which of both are: 1 for zeros, 2 for ones. found: where the depth before found its context; without that, this one
 * is not looked for. */
static struct steps limited_steps(const struct span *span, unsigned depth, unsigned skip, int32_t *lead, uint64_t found,
				  uint32_t *room)
{
	const uint32_t mask = (1U << depth) - 1;
	struct steps out = {0, 0};

	for (unsigned i = skip; i < span->count; i++) {
		int32_t *here = &lead[span->before[i] & mask];
		const int32_t sign = span->sign[i], now = *here, own = sign > 0 ? 2 : 1;
		const bool looked_for = found >> i & 1, there = looked_for && (now & 3);
		out.predicted |= (uint64_t)there << i;
		out.correct |= (uint64_t)(there && (now ^ sign) >= 0) << i;

		/* What is counted goes on; what is new needs room. What is not looked for takes room even where it is
		 * known, and is never found again. */
		const bool known = looked_for && (now & own), counts = known || *room > 0;
		*here = counts ? (now | own) + 4 * sign : now;
		*room -= counts && !known;
	}
	return out;
}

/* One depth; `state` is what its steps carry on: missing contexts, or room. */
static struct steps depth_steps(const struct span *span, unsigned depth, size_t at, bool limited, int32_t *lead,
				uint64_t found, uint32_t *state)
{
	/* A depth begins where so many bits are behind. */
	const unsigned skip = at < depth ? (unsigned)(depth - at) : 0;

	if (limited)
		return limited_steps(span, depth, skip, lead, found, state);
	if (*state == 0 && span->count == BOARD_STEPS)
		return warm_steps(span, depth, lead);
	return cold_steps(span, depth, skip, lead, state);
}

int multi_mmc_bits(struct symbols t, unsigned entries_max, struct score *out)
{
	int32_t *lead = calloc(PLACES, sizeof(*lead));
	uint32_t state[DEPTHS + 1];
	struct board board;
	struct span span = {0};

	if (!lead)
		return -1;
	board_init(&board, DEPTHS, t.n - 2);
	for (unsigned d = 1; d <= DEPTHS; d++)
		state[d] = 2U << d > entries_max ? entries_max : 1U << d;
	for (size_t at = 0; at < t.n; at += BOARD_STEPS) {
		uint64_t correct[DEPTHS], predicted[DEPTHS], found = ~(uint64_t)0;
		read_span(t, at, &span);
		for (unsigned d = 1; d <= DEPTHS; d++) {
			const struct steps steps = depth_steps(&span, d, at, 2U << d > entries_max,
							       lead + ((size_t)1 << d), found, &state[d]);
			correct[d - 1] = steps.correct;
			predicted[d - 1] = found = steps.predicted;
		}
		board_steps(&board, correct, predicted);
	}
	free(lead);
	*out = board.score;
	return 0;
}
