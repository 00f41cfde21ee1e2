#include "health/health.h"

#include "health/cutoff.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>

const char *const health_test_names[HEALTH_TESTS] = {
	"repetition_count", "adaptive_proportion", "block_repetition", "failure_rate", "startup", "on_demand",
};
const char *const health_verdict_names[] = {"pass", "intermittent", "permanent"};

void health_failure_text(const struct health_failure *f, char text[HEALTH_TEXT])
{
	const char *name = health_test_names[f->test], *severity = health_verdict_names[f->severity];

	if (f->test == HEALTH_REPEAT)
		snprintf(text, HEALTH_TEXT, "%s: the last %" PRIu32 " samples came before (%s failure)", name, f->count,
			 severity);
	else if (f->test == HEALTH_RATE)
		snprintf(text, HEALTH_TEXT, "%s: %" PRIu32 " failures in %d samples, the last of %s (%s failure)", name,
			 f->count, RATE_SPAN, health_test_names[f->latest], severity);
	else
		snprintf(text, HEALTH_TEXT, "%s: count %" PRIu32 " reached cutoff %" PRIu32 " (%s failure)", name,
			 f->count, f->cutoff, severity);
}

void health_init(struct health *t, const struct health_config *c, double h_per_sample, unsigned sample_bits,
		 struct health_store *store, const uint8_t key[REPEAT_KEY_BYTES])
{
	const uint32_t w = sample_bits == 1 ? APT_WINDOW_BINARY : APT_WINDOW_NONBINARY;

	/* The configuration was checked where it was read: other values than these are our own mistake. */
	assert(sample_bits == 1 || sample_bits == 8);
	assert(h_per_sample >= 0.1 && h_per_sample <= sample_bits);

	/* Nothing is tested yet, so the whole start-up test is still to come. */
	*t = (struct health){
		.sample_bits = sample_bits,
		.startup_samples = c->startup_samples,
		.startup_left = c->startup_samples,
		.rate = &store->rate,
	};

	/* Each test gets its cutoffs, which follow from H and the two false-alarm rates. */
	rct_init(&t->rct, cutoff_rct(c->alpha_log2_intermittent, h_per_sample),
		 cutoff_rct(c->alpha_log2_permanent, h_per_sample));
	apt_init(&t->apt, w, cutoff_apt(c->alpha_log2_intermittent, h_per_sample, w),
		 cutoff_apt(c->alpha_log2_permanent, h_per_sample, w));
	repeat_init(&t->repeat, &store->prints, cutoff_repeat(h_per_sample, REPEAT_PRINTS_LOG2), key);
	rate_init(t->rate, cutoff_rate(c->alpha_log2_intermittent, w, RATE_SPAN_LOG2));

	/* Observers see the cutoffs beside the counts. */
	struct health_counts *n = &t->counts;
	n->startup_samples = c->startup_samples;
	for (unsigned i = 0; i < HEALTH_SEVERITIES; i++) {
		n->cutoffs[HEALTH_RCT][i] = t->rct.cutoff_c[i];
		n->cutoffs[HEALTH_APT][i] = t->apt.cutoff_c[i];
	}
	n->cutoffs[HEALTH_REPEAT][1] = t->repeat.k;
	n->cutoffs[HEALTH_RATE][1] = t->rate->cutoff_n;
}

/* Counts one failure; `last` keeps the worst one of a sample, the first among equals. */
static void note(struct health *t, enum health_verdict *verdict, struct health_failure f)
{
	t->counts.failures[f.test][f.severity - HEALTH_INTERMITTENT]++;
	if (f.severity <= *verdict)
		return;
	*verdict = f.severity;
	t->last = f;
}

/* A level that a test returns (0, 1, 2) is its verdict; `count` reached the cutoff of that level. */
static void note_level(struct health *t, enum health_verdict *verdict, enum health_test test, int level, uint32_t count)
{
	const enum health_verdict severity = (enum health_verdict)level;

	if (level == 0)
		return;
	uint32_t cutoff = (uint32_t)t->counts.cutoffs[test][severity - HEALTH_INTERMITTENT];
	note(t, verdict, (struct health_failure){test, severity, count, cutoff, test});

	/* An intermittent failure may be one too many, whichever tests the others were of. */
	if (severity == HEALTH_PERMANENT)
		return;
	cutoff = t->rate->cutoff_n;
	t->counts.tests[HEALTH_RATE]++;
	if (rate_note(t->rate, t->counts.samples))
		note(t, verdict, (struct health_failure){HEALTH_RATE, HEALTH_PERMANENT, cutoff, cutoff, test});
}

