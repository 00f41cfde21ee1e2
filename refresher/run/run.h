/* run.h - the settings of the whole pipeline and its start and end; the only place that sees all stages. */
#ifndef REFRESHER_RUN_RUN_H
#define REFRESHER_RUN_RUN_H

#include "health/health.h"
#include "numbers/numbers.h"
#include "seed/drbg.h"
#include "sink/sink.h"
#include "source/source.h"

/* Everything that the stages are told. Copied by value; a reload replaces the reloadable part (see man page). */
struct run_config {
	struct source_config source;
	struct health_config health;
	struct seed_config seed;
	struct numbers_config numbers;
	struct sink_config output;
	double interval_seconds; /* 0: write once and end; else 0.001 ... 86400 */
};

#endif
