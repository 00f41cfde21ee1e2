/* settings.h - everything that the stages are told. Plain data. */
#ifndef REFRESHER_RUN_SETTINGS_H
#define REFRESHER_RUN_SETTINGS_H

#include "health/health.h"
#include "numbers/numbers.h"
#include "seed/drbg.h"
#include "sink/sink.h"
#include "source/assessed.h"
#include "source/source.h"

#include <stdbool.h>

/* A reload changes the reloadable part in place (see the manual): the main thread reads it, the others are told. What
 * cannot change while running is never written again, so that any thread may keep a pointer to it. */
struct run_config {
	struct source_config source;
	struct assessed assessed; /* what was read from source.min_entropy_file; no key, and read at the start alone */
	struct health_config health;
	struct seed_config seed;
	struct numbers_config numbers;
	struct sink_config output;
	double interval_seconds; /* 0: write once and end; else 0.001 ... 86400 */
	bool memory_lock;        /* confine.memory_lock, default true: pool, seed and random bytes stay out of swap */
};

/* What the worker is told of it, by value. */
struct refresh_config {
	struct numbers_config numbers;
	struct seed_config seed;
	double interval_seconds;
	double timeout_seconds, startup_timeout_seconds; /* of the source */
	enum health_on_failure on_failure;
};

static inline bool run_is_once(const struct run_config *c)
{
	return c->interval_seconds <= 0;
}

#endif
