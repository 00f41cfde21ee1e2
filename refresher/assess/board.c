#include "assess/board.h"

#include "assess/bits.h"

void board_init(struct board *t, unsigned n, uint64_t predictions)
{
	*t = (struct board){.n = n, .score = {.n = predictions}};
}

/* The winner's predictions of some steps, while it stays the winner. */
static void judge(struct board *t, uint64_t correct, uint64_t predicted)
{
	/* Each turn takes correct ones in a row, and the wrong one behind them. */
	while (predicted) {
		if (predicted & 1) {
			const unsigned right = bits_trailing_ones(correct);
			t->run += right;
			t->score.longest = t->run > t->score.longest ? t->run : t->score.longest;
			t->score.correct += right;
			correct = right < BOARD_STEPS ? correct >> right : 0;
			predicted = right < BOARD_STEPS ? predicted >> right : 0;
			if (!(predicted & 1))
				continue;
			t->run = 0;
		}
		correct >>= 1;
		predicted >>= 1;
	}
}

/* Step by step among those that can become the winner. */
static void contest(struct board *t, const uint64_t *correct, const uint64_t *predicted, const uint8_t *rival,
		    unsigned rivals)
{
	for (unsigned i = 0; i < BOARD_STEPS; i++) {
		/* The winner is judged first, and then may lose its place. */
		judge(t, correct[t->winner] >> i & 1, predicted[t->winner] >> i & 1);
		for (unsigned r = 0; r < rivals; r++) {
			const unsigned j = rival[r];
			t->points[j] += (uint32_t)(correct[j] >> i & 1);
			if ((correct[j] >> i & 1) && t->points[j] >= t->points[t->winner])
				t->winner = j;
		}
	}
}

void board_steps(struct board *t, const uint64_t *correct, const uint64_t *predicted)
{
	const uint32_t high = t->points[t->winner];
	uint32_t gain[BOARD_MAX];
	uint8_t rival[BOARD_MAX];
	unsigned rivals = 0;

	/* Points never go down, so only who has the winner's points of now at the end can have passed it. */
	for (unsigned j = 0; j < t->n; j++)
		gain[j] = bits_count(correct[j]);
	for (unsigned j = 0; j < t->n; j++) {
		if (t->points[j] + gain[j] >= high)
			rival[rivals++] = (uint8_t)j;
		else
			t->points[j] += gain[j];
	}
	if (rivals > 1) {
		contest(t, correct, predicted, rival, rivals);
		return;
	}
	t->points[t->winner] += gain[t->winner];
	judge(t, correct[t->winner], predicted[t->winner]);
}
