#include "health/health.h"

#include "health/cutoff.h"
#include "health/window.h"

#include <assert.h>

const char *health_test_name(enum health_test t)
{
	static const char *const names[HEALTH_TESTS] = {
		[HEALTH_RCT] = "repetition_count",         [HEALTH_APT] = "adaptive_proportion",
		[HEALTH_FIPS_MONOBIT] = "fips140_monobit", [HEALTH_FIPS_POKER] = "fips140_poker",
		[HEALTH_FIPS_RUNS] = "fips140_runs",       [HEALTH_FIPS_LONG_RUN] = "fips140_long_run",
	};

	return names[t];
}

const char *health_verdict_name(enum health_verdict v)
{
	static const char *const names[] = {"pass", "intermittent", "permanent"};

	return names[v];
}

void health_init(struct health *t, const struct health_config *c, double h_per_sample, unsigned sample_bits)
{
	const uint32_t w = sample_bits == 1 ? APT_WINDOW_BINARY : APT_WINDOW_NONBINARY;

	assert(sample_bits == 1 || sample_bits == 8);
	assert(h_per_sample > 0 && h_per_sample <= sample_bits);
	*t = (struct health){
		.sample_bits = sample_bits,
		.startup_samples = c->startup_samples,
		.startup_left = c->startup_samples,
		.fips_on = c->fips140,
	};
	rct_init(&t->rct, cutoff_rct(c->alpha_log2_intermittent, h_per_sample),
		 cutoff_rct(c->alpha_log2_permanent, h_per_sample));
	apt_init(&t->apt, w, cutoff_apt(c->alpha_log2_intermittent, h_per_sample, w),
		 cutoff_apt(c->alpha_log2_permanent, h_per_sample, w));
	fips140_init(&t->fips);
}

/* Counts one failure; `last` keeps the worst one of a sample, the first among equals. */
static void note_failure(struct health *t, enum health_verdict *verdict, struct health_failure f)
{
	t->counts.failures[f.test][f.severity - HEALTH_INTERMITTENT]++;
	if (f.severity <= *verdict)
		return;
	*verdict = f.severity;
	t->last = f;
}

/* A level of rct_feed and apt_feed (0, 1, 2) is the verdict of that test. */
static enum health_verdict feed_continuous(struct health *t, uint8_t sample)
{
	enum health_verdict verdict = HEALTH_PASS;
	int level = rct_feed(&t->rct, sample);

	if (level > 0)
		note_failure(t, &verdict,
			     (struct health_failure){HEALTH_RCT, (enum health_verdict)level, t->rct.run_b,
						     t->rct.cutoff_c[level - 1]});
	level = apt_feed(&t->apt, sample);
	if (level > 0)
		note_failure(t, &verdict,
			     (struct health_failure){HEALTH_APT, (enum health_verdict)level, t->apt.count_b,
						     t->apt.cutoff_c[level - 1]});
	return verdict;
}

/* About 1 good block in 1000 fails, so the verdict is never worse than intermittent. */
static void feed_fips140(struct health *t, uint8_t sample, enum health_verdict *verdict)
{
	bool done;
	unsigned failed = fips140_feed(&t->fips, sample, t->sample_bits, &done);

	t->counts.fips_tests += done;
	for (unsigned i = 0; i < HEALTH_TESTS - HEALTH_FIPS_MONOBIT; i++) {
		if (failed & 1U << i)
			note_failure(t, verdict,
				     (struct health_failure){HEALTH_FIPS_MONOBIT + i, HEALTH_INTERMITTENT, 1, 1});
	}
}

/* Sample by sample, to the first failure or to the end of the window. Returns how many were taken. */
static size_t feed_plain(struct health *t, const uint8_t *samples, size_t n, enum health_verdict *verdict)
{
	const uint32_t window_left = t->apt.window_w - t->apt.index_i;
	size_t i = 0;

	while (i < n && i < window_left && *verdict == HEALTH_PASS) {
		*verdict = feed_continuous(t, samples[i]);
		if (t->fips_on)
			feed_fips140(t, samples[i], verdict);
		i++;
	}
	return i;
}

/* One step of health_feed: a whole window at once where that gives the same result. */
static size_t feed_span(struct health *t, const uint8_t *samples, size_t n, enum health_verdict *verdict)
{
	const uint64_t windows = t->apt.windows;
	size_t taken;

	if (!t->fips_on && n >= t->apt.window_w && window_feed(&t->rct, &t->apt, samples))
		taken = t->apt.window_w;
	else
		taken = feed_plain(t, samples, n, verdict);
	t->counts.samples += taken;
	t->counts.rct_tests += taken;
	t->counts.apt_tests += t->apt.windows - windows;
	return taken;
}

/* n samples passed: the start-up test or the on-demand test is nearer to its end. */
static void count_down(unsigned *left, size_t n, uint64_t *runs)
{
	if (*left == 0)
		return;
	if (n >= *left)
		(*runs)++;
	*left = n < *left ? *left - (unsigned)n : 0;
}

/* A failure breaks off both kinds of test; the source must pass a new start-up test. */
static void break_off(struct health *t, enum health_verdict verdict)
{
	t->counts.startup_failures += t->startup_left > 0;
	t->counts.on_demand_failures += t->on_demand_left > 0;
	t->on_demand_left = 0;
	t->startup_left = t->startup_samples;
	t->failed = verdict == HEALTH_PERMANENT;
}

enum health_verdict health_feed(struct health *t, const uint8_t *samples, size_t n, size_t *used, size_t *usable)
{
	const unsigned not_usable = t->startup_left > t->on_demand_left ? t->startup_left : t->on_demand_left;
	enum health_verdict verdict = HEALTH_PASS;

	*used = *usable = 0;
	if (t->failed)
		return HEALTH_PERMANENT;
	while (*used < n && verdict == HEALTH_PASS)
		*used += feed_span(t, samples + *used, n - *used, &verdict);

	size_t passed = verdict == HEALTH_PASS ? n : *used - 1;
	count_down(&t->startup_left, passed, &t->counts.startup_runs);
	count_down(&t->on_demand_left, passed, &t->counts.on_demand_runs);
	if (verdict != HEALTH_PASS)
		break_off(t, verdict);
	else if (n > not_usable)
		*usable = n - not_usable;
	return verdict;
}

void health_restart(struct health *t)
{
	rct_init(&t->rct, t->rct.cutoff_c[0], t->rct.cutoff_c[1]);
	apt_init(&t->apt, t->apt.window_w, t->apt.cutoff_c[0], t->apt.cutoff_c[1]);
	fips140_init(&t->fips);
	t->failed = false;
	t->startup_left = t->startup_samples;
	if (t->on_demand_left > 0) /* asked for while the source was down: all of it is still to come */
		t->on_demand_left = t->startup_samples;
}

void health_on_demand(struct health *t)
{
	t->on_demand_left = t->startup_samples;
}
