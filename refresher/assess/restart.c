#include "assess/restart.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { COLUMNS = RESTART_SAMPLES / RESTARTS, TERMS = COLUMNS + 1 };

/* ---- the cutoff ---- */

/* Probabilities of the sums 0 ... 1000 of counts. */
struct sums {
	double p[TERMS];
};

static double log_factorial(int n)
{
	int sign; /* the C library's lgamma would write it to a variable of the whole process */

	return lgamma_r(n + 1, &sign);
}

/* The counts 0 ... most of a value that comes `mean` times on average, each a Poisson variable. */
static void one_value(struct sums *s, double mean, int most)
{
	for (int i = 0; i < TERMS; i++)
		s->p[i] = i <= most ? exp(i > 0 ? i * log(mean) - mean - log_factorial(i) : -mean) : 0;
}

/* The sum of what a counts and what b counts, into a. */
static void add_counts(struct sums *a, const struct sums *b, struct sums *scratch)
{
	memset(scratch, 0, sizeof *scratch);
	for (int i = 0; i < TERMS; i++)
		for (int j = 0; a->p[i] > 0 && i + j < TERMS; j++)
			scratch->p[i + j] += a->p[i] * b->p[j];
	*a = *scratch;
}

/* The probability that no value comes more than `most` times among 1000. Were the number of samples a Poisson variable,
 * the counts would not depend on one another; of their sum only the case 1000 is looked at. */
static double none_exceeds(double p, int most, struct sums space[4])
{
	struct sums *all = &space[0], *power = &space[1], *rest = &space[2], *scratch = &space[3];
	const unsigned values = (unsigned)floor(1 / p);
	const double left = 1 - values * p;

	/* The value that takes what is left, if any; of mean 0 it never comes. */
	*all = (struct sums){.p = {1}};
	if (left > 0) {
		one_value(rest, COLUMNS * left, most);
		add_counts(all, rest, scratch);
	}

	/* The likeliest values, of which 1, 2, 4, ... are added at once. */
	one_value(power, COLUMNS * p, most);
	for (unsigned bit = values; bit > 0; bit >>= 1) {
		if (bit & 1)
			add_counts(all, power, scratch);
		if (bit > 1) {
			*rest = *power;
			add_counts(power, rest, scratch);
		}
	}
	return all->p[COLUMNS] / exp(COLUMNS * log(COLUMNS) - COLUMNS - log_factorial(COLUMNS));
}

int restart_cutoff(double h)
{
	/* Of 2000 rows and columns none may fail in 99 % of all cases. */
	const double passes = exp(log(0.99) / (RESTARTS + COLUMNS)), p = exp2(-h);
	struct sums *space = malloc(4 * sizeof *space);
	if (!space)
		return -1;

	/* The least count that is exceeded seldom enough; the more may come, the likelier is it. */
	int low = 0, high = COLUMNS;
	while (high - low > 1) {
		const int middle = (low + high) / 2;
		if (none_exceeds(p, middle, space) >= passes)
			high = middle;
		else
			low = middle;
	}
	free(space);
	return high;
}

/* ---- the tests ---- */

/* The greatest count of one value in any of the thousand samples that lie one behind the other. */
static unsigned greatest_count(const uint8_t *samples)
{
	unsigned most = 0;

	for (size_t row = 0; row < RESTARTS; row++) {
		unsigned count[256] = {0};
		for (size_t i = 0; i < COLUMNS; i++) {
			const unsigned now = ++count[samples[row * COLUMNS + i]];
			most = now > most ? now : most;
		}
	}
	return most;
}

/* Rows become columns. */
static void transpose(const uint8_t *samples, uint8_t *out)
{
	for (size_t row = 0; row < RESTARTS; row++)
		for (size_t column = 0; column < COLUMNS; column++)
			out[column * RESTARTS + row] = samples[row * COLUMNS + column];
}

/* The second of two equal halves of the work. */
struct half {
	const struct iid_run *run;
	double done;
};

static void tell_half(void *self, double part)
{
	const struct half *half = self;

	half->run->progress(half->run->self, half->done + part / 2);
}

/* The entropy of one arrangement: of the most common value where the claim is IID, else the least of the literal
 * estimators. iid, pass: where the details go. */
static int estimate_one(const uint8_t *samples, const struct restart *r, const struct iid_run *run, struct iid *iid,
			struct non_iid_pass *pass, double *h, struct err *e)
{
	if (r->iid) {
		const int rc = assess_iid(samples, RESTART_SAMPLES, r->bits, false, run, iid, e);
		*h = iid->h_original;
		return rc;
	}

	/* All the literal estimators, of which those that cannot run say nothing. */
	uint8_t *space = malloc(RESTART_SAMPLES);
	if (!space)
		return err_set(e, ERR_OS, ENOMEM, "the restart tests");
	const struct non_iid_run own = {.threads = run->threads, .progress = run->progress, .self = run->self};
	const int rc = non_iid_pass(symbols_literal(samples, RESTART_SAMPLES, space), r->bits, &own, pass, e);
	*h = pass->h_min;
	free(space);
	return rc;
}

static int estimate_both(const uint8_t *rows, const uint8_t *columns, const struct iid_run *run, struct restart *r,
			 struct err *e)
{
	struct half half = {.run = run};
	struct iid_run own = {.threads = run->threads, .seed = run->seed, .self = &half};
	if (run->progress)
		own.progress = tell_half;

	/* Rows, then columns, with the same effort. */
	if (estimate_one(rows, r, &own, &r->rows_iid, &r->rows, &r->h_rows, e) < 0)
		return -1;
	half.done = 0.5;
	if (estimate_one(columns, r, &own, &r->columns_iid, &r->columns, &r->h_columns, e) < 0)
		return -1;

	/* 3.1.4.2: a start may cost half of the entropy and no more. */
	const double least = fmin(r->h_rows, r->h_columns);
	r->valid = least >= r->h_initial / 2 && (!r->iid || (r->rows_iid.tests.passed && r->columns_iid.tests.passed));
	r->h = r->valid ? fmin(least, r->h_initial) : 0;
	return 0;
}

int assess_restart(const uint8_t *samples, unsigned bits, double h_initial, bool iid, const struct iid_run *run,
		   struct restart *out, struct err *e)
{
	const int cutoff = restart_cutoff(h_initial);
	uint8_t *columns = malloc(RESTART_SAMPLES);
	*out = (struct restart){.bits = bits, .h_initial = h_initial, .iid = iid, .cutoff = (unsigned)cutoff};
	if (cutoff < 0 || !columns) {
		free(columns);
		return err_set(e, ERR_OS, ENOMEM, "the restart tests");
	}

	/* 3.1.4.3: where one value is too frequent in one row or column nothing else is looked at. */
	transpose(samples, columns);
	out->row_most = greatest_count(samples);
	out->column_most = greatest_count(columns);
	out->sane = out->row_most <= out->cutoff && out->column_most <= out->cutoff;
	const int rc = out->sane ? estimate_both(samples, columns, run, out, e) : 0;
	free(columns);
	return rc;
}
