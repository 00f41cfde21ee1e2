/* slots.h - which connection must go when there are too many. Pure; one fixed array, made by the caller.
 *
 * Every open connection has a slot. A connection is used when it opens and when a request of it has arrived whole, so
 * neither an idle client nor one that sends a byte now and then stays young. The searches are linear: two for each
 * turn of the endpoint and one for each connection that goes, over a hundred slots, or four thousand at most. */
#ifndef REFRESHER_SERVE_SLOTS_H
#define REFRESHER_SERVE_SLOTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* How long a connection has to ask something before it may be chosen to go. Clients that come back as soon as they were
 * closed would otherwise push each other out before one of them has asked, for ever; and were it longer, as many silent
 * clients as the kernel queues would keep a probe waiting for more than a second. */
enum { SLOTS_NEW_MS = 10, SLOTS_NEW_NS = SLOTS_NEW_MS * 1000000 };

struct slot {
	int fd;
	int64_t arrived_ns;
	size_t turn;   /* in which it arrived */
	size_t used;   /* the number of its last use; 0: the slot is free */
	bool asked;    /* a request of it has come */
	bool busy;     /* a response is under way */
	bool shed;     /* it was chosen to go */
	bool answered; /* its response is out, and whether its client is still there was not asked since */
};

/* All slots are free, and all counts 0, at the beginning. */
struct slots {
	struct slot *array;
	size_t n, limit;    /* limit: how many may stay open */
	size_t uses, turns; /* since the beginning; the caller counts the turns in which requests are read */
};

/* now_ns: of a clock that never goes back. NULL: none is free. */
struct slot *slots_add(struct slots *s, int fd, int64_t now_ns);
void slots_remove(struct slot *slot);
void slots_touch(struct slots *s, struct slot *slot, bool busy); /* now the youngest */
bool slots_are_too_many(const struct slots *s); /* more are open than the limit, not counting the shed */

/* When too many are open: the one to close, marked as shed; else NULL. It is the longest unused that is not busy, else
 * the longest unused. NULL too while that one is new: it has not asked yet, and is younger than SLOTS_NEW_MS, or than
 * two turns, because what it has asked is not read before, however long the machine keeps this process waiting. */
struct slot *slots_shed(struct slots *s, int64_t now_ns);

#endif
