#include "assess/non_iid.h"

#include "assess/jobs.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

const char *const non_iid_names[NON_IID_ESTIMATORS] = {
	"Most Common Value", "Collision", "Markov",   "Compression", "t-Tuple", "LRS",
	"MultiMCW",          "Lag",       "MultiMMC", "LZ78Y",
};

/* What the jobs of one pass work on: its symbols, and the samples of which those are the symbols or the bits. */
struct pass {
	struct symbols t;
	const uint8_t *samples;
	size_t n;
	unsigned sample_bits;
	struct non_iid_pass *out;
};

/* ---- the jobs: each writes its own members of the pass; an estimator that has nothing to say leaves h below 0 ---- */

static int run_counts(void *self)
{
	const struct pass *p = self;
	struct non_iid_pass *out = p->out;
	struct estimate counts;

	/* Most common value, collision and Markov follow from the same counts. */
	estimate_init(&counts, p->sample_bits);
	estimate_feed(&counts, p->samples, p->n);
	const struct estimates e = estimate_result(&counts);

	/* The latter two are for bits alone. */
	out->mcv = out->k > 2 ? e.samples : e.bits;
	out->h[NON_IID_MCV] = out->mcv.h;
	if (out->k == 2) {
		out->collision = e.collision;
		out->markov = e.markov;
		out->h[NON_IID_COLLISION] = e.collision.h;
		out->h[NON_IID_MARKOV] = e.markov.h;
	}
	return 0;
}

static int run_compression(void *self)
{
	const struct pass *p = self;

	if (compression_estimate(p->t, &p->out->compression) < 0)
		return -1;
	p->out->h[NON_IID_COMPRESSION] = p->out->compression.h;
	return 0;
}

static int run_tuples(void *self)
{
	const struct pass *p = self;

	if (tuples_estimate(p->t, &p->out->tuples) < 0)
		return -1;
	p->out->h[NON_IID_T_TUPLE] = p->out->tuples.t_tuple.h;
	p->out->h[NON_IID_LRS] = p->out->tuples.lrs.h;
	return 0;
}

static void predicted(const struct pass *p, struct score score, struct prediction *r, enum non_iid_estimator estimator)
{
	*r = predict_bound(score, p->t.k);
	p->out->h[estimator] = r->h;
}

static int run_multi_mcw(void *self)
{
	const struct pass *p = self;

	predicted(p, multi_mcw_score(p->t), &p->out->multi_mcw, NON_IID_MULTI_MCW);
	return 0;
}

static int run_lag(void *self)
{
	const struct pass *p = self;

	predicted(p, lag_score(p->t), &p->out->lag, NON_IID_LAG);
	return 0;
}

static int run_multi_mmc(void *self)
{
	const struct pass *p = self;
	struct score score;

	if (multi_mmc_score(p->t, MULTI_MMC_ENTRIES, &score) < 0)
		return -1;
	predicted(p, score, &p->out->multi_mmc, NON_IID_MULTI_MMC);
	return 0;
}

static int run_lz78y(void *self)
{
	const struct pass *p = self;
	struct score score;

	if (lz78y_score(p->t, LZ78Y_CONTEXTS, &score) < 0)
		return -1;
	predicted(p, score, &p->out->lz78y, NON_IID_LZ78Y);
	return 0;
}

/* ---- passes ---- */

/* The jobs of a pass, the longest first. Of one symbol alone there is nothing to do but to count it; compression is for
 * bits alone. weight: nanoseconds per symbol, of bits and of bytes. */
static const struct {
	int (*run)(void *self);
	unsigned weight_bits, weight_bytes;
	unsigned k_min, k_max;
	size_t n_min;
} kinds[] = {
	{run_multi_mmc, 25, 100, 2, 256, 0},
	{run_tuples, 20, 40, 2, 256, 0},
	{run_lag, 7, 15, 2, 256, 0},
	{run_multi_mcw, 5, 20, 2, 256, MULTI_MCW_MIN},
	{run_compression, 4, 0, 2, 2, COMPRESSION_BITS_MIN},
	{run_lz78y, 3, 20, 2, 256, 0},
	{run_counts, 1, 2, 1, 256, 0},
};
enum { KINDS = sizeof(kinds) / sizeof(kinds[0]), PASSES = 2 };

static struct non_iid_pass begun(struct symbols t)
{
	struct non_iid_pass out = {.ran = true, .n = t.n, .k = t.k};

	for (unsigned i = 0; i < NON_IID_ESTIMATORS; i++)
		out.h[i] = -1;
	return out;
}

/* The least of what its estimators found, at most `bits`. */
static void end(struct non_iid_pass *out, unsigned bits)
{
	out->h_min = bits;
	for (unsigned i = 0; i < NON_IID_ESTIMATORS; i++) {
		if (out->h[i] < 0) {
			out->h[i] = 0;
			continue;
		}
		out->done |= 1U << i;
		out->h_min = fmin(out->h_min, out->h[i]);
	}
}

