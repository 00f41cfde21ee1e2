#include "health/window.h"

#include <string.h>

/* A vector of the compiler: SSE2 on every x86-64, NEON on every arm64, plain code elsewhere. */
enum { LANES = 16 };
typedef uint8_t lanes __attribute__((vector_size(LANES)));

static inline lanes load(const uint8_t *p)
{
	lanes v;

	memcpy(&v, p, LANES);
	return v;
}

static inline bool any(lanes v)
{
	uint64_t half[2];

	memcpy(half, &v, LANES);
	return (half[0] | half[1]) != 0;
}

/* How many of the w samples equal a. A lane counts to at most 1024 / LANES = 64. */
static uint32_t count_equal(const uint8_t *samples, size_t w, uint8_t a)
{
	lanes counts = {0}, wanted = counts + a;
	uint32_t sum = 0;

	for (size_t i = 0; i < w; i += LANES)
		counts -= (lanes)(load(samples + i) == wanted); /* true is -1 */
	for (size_t i = 0; i < LANES; i++)
		sum += counts[i];
	return sum;
}

/* Is there a run of at least `length` >= 1 equal samples? same[i] tells first that samples i and i+1 are equal, and
 * after each round that the `steps` pairs from i on are; the rounds double, so a long run costs few of them. */
static bool has_run(const uint8_t *samples, size_t w, size_t length)
{
	uint8_t same[APT_WINDOW_BINARY + LANES] = {0};
	size_t i = 0, steps = 1;
	lanes found = {0};

	if (length > w || length == 1)
		return length == 1;
	for (; i + LANES < w; i += LANES) {
		lanes v = (lanes)(load(samples + i) == load(samples + i + 1));
		memcpy(same + i, &v, LANES);
	}
	for (; i + 1 < w; i++)
		same[i] = samples[i] == samples[i + 1];
	while (steps < length - 1) {
		size_t more = steps < length - 1 - steps ? steps : length - 1 - steps;
		for (i = 0; i + steps < w; i += LANES) { /* behind w - steps all is zero */
			lanes v = load(same + i) & load(same + i + more);
			memcpy(same + i, &v, LANES);
		}
		steps += more;
	}
	for (i = 0; i + steps < w; i += LANES)
		found |= load(same + i);
	return any(found);
}

/* Does the run that is under way reach too_long samples inside the window? */
static bool goes_on_too_long(const struct rct *t, const uint8_t *samples, uint32_t w, uint32_t too_long)
{
	uint64_t run = t->run_b;

	if (!t->primed || samples[0] != t->last_a)
		return false;
	for (uint32_t n = 0; n < w && samples[n] == t->last_a; n++)
		run++;
	return run >= too_long;
}

static uint32_t trailing_run(const uint8_t *samples, uint32_t w)
{
	uint32_t n = 1;

	while (n < w && samples[w - 1 - n] == samples[w - 1])
		n++;
	return n;
}

/* Measured on x86-64 with SSE2 (bench/health_speed.c): random bytes 4.8 GB/s, sample by sample 0.18 GB/s; bits 2.4 and
 * 0.1 GB/s.
 *
 * The window is clean if A occurs less often than the lower cutoff of the APT, and no run, the one under way included,
 * reaches the lower cutoff of the RCT. The limit of a run is made still lower, the peak so far: then the peak needs no
 * search for the longest run, and a new peak, which is rare, is found sample by sample. */
bool window_feed(struct rct *rct, struct apt *apt, const uint8_t *samples)
{
	const uint32_t w = apt->window_w;
	const uint32_t too_long = rct->peak < rct->cutoff_c[0] ? rct->peak + 1 : rct->cutoff_c[0];

	if (apt->index_i != 0 || (w != APT_WINDOW_NONBINARY && w != APT_WINDOW_BINARY))
		return false;
	uint32_t count_b = count_equal(samples, w, samples[0]);
	if (count_b >= apt->cutoff_c[0])
		return false;
	if (goes_on_too_long(rct, samples, w, too_long) || has_run(samples, w, too_long))
		return false;

	apt->sample_a = samples[0];
	apt->count_b = apt->last_count = count_b;
	apt->windows++;
	rct->primed = true;
	rct->last_a = samples[w - 1];
	rct->run_b = trailing_run(samples, w); /* count_b < W: the run begins inside the window */
	return true;
}
