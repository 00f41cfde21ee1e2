#include "assess/estimate.h"

#include <math.h>
#include <string.h>

/* What a collision search has read and not used up: nothing, one bit, or two bits that differ. */
enum phase { NOTHING, A_ZERO, A_ONE, TWO_THAT_DIFFER };

/* The 0.995 quantile of the standard normal distribution, for bounds at 99 % confidence. */
static const double quantile = 2.5758293035489008;

struct collisions {
	uint64_t by_two, by_three; /* bits that were needed */
};

/* One bit of the collision search (6.3.2 steps 1 to 5): two bits that are equal are a collision, and so are any three.
 */
static enum phase step(enum phase before, unsigned bit, struct collisions *c)
{
	if (before == NOTHING)
		return bit ? A_ONE : A_ZERO;
	if (before == TWO_THAT_DIFFER) {
		c->by_three++;
		return NOTHING;
	}
	if (bit == (before == A_ONE)) {
		c->by_two++;
		return NOTHING;
	}
	return TWO_THAT_DIFFER;
}

/* All bits of a sample, the most significant first. */
static enum phase step_sample(enum phase before, unsigned sample, unsigned sample_bits, struct collisions *c)
{
	for (unsigned i = sample_bits; i-- > 0;)
		before = step(before, sample >> i & 1, c);
	return before;
}

void estimate_init(struct estimate *t, unsigned sample_bits)
{
	struct collisions unused = {0, 0};

	*t = (struct estimate){.sample_bits = sample_bits};
	for (unsigned phase = 0; phase < 4; phase++)
		for (unsigned sample = 0; sample < 1U << sample_bits; sample++)
			t->next_phase[phase][sample] =
				(uint8_t)step_sample((enum phase)phase, sample, sample_bits, &unused);
}

void estimate_feed(struct estimate *t, const uint8_t *samples, size_t n)
{
	const unsigned first_bit = t->sample_bits - 1, mask = (1U << t->sample_bits) - 1;

	for (size_t i = 0; i < n; i++) {
		const uint8_t sample = (uint8_t)(samples[i] & mask);
		/* A pair of bits from the sample before this one; the first sample has none. */
		t->joints[t->last_bit][sample >> first_bit] += t->samples > 0;
		t->met[t->phase][sample]++;
		t->phase = t->next_phase[t->phase][sample];
		t->last_bit = sample & 1;
		t->samples++;
	}
}

static double upper_bound(double p, uint64_t n)
{
	double p_u = p + quantile * sqrt(p * (1 - p) / (double)(n - 1));

	return p_u < 1 ? p_u : 1;
}

static double min_entropy(double p)
{
	return p < 1 ? -log2(p) : 0;
}

static struct estimate_mcv most_common(uint64_t mode, uint64_t n)
{
	struct estimate_mcv r = {.mode = mode, .p = (double)mode / (double)n};

	r.p_u = upper_bound(r.p, n);
	r.h = min_entropy(r.p_u);
	return r;
}

static uint64_t met_in_any_phase(const struct estimate *t, unsigned sample)
{
	return t->met[0][sample] + t->met[1][sample] + t->met[2][sample] + t->met[3][sample];
}

static struct estimate_mcv mcv_samples(const struct estimate *t)
{
	uint64_t mode = 0;

	for (unsigned sample = 0; sample < 1U << t->sample_bits; sample++) {
		uint64_t met = met_in_any_phase(t, sample);
		mode = met > mode ? met : mode;
	}
	return most_common(mode, t->samples);
}

static struct estimate_collision collision(const struct estimate *t)
{
	uint64_t by_two = 0, by_three = 0;
	struct estimate_collision r;

	/* What happened in each sample depends on nothing but the phase that it was met in. */
	for (unsigned phase = 0; phase < 4; phase++) {
		for (unsigned sample = 0; sample < 1U << t->sample_bits; sample++) {
			struct collisions c = {0, 0};
			step_sample((enum phase)phase, sample, t->sample_bits, &c);
			by_two += c.by_two * t->met[phase][sample];
			by_three += c.by_three * t->met[phase][sample];
		}
	}

	/* Mean and deviation of the bits that a collision took, and the lower bound of the mean. */
	const double squares = 4 * (double)by_two + 9 * (double)by_three;
	r.v = by_two + by_three;
	r.sum_t = 2 * by_two + 3 * by_three;
	r.mean = (double)r.sum_t / (double)r.v;
	r.sigma = sqrt((squares - (double)r.sum_t * r.mean) / (double)(r.v - 1));
	r.mean_l = r.mean - quantile * r.sigma / sqrt((double)r.v);
	if (r.mean_l < 2)
		r.mean_l = 2;

	/* Bits of which the likelier one has probability p take 2 + 2p - 2p^2 on average; 2.5 is the most. */
	r.p = r.mean_l < 2.5 ? 0.5 + sqrt(1.25 - 0.5 * r.mean_l) : 0.5;
	r.h = min_entropy(r.p);
	return r;
}

/* Zeros, and pairs of bits that begin with a zero or a one and end with a zero. */
struct bits {
	uint64_t zeros, from_zero, zero_zero, from_one, one_zero;
};

static void add_pair(struct bits *b, unsigned first, unsigned second, uint64_t times)
{
	if (first == 0) {
		b->from_zero += times;
		b->zero_zero += second == 0 ? times : 0;
	} else {
		b->from_one += times;
		b->one_zero += second == 0 ? times : 0;
	}
}

static struct bits count_bits(const struct estimate *t)
{
	struct bits b = {0};

	/* Within the samples ... */
	for (unsigned sample = 0; sample < 1U << t->sample_bits; sample++) {
		const uint64_t met = met_in_any_phase(t, sample);
		for (unsigned i = t->sample_bits; i-- > 0;) {
			b.zeros += (sample >> i & 1) == 0 ? met : 0;
			if (i > 0)
				add_pair(&b, sample >> i & 1, sample >> (i - 1) & 1, met);
		}
	}

	/* ... and from one to the next. */
	for (unsigned first = 0; first < 2; first++)
		for (unsigned second = 0; second < 2; second++)
			add_pair(&b, first, second, t->joints[first][second]);
	return b;
}

static double ratio(uint64_t part, uint64_t whole)
{
	return whole > 0 ? (double)part / (double)whole : 0;
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
	/* 6.3.3 step 1: the first bit is taken to be a zero as often as all bits are; a bit that never came has no
	 * follower. */
	struct estimate_markov r = {
		.p_0 = ratio(b->zeros, length),
		.p_00 = ratio(b->zero_zero, b->from_zero),
		.p_01 = ratio(b->from_zero - b->zero_zero, b->from_zero),
		.p_10 = ratio(b->one_zero, b->from_one),
		.p_11 = ratio(b->from_one - b->one_zero, b->from_one),
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
		least = paths[i] < least ? paths[i] : least;

	/* Steps 3 and 4. */
	r.p_max = exp2(-least);
	r.h = least / 128;
	return r;
}

struct estimates estimate_result(const struct estimate *t)
{
	const uint64_t length = t->samples * t->sample_bits;

	if (t->samples < ESTIMATE_SAMPLES_MIN)
		return (struct estimates){.samples = {0}};
	const struct bits bits = count_bits(t);
	const uint64_t ones = length - bits.zeros;
	return (struct estimates){
		.samples = mcv_samples(t),
		.bits = most_common(ones > bits.zeros ? ones : bits.zeros, length),
		.collision = collision(t),
		.markov = markov(&bits, length),
	};
}
