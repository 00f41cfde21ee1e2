#include "source/assessed.h"

#include <math.h>
#include <string.h>

const char *const assessed_use_names[ASSESSED_USES] = {"none", "missing", "other_driver", "assessed", "configured"};

/* The least that source.min_entropy may be, too: the cutoffs of the health tests are made for no less. */
static const double least_h = 0.1;

struct assessed assessed_without(enum assessed_use use)
{
	return (struct assessed){.use = use, .h_per_sample = -1, .entropy_ratio = -1, .date_unix_seconds = -1};
}

/* The generator that gives the samples, as far as it has a name. Behind a device it is the kernel's driver;
 * instructions and system calls have names of their own, which no driver has. */
static const char *generator_of(const struct source_identity *i)
{
	if (i->kind == SOURCE_CPU || i->kind == SOURCE_KERNEL)
		return i->name;
	return strcmp(i->driver, "none") == 0 ? "" : i->driver;
}

int assessed_decide(struct assessed *a, const struct source_identity *i, double *h, struct err *e)
{
	/* Where there is nothing to compare with, the configured value is in use. */
	if (a->use != ASSESSED_LESS) {
		*a = assessed_without(a->use);
		return 0;
	}

	/* Another generator's figures say nothing of this one. Where one of the two is not known they are believed,
	 * since all that they can do is to lower H. */
	const char *present = generator_of(i);
	if (a->driver[0] && present[0] && strcmp(a->driver, present) != 0) {
		a->use = ASSESSED_OTHER;
		a->h_per_sample = a->entropy_ratio = -1;
		return 0;
	}

	/* No count of samples makes a seed of what has no entropy. */
	if (a->h_per_sample < least_h)
		return err_set(
			e, ERR_UNAVAILABLE, 0,
			"source.min_entropy_file: %g bits of min-entropy per sample were assessed, and the least that "
			"can be used is %g; use another generator",
			a->h_per_sample, least_h);

	/* What is less is in use. */
	a->entropy_ratio = a->h_per_sample / i->sample_bits;
	a->use = a->h_per_sample < *h ? ASSESSED_LESS : ASSESSED_ENOUGH;
	*h = fmin(*h, a->h_per_sample);
	return 0;
}
