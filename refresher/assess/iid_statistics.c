#include "assess/iid_statistics.h"

#include "assess/compressed.h"
#include "assess/runs.h"

#include <stdlib.h>
#include <string.h>

const char *const iid_statistic_keys[IID_STATISTICS] = {
	"excursion",          "directional_runs",  "longest_directional_run", "increases_decreases", "median_runs",
	"longest_median_run", "average_collision", "maximum_collision",       "periodicity_1",       "periodicity_2",
	"periodicity_8",      "periodicity_16",    "periodicity_32",          "covariance_1",        "covariance_2",
	"covariance_8",       "covariance_16",     "covariance_32",           "compression",
};
const char *const iid_statistic_names[IID_STATISTICS] = {
	"excursion",
	"number of directional runs",
	"longest directional run",
	"increases and decreases",
	"number of runs on the median",
	"longest run on the median",
	"average collision",
	"maximum collision",
	"periodicity, lag 1",
	"periodicity, lag 2",
	"periodicity, lag 8",
	"periodicity, lag 16",
	"periodicity, lag 32",
	"covariance, lag 1",
	"covariance, lag 2",
	"covariance, lag 8",
	"covariance, lag 16",
	"covariance, lag 32",
	"compression",
};
static const size_t lags[IID_LAGS] = {1, 2, 8, 16, 32};

struct iid_space {
	uint8_t *one, *two, *kinds; /* conversions I and II; elements of two kinds */
	uint64_t *words;            /* those packed */
	struct compressed *compressed;
};

/* ---- set-up ---- */

void iid_samples_init(struct iid_samples *out, const uint8_t *samples, struct symbols t, uint8_t *bytes)
{
	size_t count[256] = {0};
	int64_t sum = 0;
	*out = (struct iid_samples){.bytes = bytes, .n = t.n, .k = t.k};

	/* Two values move as 0 and 1, which the conversions need, more of them as they are. */
	memcpy(bytes, t.k == 2 ? t.s : samples, t.n);
	for (size_t i = 0; i < t.n; i++) {
		out->value[bytes[i]] = samples[i];
		count[bytes[i]]++;
		sum += samples[i];
	}
	out->mean = (double)sum / (double)t.n;
	for (unsigned byte = 0; byte < 256; byte++)
		out->deviation[byte] = (int64_t)t.n * out->value[byte] - sum;

	/* The two elements in the middle of the sorted samples; of an odd number they are one. */
	double lower = -1, upper = 0;
	unsigned symbol = 0;
	for (size_t byte = 0, below = 0; byte < 256; byte++) {
		below += count[byte];
		if (below > (t.n - 1) / 2 && lower < 0)
			lower = symbol;
		if (below > t.n / 2) {
			upper = symbol;
			out->upper_median = (uint8_t)byte;
			break;
		}
		symbol += count[byte] > 0;
	}

	/* 5.1.5 and 5.1.6: of two values the median is taken to lie between them. */
	out->median = t.k == 2 ? 0.5 : (lower + upper) / 2;
	if (t.k == 2)
		out->upper_median = 1;
}

void iid_space_free(struct iid_space *space)
{
	if (!space)
		return;
	free(space->one);
	free(space->two);
	free(space->kinds);
	free(space->words);
	compressed_free(space->compressed);
	free(space);
}

struct iid_space *iid_space_new(size_t n)
{
	struct iid_space *space = calloc(1, sizeof *space);
	if (!space)
		return NULL;
	*space = (struct iid_space){.one = malloc(n / 8 + 1),
				    .two = malloc(n / 8 + 1),
				    .kinds = malloc(n),
				    .words = malloc((n / 64 + 1) * sizeof *space->words),
				    .compressed = compressed_new(n)};
	if (space->one && space->two && space->kinds && space->words && space->compressed)
		return space;
	iid_space_free(space);
	return NULL;
}

/* ---- the statistics ---- */

/* 5.1.1: how far the sum strays from the mean, times n, so that it is a whole number. */
static double excursion(const struct iid_samples *s, const uint8_t *bytes)
{
	int64_t at = 0, highest = 0, lowest = 0;

	for (size_t i = 0; i < s->n; i++) {
		at += s->deviation[bytes[i]];
		highest = at > highest ? at : highest;
		lowest = at < lowest ? at : lowest;
	}
	return (double)(highest > -lowest ? highest : -lowest);
}

/* Conversions I and II of 5.1: of 8 bits each, the last ones perhaps of fewer; their number. */
static size_t convert(const uint8_t *bits, size_t n, uint8_t *one, uint8_t *two)
{
	size_t length = 0;

	for (size_t i = 0; i < n; i += 8, length++) {
		const size_t end = n - i < 8 ? n - i : 8;
		unsigned ones = 0, number = 0;
		for (size_t j = 0; j < end; j++) {
			ones += bits[i + j];
			number |= (unsigned)bits[i + j] << (7 - j);
		}
		one[length] = (uint8_t)ones;
		two[length] = (uint8_t)number;
	}
	return length;
}

