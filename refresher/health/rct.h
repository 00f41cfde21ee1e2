/* rct.h - repetition count test, SP 800-90B 4.4.1. Pure: no I/O, no allocation. One instance per noise source.
 *
 * Counts how often one value repeats in a row (B) and compares with two cutoffs C. Deviation from 4.4.1, on purpose: a
 * failure does not reset B, so that a source that is stuck passes the intermittent cutoff and goes on to the permanent
 * one; each level signals once per run, at the sample where B reaches its cutoff. */
#ifndef REFRESHER_HEALTH_RCT_H
#define REFRESHER_HEALTH_RCT_H

#include <stdbool.h>
#include <stdint.h>

struct rct {
	uint32_t cutoff_c[2]; /* [0] intermittent, [1] permanent; 2 <= [0] <= [1] */
	uint32_t run_b;       /* B: length of the present run; saturates */
	uint32_t peak;        /* highest B since rct_take_peak */
	uint8_t last_a;       /* A: the sample that the run repeats */
	bool primed;          /* A is valid */
};

void rct_init(struct rct *t, uint32_t cutoff_intermittent, uint32_t cutoff_permanent);

/* The specification: one sample, plain. Level of a failure: 0 none, 1 intermittent, 2 permanent (both cutoffs equal:
 * 2).
 */
int rct_feed(struct rct *t, uint8_t sample);

/* Highest run since the last call; a run that is still under way counts again in the next one. */
uint32_t rct_take_peak(struct rct *t);

#endif
