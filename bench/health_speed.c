/* health_speed.c - the speed of the health tests on one core: sample by sample, by whole windows, FIPS 140-2 blocks.
 *
 *   gcc -O2 -Irefresher bench/health_speed.c build/release/librefresher.a -lm -o health_speed && ./health_speed
 * [ROUNDS]
 *
 * One line per row: name, form, bytes per second (best of ROUNDS rounds, 5 by default, the forms alternating). */
#include "health/health.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>
#include <time.h>

enum { BYTES = 16 << 20, READ_MAX = 256 }; /* READ_MAX: samples of the daemon's largest read */

struct row {
	const char *name;
	double h_per_sample;
	unsigned sample_bits;
	uint8_t mask; /* 0xff: full bytes; fewer bits: more repetitions */
	bool fips140;
};

static const struct row rows[] = {
	{"bytes, H 4", 4.0, 8, 0xff, false},
	{"bytes, H 1, 16 values", 1.0, 8, 0x0f, false},
	{"bits, H 0.5", 0.5, 1, 0x01, false},
	{"bytes, H 4, with FIPS 140-2", 4.0, 8, 0xff, true},
};

static double cpu_seconds(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec * 1e-9;
}

/* A call that never holds a whole window, as each of the daemon's, goes sample by sample. */
static double feed_all(const struct row *row, const uint8_t *data, size_t chunk)
{
	const struct health_config config = {-50, -100, 1024, row->fips140, HEALTH_HOLD, HEALTH_LIVENESS_PROCESS,
					     1,   300};
	struct health t;
	size_t used, usable;

	health_init(&t, &config, row->h_per_sample, row->sample_bits);
	double start = cpu_seconds();
	for (size_t i = 0; i < BYTES; i += used)
		health_feed(&t, data + i, chunk < BYTES - i ? chunk : BYTES - i, &used, &usable);
	double seconds = cpu_seconds() - start;
	if (t.failed || t.counts.samples != BYTES) {
		fprintf(stderr, "health_speed: random data failed the tests\n");
		exit(1);
	}
	return seconds;
}

static void fill(uint8_t *data, uint8_t mask)
{
	for (size_t i = 0; i < BYTES; i += 256) {
		if (getrandom(data + i, 256, 0) != 256)
			exit(71);
	}
	for (size_t i = 0; i < BYTES; i++)
		data[i] &= mask;
}

int main(int argc, char **argv)
{
	int rounds = argc > 1 ? atoi(argv[1]) : 5;
	uint8_t *data = malloc(BYTES);

	if (data == NULL)
		return 71;
	for (size_t r = 0; r < sizeof(rows) / sizeof(rows[0]); r++) {
		double plain = 1e9, fast = 1e9;

		fill(data, rows[r].mask);
		for (int round = 0; round < rounds; round++) {
			double p = feed_all(&rows[r], data, READ_MAX);
			double f = feed_all(&rows[r], data, BYTES);
			plain = p < plain ? p : plain;
			fast = f < fast ? f : fast;
		}
		printf("%-28s plain %12.0f B/s\n", rows[r].name, BYTES / plain);
		printf("%-28s fast  %12.0f B/s  (%.1f times)\n", rows[r].name, BYTES / fast, plain / fast);
	}
	free(data);
	return 0;
}
