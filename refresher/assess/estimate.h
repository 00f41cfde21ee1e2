/* estimate.h - min-entropy estimates that run along: most common value, collision, Markov (SP 800-90B, section
 * "Estimators", 6.3.1 to 6.3.3).
 *
 * Counts go on as samples come, and no sample is stored; the estimates are computed from the counts at the end. The
 * result for a span of samples does not depend on how it was cut into calls. As NIST's public tool computes them: the
 * most common value over the samples and over their bits, collision and Markov over the bits alone, the most
 * significant bit of a sample first. Like that tool, and unlike the printed text, the upper bounds take the 0.995
 * quantile of the normal distribution unrounded (2.5758..., not 2.576).
 *
 * What the estimates are worth: each says what a certain simple kind of fault would leave, with 99 % confidence. None
 * of them proves entropy. Of ideal samples they come out below 1 per bit, and scatter. The least, the median and the
 * greatest of 1000 ideal inputs of 10^6 samples, in bits per bit (tests/spread.c):
 *
 *                                      of bytes                   of single bits
 *   most common value of the samples   0.981   0.985   0.987      0.992   0.995   0.996
 *   most common value of the bits      0.997   0.998   0.999      the same
 *   collision                          0.916   0.947   1.000      0.867   0.911   1.000
 *   Markov                             0.998   0.999   1.000      0.994   0.998   1.000
 *
 * Pure: no I/O, no allocation. */
#ifndef REFRESHER_ASSESS_ESTIMATE_H
#define REFRESHER_ASSESS_ESTIMATE_H

#include <stddef.h>
#include <stdint.h>

enum { ESTIMATE_SAMPLES_MIN = 1000 }; /* of fewer nothing can be said */

/* The counts of a span. A visible struct in the caller's memory, 5 KiB; members are read-only to callers.
 * Below 2^32 samples. */
struct estimate {
	unsigned sample_bits;
	uint64_t samples;
	/* How often each sample was met, by what the collision search had left of the bits before it: nothing, a zero,
	 * a one, or two bits that differ. All the estimates follow from these and from the joints. */
	uint32_t met[4][256];
	uint8_t next_phase[4][256];
	uint8_t phase;
	uint8_t last_bit;      /* of the latest sample; no more of it is kept ... */
	uint64_t joints[2][2]; /* ... for the pairs of a sample's last bit and the next one's first bit */
};

/* 6.3.1. p: p-hat, p_u: its upper bound; h: min-entropy in bits of one symbol. */
struct estimate_mcv {
	uint64_t mode; /* how often the most common value came */
	double p, p_u, h;
};

/* 6.3.2. v collisions in sum_t bits; mean: X-bar, mean_l: its lower bound, at least 2; h: per bit. */
struct estimate_collision {
	uint64_t v, sum_t;
	double mean, sigma, mean_l, p, h;
};

/* 6.3.3. p_0: of a zero; p_00, p_01, p_10, p_11: of a bit behind a bit; p_max: of the likeliest 128 bits; h: per bit.
 */
struct estimate_markov {
	double p_0, p_00, p_01, p_10, p_11, p_max, h;
};

struct estimates {
	struct estimate_mcv samples; /* h: bits per sample, at most sample_bits */
	struct estimate_mcv bits;
	struct estimate_collision collision;
	struct estimate_markov markov;
};

/* sample_bits: 1 ... 8. */
void estimate_init(struct estimate *t, unsigned sample_bits);

/* n samples of 0 ... 2^sample_bits - 1 each; higher bits are not looked at. */
void estimate_feed(struct estimate *t, const uint8_t *samples, size_t n);

/* Of at least ESTIMATE_SAMPLES_MIN samples; of fewer all estimates are 0. t may go on afterwards. */
struct estimates estimate_result(const struct estimate *t);

#endif
