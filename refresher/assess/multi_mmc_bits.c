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

/* The steps at hand: up to 64 from `at` on, of which the first `skip` are for lesser depths alone. */
struct span {
	const uint8_t *s; /* at `at`; what is before it belongs to the text too */
	unsigned skip, count;
};

/* The bits before the first step, as a number. */
static uint32_t first_context(const struct span *span, unsigned depth)
{
	const uint8_t *first = span->s + span->skip;
	uint32_t context = 0;

	for (unsigned i = depth; i > 0; i--)
		context = context << 1 | *(first - i);
	return context;
}

/* A depth whose pairs are all kept. lead: ones less zeros that followed a context, twice, and one more, so that 0 is a
 * context that never came. Ones are predicted where there are as many: right is a sign that is that of the bit. */
static struct steps free_steps(const struct span *span, unsigned depth, int32_t *lead)
{
	const uint32_t mask = (1U << depth) - 1;
	uint32_t context = first_context(span, depth);
	struct steps out = {0, 0};

	for (unsigned i = span->skip; i < span->count; i++) {
		const int32_t sign = 2 * span->s[i] - 1, now = lead[context];
		out.correct |= (uint64_t)(now * sign > 0) << i;
		out.predicted |= (uint64_t)(now != 0) << i;
		lead[context] = now + 2 * sign + (now == 0);
		context = (context << 1 | span->s[i]) & mask;
	}
	return out;
}

/* A depth for which no more than `left` new pairs are kept. lead: ones less zeros that were counted, four times, and
 * which of both are: 1 for zeros, 2 for ones. found: where the depth before found its context; without that, this one
 * is not looked for. */
static struct steps limited_steps(const struct span *span, unsigned depth, int32_t *lead, uint64_t found,
				  unsigned *left)
{
	const uint32_t mask = (1U << depth) - 1;
	uint32_t context = first_context(span, depth);
	struct steps out = {0, 0};

	for (unsigned i = span->skip; i < span->count; i++) {
		const unsigned bit = span->s[i];
		const int32_t now = lead[context], kept = now & (1 << bit);
		if ((found >> i & 1) && (now & 3)) {
			out.predicted |= (uint64_t)1 << i;
			out.correct |= (uint64_t)((now >= 0) == bit) << i;
		}

		/* What is counted once goes on; what is new needs room. What is not looked for takes room even where it
		 * is known, and is never found again. */
		const bool known = kept && (found >> i & 1);
		if (known || *left > 0) {
			lead[context] = (now | (1 << bit)) + (bit ? 4 : -4);
			*left -= !known;
		}
		context = (context << 1 | bit) & mask;
	}
	return out;
}

int multi_mmc_bits(struct symbols t, unsigned entries_max, struct score *out)
{
	int32_t *lead = calloc(PLACES, sizeof(*lead));
	unsigned left[DEPTHS + 1];
	struct board board;

	if (!lead)
		return -1;
	board_init(&board, DEPTHS, t.n - 2);
	for (unsigned d = 1; d <= DEPTHS; d++)
		left[d] = entries_max;
	for (size_t at = 0; at < t.n; at += BOARD_STEPS) {
		uint64_t correct[DEPTHS], predicted[DEPTHS], found = ~(uint64_t)0;
		for (unsigned d = 1; d <= DEPTHS; d++) {
			/* A depth begins where so many bits are behind. */
			const size_t count = t.n - at < BOARD_STEPS ? t.n - at : BOARD_STEPS;
			const struct span span = {t.s + at, at < d ? (unsigned)(d - at) : 0, (unsigned)count};
			const struct steps steps =
				2U << d <= entries_max
					? free_steps(&span, d, lead + ((size_t)1 << d))
					: limited_steps(&span, d, lead + ((size_t)1 << d), found, &left[d]);
			correct[d - 1] = steps.correct;
			predicted[d - 1] = found = steps.predicted;
		}
		board_steps(&board, correct, predicted);
	}
	free(lead);
	*out = board.score;
	return 0;
}
