/* health_samples.h - repeatable samples for the tests of health/. */
#ifndef REFRESHER_TESTS_HEALTH_SAMPLES_H
#define REFRESHER_TESTS_HEALTH_SAMPLES_H

#include <stddef.h>
#include <stdint.h>

/* A 64-bit mixing generator: test data only. */
static inline uint64_t sample_word(uint64_t *state)
{
	uint64_t z = *state += 0x9e3779b97f4a7c15;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
	z = (z ^ z >> 27) * 0x94d049bb133111eb;
	return z ^ z >> 31;
}

/* 0 ... below-1 */
static inline size_t sample_below(uint64_t *state, size_t below)
{
	return (size_t)(sample_word(state) % below);
}

static inline uint8_t sample_byte(uint64_t *state)
{
	return (uint8_t)(sample_word(state) >> 56);
}

/* The i-th sample of a stream that passes: never 0, and it never repeats. */
static inline uint8_t sample_clean(size_t i)
{
	uint64_t state = i;

	return (uint8_t)(1 + sample_below(&state, 255));
}

#endif
