/* slots.h - which connection must go when there are too many. Pure; one fixed array, made by the caller.
 *
 * Every open connection has a slot. A connection is used when it opens and when a request of it has arrived whole, so
 * neither an idle client nor one that sends a byte now and then stays young. The searches are linear: one for each
 * connection that opens, over a hundred slots, or four thousand at most. */
#ifndef REFRESHER_SERVE_SLOTS_H
#define REFRESHER_SERVE_SLOTS_H

#include <stdbool.h>
#include <stddef.h>

struct slot {
	int fd;
	size_t arrival;   /* the connection's number */
	size_t used;      /* the number of its last use; 0: the slot is free */
	bool asked;       /* a request of it has come */
	bool busy;        /* a response is under way */
	bool shed;        /* it was chosen to go */
	bool half_closed; /* its client has closed its side, and has its response */
};

/* All slots are free, and all counts 0, at the beginning. */
struct slots {
	struct slot *array;
	size_t n;
	size_t arrivals, uses; /* since the beginning */
};

struct slot *slots_add(struct slots *s, int fd); /* NULL: none is free */
void slots_remove(struct slot *slot);
void slots_touch(struct slots *s, struct slot *slot, bool busy); /* now the youngest */

/* When more than `limit` are open: the one to close, marked as shed; else NULL. It is the longest unused that is not
 * busy, else the longest unused; never a new one, which has not asked yet and which at most limit / 2 have followed.
 * Without this each arrival would push out the one before it where clients that do not read their responses have all
 * places. */
struct slot *slots_shed(struct slots *s, size_t limit);

#endif