/* What the counts have come to, at the end of a window or with a sample that fails. */
static void note_peaks(struct health *t, uint32_t rct, uint32_t apt)
{
	t->counts.peaks[HEALTH_RCT] = rct;
	t->counts.peaks[HEALTH_APT] = apt;
	t->counts.peaks[HEALTH_RATE] = rate_count(t->rate, t->counts.samples);
}

/* One sample through all tests. */
static enum health_verdict feed_sample(struct health *t, uint8_t sample)
{
	enum health_verdict verdict = HEALTH_PASS;
	const uint64_t windows = t->apt.windows;
	const int rct = rct_feed(&t->rct, sample), apt = apt_feed(&t->apt, sample);
	const int repeat = repeat_feed(&t->repeat, sample) ? 2 : 0;

	t->counts.samples++;
	if (rct + apt + repeat > 0) {
		note_level(t, &verdict, HEALTH_RCT, rct, t->rct.run_b);
		note_level(t, &verdict, HEALTH_APT, apt, t->apt.count_b);
		note_level(t, &verdict, HEALTH_REPEAT, repeat, t->repeat.k);
		note_peaks(t, t->rct.peak, t->apt.count_b);
	}

	/* The peaks are those of the window that ends with this sample, until one fails. */
	if (t->apt.windows != windows) {
		t->counts.tests[HEALTH_APT]++;
		note_peaks(t, rct_take_peak(&t->rct), t->apt.last_count);
	}
	return verdict;
}

/* n samples passed: the start-up test or the on-demand test is nearer to its end. true: that is reached now. */
static bool count_down(unsigned *left, size_t n)
{
	const bool ends = *left > 0 && n >= *left;

	*left = n < *left ? *left - (unsigned)n : 0;
	return ends;
}

/* A failure breaks off both kinds of test; the source must pass a new start-up test. */
static void break_off(struct health *t, enum health_verdict verdict)
{
	/* A start-up test that goes on to fail in other ways is the same failure; one that begins now is another test.
	 */
	t->counts.failures[HEALTH_STARTUP][0] += t->startup_left > 0 && !t->startup_counted;
	t->startup_counted = t->startup_left > 0;
	t->startup_left = t->startup_samples;
	t->counts.failures[HEALTH_ON_DEMAND][0] += t->on_demand_left > 0;
	t->on_demand_left = 0;

	/* Behind a permanent failure nothing is tested: what the tests still hold of the samples is wiped. The
	 * intermittent failures on the way to it are no others, or a stuck source would soon fail by their number and
	 * not as stuck. */
	t->failed = verdict == HEALTH_PERMANENT;
	if (!t->failed)
		return;
	repeat_forget_run(&t->repeat);
	if (t->last.test != HEALTH_RATE)
		rate_forget(t->rate);
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
	t->counts.tests[HEALTH_RCT] = t->counts.tests[HEALTH_REPEAT] = t->counts.samples;

	/* The samples that passed bring the start-up and on-demand tests nearer to their end; those beyond that end may
	 * be used, but none of them once one has failed. */
	size_t passed = verdict == HEALTH_PASS ? n : *used - 1;
	t->counts.tests[HEALTH_STARTUP] += count_down(&t->startup_left, passed);
	t->counts.tests[HEALTH_ON_DEMAND] += count_down(&t->on_demand_left, passed);
	if (verdict != HEALTH_PASS)
		break_off(t, verdict);
	else if (n > not_usable)
		*usable = n - not_usable;
	t->counts.startup_done = t->startup_samples - t->startup_left;
	return verdict;
}

void health_try_again(struct health *t)
{
	rct_init(&t->rct, t->rct.cutoff_c[0], t->rct.cutoff_c[1]);
	apt_init(&t->apt, t->apt.window_w, t->apt.cutoff_c[0], t->apt.cutoff_c[1]);
	repeat_forget_run(&t->repeat);
	t->failed = false;
	t->startup_left = t->startup_samples;
	t->counts.startup_done = 0;

	/* Asked for while the source was down: all of an on-demand test is still to come. */
	if (t->on_demand_left > 0)
		t->on_demand_left = t->startup_samples;
}

void health_restart(struct health *t)
{
	health_try_again(t);
	t->startup_counted = false;
}

void health_opened(struct health *t)
{
	health_restart(t);
	repeat_opened(&t->repeat);
}

void health_on_demand(struct health *t)
{
	t->on_demand_left = t->startup_samples;
}
