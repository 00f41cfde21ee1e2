/* assessed.h - what an assessment found (SP 800-90B, by refresher-assess), and what that makes of H. Pure.
 *
 * Evidence never raises H: the lesser of the configured and the assessed min-entropy is the one in use. Decided once,
 * at the start, since the cutoffs of the health tests follow from H. Visible struct in the caller's memory. */
#ifndef REFRESHER_SOURCE_ASSESSED_H
#define REFRESHER_SOURCE_ASSESSED_H

#include "source/source.h"

/* What became of source.min_entropy_file. */
enum assessed_use {
	ASSESSED_NONE,    /* no file is configured */
	ASSESSED_MISSING, /* it is not there: the configured H is in use */
	ASSESSED_OTHER,   /* it is of another driver: the configured H is in use */
	ASSESSED_LESS,    /* the assessed H is in use */
	ASSESSED_ENOUGH,  /* the configured H is in use, since it is no more than the assessed one */
	ASSESSED_USES
};
/* "none", "missing", "other_driver", "assessed", "configured" */
extern const char *const assessed_use_names[ASSESSED_USES];

struct assessed {
	enum assessed_use use;
	double h_per_sample;            /* bits; below 0: none that is of this source */
	double entropy_ratio;           /* h_per_sample / sample_bits; likewise */
	double date_unix_seconds;       /* when it was assessed; below 0: unknown */
	uint64_t samples;               /* of which it was assessed; 0: none */
	char driver[SOURCE_DRIVER_MAX]; /* of what; "": unknown, or no device */
	char version[32];               /* of refresher-assess */
};

/* Of a file that is named and not there, or, with ASSESSED_NONE, of none. */
struct assessed assessed_without(enum assessed_use use);

/* Decides between *h, the configured one, and *a as it was read (use is ASSESSED_LESS then), for the source i; puts
 * what is in use into *h, and why into a->use. -1 with *e (ERR_UNAVAILABLE): so little was assessed that the source
 * cannot be used. */
int assessed_decide(struct assessed *a, const struct source_identity *i, double *h, struct err *e);

#endif
