#include "health/rct.h"

void rct_init(struct rct *t, uint32_t cutoff_intermittent, uint32_t cutoff_permanent)
{
	*t = (struct rct){.cutoff_c = {cutoff_intermittent, cutoff_permanent}};
}

int rct_feed(struct rct *t, uint8_t sample)
{
	if (t->primed && sample == t->last_a) {
		if (t->run_b == UINT32_MAX) /* saturated: the cutoffs were reached before */
			return 0;
		t->run_b++; /* 4.4.1 step 2a */
	} else {
		t->primed = true; /* step 2b */
		t->last_a = sample;
		t->run_b = 1;
	}
	if (t->run_b > t->peak)
		t->peak = t->run_b;
	if (t->run_b == t->cutoff_c[1])
		return 2;
	return t->run_b == t->cutoff_c[0];
}

uint32_t rct_take_peak(struct rct *t)
{
	uint32_t peak = t->peak;

	t->peak = t->run_b;
	return peak;
}
