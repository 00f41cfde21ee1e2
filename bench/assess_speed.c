/* assess_speed.c - the estimators of an assessment beside their plain readings, and the inputs that bench/run measures.
 *
 *   build/release/bench/assess_speed               a line per estimator: name, milliseconds of CPU of ours and of the
 *                                                  plain reading, the least of three
 *   build/release/bench/assess_speed a_sha8 FILE   writes this input, a million samples */
#include "../tests/unit/assess_inputs.h"
#include "../tests/unit/assess_plain.h"
#include "assess/estimators.h"
#include "assess/tuples.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { SYMBOLS = 20000, ROUNDS = 3 }; /* the plain readings take the square of it, or look through all they know */

static const char *const inputs[] = {"a_sha8", "b_sha1", "c_sha4", "d_bias1", "e_markov1", "f_ctr7", "g_gap3"};

static int write_input(const char *name, const char *path)
{
	static uint8_t samples[ASSESS_SAMPLES];
	unsigned i = 0;
	while (i < sizeof inputs / sizeof *inputs && strcmp(inputs[i], name) != 0)
		i++;
	FILE *f = i < sizeof inputs / sizeof *inputs ? fopen(path, "w") : NULL;
	if (!f)
		return 1;

	assess_make_input((enum assess_input)i, samples);
	const bool whole = fwrite(samples, 1, sizeof samples, f) == sizeof samples;
	return fclose(f) != 0 || !whole;
}

/* What an estimator gives, for a check that both ways give the same. */
static uint64_t summed(struct score s)
{
	return s.correct * 31 + s.longest;
}

static uint64_t lag_ours(struct symbols t)
{
	return summed(lag_score(t));
}

static uint64_t lag_plainly(struct symbols t)
{
	return summed(lag_plain(t));
}

static uint64_t mcw_ours(struct symbols t)
{
	return summed(multi_mcw_score(t));
}

static uint64_t mcw_plainly(struct symbols t)
{
	return summed(multi_mcw_plain(t));
}

static uint64_t mmc_ours(struct symbols t)
{
	struct score s;

	return multi_mmc_score(t, MULTI_MMC_ENTRIES, &s) < 0 ? 0 : summed(s);
}

static uint64_t mmc_plainly(struct symbols t)
{
	return summed(multi_mmc_plain(t, MULTI_MMC_ENTRIES));
}

static uint64_t lz78y_ours(struct symbols t)
{
	struct score s;

	return lz78y_score(t, LZ78Y_CONTEXTS, &s) < 0 ? 0 : summed(s);
}

static uint64_t lz78y_plainly(struct symbols t)
{
	return summed(lz78y_plain(t, LZ78Y_CONTEXTS));
}

static uint64_t tuples_ours(struct symbols t)
{
	struct tuple_counts c;
	int rc = tuple_counts_by_prefix(t, &c);
	if (rc > 0)
		rc = tuple_counts_by_suffixes(t, &c);
	if (rc < 0)
		return 0;

	const uint64_t v = c.v * 31 + c.pairs[1];
	tuple_counts_free(&c);
	return v;
}

static uint64_t tuples_plainly(struct symbols t)
{
	static uint64_t pairs[SYMBOLS + 1];
	static uint32_t most[SYMBOLS + 1];
	const size_t v = tuples_plain(t, pairs, most);

	return v * 31 + pairs[1];
}

static const struct row {
	const char *name;
	uint64_t (*ours)(struct symbols), (*plain)(struct symbols);
} rows[] = {
	{"t-Tuple and LRS", tuples_ours, tuples_plainly},
	{"MultiMCW", mcw_ours, mcw_plainly},
	{"Lag", lag_ours, lag_plainly},
	{"MultiMMC", mmc_ours, mmc_plainly},
	{"LZ78Y", lz78y_ours, lz78y_plainly},
};

/* Milliseconds of CPU, the least of some rounds. */
static double least(uint64_t (*run)(struct symbols), struct symbols t, uint64_t *result)
{
	double best = 0;

	for (unsigned round = 0; round < ROUNDS; round++) {
		struct timespec from, to;
		clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &from);
		*result = run(t);
		clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &to);
		const double ms = (double)(to.tv_sec - from.tv_sec) * 1e3 + (double)(to.tv_nsec - from.tv_nsec) * 1e-6;
		best = round == 0 || ms < best ? ms : best;
	}
	return best;
}

int main(int argc, char **argv)
{
	static uint8_t samples[ASSESS_SAMPLES], symbols[SYMBOLS];
	if (argc == 3)
		return write_input(argv[1], argv[2]);

	/* Different results would be no comparison. */
	assess_make_input(a_sha8, samples);
	const struct symbols t = symbols_literal(samples, SYMBOLS, symbols);
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		uint64_t ours, plain;
		const double fast = least(rows[i].ours, t, &ours), slow = least(rows[i].plain, t, &plain);
		if (ours != plain) {
			fprintf(stderr, "assess_speed: %s gives two results\n", rows[i].name);
			return 1;
		}
		printf("%s\t%.3f\t%.3f\n", rows[i].name, fast, slow);
	}
	return 0;
}
