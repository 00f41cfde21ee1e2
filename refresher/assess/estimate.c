#include "assess/estimate.h"

#include "assess/bound.h"

#include <math.h>
#include <string.h>

/* What a collision search has read and not used up: nothing, one bit, or two bits that differ. */
enum phase { NOTHING, A_ZERO, A_ONE, TWO_THAT_DIFFER, PHASES };

/* How a bit moves the search on (6.3.2 steps 1 to 5): two bits that are equal are a collision, and so are any three. */
static const uint8_t phase_behind[PHASES][2] = {
	[NOTHING] = {A_ZERO, A_ONE},
	[A_ZERO] = {NOTHING, TWO_THAT_DIFFER},
	[A_ONE] = {TWO_THAT_DIFFER, NOTHING},
	[TWO_THAT_DIFFER] = {NOTHING, NOTHING},
};

/* A bit of a sample; `place` 0 is the least significant one. */
static unsigned bit_of(unsigned sample, unsigned place)
{
	return sample >> place & 1;
}

void estimate_init(struct estimate *t, unsigned sample_bits)
{
	*t = (struct estimate){.sample_bits = sample_bits};

	/* Where the search is behind each sample, from each phase, so that a sample costs one look and not one a bit.
	 */
	for (unsigned phase = 0; phase < PHASES; phase++) {
		for (unsigned sample = 0; sample < 1U << sample_bits; sample++) {
			uint8_t now = (uint8_t)phase;
			for (unsigned place = sample_bits; place-- > 0;)
				now = phase_behind[now][bit_of(sample, place)];
			t->next_phase[phase][sample] = now;
		}
	}
}

void estimate_feed(struct estimate *t, const uint8_t *samples, size_t n)
{
	const unsigned first_bit = t->sample_bits - 1, mask = (1U << t->sample_bits) - 1;

	for (size_t i = 0; i < n; i++) {
		/* A pair of bits from the sample before this one; the first sample has none. */
		const uint8_t sample = (uint8_t)(samples[i] & mask);
		t->joints[t->last_bit][sample >> first_bit] += t->samples > 0;

		/* What it does to the search follows from the phase that it is met in, so it is counted by that. */
		t->met[t->phase][sample]++;
		t->phase = t->next_phase[t->phase][sample];
		t->last_bit = sample & 1;
		t->samples++;
	}
}

static struct estimate_mcv most_common(uint64_t mode, uint64_t n)
{
	struct estimate_mcv r = {.mode = mode, .p = (double)mode / (double)n};

	/* 6.3.1: the bound that the true probability exceeds in one of 200 cases. */
	r.p_u = bound_upper(r.p, (double)n);
	r.h = bound_min_entropy(r.p_u);
	return r;
}

static struct estimate_mcv mcv_samples(const struct estimate *t)
{
	uint64_t mode = 0;

	/* A sample was met as often as in all phases together. */
	for (unsigned sample = 0; sample < 1U << t->sample_bits; sample++) {
		uint64_t met = 0;
		for (unsigned phase = 0; phase < PHASES; phase++)
			met += t->met[phase][sample];
		mode = met > mode ? met : mode;
	}
	return most_common(mode, t->samples);
}

/* What the estimates of the bits need. */
struct bits {
	uint64_t ones;
	uint64_t pairs[2][2];   /* bits that follow one another */
	uint64_t ended[PHASES]; /* collisions, by the phase that they ended */
};

/* The bits of one sample that was met in one phase, `met` times. */
static void add_sample(struct bits *b, const struct estimate *t, unsigned phase, unsigned sample)
{
	const uint64_t met = t->met[phase][sample];

	for (unsigned place = t->sample_bits; place-- > 0;) {
		/* Its last bit is one of a pair with the next sample's first: those were counted as they came. */
		const unsigned bit = bit_of(sample, place);
		b->ones += bit * met;
		if (place > 0)
			b->pairs[bit][bit_of(sample, place - 1)] += met;

		/* The search begins anew behind a collision. */
		const unsigned behind = phase_behind[phase][bit];
		if (behind == NOTHING)
			b->ended[phase] += met;
		phase = behind;
	}
}

static struct bits count_bits(const struct estimate *t)
{
	struct bits b = {0};

