/* numbers_speed.c - how fast numbers/ turns random bytes into text: one line per format, on one core.
 *
 * A fixed pseudo-random buffer is formatted again and again into a fixed buffer for the text, so
 * that the figures hold no I/O and no DRBG. Prints the format, MB/s of text, millions of numbers per second, and
 * nanoseconds per number; the best of ROUNDS rounds, since noise only slows down.
 *
 * usage: numbers_speed [FORMAT...] */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "numbers/numbers.h"

enum { RANDOM_BYTES = 64 * 1024, TEXT_BYTES = 64 * 1024, ROUNDS = 7 };

struct speed {
	double seconds;
	uint64_t numbers, text_bytes;
};

static uint8_t rnd[RANDOM_BYTES];
static char text[TEXT_BYTES];

/* Marsaglia's xorshift64, by its bytes. */
static void fill_random(void)
{
	uint64_t x = 0x9e3779b97f4a7c15u;
	for (size_t i = 0; i < sizeof rnd; i++) {
		x ^= x << 13;
		x ^= x >> 7;
		x ^= x << 17;
		rnd[i] = (uint8_t)(x >> 32);
	}
}

static double cpu_now(void)
{
	struct timespec t;
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static struct speed measure(const struct numbers_config *c, double seconds)
{
	static const struct numbers_stamp stamp = {
		.real_ns = 1700000000123456789, .nanos = 34567, .uuid = "01234567-89ab-4def-8123-456789abcdef"};
	struct speed s = {0};
	size_t used = sizeof rnd;
	double start = cpu_now();

	while (s.seconds < seconds) {
		for (int i = 0; i < 64; i++) {
			if (sizeof rnd - used < numbers_draw_bytes(c))
				used = 0;
			struct numbers_step step =
				numbers_fill(c, &stamp, rnd + used, sizeof rnd - used, UINT64_MAX, text, sizeof text);
			used += step.used;
			s.numbers += step.made;
			s.text_bytes += step.written;
		}
		s.seconds = cpu_now() - start;
	}
	return s;
}

static void report(const char *label, const struct numbers_config *c)
{
	struct speed best = measure(c, 0.02);
	for (int i = 0; i < ROUNDS; i++) {
		struct speed s = measure(c, 0.05);
		if ((double)s.numbers / s.seconds > (double)best.numbers / best.seconds)
			best = s;
	}
	printf("%-16s %8.0f MB/s %8.1f M/s %8.2f ns\n", label, (double)best.text_bytes / best.seconds / 1e6,
	       (double)best.numbers / best.seconds / 1e6, best.seconds * 1e9 / (double)best.numbers);
}

static bool is_asked(const char *name, int argc, char **argv)
{
	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], name) == 0)
			return true;
	}
	return argc == 1;
}

int main(int argc, char **argv)
{
	fill_random();
	for (unsigned f = 0; f < NUMBERS_FORMATS; f++) {
		struct numbers_config c = {.format = (enum numbers_format)f, .max = 99, .bytes = 16};
		if (!is_asked(numbers_format_names[c.format], argc, argv))
			continue;
		report(numbers_format_names[c.format], &c);
		if (c.format == NUMBERS_RANGE) {
			c.max = INT64_MAX;
			report("range 2^63", &c);
		}
	}
	return EXIT_SUCCESS;
}
