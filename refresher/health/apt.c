#include "health/apt.h"

void apt_init(struct apt *t, uint32_t window_w, uint32_t cutoff_intermittent, uint32_t cutoff_permanent)
{
	*t = (struct apt){.window_w = window_w, .cutoff_c = {cutoff_intermittent, cutoff_permanent}};
}

static int count_sample(struct apt *t, uint8_t sample)
{
	if (t->index_i == 0) { /* 4.4.2 steps 1 and 2 */
		t->sample_a = sample;
		t->count_b = 1;
		return 0;
	}
	if (sample != t->sample_a)
		return 0;
	t->count_b++; /* step 3a */
	if (t->count_b == t->cutoff_c[1])
		return 2;
	return t->count_b == t->cutoff_c[0];
}

int apt_feed(struct apt *t, uint8_t sample)
{
	int level = count_sample(t, sample);

	if (++t->index_i == t->window_w) { /* step 4: the next sample is a new A */
		t->index_i = 0;
		t->last_count = t->count_b;
		t->windows++;
	}
	return level;
}
