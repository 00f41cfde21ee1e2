/* health.h - SP 800-90B section 4: start-up, continuous and on-demand health tests of one noise source.
 *
 * Every sample passes the repetition count test (rct.h) and the adaptive proportion test (apt.h) before anybody may use
 * it. Two levels, each with its own cutoff: an intermittent failure (alpha 2^-30) asks for a new start-up test, a
 * permanent failure (alpha 2^-60) is latched until health_restart. The tests are NOT reset by an intermittent failure,
 * so a stuck source goes on to the permanent cutoff. Pure: no I/O, no allocation, no clock. Visible struct in the
 * caller's memory; members are read-only to callers. One instance per noise source and thread. */
#ifndef REFRESHER_HEALTH_HEALTH_H
#define REFRESHER_HEALTH_HEALTH_H

#include "health/apt.h"
#include "health/rct.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct health_config {
	int alpha_log2_intermittent; /* -30: false alarms 2^-30 per sample (RCT) or window (APT); -10 ... -60 */
	int alpha_log2_permanent;    /* -60; below alpha_log2_intermittent; down to -120 */
	unsigned startup_samples;    /* 1024 (4.3 item 8) ... 1048576 */
	enum health_on_failure { HEALTH_HOLD, HEALTH_REMOVE, HEALTH_EXIT } on_failure;     /* used by run/ */
	enum health_liveness { HEALTH_LIVENESS_PROCESS, HEALTH_LIVENESS_SOURCE } liveness; /* used by serve/ */
	double retry_min_seconds; /* 1: first pause before the start-up test is tried again after a permanent failure */
	double retry_max_seconds; /* 300: the pause doubles up to this */
};

/* The fixed label set of health_tests_total{test}. The first ones look at each sample; start-up and on-demand tests are
 * runs of all of those. */
enum health_test { HEALTH_RCT, HEALTH_APT, HEALTH_STARTUP, HEALTH_ON_DEMAND, HEALTH_TESTS };
/* "repetition_count", "adaptive_proportion", "startup", "on_demand" */
const char *health_test_name(unsigned test);

/* Ordered by severity. */
enum health_verdict { HEALTH_PASS, HEALTH_INTERMITTENT, HEALTH_PERMANENT };
const char *health_verdict_name(unsigned verdict); /* "pass", "intermittent", "permanent" */

/* What failed, for the log line and the error of a run that gives up: "repetition_count 16 >= cutoff 16". When both
 * tests fail at one sample, the more severe failure, RCT before APT. */
struct health_failure {
	enum health_test test;
	enum health_verdict severity;
	uint32_t count, cutoff;
};

enum { HEALTH_SEVERITIES = 2 }; /* index 0: intermittent, 1: permanent */
const char *health_severity_name(unsigned severity);

/* What observers may know. */
struct health_counts {
	uint64_t samples;             /* tested */
	uint64_t tests[HEALTH_TESTS]; /* completed. RCT: samples; APT: windows; start-up, on-demand: runs */
	/* A start-up or on-demand test that is broken off counts as an intermittent failure of its own. */
	uint64_t failures[HEALTH_TESTS][HEALTH_SEVERITIES];
	uint64_t cutoffs[HEALTH_TESTS][HEALTH_SEVERITIES]; /* 0: the test has none */
	uint64_t peaks[HEALTH_TESTS];           /* the highest count in the last window of the APT; 0: has none */
	unsigned startup_done, startup_samples; /* progress of the start-up test */
};

struct health {
	unsigned sample_bits; /* 8 or 1 */
	unsigned startup_samples;
	unsigned startup_left;   /* samples that the start-up test still wants; 0 = passed */
	unsigned on_demand_left; /* same for an on-demand test; 0 = none running */
	bool failed;             /* latched permanent failure */
	struct rct rct;
	struct apt apt;
	struct health_failure last; /* valid once any failure was counted */
	struct health_counts counts;
};

/* h: min-entropy per sample in bits, 0 < h <= sample_bits; computes the cutoffs (cutoff.h). sample_bits 1: each sample
 * is a byte 0 or 1. */
void health_init(struct health *t, const struct health_config *c, double h_per_sample, unsigned sample_bits);

/* Feeds n samples, stops behind the first sample that fails, and says how many were taken in *used (>= 1 when n >= 1).
 * Return: the verdict of the sample at *used - 1; HEALTH_PASS means that all n passed. After an intermittent failure
 * the start-up test begins again with the next sample (startup_left is full again); after a permanent one every later
 * call returns HEALTH_PERMANENT with *used = 0 until health_restart. *usable: how many of the last samples of this call
 * passed both tests AND came after the start-up and on-demand tests were complete: exactly the tail that may enter the
 * pool (0 on failure; samples before the failing one in the same call are given up as well). Start-up and on-demand
 * samples are never usable (4.3 item 9). The result does not depend on how a stream is cut into calls, *usable apart.
 */
enum health_verdict health_feed(struct health *t, const uint8_t *samples, size_t n, size_t *used, size_t *usable);

/* Fresh test state and a full start-up test; counters stay. The only way out of a latched failure. An on-demand test
 * that was asked for and is not complete begins again too. */
void health_restart(struct health *t);

/* Begins an on-demand test (4.3 item 7): the next startup_samples samples are tested and not handed out. The continuous
 * tests go on undisturbed; any failure breaks the on-demand test off. A second request begins it again; while a failure
 * is latched it waits for health_restart. */
void health_on_demand(struct health *t);

static inline bool health_startup_done(const struct health *t)
{
	return t->startup_left == 0 && !t->failed;
}

#endif
