/* window.h - the fast path of health_feed: one whole window of the adaptive proportion test at once.
 *
 * The specification is rct_feed and apt_feed, sample by sample; this path gives the same verdicts, peaks and counts.
 * Pure: no I/O, no allocation. */
#ifndef REFRESHER_HEALTH_WINDOW_H
#define REFRESHER_HEALTH_WINDOW_H

#include "health/apt.h"
#include "health/rct.h"

#include <stdbool.h>
#include <stdint.h>

/* Feeds the apt->window_w samples of a window to both tests and returns true if that is certain to signal nothing.
 * Otherwise changes nothing and returns false: the window must go sample by sample. False too where a run would be a
 * new peak, where a window has begun already (apt->index_i != 0), and for windows other than those of 4.4.2. */
bool window_feed(struct rct *rct, struct apt *apt, const uint8_t *samples);

#endif
