/* held.h - FILE itself held open and locked, for the modes that write into it. Private to sink/. */
#ifndef REFRESHER_SINK_HELD_H
#define REFRESHER_SINK_HELD_H

#include "sink/ops.h"

struct held {
	int fd; /* -1: not open */
	bool locked;
	bool new_entry; /* it was created, and the directory is not yet on the disk */
};

/* Opens FILE for writing with `flags` added; creates it when missing, with the configured owner and the configured mode
 * plus write for the owner (it has to be opened again after a restart). An existing file keeps its owner and mode. */
int held_open(struct held *h, const struct sink_env *env, int flags, struct err *e);

/* Before a generation: opens again when FILE is another file now (removed, or rotated by someone), and locks it; waits
 * for the lock. */
int held_lock(struct held *h, const struct sink_env *env, int flags, struct err *e);

/* Brings the file to the disk, and the directory where it has a new entry. */
int held_sync(struct held *h, const struct sink_env *env, struct err *e);

void held_unlock(struct held *h, const struct sink_env *env);
void held_close(struct held *h, const struct sink_env *env); /* and unlocks */

#endif
