/* spread - what the running estimates say of ideal samples: how far below 1 per bit, and how much they scatter.
 *
 *   spread [INPUTS [SAMPLES]]   1000 inputs of 1000000 samples each, from getrandom(2)
 *
 * A line for each estimate and kind of sample: the least, the 10th least of 1000, the median and the greatest, in bits
 * of min-entropy per bit. An alert on an estimate has to stand below the least. */
#include "assess/estimate.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>

enum { ESTIMATES = 4, CHUNK = 256 };

static const char *const names[ESTIMATES] = {"most common value of the samples", "most common value of the bits",
					     "collision", "markov"};

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static struct estimates estimate_random(unsigned sample_bits, size_t samples)
{
	uint8_t chunk[CHUNK];
	struct estimate t;

	estimate_init(&t, sample_bits);
	for (size_t left = samples; left > 0;) {
		size_t n = left < CHUNK ? left : CHUNK;
		if (getrandom(chunk, n, 0) != (ssize_t)n)
			exit(71);
		estimate_feed(&t, chunk, n);
		left -= n;
	}
	return estimate_result(&t);
}

static void measure(unsigned sample_bits, size_t inputs, size_t samples)
{
	double *h = calloc(ESTIMATES * inputs, sizeof(*h));

	if (!h)
		exit(71);
	for (size_t i = 0; i < inputs; i++) {
		const struct estimates e = estimate_random(sample_bits, samples);
		h[i] = e.samples.h / sample_bits;
		h[inputs + i] = e.bits.h;
		h[2 * inputs + i] = e.collision.h;
		h[3 * inputs + i] = e.markov.h;
	}
	for (size_t e = 0; e < ESTIMATES; e++) {
		double *of = h + e * inputs;
		qsort(of, inputs, sizeof(*of), by_value);
		printf("%u bits, %-32s %.5f  %.5f  %.5f  %.5f\n", sample_bits, names[e], of[0], of[inputs / 100],
		       of[inputs / 2], of[inputs - 1]);
	}
	free(h);
}

int main(int argc, char **argv)
{
	size_t inputs = argc > 1 ? strtoul(argv[1], NULL, 10) : 1000,
	       samples = argc > 2 ? strtoul(argv[2], NULL, 10) : 1000000;

	if (inputs == 0 || samples < ESTIMATE_SAMPLES_MIN) {
		fprintf(stderr, "usage: spread [INPUTS [SAMPLES]]\n");
		return 64;
	}
	measure(8, inputs, samples);
	measure(1, inputs, samples);
	return 0;
}
