/* health.h - start-up, continuous and on-demand health tests of one noise source (SP 800-90B, section "Health Tests").
 *
 * Every sample passes, before anybody may use it, the repetition count test (rct.h) and the adaptive proportion test
 * (apt.h) of that standard, and the block repetition test (repeat.h), which is ours. Two levels, each with its own
 * cutoff: an intermittent failure (alpha 2^-30) asks for a new start-up test, a permanent failure (alpha 2^-60) is
 * latched until health_restart. The tests are NOT reset by an intermittent failure, so a stuck source goes on to the
 * permanent cutoff; intermittent failures that come more often than alpha allows are a permanent failure as well
 * (rate.h, ours). Nothing is tested or counted between a latched failure and the restart.
 *
 * Pure: no I/O, no allocation, no clock. Visible structs in the caller's memory; members are read-only to callers. One
 * instance per noise source and thread. */
#ifndef REFRESHER_HEALTH_HEALTH_H
#define REFRESHER_HEALTH_HEALTH_H

#include "health/apt.h"
#include "health/rate.h"
#include "health/rct.h"
#include "health/repeat.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct health_config {
	int alpha_log2_intermittent; /* -30: false alarms 2^-30 per sample (RCT) or window (APT); -10 ... -60 */
	int alpha_log2_permanent;    /* -60; below alpha_log2_intermittent; down to -120 */
	unsigned startup_samples;    /* 1024, the standard's least, ... 1048576 */
	enum health_on_failure { HEALTH_HOLD, HEALTH_REMOVE, HEALTH_EXIT } on_failure;     /* used by run/ */
	enum health_liveness { HEALTH_LIVENESS_PROCESS, HEALTH_LIVENESS_SOURCE } liveness; /* used by serve/ */
	double retry_min_seconds; /* 1: first pause before the start-up test is tried again after a permanent failure */
	double retry_max_seconds; /* 300: the pause doubles up to this */
	/* 30: while the pool is full, a window is read and tested so often all the same. Used by run/ and serve/. */
	double watch_interval_seconds;
};

/* The fixed label set of health_tests_total{test}. The first ones look at each sample; start-up and on-demand tests are
 * runs of all of those. */
enum health_test { HEALTH_RCT, HEALTH_APT, HEALTH_REPEAT, HEALTH_RATE, HEALTH_STARTUP, HEALTH_ON_DEMAND, HEALTH_TESTS };
/* "repetition_count", "adaptive_proportion", "block_repetition", "failure_rate", "startup", "on_demand" */
extern const char *const health_test_names[HEALTH_TESTS];

/* Ordered by severity. */
enum health_verdict { HEALTH_PASS, HEALTH_INTERMITTENT, HEALTH_PERMANENT };
extern const char *const health_verdict_names[]; /* "pass", "intermittent", "permanent" */

/* What failed. When several tests fail at one sample, the most severe failure, the first of enum health_test among
 * equals. HEALTH_REPEAT: count and cutoff are the samples of a block. HEALTH_RATE: how many intermittent failures came
 * with the last RATE_SPAN samples, and `latest` is the test of the last one. */
struct health_failure {
	enum health_test test;
	enum health_verdict severity;
	uint32_t count, cutoff;
	enum health_test latest;
};

/* "repetition_count: count 16 reached cutoff 16 (permanent failure)": for the log and the error of a run that gives up.
 */
enum { HEALTH_TEXT = 128 };
void health_failure_text(const struct health_failure *f, char text[HEALTH_TEXT]);

enum { HEALTH_SEVERITIES = 2 }; /* the verdicts that are failures; index 0: intermittent, 1: permanent */

/* What observers may know. Each failed test is counted once. A start-up test that fails is one failure, intermittent,
 * whatever fails in it before the next health_restart or until it is passed; so is an on-demand test. */
struct health_counts {
	uint64_t samples;             /* tested */
	uint64_t tests[HEALTH_TESTS]; /* completed: samples, windows, samples, intermittent failures, runs, runs */
	uint64_t failures[HEALTH_TESTS][HEALTH_SEVERITIES];
	uint64_t cutoffs[HEALTH_TESTS][HEALTH_SEVERITIES]; /* the count that fails; 0: never fails so */
	/* The highest count in the last window of the APT that is complete, or, if that was later, up to the sample
	 * that failed; of HEALTH_RATE in its span. 0 where there is nothing between nothing and a failure. */
	uint64_t peaks[HEALTH_TESTS];
	unsigned startup_done, startup_samples; /* progress of the start-up test */
};

/* What needs no locked memory: 99 KiB without a secret. In no core dump, see repeat.h. */
struct health_store {
	struct repeat_store prints;
	struct rate rate;
};

/* For the caller's locked memory: the last samples lie in it. */
struct health {
	unsigned sample_bits; /* 8 or 1 */
	unsigned startup_samples;
	unsigned startup_left;   /* samples that the start-up test still wants; 0 = passed */
	unsigned on_demand_left; /* same for an on-demand test; 0 = none running */
	bool failed;             /* latched permanent failure */
	bool startup_counted;    /* the failure of this start-up test is counted already */
	struct rct rct;
	struct apt apt;
	struct repeat repeat;
	struct rate *rate;
	struct health_failure last; /* valid once any failure was counted */
	struct health_counts counts;
};

/* h: min-entropy per sample in bits, 0.1 <= h <= sample_bits; computes the cutoffs (cutoff.h). sample_bits 1: each
 * sample is a byte 0 or 1. The store outlives t. key: from getrandom(2), other bytes in every process; the caller wipes
 * it. */
void health_init(struct health *t, const struct health_config *c, double h_per_sample, unsigned sample_bits,
		 struct health_store *store, const uint8_t key[REPEAT_KEY_BYTES]);

/* Feeds n samples, stops behind the first sample that fails, and says how many were taken in *used (>= 1 when n >= 1).
 * Return: the verdict of the sample at *used - 1; HEALTH_PASS means that all n passed. After an intermittent failure
 * the start-up test begins again with the next sample (startup_left is full again); after a permanent one every later
 * call returns HEALTH_PERMANENT with *used = 0 until health_restart. *usable: how many of the last samples of this call
 * passed all tests AND came after the start-up and on-demand tests were complete: exactly the tail that may enter the
 * pool (0 on failure; samples before the failing one in the same call are given up as well). Start-up and on-demand
 * samples are never usable. The result does not depend on how a stream is cut into calls, *usable apart.
 */
enum health_verdict health_feed(struct health *t, const uint8_t *samples, size_t n, size_t *used, size_t *usable);

/* Fresh test state and a full start-up test; counters, fingerprints and the rate of failures stay. The only way out of
 * a latched failure. The last samples are wiped. An on-demand test that was asked for and is not complete begins again
 * too.
 */
void health_restart(struct health *t);

/* As health_restart, for another try at a start-up test that failed: it is counted no second time. */
void health_try_again(struct health *t);

/* As health_restart, when what comes next may come from another generator, or from the beginning of the same one: the
 * source was opened, or it is back. */
void health_opened(struct health *t);

/* Begins an on-demand test: the next startup_samples samples are tested and not handed out. The continuous
 * tests go on undisturbed; any failure breaks the on-demand test off. A second request begins it again; while a failure
 * is latched it waits for health_restart. */
void health_on_demand(struct health *t);

static inline bool health_startup_done(const struct health *t)
{
	return t->startup_left == 0 && !t->failed;
}

#endif
