#include "assess/running.h"

#include <math.h>

const char *const running_estimator_names[RUNNING_ESTIMATORS] = {"most_common_value", "collision", "markov"};

void running_init(struct running *t, unsigned sample_bits, double h_per_sample)
{
	/* What ideal samples never gave, of bytes and of single bits. */
	static const double ideal[2][RUNNING_ESTIMATORS] = {{0.977, 0.890, 0.997}, {0.990, 0.840, 0.992}};

	/* No span is complete, so there is no ratio yet. An estimate that lies below its floor is worth a look: the
	 * floor is what is assumed, or less where not even ideal samples give so much. */
	*t = (struct running){.counts = {.spans = 0}};
	estimate_init(&t->span, sample_bits);
	for (unsigned i = 0; i < RUNNING_ESTIMATORS; i++) {
		t->counts.ratio[i] = -1;
		t->counts.floor[i] = fmin(h_per_sample / sample_bits, ideal[sample_bits == 1][i]);
	}
}

void running_restart(struct running *t)
{
	estimate_init(&t->span, t->span.sample_bits);
	t->counts.samples = 0;
}

static void conclude(struct running *t, int64_t now_ns)
{
	const struct estimates e = estimate_result(&t->span);
	double *ratio = t->counts.ratio;

	/* All of them per bit, so that sources of bytes and of single bits compare with the same floors. */
	ratio[RUNNING_MCV] = fmin(e.samples.h / t->span.sample_bits, e.bits.h);
	ratio[RUNNING_COLLISION] = e.collision.h;
	ratio[RUNNING_MARKOV] = e.markov.h;
	t->counts.spans++;
	t->counts.last_ns = now_ns;
}

bool running_feed(struct running *t, const uint8_t *samples, size_t n, int64_t now_ns)
{
	bool concluded = false;

	/* A span ends where it is full, also in the midst of what came with one read. */
	while (n > 0) {
		const size_t room = RUNNING_SPAN - t->counts.samples, part = n < room ? n : room;
		estimate_feed(&t->span, samples, part);
		t->counts.samples += (unsigned)part;
		samples += part;
		n -= part;
		if (t->counts.samples < RUNNING_SPAN)
			continue;
		conclude(t, now_ns);
		running_restart(t);
		concluded = true;
	}
	return concluded;
}
