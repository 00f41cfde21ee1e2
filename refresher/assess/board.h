/* board.h - the scoreboard by which a predictor of SP 800-90B, 6.3.7 to 6.3.9, picks one of its sub-predictors: the one
 * with the most points predicts, and of several that have as many, the one that got there last (in one step: the one
 * with the greatest number).
 *
 * It is told 64 steps at a time which sub-predictors were right. Those that cannot reach the winner within these steps
 * only get their points; what is left is mostly the winner alone. Pure; 1 KiB in the caller's memory. */
#ifndef REFRESHER_ASSESS_BOARD_H
#define REFRESHER_ASSESS_BOARD_H

#include "assess/predict.h"

enum { BOARD_MAX = 128, BOARD_STEPS = 64 };

struct board {
	unsigned n; /* sub-predictors */
	unsigned winner;
	uint32_t points[BOARD_MAX];
	uint64_t run; /* correct ones in a row, up to now */
	struct score score;
};

/* n: 1 ... BOARD_MAX; predictions: how many there will be. The first sub-predictor begins as the winner. */
void board_init(struct board *t, unsigned n, uint64_t predictions);

/* Steps from the least significant bit on. correct[j]: where sub-predictor j was right; predicted[j]: where it said
 * anything, which holds all of correct[j]. A step in which the winner says nothing counts neither way. */
void board_steps(struct board *t, const uint64_t *correct, const uint64_t *predicted);

#endif
