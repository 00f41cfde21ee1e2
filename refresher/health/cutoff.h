/* cutoff.h - cutoffs of the health tests from alpha, H and W. Pure arithmetic.
 *
 * RCT, SP 800-90B 4.4.1: C = 1 + ceil(-log2(alpha) / H).
 * APT, 4.4.2: the standard prints C = 1 + critbinom(W, 2^-H, 1-alpha), but the first sample of a window counts itself,
 * so only W-1 samples are free and that formula's true false-alarm rate exceeds alpha (H=6, alpha 2^-20: 2^-18.4). We
 * deviate and use C = 2 + critbinom(W-1, 2^-H, 1-alpha), which keeps alpha and never gives a smaller C. critbinom(n, p,
 * q) is the smallest k with P[Bin(n,p) <= k] >= q. C is at most W: a window of equal samples always fails. */
#ifndef REFRESHER_HEALTH_CUTOFF_H
#define REFRESHER_HEALTH_CUTOFF_H

#include <stdint.h>

/* alpha_log2: -120 ... -1 (-30 means alpha 2^-30). h_per_sample: 0 < H <= 8, in bits; a decimal H of up to 13 places
 * counts as that decimal, not as its double. Result 2 ... UINT32_MAX. */
uint32_t cutoff_rct(int alpha_log2, double h_per_sample);

/* window_w: 2 ... 65536. Result 2 ... window_w. */
uint32_t cutoff_apt(int alpha_log2, double h_per_sample, uint32_t window_w);

/* The block repetition test, which is ours (repeat.h): the k for which an earlier block comes again, by chance, with at
 * most 2^-60 a sample among 2^prints_log2 blocks: k = ceil((60 + prints_log2) / H). h_per_sample as for cutoff_rct. */
uint32_t cutoff_repeat(double h_per_sample, unsigned prints_log2);

/* The escalation by rate, ours too (rate.h): how many intermittent failures in 2^span_log2 samples are too many. The
 * repetition count test may fail with 2^alpha_log2 a sample, the adaptive proportion test with as much a window of
 * window_w; together that is an expected number lambda, and the result is the least n for which a Poisson variable of
 * that mean reaches n with less than 2^-60. (Of both tests a failure comes with at most alpha whatever was before, so
 * the true number is no larger than a Poisson one but for a part of alpha/2 in lambda.) alpha_log2: -60 ... -10; result
 * 2 ... CUTOFF_RATE_MAX. */
enum { CUTOFF_RATE_MAX = 1320 };
uint32_t cutoff_rate(int alpha_log2, uint32_t window_w, unsigned span_log2);

#endif
