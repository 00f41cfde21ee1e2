#include "assess_cli/assessment.h"

#include "health/apt.h"
#include "health/cutoff.h"
#include "health/repeat.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sysinfo.h>
#include <time.h>

/* One block of many, as part of the whole. */
struct share {
	struct progress *p;
	size_t done, all; /* blocks */
};

static void tell(void *self, double part)
{
	const struct share *s = self;

	progress_tell(s->p, ((double)s->done + part) / (double)s->all);
}

static unsigned cores(void)
{
	const int n = get_nprocs();

	return n > 1 ? (unsigned)n : 1;
}

static unsigned count_values(const struct input *in)
{
	bool seen[256] = {false};
	unsigned values = 0;

	for (size_t i = 0; i < in->n; i++) {
		values += !seen[in->samples[i]];
		seen[in->samples[i]] = true;
	}
	return values;
}

/* Refuses what no track can say anything about. */
static int check(struct assessment *a, struct err *e)
{
	/* Which bits there are is a matter of all the samples, so that all the blocks are of one kind. */
	const struct input *in = a->input;
	const struct options *o = a->options;
	if (in->n == 0)
		return err_set(e, ERR_DATA, 0,
			       "%.128s: is empty; the samples are bytes, one million of them by the standard",
			       in->name);
	const unsigned width = symbols_width(in->samples, in->n);
	a->bits = o->bits ? o->bits : width;
	a->values = count_values(in);
	if (width > a->bits)
		return err_set(
			e, ERR_DATA, 0,
			"%.128s: a sample needs %u bits, and --bits says %u: a sample is one byte, and its value is "
			"below 2^bits; pack nothing, or leave --bits out",
			in->name, width, a->bits);

	/* Of few samples the estimates are worth nothing. */
	if (o->restart && in->n != RESTART_SAMPLES)
		return err_set(e, ERR_DATA, 0,
			       "%.128s: %zu samples; restart tests want %d, 1000 starts of 1000 samples each", in->name,
			       in->n, RESTART_SAMPLES);
	const size_t least = o->iid ? IID_SAMPLES_MIN : non_iid_samples_min(a->bits);
	if (in->n < least)
		return err_set(e, ERR_DATA, 0,
			       "%.128s: %zu samples are too few; %zu are the least, and the standard wants %d",
			       in->name, in->n, least, ASSESSMENT_BLOCK);
	if (o->initial > a->bits)
		return err_set(e, ERR_DATA, 0, "--initial %g: is more than the %u bits of a sample", o->initial,
			       a->bits);
	return 0;
}

static int assess_block(const struct assessment *a, struct block *b, struct share *share, struct err *e)
{
	const struct options *o = a->options;
	const uint8_t *samples = a->input->samples + b->first;

	/* The IID track says nothing of the entropy where its claim fails. */
	if (o->iid) {
		const struct iid_run run = {.threads = cores(), .seed = o->seed, .progress = tell, .self = share};
		const int rc = assess_iid(samples, b->n, a->bits, o->conditioned, &run, &b->iid, e);
		b->holds = b->iid.tests.passed;
		b->h = b->holds ? b->iid.h : 0;
		return rc;
	}

	const enum non_iid_mode mode = o->conditioned ? NON_IID_CONDITIONED : NON_IID_INITIAL;
	const struct non_iid_run run = {.threads = cores(), .progress = tell, .self = share};
	const int rc = assess_non_iid(samples, b->n, a->bits, mode, &run, &b->non_iid, e);
	b->holds = true;
	b->h = b->non_iid.h;
	return rc;
}

static int by_size(const void *left, const void *right)
{
	const double *a = left, *b = right;

	return *a < *b ? -1 : *a > *b;
}

