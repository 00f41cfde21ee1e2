/* reader.h - stage [1] in the collector's thread: one read of the noise source at a time, and what is known of reads.
 *
 * The reader asks for as many samples as the source gives in an eighth of source.timeout, so that a slow one (20 bytes
 * per second exist) does not look stuck. It counts reads, errors and their time for the board, and tells the log when
 * the source goes and comes back; that it has gone is always said, a source that flaps is held to the rate of base/log.
 *
 * Visible struct in the collector's memory, read-only to others. All calls are the collector thread's, but
 * reader_check_stuck and reader_configure, which are the main thread's. */
#ifndef REFRESHER_RUN_READER_H
#define REFRESHER_RUN_READER_H

#include "base/err.h"
#include "base/log.h"
#include "run/pipeline.h"

enum {
	READER_FIRST = 64, /* samples of the first read ... */
	READER_MIN = 4,    /* ... of one from a device so slow that 64 would look stuck ... */
	READER_MAX = 256,  /* ... and of one from a fast device: cheap */
};

struct reader {
	const struct pipeline *p;
	unsigned sample_bits;
	size_t size;          /* samples of the next read at most */
	bool failing;         /* the last read gave no samples */
	int64_t pause_ns;     /* before a source that failed is tried again */
	pthread_mutex_t lock; /* guards the next two: the main thread looks for a read that is stuck */
	struct source_counts counts;
	int64_t stuck_began_ns; /* the beginning of the read that was told as stuck */
	struct log_rate rate;
	bool said_down; /* what the log says now */
};

void reader_init(struct reader *r, const struct pipeline *p, const struct run_config *config);

/* Blocks for as long as the source likes. n > 0: that many samples in buf; *back when they are the first behind an
 * error or a read that was stuck: they may come from another generator. <= 0: *e says why; try again after pause_ns. */
ssize_t reader_read(struct reader *r, uint8_t *buf, size_t want, bool *back, struct err *e);

/* Says what the log's rate has kept back: that the source is there again. */
void reader_catch_up(struct reader *r);

void reader_configure(struct reader *r, double timeout_seconds, double watch_seconds); /* by a reload */
int64_t reader_next_watch_ns(struct reader *r); /* when the source is to be read although nobody needs it */

/* Nobody can wake a thread out of a device's read. That one has not returned for source.timeout is noticed here, told
 * to the gate, said and counted once for each such read. True: it was, just now. */
bool reader_check_stuck(struct reader *r);

#endif
