/* assessment.h - one run of refresher-assess: the blocks of the samples, what each gave, and what follows. */
#ifndef REFRESHER_ASSESS_CLI_ASSESSMENT_H
#define REFRESHER_ASSESS_CLI_ASSESSMENT_H

#include "assess/iid.h"
#include "assess/non_iid.h"
#include "assess/restart.h"
#include "assess_cli/input.h"
#include "assess_cli/options.h"
#include "assess_cli/progress.h"

enum { ASSESSMENT_BLOCK = 1000000 }; /* samples: the standard's number */

/* Of samples first ... first + n - 1: one of the two tracks. */
struct block {
	size_t first, n;
	struct non_iid non_iid;
	struct iid iid;
	bool holds; /* true on the non-IID track; the claim on the other one */
	double h;   /* bits per sample; valid where it holds */
};

struct assessment {
	const struct options *options;
	const struct input *input;
	char date[24];             /* of the end, UTC: 2026-01-31T12:00:00Z */
	unsigned bits;             /* per sample */
	unsigned values;           /* different samples */
	struct block *blocks;      /* block_count of them, ours until assessment_free; none with --restart */
	size_t block_count, least; /* least: the block of the least h */
	struct restart restart;
	bool assessed; /* there is an h: an IID claim holds in all the blocks, restart tests are valid */
	double h;      /* bits per sample: of all the blocks the least */
	double h_median;
};

/* What the daemon's health tests make of h, in whole counts; floor is h cut to two decimals, as refresher.yaml should
 * have it. usable: the daemon takes such an h at all (0.1 ... and 8 or 1 bits). */
struct following {
	bool usable;
	double floor;
	unsigned window;
	unsigned rct[2], apt[2]; /* intermittent, permanent: alpha 2^-30, 2^-60 */
	unsigned repeat;         /* samples */
};

/* Fewer than two million samples are one block, of more each million is one, and the last one has the rest too. -1 with
 * *e: ERR_DATA (too few samples, or one with too many bits), ERR_OS. */
int assessment_run(struct assessment *a, const struct options *o, const struct input *in, struct progress *p,
		   struct err *e);
void assessment_free(struct assessment *a);

struct following assessment_following(const struct assessment *a);

#endif
