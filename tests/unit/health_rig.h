/* health_rig.h - health tests with a store and a key, for the tests that have no use for them. One at a time. */
#ifndef REFRESHER_TESTS_HEALTH_RIG_H
#define REFRESHER_TESTS_HEALTH_RIG_H

#include "health/health.h"

static inline void health_rig(struct health *t, const struct health_config *c, double h_per_sample,
			      unsigned sample_bits)
{
	static const uint8_t key[REPEAT_KEY_BYTES] = "any sixteen byte";
	static struct health_store store;

	health_init(t, c, h_per_sample, sample_bits, &store, key);
}

#endif
