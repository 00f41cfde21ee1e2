/* health_speed.c - the speed of the health tests on one core, fed as the daemon feeds them: a read at a time.
 *
 *   make bench-programs && build/release/bench/health_speed [ROUNDS]
 *
 * One line per row: name and bytes per second of CPU time, the best of ROUNDS rounds (5 by default). */
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
};

static const struct row rows[] = {
	{"bytes, H 4", 4.0, 8, 0xff},
	{"bytes, H 1, 16 values", 1.0, 8, 0x0f},
	{"bits, H 0.5", 0.5, 1, 0x01},
};

static double cpu_seconds(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec * 1e-9;
}

static double feed_all(const struct row *row, const uint8_t *data)
{
	const struct health_config config = {
		.alpha_log2_intermittent = -50, .alpha_log2_permanent = -100, .startup_samples = 1024};
	static const uint8_t key[REPEAT_KEY_BYTES] = "any sixteen byte";
	static struct health_store store;
	struct health t;
	size_t used, usable;

	health_init(&t, &config, row->h_per_sample, row->sample_bits, &store, key);
	double start = cpu_seconds();
	for (size_t i = 0; i < BYTES; i += used)
		health_feed(&t, data + i, READ_MAX, &used, &usable);
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
		double best = 1e9;

		fill(data, rows[r].mask);
		for (int round = 0; round < rounds; round++) {
			double seconds = feed_all(&rows[r], data);
			best = seconds < best ? seconds : best;
		}
		printf("%-24s %12.0f B/s\n", rows[r].name, BYTES / best);
	}
	free(data);
	return 0;
}
