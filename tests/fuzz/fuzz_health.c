/* Any history of samples, restarts, openings and requests, cut into calls anyhow: the same verdicts as one sample at a
 * time and as a plain model of the tests; a latched failure stays latched; no sample of a start-up or on-demand test is
 * usable. The block repetition test has a model of its own (tests/unit/test_repeat_model.c); here its word is taken.
 *
 * An input is 6 bytes of parameters and then steps: stretches of samples, and calls that take them. */
#include "fuzz.h"

#include "health/health.h"
#include "health_samples.h"

#include <math.h>

enum { SAMPLES_MAX = 4096 };

/* The tests as SP 800-90B 4.4.1 and 4.4.2 print them, with the deviations that rct.h and apt.h confess. */
struct model {
	uint64_t run_b, index_i, count_b;
	int last_a, sample_a;
	unsigned startup_left, on_demand_left;
	bool failed;
	uint64_t samples;
	/* the samples that intermittent failures came with, since the last permanent one of another kind */
	size_t alarms;
	uint64_t alarm_at[2048];
};

struct run {
	struct health cut;   /* fed in calls as they come */
	struct health plain; /* fed one sample at a time */
	struct health_store cut_store, plain_store;
	struct model m;
};

static int level_of(uint64_t count, const uint32_t cutoff_c[2])
{
	return count == cutoff_c[1] ? 2 : count == cutoff_c[0];
}

/* Is this intermittent failure one too many? */
static bool model_alarm(struct model *m, const struct health *t, bool failed)
{
	uint32_t n = 0;

	if (!failed)
		return false;
	if (m->alarms == sizeof m->alarm_at / sizeof *m->alarm_at)
		memmove(m->alarm_at, m->alarm_at + 1, --m->alarms * sizeof *m->alarm_at);
	m->alarm_at[m->alarms++] = m->samples;
	for (size_t i = m->alarms; i-- > 0 && m->samples - m->alarm_at[i] < RATE_SPAN;)
		n++;
	return n >= t->rate->cutoff_n;
}

static int model_feed(struct model *m, const struct health *t, uint8_t sample)
{
	m->run_b = sample == m->last_a ? m->run_b + 1 : 1;
	m->last_a = sample;
	int rct = level_of(m->run_b, t->rct.cutoff_c), apt = 0;
	if (m->index_i == 0) {
		m->sample_a = sample;
		m->count_b = 1;
	} else if (sample == m->sample_a) {
		m->count_b++;
		apt = level_of(m->count_b, t->apt.cutoff_c);
	}
	m->index_i = (m->index_i + 1) % t->apt.window_w;
	m->samples++;
	if ((int)model_alarm(m, t, rct == 1) + (int)model_alarm(m, t, apt == 1) > 0)
		return 2;
	return rct > apt ? rct : apt;
}

static void model_restart(struct model *m, unsigned startup)
{
	m->run_b = m->index_i = 0;
	m->last_a = -1;
	m->failed = false;
	m->startup_left = startup;
	if (m->on_demand_left > 0)
		m->on_demand_left = startup;
}

/* One sample; true when it may be used. */
static bool model_step(struct model *m, const struct health *t, uint8_t sample, enum health_verdict v)
{
	int level = model_feed(m, t, sample);
	bool usable = m->startup_left == 0 && m->on_demand_left == 0;
	bool repeats = v == HEALTH_PERMANENT && t->last.test == HEALTH_REPEAT;

	FUZZ_CHECK((int)v == level || (repeats && level < 2), "verdict %d, model %d", (int)v, level);
	if (v != HEALTH_PASS) {
		m->failed = v == HEALTH_PERMANENT;
		if (m->failed && t->last.test != HEALTH_RATE)
			m->alarms = 0;
		m->startup_left = t->startup_samples;
		m->on_demand_left = 0;
		return false;
	}
	m->startup_left -= m->startup_left > 0;
	m->on_demand_left -= m->on_demand_left > 0;
	return usable;
}

static void check_same(const struct health *a, const struct health *b)
{
	FUZZ_CHECK(a->failed == b->failed && a->startup_left == b->startup_left, "%u, %u", a->startup_left,
		   b->startup_left);
	FUZZ_CHECK(a->on_demand_left == b->on_demand_left, "%u, %u", a->on_demand_left, b->on_demand_left);
	FUZZ_CHECK(a->rct.run_b == b->rct.run_b && a->rct.peak == b->rct.peak, "run %u, %u; peak %u, %u", a->rct.run_b,
		   b->rct.run_b, a->rct.peak, b->rct.peak);
	FUZZ_CHECK(a->rct.primed == b->rct.primed && a->rct.last_a == b->rct.last_a, "A of the RCT");
	FUZZ_CHECK(a->apt.index_i == b->apt.index_i && a->apt.count_b == b->apt.count_b, "count %u, %u", a->apt.count_b,
		   b->apt.count_b);
	FUZZ_CHECK(a->apt.last_count == b->apt.last_count && a->apt.windows == b->apt.windows &&
			   a->apt.sample_a == b->apt.sample_a,
		   "window");
	FUZZ_CHECK(a->repeat.run == b->repeat.run && a->repeat.latest.at == b->repeat.latest.at &&
			   a->repeat.starts.at == b->repeat.starts.at,
		   "blocks");
	FUZZ_CHECK(memcmp(&a->counts, &b->counts, sizeof a->counts) == 0, "counts");
}

