/* non_iid.h - the ten estimators of SP 800-90B, 6.3, on recorded samples: the non-IID track.
 *
 * With the values of NIST's public tool (ea_non_iid 1.1.7, -i and -c): integers equal, reals to 1e-11 relative. Where
 * that tool deviates from the printed text, so does this: the 0.995 quantile unrounded, p_local only where it counts,
 * 66 rounds instead of 10.
 *
 * An initial assessment has two passes, over the samples as symbols and over the string of their bits; of samples of
 * two values it has the first one alone. A conditioned one has the pass over the bits alone.
 *
 * Allocates, starts threads, no I/O. */
#ifndef REFRESHER_ASSESS_NON_IID_H
#define REFRESHER_ASSESS_NON_IID_H

#include "assess/estimate.h"
#include "assess/estimators.h"
#include "base/err.h"

#include <stdbool.h>

/* In the order of the sections 6.3.1 to 6.3.10. */
enum non_iid_estimator {
	NON_IID_MCV,
	NON_IID_COLLISION,
	NON_IID_MARKOV,
	NON_IID_COMPRESSION,
	NON_IID_T_TUPLE,
	NON_IID_LRS,
	NON_IID_MULTI_MCW,
	NON_IID_LAG,
	NON_IID_MULTI_MMC,
	NON_IID_LZ78Y,
	NON_IID_ESTIMATORS
};
/* "Most Common Value", "Collision", ... as the standard names them. */
extern const char *const non_iid_names[NON_IID_ESTIMATORS];

/* One pass. What an estimator's bit in `done` does not name is zero: collision, Markov and compression are for k = 2
 * alone; t-Tuple is missing where t = 0, LRS where v < u, and all but the most common value of one symbol alone. */
struct non_iid_pass {
	bool ran;
	size_t n;                     /* symbols */
	unsigned k;                   /* different symbols */
	unsigned done;                /* bit 1 << estimator */
	double h[NON_IID_ESTIMATORS]; /* bits per symbol of this pass, 0 or more, never -0; of those done */
	double h_min;                 /* the least of them, and of the bits per symbol */
	struct estimate_mcv mcv;
	struct estimate_collision collision;
	struct estimate_markov markov;
	struct compression compression;
	struct tuples tuples;
	struct prediction multi_mcw, lag, multi_mmc, lz78y;
};

enum non_iid_mode {
	NON_IID_INITIAL,
	NON_IID_CONDITIONED,
};

struct non_iid {
	enum non_iid_mode mode;
	size_t samples;
	unsigned bits; /* per sample */
	struct non_iid_pass literal, bitstring;
	double h_original;  /* per sample, of the literal pass; `bits` where there was none */
	double h_bitstring; /* per bit; 1 where there was no such pass */
	double h;           /* assessed min-entropy per sample */
};

/* How an assessment is run. */
struct non_iid_run {
	unsigned threads; /* 1 ... */
	/* Told now and then how much is done, 0 ... 1, ever more; from any thread, never from two at once. May be NULL.
	 */
	void (*progress)(void *self, double part);
	void *self;
};

/* The fewest samples of which all ten estimators can say something. */
size_t non_iid_samples_min(unsigned bits);

/* n samples of one byte each, n below 2^31 / bits; bits 1 ... 8, or 0 for as many as the samples need. A sample that
 * has more bits than `bits` is an error, and so are too few samples: ERR_USAGE, and the message names the number
 * needed. ERR_OS: no memory, no thread. *out is undefined then. */
int assess_non_iid(const uint8_t *samples, size_t n, unsigned bits, enum non_iid_mode mode,
		   const struct non_iid_run *run, struct non_iid *out, struct err *e);

/* All literal estimators on one span: what the restart tests need of their rows and columns. bits: of a symbol, the
 * greatest h. Takes any n >= 4096; compression is missing below 6012 bits. */
int non_iid_pass(struct symbols t, unsigned bits, const struct non_iid_run *run, struct non_iid_pass *out,
		 struct err *e);

#endif