/* All jobs of the passes, kind by kind, on the threads that there are. */
static int run_passes(struct pass *passes, size_t n, const struct non_iid_run *run, struct err *e)
{
	struct job jobs[KINDS * PASSES];
	size_t count = 0;

	for (size_t i = 0; i < KINDS; i++) {
		for (size_t p = 0; p < n; p++) {
			const struct symbols t = passes[p].t;
			const size_t weight = t.n / 1000 * (t.k == 2 ? kinds[i].weight_bits : kinds[i].weight_bytes);
			if (t.k >= kinds[i].k_min && t.k <= kinds[i].k_max && t.n >= kinds[i].n_min)
				jobs[count++] = (struct job){kinds[i].run, &passes[p], (unsigned)weight + 1};
		}
	}
	return jobs_run(jobs, count, run->threads, run->progress, run->self, e);
}

int non_iid_pass(struct symbols t, unsigned bits, const struct non_iid_run *run, struct non_iid_pass *out,
		 struct err *e)
{
	struct pass pass = {.t = t, .samples = t.s, .n = t.n, .sample_bits = t.k > 2 ? 8 : 1, .out = out};

	*out = begun(t);
	if (run_passes(&pass, 1, run, e) < 0)
		return -1;
	end(out, bits);
	return 0;
}

/* ---- the whole assessment ---- */

size_t non_iid_samples_min(unsigned bits)
{
	const size_t blocks = (COMPRESSION_BITS_MIN + bits - 1) / bits;

	return blocks > MULTI_MCW_MIN ? blocks : MULTI_MCW_MIN;
}

static int check(const uint8_t *samples, size_t n, unsigned bits, struct err *e)
{
	const size_t least = non_iid_samples_min(bits);

	if (bits > 8)
		return err_set(e, ERR_USAGE, 0, "%u bits per sample: 1 to 8 are possible", bits);
	if (n < least)
		return err_set(e, ERR_USAGE, 0,
			       "%zu samples are too few: at least %zu are needed, and 1000000 are usual", n, least);
	if (n > INT32_MAX / bits)
		return err_set(e, ERR_USAGE, 0, "%zu samples are too many: at most %u are possible", n,
			       INT32_MAX / bits);
	if (symbols_width(samples, n) > bits)
		return err_set(e, ERR_USAGE, 0, "a sample has %u bits, which is more than the %u that were said",
			       symbols_width(samples, n), bits);
	return 0;
}

/* Sets up the passes that the mode and the samples ask for, in two buffers. Returns how many there are. */
static size_t begin(struct non_iid *out, const uint8_t *samples, uint8_t *literal, uint8_t *bitstring,
		    struct pass passes[PASSES])
{
	size_t count = 0;

	/* The literal symbols; those of two values are bits already. */
	const struct symbols t = symbols_literal(samples, out->samples, literal);
	if (out->mode == NON_IID_INITIAL) {
		out->literal = begun(t);
		passes[count++] = (struct pass){t, t.s, t.n, t.k > 2 ? 8 : 1, &out->literal};
		if (t.k <= 2)
			return count;
	}

	/* The bits of the samples. */
	const struct symbols b = symbols_bitstring(samples, out->samples, out->bits, bitstring);
	out->bitstring = begun(b);
	passes[count++] = (struct pass){b, samples, out->samples, out->bits, &out->bitstring};
	return count;
}

int assess_non_iid(const uint8_t *samples, size_t n, unsigned bits, enum non_iid_mode mode,
		   const struct non_iid_run *run, struct non_iid *out, struct err *e)
{
	struct pass passes[PASSES];

	bits = bits > 0 ? bits : symbols_width(samples, n);
	if (check(samples, n, bits, e) < 0)
		return -1;
	*out = (struct non_iid){.mode = mode, .samples = n, .bits = bits, .h_original = bits, .h_bitstring = 1};

	uint8_t *literal = malloc(n), *bitstring = malloc(n * bits);
	int result = -1;
	if (literal && bitstring)
		result = run_passes(passes, begin(out, samples, literal, bitstring, passes), run, e);
	else
		err_set(e, ERR_OS, ENOMEM, "assessment");
	free(literal);
	free(bitstring);
	if (result < 0)
		return -1;

	/* The least of both, per sample. What is conditioned is judged by its bits alone, and all else cannot hold more
	 * than its bits. */
	if (out->literal.ran) {
		end(&out->literal, bits);
		out->h_original = out->literal.h_min;
	}
	if (out->bitstring.ran) {
		end(&out->bitstring, 1);
		out->h_bitstring = out->bitstring.h_min;
	}
	out->h = fmin(out->h_original, bits * out->h_bitstring);
	return 0;
}
