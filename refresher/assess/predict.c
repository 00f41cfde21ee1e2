#include "assess/predict.h"

#include "assess/bound.h"

#include <float.h>
#include <math.h>

enum { ROUNDS = 66 }; /* more than the ten of the text: until x stands still */

/* ln of the probability that no run of r correct predictions comes in n, each correct with probability p. */
static double ln_no_run(double p_correct, double r, double n)
{
	const long double p = p_correct, q = 1 - p;
	long double x = 1;

	/* The root of 1 - x + q p^r x^(r+1) that lies near 1, by iteration. */
	for (unsigned round = 0; round < ROUNDS; round++) {
		const long double next = 1 + q * powl(p, r) * powl(x, r + 1);
		const bool still = fabsl(next - x) <= LDBL_EPSILON * next;
		x = next;
		if (still)
			break;
	}
	return (double)(logl(1 - p * x) - logl((r + 1 - r * x) * q) - ((long double)n + 1) * logl(x));
}

struct local {
	double r, n;
};

static double at(const void *self, double p)
{
	const struct local *t = self;

	return ln_no_run(p, t->r, t->n);
}

struct prediction predict_bound(struct score score, unsigned k)
{
	const double n = (double)score.n, ln_99 = log(0.99);
	struct prediction t = {.c = score.correct, .r = score.longest + 1, .n = score.n};

	/* The upper bound of the share of correct predictions; with none correct, of the chance to see that. */
	t.p_global = (double)t.c / n;
	t.p_global_u = t.c > 0 ? bound_upper(t.p_global, n) : 1 - pow(0.01, 1 / n);
	double p = fmax(1.0 / k, t.p_global_u);

	/* A longest run that long is so unlikely with p that only a greater p explains it: such that one in a hundred
	 * sequences has it. */
	const struct local local = {.r = (double)t.r, .n = n};
	if (p < 1 && at(&local, p) > ln_99) {
		t.local = true;
		t.p_local = bound_solve(at, &local, ln_99, p, 1);
		p = fmax(p, t.p_local);
	}
	t.h = bound_min_entropy(p);
	return t;
}
