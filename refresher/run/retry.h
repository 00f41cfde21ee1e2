/* retry.h - when a source that has failed for good may try its start-up test again. Pure: no I/O, no clock.
 *
 * Pauses double from health.retry_min to health.retry_max. Behind each pause a retry is up to RETRY_BLOCKS start-up
 * tests in a row: a source whose samples are queued (a FIFO) gets past a bad stretch so, and one that is broken still
 * fails them all; with many more of them a bad source would pass one by chance. A start-up test that was passed does
 * not shorten the next pause, since a biased source passes some of them by chance: only a source that then held for
 * retry_max begins anew. Times are nanoseconds of the caller's monotonic clock. One owner: the collector thread. */
#ifndef REFRESHER_RUN_RETRY_H
#define REFRESHER_RUN_RETRY_H

#include <stdbool.h>
#include <stdint.h>

enum { RETRY_BLOCKS = 8 };

struct retry {
	int64_t min_ns, max_ns;
	int64_t pause_ns;     /* the next pause */
	int64_t at_ns;        /* when the present pause ends */
	int64_t ok_since_ns;  /* 0: no start-up test was passed since the last permanent failure */
	unsigned blocks_left; /* start-up tests that may still fail before the pause begins again */
};

void retry_init(struct retry *r, double min_seconds, double max_seconds);
void retry_begin(struct retry *r);                  /* the pause is over, or an operator does not wait for it */
void retry_passed(struct retry *r, int64_t now_ns); /* a start-up test */
void retry_break_off(struct retry *r);              /* the source is lost: no start-up test of this retry is left */

/* A permanent failure: true, the next start-up test may follow at once; false, pause first (retry_pause). */
bool retry_has_block(struct retry *r);
void retry_pause(struct retry *r, int64_t now_ns);

/* This failure is not the first of its retry: nobody needs to be told again. */
bool retry_is_repeated(const struct retry *r);

#endif
