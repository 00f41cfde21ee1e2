/* estimators.h - the estimators of SP 800-90B, 6.3.4 to 6.3.10, one function each: what non_iid.c composes.
 *
 * All take a span of at least two different symbols, and are pure but for memory: those that return int give 0, or -1
 * where there is none. Each is exact: its plain reading in the tests gives the same integers. */
#ifndef REFRESHER_ASSESS_ESTIMATORS_H
#define REFRESHER_ASSESS_ESTIMATORS_H

#include "assess/predict.h"
#include "assess/symbols.h"

/* 6.3.4. mean: X-bar, mean_l: its lower bound X-bar'; p: 1/64 where nothing less likely explains the mean (found is
 * false). */
struct compression {
	double mean, sigma, mean_l, p, h;
	bool found;
};

/* 6.3.5 and 6.3.6. t: the greatest length of a tuple that comes 35 times; u = t + 1; v: the length of the longest
 * repeated substring. */
struct tuples {
	uint64_t t, v;
	struct {
		double p, p_u, h;
	} t_tuple, lrs;
};

enum {
	COMPRESSION_BITS_MIN = 6012, /* blocks of six bits: 1000 to begin with, and two */
	MULTI_MCW_MIN = 4096,        /* symbols: the largest window, and one */
};

/* 6.3.4, of bits: t.k = 2, t.n >= COMPRESSION_BITS_MIN. */
int compression_estimate(struct symbols t, struct compression *out);

/* 6.3.5 and 6.3.6. t_tuple.h is below 0 where no symbol comes 35 times, lrs.h where v < u. t.n >= 2. */
int tuples_estimate(struct symbols t, struct tuples *out);

/* 6.3.7. t.n >= MULTI_MCW_MIN. */
struct score multi_mcw_score(struct symbols t);

/* 6.3.8. t.n >= 2. */
struct score lag_score(struct symbols t);

/* 6.3.9. t.n >= 3. entries_max: how many pairs of a context and a symbol are kept for each depth, 1 ... 100000. */
enum { MULTI_MMC_ENTRIES = 100000 };
int multi_mmc_score(struct symbols t, unsigned entries_max, struct score *out);

/* 6.3.10. t.n >= 18. contexts_max: how many contexts are kept, 16 ... 65536. */
enum { LZ78Y_CONTEXTS = 65536 };
int lz78y_score(struct symbols t, unsigned contexts_max, struct score *out);

#endif
