/* running.h - the estimates of a source that runs: of each span of 10^6 samples, one span behind the other.
 *
 * They see slowly what the health tests cannot: a source that gives less than is assumed, and not so much less that a
 * test fails. What they are worth, and what ideal samples give, says estimate.h. No sample is stored.
 *
 * An estimate is compared with its floor: the assumed min-entropy per bit or, where that is less, what ideal samples
 * never gave. Below it somebody should look; nothing else follows from it. The floors for ideal samples lie below the
 * least of 1000 spans (estimate.h) by a third of the way from there to the median or more:
 *
 *                       bytes    single bits
 *   most common value   0.977    0.990
 *   collision           0.890    0.840
 *   Markov              0.997    0.992
 *
 * Pure: no I/O, no allocation, no clock. Visible struct in the caller's memory, 10 KiB; members are read-only to
 * callers. One instance per noise source and thread. */
#ifndef REFRESHER_ASSESS_RUNNING_H
#define REFRESHER_ASSESS_RUNNING_H

#include "assess/estimate.h"

#include <stdbool.h>

enum { RUNNING_SPAN = 1000000 }; /* samples */

/* The fixed label set of source_estimated_entropy_ratio{estimator}: SP 800-90B, 6.3.1 to 6.3.3. */
enum running_estimator { RUNNING_MCV, RUNNING_COLLISION, RUNNING_MARKOV, RUNNING_ESTIMATORS };
/* "most_common_value", "collision", "markov" */
extern const char *const running_estimator_names[RUNNING_ESTIMATORS];

/* What observers may know. Ratios are bits of min-entropy per bit, 0 ... 1; below 0 until there is an estimate. */
struct running_counts {
	uint64_t spans;                   /* completed */
	int64_t last_ns;                  /* when the last one was: of the clock that running_feed is told */
	unsigned samples;                 /* of the span under way */
	double ratio[RUNNING_ESTIMATORS]; /* of the last span; most common value: the lesser of samples and bits */
	double floor[RUNNING_ESTIMATORS]; /* below it somebody should look; above 0 */
};

struct running {
	struct estimate span;
	struct running_counts counts;
};

/* sample_bits: 8 or 1. 0 < h_per_sample <= sample_bits. */
void running_init(struct running *t, unsigned sample_bits, double h_per_sample);

/* Begins the span anew: what comes may be of another generator. The last estimates stay. */
void running_restart(struct running *t);

/* n samples, of which the last came at now_ns. True: a span ended with one of them, and the estimates are new. */
bool running_feed(struct running *t, const uint8_t *samples, size_t n, int64_t now_ns);

#endif