/* The plain run and the model over what the call took; how many of the last samples are usable goes into *usable. */
static enum health_verdict feed_plain(struct run *r, const uint8_t *samples, size_t n, size_t *usable)
{
	enum health_verdict v = HEALTH_PASS;
	size_t used, one;

	*usable = 0;
	for (size_t i = 0; i < n; i++) {
		FUZZ_CHECK(v == HEALTH_PASS, "samples were taken behind a failure");
		v = health_feed(&r->plain, samples + i, 1, &used, &one);
		FUZZ_CHECK(used == 1, "%zu", used);
		bool may = model_step(&r->m, &r->plain, samples[i], v);
		FUZZ_CHECK(one == (may ? 1 : 0), "%zu usable", one);
		*usable = one ? *usable + 1 : 0;
	}
	return v;
}

static void feed_call(struct run *r, const uint8_t *samples, size_t n, size_t *used)
{
	bool latched = r->cut.failed;
	size_t usable, expected;
	uint8_t *exact = fuzz_copy(samples, n); /* a read behind the last sample is seen */
	enum health_verdict v = health_feed(&r->cut, exact, n, used, &usable);

	free(exact);
	FUZZ_CHECK(latched == r->m.failed, "the latch");
	if (latched) {
		FUZZ_CHECK(v == HEALTH_PERMANENT && *used == 0 && usable == 0, "verdict %d", (int)v);
		FUZZ_CHECK(r->cut.failed && !health_startup_done(&r->cut), "more data cleared a failure");
		return;
	}
	FUZZ_CHECK(*used <= n && (v != HEALTH_PASS || *used == n) && (n == 0 || *used > 0), "%zu of %zu", *used, n);
	FUZZ_CHECK(feed_plain(r, samples, *used, &expected) == v, "verdict %d", (int)v);
	FUZZ_CHECK(usable == (v == HEALTH_PASS ? expected : 0), "%zu usable, not %zu", usable, expected);
	check_same(&r->cut, &r->plain);
}

/* A stretch of samples in calls of `chunk`, to its end or to a latched failure. */
static void feed_all(struct run *r, const uint8_t *samples, size_t n, size_t chunk)
{
	size_t used;

	for (size_t at = 0; at < n; at += used) {
		feed_call(r, samples + at, n - at < chunk ? n - at : chunk, &used);
		if (used == 0)
			break;
	}
}

/* Samples that wait to be fed, so that a call may hold a change of the source in its middle. */
struct waiting {
	size_t n;
	uint64_t random;
	uint8_t samples[SAMPLES_MAX];
};

/* Appends a stretch: from the input, one value, two values by turns, or a counter. */
static void append(struct fuzz_input *in, unsigned kind, struct waiting *w)
{
	size_t n = fuzz_uint(in, 2) % SAMPLES_MAX;
	uint8_t a = fuzz_u8(in), b = fuzz_u8(in);

	for (size_t i = 0; i < n && w->n < SAMPLES_MAX; i++) {
		uint8_t sample = a;
		if (kind == 0)
			sample = fuzz_u8(in);
		else if (kind == 2)
			sample = i % (2u + b % 30) ? b : a;
		else if (kind == 3)
			sample = sample_byte(&w->random); /* never the same again */
		w->samples[w->n++] = sample;
	}
}

static void feed_waiting(struct run *r, struct waiting *w, size_t chunk)
{
	for (size_t i = 0; r->cut.sample_bits == 1 && i < w->n; i++)
		w->samples[i] &= 1;
	feed_all(r, w->samples, w->n, chunk);
	w->n = 0;
}

static void step(struct run *r, struct fuzz_input *in, struct waiting *w)
{
	uint8_t what = fuzz_u8(in);

	if (what % 8 < 4) {
		append(in, what % 8, w);
		return;
	}
	feed_waiting(r, w, what / 8 < 31 ? 1u + (size_t)what / 8 * 61 : SAMPLES_MAX);
	if (what % 8 == 6) {
		health_on_demand(&r->cut);
		health_on_demand(&r->plain);
		r->m.on_demand_left = r->plain.startup_samples;
	}
	if (what % 8 == 7) {
		void (*restart)(struct health * t) = what / 8 % 3 == 0   ? health_opened
						     : what / 8 % 3 == 1 ? health_try_again
									 : health_restart;
		restart(&r->cut);
		restart(&r->plain);
		model_restart(&r->m, r->plain.startup_samples);
		check_same(&r->cut, &r->plain);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct fuzz_input in = {data, len};
	struct run *r = calloc(1, sizeof *r);
	struct waiting w = {.n = 0};
	unsigned bits = fuzz_u8(&in) % 4 ? 8 : 1;
	const uint8_t key[REPEAT_KEY_BYTES] = {1, 2, 3, 4, 5, 6, 7, 8, 9};
	double h = ceil(bits * (1 + fuzz_u8(&in)) / 256.0 * 10) / 10;
	struct health_config c = {.startup_samples = 1 + (unsigned)fuzz_uint(&in, 2) % 1200};

	if (!r)
		abort();
	c.alpha_log2_intermittent = -10 - fuzz_u8(&in) % 51;
	c.alpha_log2_permanent = c.alpha_log2_intermittent - 1 - fuzz_u8(&in) % 60;
	health_init(&r->cut, &c, h, bits, &r->cut_store, key);
	health_init(&r->plain, &c, h, bits, &r->plain_store, key);
	model_restart(&r->m, c.startup_samples);
	while (in.left > 0)
		step(r, &in, &w);
	feed_waiting(r, &w, SAMPLES_MAX);
	free(r);
	return 0;
}
