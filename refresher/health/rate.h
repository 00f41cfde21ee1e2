/* rate.h - escalation: intermittent failures that come more often than chance allows are a permanent failure.
 *
 * OURS, not of SP 800-90B. An intermittent failure is one that a healthy source has now and then, as often as the
 * configured alpha says. How many of them in RATE_SPAN samples are too many follows from that alpha: cutoff_rate() in
 * cutoff.h, 6 at 2^-30. A source with a little less min-entropy than assumed is seen by this and by nothing else.
 *
 * The span is the one that ends with the present sample. A restart of the tests and a start-up test that passed do not
 * make failures undone. Pure: no I/O, no allocation. One instance per noise source. */
#ifndef REFRESHER_HEALTH_RATE_H
#define REFRESHER_HEALTH_RATE_H

#include "health/cutoff.h"

#include <stdbool.h>
#include <stdint.h>

enum { RATE_SPAN_LOG2 = 20, RATE_SPAN = 1 << RATE_SPAN_LOG2 };

struct rate {
	uint32_t cutoff_n;            /* so many failures in the span are too many; 1 ... CUTOFF_RATE_MAX */
	uint32_t kept, next;          /* of at[], a ring of cutoff_n: how many are valid, where the next one goes */
	uint64_t at[CUTOFF_RATE_MAX]; /* the samples that the latest failures came with */
};

void rate_init(struct rate *t, uint32_t cutoff_n);

/* An intermittent failure of any test came with this sample; samples are counted from the start of the process, and two
 * tests may fail with the same one. true: that makes cutoff_n failures in the span. */
bool rate_note(struct rate *t, uint64_t sample);

/* Forgets them: a permanent failure of a test itself has said what they were about. */
void rate_forget(struct rate *t);

/* How many failures came with the RATE_SPAN samples that end with this one; at most cutoff_n are told. */
uint32_t rate_count(const struct rate *t, uint64_t sample);

#endif