	/* The pairs from one sample to the next, and then all that lies within the samples. */
	memcpy(b.pairs, t->joints, sizeof(b.pairs));
	for (unsigned phase = 0; phase < PHASES; phase++)
		for (unsigned sample = 0; sample < 1U << t->sample_bits; sample++)
			add_sample(&b, t, phase, sample);
	return b;
}

static struct estimate_collision collision(const struct bits *b)
{
	const uint64_t by_two = b->ended[A_ZERO] + b->ended[A_ONE], by_three = b->ended[TWO_THAT_DIFFER];
	const double squares = 4 * (double)by_two + 9 * (double)by_three;
	struct estimate_collision r = {.v = by_two + by_three, .sum_t = 2 * by_two + 3 * by_three};

	/* 6.3.2 steps 6 and 7: mean and deviation of the bits that a collision took, and the lower bound of the mean,
	 * which is 2 at least as no collision takes less. */
	r.mean = (double)r.sum_t / (double)r.v;
	r.sigma = sqrt((squares - (double)r.sum_t * r.mean) / (double)(r.v - 1));
	r.mean_l = fmax(2, r.mean - BOUND_QUANTILE * r.sigma / sqrt((double)r.v));

	/* Bits of which the likelier one has probability p take 2 + 2p - 2p^2 on average; 2.5 is the most. */
	r.p = r.mean_l < 2.5 ? 0.5 + sqrt(1.25 - 0.5 * r.mean_l) : 0.5;
	r.h = bound_min_entropy(r.p);
	return r;
}

/* How often a bit is followed by `second`, of all that are followed; a bit that never came has no follower. */
static double follower(const uint64_t pairs[2], unsigned second)
{
	const uint64_t all = pairs[0] + pairs[1];

	return all > 0 ? (double)pairs[second] / (double)all : 0;
}

/* -log2 of the probability of 128 bits: of their first bit, and of `a_times` and `b_times` steps from bit to bit. */
static double path(double first, double a, unsigned a_times, double b, unsigned b_times)
{
	if (!(a > 0 && b > 0))
		return 128;
	return 0 - log2(first) - a_times * log2(a) - b_times * log2(b);
}

static struct estimate_markov markov(const struct bits *b, uint64_t length)
{
	/* 6.3.3 step 1: the first bit is taken to be a zero as often as all bits are. */
	struct estimate_markov r = {
		.p_0 = (double)(length - b->ones) / (double)length,
		.p_00 = follower(b->pairs[0], 0),
		.p_01 = follower(b->pairs[0], 1),
		.p_10 = follower(b->pairs[1], 0),
		.p_11 = follower(b->pairs[1], 1),
	};
	const double p_1 = 1 - r.p_0;

	/* Step 2: the six kinds of 128 bits one of which is the likeliest. */
	const double paths[] = {
		path(r.p_0, r.p_00, 127, 1, 0),      /* 00 ... 0 */
		path(r.p_0, r.p_01, 64, r.p_10, 63), /* 0101 ... 01 */
		path(r.p_0, r.p_01, 1, r.p_11, 126), /* 011 ... 1 */
		path(p_1, r.p_10, 1, r.p_00, 126),   /* 100 ... 0 */
		path(p_1, r.p_10, 64, r.p_01, 63),   /* 1010 ... 10 */
		path(p_1, r.p_11, 127, 1, 0),        /* 11 ... 1 */
	};
	double least = 128;
	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++)
		least = fmin(least, paths[i]);

	/* Steps 3 and 4: its probability, and of its min-entropy one part in 128 for each bit. */
	r.p_max = exp2(-least);
	r.h = least / 128;
	return r;
}

struct estimates estimate_result(const struct estimate *t)
{
	const uint64_t length = t->samples * t->sample_bits;

	/* Of few samples the bounds say nothing, and what divides by their number less one would fail. */
	if (t->samples < ESTIMATE_SAMPLES_MIN)
		return (struct estimates){.samples = {0}};

	/* One pass over the counts serves all the estimates of bits. */
	const struct bits bits = count_bits(t);
	const uint64_t zeros = length - bits.ones;
	return (struct estimates){
		.samples = mcv_samples(t),
		.bits = most_common(zeros > bits.ones ? zeros : bits.ones, length),
		.collision = collision(&bits),
		.markov = markov(&bits, length),
	};
}
