/* iid_statistics.h - the eleven statistics of the permutation tests (SP 800-90B, 5.1), which are 19 numbers:
 * periodicity and covariance have five lags each.
 *
 * With the values of NIST's public tool. Of two symbols those that need more take the number of ones in 8 bits
 * (conversion I: directional runs, periodicity, covariance) or the 8 bits as a number (conversion II: collisions).
 *
 * One instance per thread: it holds the space that the computation needs. */
#ifndef REFRESHER_ASSESS_IID_STATISTICS_H
#define REFRESHER_ASSESS_IID_STATISTICS_H

#include "assess/symbols.h"

enum iid_statistic {
	IID_EXCURSION,
	IID_DIRECTIONAL_RUNS,
	IID_LONGEST_DIRECTIONAL,
	IID_INCREASES,
	IID_MEDIAN_RUNS,
	IID_LONGEST_MEDIAN,
	IID_AVERAGE_COLLISION,
	IID_MAXIMUM_COLLISION,
	IID_PERIODICITY_1,
	IID_PERIODICITY_2,
	IID_PERIODICITY_8,
	IID_PERIODICITY_16,
	IID_PERIODICITY_32,
	IID_COVARIANCE_1,
	IID_COVARIANCE_2,
	IID_COVARIANCE_8,
	IID_COVARIANCE_16,
	IID_COVARIANCE_32,
	IID_COMPRESSION,
	IID_STATISTICS
};
enum { IID_LAGS = 5, IID_ALL_STATISTICS = (1 << IID_STATISTICS) - 1 };

/* "excursion", "directional_runs", ...: names in JSON; and for people. */
extern const char *const iid_statistic_keys[IID_STATISTICS];
extern const char *const iid_statistic_names[IID_STATISTICS];

/* Samples that are to be permuted: `bytes` are what moves, the samples themselves or, of two values, 0 and 1; value[b]
 * is the sample that a byte stands for. Read-only once made, for all threads. */
struct iid_samples {
	const uint8_t *bytes;
	size_t n;
	unsigned k;
	uint8_t value[256];
	double mean;            /* of the samples */
	double median;          /* of the literal symbols; 0.5 where there are two */
	uint8_t upper_median;   /* the least byte that is not below the median */
	int64_t deviation[256]; /* n times (the sample less the mean), which is a whole number */
};

/* t: the literal symbols of the samples, `bytes`: n bytes of the caller's that outlive out. n: 2000 ... 2^24, so that
 * every lag has pairs; k >= 2. */
void iid_samples_init(struct iid_samples *out, const uint8_t *samples, struct symbols t, uint8_t *bytes);

/* What a thread needs for n samples. NULL: no memory. */
struct iid_space;
struct iid_space *iid_space_new(size_t n);
void iid_space_free(struct iid_space *space);

/* Computes the statistics whose bits 1 << statistic are in `wanted`, of bytes that are a permutation of s->bytes; the
 * other ones stay. Excursion: its whole multiple by n. */
void iid_statistics(struct iid_space *space, const struct iid_samples *s, const uint8_t *bytes, unsigned wanted,
		    double out[IID_STATISTICS]);

#endif
