#include "health/rate.h"

#include <assert.h>

void rate_init(struct rate *t, uint32_t cutoff_n)
{
	assert(cutoff_n - 1 < CUTOFF_RATE_MAX); /* 1 ... CUTOFF_RATE_MAX */

	/* What lies in places that keep nothing is not touched: pages that a healthy source never needs. */
	t->cutoff_n = cutoff_n;
	rate_forget(t);
}

bool rate_note(struct rate *t, uint64_t sample)
{
	/* The latest cutoff_n failures are kept: the new one takes the place of the oldest. */
	t->at[t->next] = sample;
	t->next = (t->next + 1) % t->cutoff_n;
	t->kept += t->kept < t->cutoff_n;

	/* They are too many when even the oldest of them, whose place is the next to be taken, lies in the span. */
	return t->kept == t->cutoff_n && sample - t->at[t->next] < RATE_SPAN;
}

void rate_forget(struct rate *t)
{
	t->kept = 0;
	t->next = 0;
}

uint32_t rate_count(const struct rate *t, uint64_t sample)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < t->kept; i++)
		n += sample - t->at[i] < RATE_SPAN;
	return n;
}
