/* look.h - what an eye looks for in samples: how often each value comes, how often each bit is set, and how samples go
 * with later ones. Pure. */
#ifndef REFRESHER_ASSESS_CLI_LOOK_H
#define REFRESHER_ASSESS_CLI_LOOK_H

#include <stddef.h>
#include <stdint.h>

enum { LOOK_LAGS = 64 };

struct look {
	size_t n;
	unsigned bits;
	uint64_t count[256]; /* by value */
	double ones[8];      /* share of samples with this bit, 0 the lowest one */
	/* Correlation of samples with those 1 ... LOOK_LAGS later, -1 ... 1; 0 where all samples are equal. */
	double correlation[LOOK_LAGS];
};

/* n > LOOK_LAGS samples of `bits` bits. */
void look_at(struct look *l, const uint8_t *samples, size_t n, unsigned bits);

#endif
