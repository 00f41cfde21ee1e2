/* slots.h - which connection must go when there are too many. Pure; one fixed array, made by the caller.
 *
 * Every open connection holds a slot; the slots form one list, the longest unused first. A connection is used when it
 * opens and when a request of it has arrived whole, so neither an idle client nor one that sends a byte now and then
 * stays young. */
#ifndef REFRESHER_SERVE_SLOTS_H
#define REFRESHER_SERVE_SLOTS_H

#include <stdbool.h>
#include <stddef.h>

struct slot {
	struct slot *older, *younger; /* both NULL outside the list */
	size_t arrival;               /* its number */
	int fd;
	bool asked;       /* a request of it has come */
	bool busy;        /* an answer is under way */
	bool shed;        /* told to go */
	bool half_closed; /* its client has closed its side, and has its answer */
};

struct slots {
	struct slot ends; /* ends.younger: the oldest; ends.older: the youngest */
	struct slot *unused;
	size_t open;     /* without those told to go */
	size_t arrivals; /* since the beginning */
};

void slots_init(struct slots *s, struct slot *array, size_t n);
struct slot *slots_add(struct slots *s, int fd); /* NULL: none is free */
void slots_remove(struct slots *s, struct slot *slot);
void slots_touch(struct slots *s, struct slot *slot, bool busy); /* now the youngest */

/* When more than `limit` are open: the one to close, marked as shed; else NULL. The oldest that is not busy, else the
 * oldest; never a new one, which has not asked yet and which at most limit / 2 have followed. Without this each arrival
 * would push out the one before it where clients that do not read their answers hold all places. */
struct slot *slots_shed(struct slots *s, size_t limit);

#endif