/* The least of the blocks counts; the median tells whether it is an exception. */
static int conclude(struct assessment *a, struct err *e)
{
	double *sorted = malloc(a->block_count * sizeof *sorted);
	if (!sorted)
		return err_set(e, ERR_OS, ENOMEM, "%zu blocks", a->block_count);
	a->assessed = true;
	for (size_t i = 0; i < a->block_count; i++) {
		sorted[i] = a->blocks[i].h;
		a->assessed &= a->blocks[i].holds;
		if (a->blocks[i].h < a->blocks[a->least].h)
			a->least = i;
	}
	a->h = a->assessed ? a->blocks[a->least].h : 0;

	/* Of an even number of blocks it is halfway between the two in the middle. */
	qsort(sorted, a->block_count, sizeof *sorted, by_size);
	const double lower = sorted[(a->block_count - 1) / 2], upper = sorted[a->block_count / 2];
	a->h_median = a->assessed ? (lower + upper) / 2 : 0;
	free(sorted);
	return 0;
}

static int run_blocks(struct assessment *a, struct share *share, struct err *e)
{
	const size_t n = a->input->n;
	a->block_count = n < 2 * ASSESSMENT_BLOCK ? 1 : n / ASSESSMENT_BLOCK;
	a->blocks = calloc(a->block_count, sizeof *a->blocks);
	if (!a->blocks)
		return err_set(e, ERR_OS, ENOMEM, "%zu blocks", a->block_count);

	/* One block after the other: each takes all the cores. */
	share->all = a->block_count;
	for (size_t i = 0; i < a->block_count; i++) {
		const size_t first = i * ASSESSMENT_BLOCK;
		a->blocks[i].first = first;
		a->blocks[i].n = i + 1 < a->block_count ? ASSESSMENT_BLOCK : n - first;
		share->done = i;
		if (assess_block(a, &a->blocks[i], share, e) < 0)
			return -1;
	}
	return conclude(a, e);
}

static int run_restart(struct assessment *a, struct share *share, struct err *e)
{
	const struct options *o = a->options;
	const struct iid_run run = {.threads = cores(), .seed = o->seed, .progress = tell, .self = share};

	share->all = 1;
	if (assess_restart(a->input->samples, a->bits, o->initial, o->iid, &run, &a->restart, e) < 0)
		return -1;
	a->assessed = a->restart.sane && a->restart.valid;
	a->h = a->h_median = a->restart.h;
	return 0;
}

int assessment_run(struct assessment *a, const struct options *o, const struct input *in, struct progress *p,
		   struct err *e)
{
	struct share share = {.p = p};
	*a = (struct assessment){.options = o, .input = in};
	if (check(a, e) < 0)
		return -1;
	progress_begin(p, "assessing", in->n, "samples");
	if ((o->restart ? run_restart(a, &share, e) : run_blocks(a, &share, e)) < 0)
		return -1;

	/* An assessment is a statement about a day. */
	struct tm utc;
	const time_t now = time(NULL);
	strftime(a->date, sizeof a->date, "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&now, &utc));
	return 0;
}

void assessment_free(struct assessment *a)
{
	free(a->blocks);
	a->blocks = NULL;
}

struct following assessment_following(const struct assessment *a)
{
	enum { INTERMITTENT = -30, PERMANENT = -60 };
	struct following f = {.window = a->bits == 1 ? APT_WINDOW_BINARY : APT_WINDOW_NONBINARY,
			      .floor = floor(a->h * 100) / 100};

	/* Below 0.1 bits a sample the daemon takes no source. */
	f.usable = a->assessed && f.floor >= 0.1;
	if (!f.usable)
		return f;
	f.rct[0] = cutoff_rct(INTERMITTENT, f.floor);
	f.rct[1] = cutoff_rct(PERMANENT, f.floor);
	f.apt[0] = cutoff_apt(INTERMITTENT, f.floor, f.window);
	f.apt[1] = cutoff_apt(PERMANENT, f.floor, f.window);
	f.repeat = cutoff_repeat(f.floor, REPEAT_PRINTS_LOG2);
	return f;
}
