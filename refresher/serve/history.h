/* history.h - what observers may know of the last hour: a point each 30 s, and the last 32 events, in words.
 *
 * Made of copies of the status that the main thread takes each few seconds, so it sees what has changed
 * between two of them: of failures that come faster it tells the last one, and /metrics has their number. No samples,
 * seeds or numbers. Owned by the main thread. Pure but for its own memory, which is bounded: some 7 kB. */
#ifndef REFRESHER_SERVE_HISTORY_H
#define REFRESHER_SERVE_HISTORY_H

#include "run/status.h"

enum { HISTORY_POINTS = 120, HISTORY_STEP_S = 30, HISTORY_EVENTS = 32, HISTORY_TEXT = 160 };

/* Of the 30 s before its end. Negative: there was none. */
struct history_point {
	float peak_ratio;      /* the highest peak of a health test beside its permanent cutoff, 1: it has failed */
	float refresh_seconds; /* the mean of the refreshes that were done */
	float read_seconds;    /* the mean of the reads */
};

struct history_event {
	int64_t at_ns;           /* of struct io's clock */
	char text[HISTORY_TEXT]; /* printable ASCII; ends with "..." where it was cut */
};

/* Zeros are an empty one. Both are rings: entry i of all that ever were is at i modulo its size. */
struct history {
	struct history_point points[HISTORY_POINTS];
	struct history_event events[HISTORY_EVENTS];
	uint64_t point_count, event_count; /* that ever were */
	int64_t last_point_ns;             /* when the last one was made, or the first look was */
	struct histogram refreshes, reads; /* as they were then */
	struct history_seen {
		int64_t now_ns; /* 0: nothing yet */
		bool has_file;
		struct source_counts source;
		struct health_counts health;
		struct gate_view gate;
		struct drbg_counts drbg;
		struct refresh_counts refresh;
		struct daemon_counts daemon;
	} seen; /* when it was looked at last */
};

/* To be called each few seconds. */
void history_observe(struct history *h, const struct status *s);

#endif