/* 5.1.2 to 5.1.4: is each element followed by one that is as large or larger? */
static void directional(struct iid_space *space, const uint8_t *x, size_t n, double *out)
{
	for (size_t i = 0; i + 1 < n; i++)
		space->kinds[i] = x[i] <= x[i + 1];
	runs_pack(space->kinds, n - 1, space->words);

	/* Increases or decreases, whichever are more. */
	const struct runs r = runs_count(space->words, n - 1);
	const uint64_t decreases = n - 1 - r.ones;
	out[IID_DIRECTIONAL_RUNS] = (double)r.count;
	out[IID_LONGEST_DIRECTIONAL] = (double)r.longest;
	out[IID_INCREASES] = (double)(r.ones > decreases ? r.ones : decreases);
}

/* 5.1.5 and 5.1.6: is each sample at least the median? */
static void by_median(struct iid_space *space, const struct iid_samples *s, const uint8_t *bytes, double *out)
{
	const uint8_t median = s->upper_median;
	for (size_t i = 0; i < s->n; i++)
		space->kinds[i] = bytes[i] >= median;
	runs_pack(space->kinds, s->n, space->words);

	const struct runs r = runs_count(space->words, s->n);
	out[IID_MEDIAN_RUNS] = (double)r.count;
	out[IID_LONGEST_MEDIAN] = (double)r.longest;
}

/* 5.1.7 and 5.1.8: how many elements until one comes for the second time; then anew. */
static void collisions(const uint8_t *x, size_t n, double *out)
{
	uint32_t seen_in[256] = {0}, search = 1; /* the search that met a value last */
	size_t begin = 0, most = 0;

	for (size_t i = 0; i < n; i++) {
		if (seen_in[x[i]] != search) {
			seen_in[x[i]] = search;
			continue;
		}
		const size_t length = i + 1 - begin;
		most = length > most ? length : most;
		begin = i + 1;
		search++;
	}
	out[IID_AVERAGE_COLLISION] = search > 1 ? (double)begin / (search - 1) : 0;
	out[IID_MAXIMUM_COLLISION] = (double)most;
}

enum { BLOCK = 4096 }; /* elements whose sums fit 32 bits */

/* 5.1.9: pairs of equal elements. */
static double periodicity(const uint8_t *x, size_t n, size_t lag)
{
	uint64_t equal = 0;

	for (size_t i = 0; i < n - lag; i += BLOCK) {
		const size_t end = n - lag - i < BLOCK ? n - lag : i + BLOCK;
		uint32_t part = 0;
		for (size_t j = i; j < end; j++)
			part += x[j] == x[j + lag];
		equal += part;
	}
	return (double)equal;
}

/* 5.1.10: the sum of products. */
static double covariance(const uint8_t *x, size_t n, size_t lag)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < n - lag; i += BLOCK) {
		const size_t end = n - lag - i < BLOCK ? n - lag : i + BLOCK;
		int part = 0;
		for (size_t j = i; j < end; j++)
			part += x[j] * x[j + lag];
		sum += (uint64_t)part;
	}
	return (double)sum;
}

static unsigned some(unsigned from, unsigned to)
{
	return (2U << to) - (1U << from);
}

void iid_statistics(struct iid_space *space, const struct iid_samples *s, const uint8_t *bytes, unsigned wanted,
		    double out[IID_STATISTICS])
{
	/* Of two values most statistics look at eight of them at once. */
	const uint8_t *numbers = bytes, *counts = bytes;
	size_t n = s->n;
	if (s->k == 2 &&
	    wanted & ~(some(IID_MEDIAN_RUNS, IID_LONGEST_MEDIAN) | 1U << IID_EXCURSION | 1U << IID_COMPRESSION)) {
		n = convert(bytes, s->n, space->one, space->two);
		counts = space->one;
		numbers = space->two;
	}

	/* Families that share a pass are computed together where one of them is wanted. */
	if (wanted & 1U << IID_EXCURSION)
		out[IID_EXCURSION] = excursion(s, bytes);
	if (wanted & some(IID_DIRECTIONAL_RUNS, IID_INCREASES))
		directional(space, counts, n, out);
	if (wanted & some(IID_MEDIAN_RUNS, IID_LONGEST_MEDIAN))
		by_median(space, s, bytes, out);
	if (wanted & some(IID_AVERAGE_COLLISION, IID_MAXIMUM_COLLISION))
		collisions(numbers, n, out);
	for (unsigned lag = 0; lag < IID_LAGS; lag++) {
		if (wanted & 1U << (IID_PERIODICITY_1 + lag))
			out[IID_PERIODICITY_1 + lag] = periodicity(counts, n, lags[lag]);
		if (wanted & 1U << (IID_COVARIANCE_1 + lag))
			out[IID_COVARIANCE_1 + lag] = covariance(counts, n, lags[lag]);
	}

	/* 5.1.11 costs more than all the others together. */
	if (wanted & 1U << IID_COMPRESSION)
		out[IID_COMPRESSION] = (double)compressed_size(space->compressed, bytes, s->n, s->value);
}
