#include "health/health.h"

#include "health/cutoff.h"

#include <assert.h>

const char *health_test_name(unsigned test)
{
	static const char *const names[HEALTH_TESTS] = {"repetition_count", "adaptive_proportion", "startup",
							"on_demand"};

	return names[test];
}

const char *health_verdict_name(unsigned verdict)
{
	static const char *const names[] = {"pass", "intermittent", "permanent"};

	return names[verdict];
}

const char *health_severity_name(unsigned severity)
{
	return health_verdict_name(HEALTH_INTERMITTENT + severity);
}

void health_init(struct health *t, const struct health_config *c, double h_per_sample, unsigned sample_bits)
{
	const uint32_t w = sample_bits == 1 ? APT_WINDOW_BINARY : APT_WINDOW_NONBINARY;

	/* The configuration was checked where it was read: other values than these are our own mistake. */
	assert(sample_bits == 1 || sample_bits == 8);
	assert(h_per_sample > 0 && h_per_sample <= sample_bits);

	/* Nothing is tested yet, so the whole start-up test is still to come. */
	*t = (struct health){
		.sample_bits = sample_bits,
		.startup_samples = c->startup_samples,
		.startup_left = c->startup_samples,
	};

	/* Each test gets its two cutoffs, which follow from H and the two false-alarm rates. */
	rct_init(&t->rct, cutoff_rct(c->alpha_log2_intermittent, h_per_sample),
		 cutoff_rct(c->alpha_log2_permanent, h_per_sample));
	apt_init(&t->apt, w, cutoff_apt(c->alpha_log2_intermittent, h_per_sample, w),
		 cutoff_apt(c->alpha_log2_permanent, h_per_sample, w));

	/* Observers see the cutoffs beside the counts. */
	t->counts.startup_samples = c->startup_samples;
	for (unsigned i = 0; i < HEALTH_SEVERITIES; i++) {
		t->counts.cutoffs[HEALTH_RCT][i] = t->rct.cutoff_c[i];
		t->counts.cutoffs[HEALTH_APT][i] = t->apt.cutoff_c[i];
	}
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

/* One sample through both tests. A level that they return (0, 1, 2) is the verdict of that test. */
static enum health_verdict feed_sample(struct health *t, uint8_t sample)
{
	enum health_verdict verdict = HEALTH_PASS;
	const uint64_t windows = t->apt.windows;
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
	t->counts.samples++;
	t->counts.tests[HEALTH_RCT]++;

	/* The peaks of both tests are those of the window that ends with this sample. */
	if (t->apt.windows != windows) {
		t->counts.tests[HEALTH_APT]++;
		t->counts.peaks[HEALTH_APT] = t->apt.last_count;
		t->counts.peaks[HEALTH_RCT] = rct_take_peak(&t->rct);
	}
	return verdict;
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
	t->counts.failures[HEALTH_STARTUP][0] += t->startup_left > 0;
	t->counts.failures[HEALTH_ON_DEMAND][0] += t->on_demand_left > 0;
	t->on_demand_left = 0;
	t->startup_left = t->startup_samples;
	t->failed = verdict == HEALTH_PERMANENT;
}

enum health_verdict health_feed(struct health *t, const uint8_t *samples, size_t n, size_t *used, size_t *usable)
{
	const unsigned not_usable = t->startup_left > t->on_demand_left ? t->startup_left : t->on_demand_left;
	enum health_verdict verdict = HEALTH_PASS;

	/* More data alone never clears a permanent failure, and nothing is tested until health_restart. */
	*used = *usable = 0;
	if (t->failed)
		return HEALTH_PERMANENT;

	/* Sample by sample, to the first failure or to the end. */
	while (*used < n && verdict == HEALTH_PASS)
		verdict = feed_sample(t, samples[(*used)++]);

	/* The samples that passed bring the start-up and on-demand tests nearer to their end; those beyond that end may
	 * be used, but none of them once one has failed. */
	size_t passed = verdict == HEALTH_PASS ? n : *used - 1;
	count_down(&t->startup_left, passed, &t->counts.tests[HEALTH_STARTUP]);
	count_down(&t->on_demand_left, passed, &t->counts.tests[HEALTH_ON_DEMAND]);
	if (verdict != HEALTH_PASS)
		break_off(t, verdict);
	else if (n > not_usable)
		*usable = n - not_usable;
	t->counts.startup_done = t->startup_samples - t->startup_left;
	return verdict;
}

void health_restart(struct health *t)
{
	rct_init(&t->rct, t->rct.cutoff_c[0], t->rct.cutoff_c[1]);
	apt_init(&t->apt, t->apt.window_w, t->apt.cutoff_c[0], t->apt.cutoff_c[1]);
	t->failed = false;
	t->startup_left = t->startup_samples;
	t->counts.startup_done = 0;
	if (t->on_demand_left > 0) /* asked for while the source was down: all of it is still to come */
		t->on_demand_left = t->startup_samples;
}

void health_on_demand(struct health *t)
{
	t->on_demand_left = t->startup_samples;
}
