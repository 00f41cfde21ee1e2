/* gate.h - may these numbers leave? The only place in the program that answers (SP 800-90B section 4.2: what follows a
 * failed health test).
 *
 *   STARTING --passed--> OK --intermittent, lost, stuck--> RECOVERING --passed--> OK
 *   STARTING, OK, RECOVERING --permanent--> FAILED --retry--> STARTING
 *
 * FAILED is latched: only `retry` (a fresh start-up test, begun by the back-off timer or by the operator's signal)
 * leaves it, and it leads to STARTING, never to OK. Samples enter the pool only in OK.
 *
 * The collector tells the gate what happened to the noise source; the main thread tells it of a read that does not
 * return. A refresh takes a ticket before its first seed leaves the pool, and shows it before each piece that it
 * writes. A ticket is void for ever once a permanent failure was latched after it was taken, even if a start-up test
 * has cleared that failure meanwhile: the samples behind it are of the time before. A ticket that was taken before any
 * start-up test had passed is void from the beginning.
 *
 * An intermittent failure or a lost source voids no ticket: the samples in the seed had passed every test.
 *
 * Any thread may call; no call blocks longer than a copy of the view takes. Observers get a copy. Times are nanoseconds
 * of the caller's monotonic clock. */
#ifndef REFRESHER_RUN_GATE_H
#define REFRESHER_RUN_GATE_H

#include "base/err.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

enum gate_state { GATE_STARTING, GATE_OK, GATE_RECOVERING, GATE_FAILED, GATE_STATES };

enum gate_event {
	GATE_PASSED,       /* the start-up test was completed */
	GATE_INTERMITTENT, /* a health test failed at alpha 2^-30 */
	GATE_PERMANENT,    /* a health test failed at alpha 2^-60 */
	GATE_LOST,         /* the source gave an error: what comes back may be another generator */
	GATE_STUCK,        /* a read has not returned for source.timeout: as lost */
	GATE_BACK,         /* samples came again; the state waits for the start-up test */
	GATE_RETRY,        /* a fresh start-up test begins */
	GATE_EVENTS
};

extern const char *const gate_state_names[GATE_STATES]; /* "starting", "ok", "recovering", "failed" */
extern const char *const gate_event_names[GATE_EVENTS]; /* "passed", "intermittent", ... */

/* The state table alone. Pure. */
enum gate_state gate_next(enum gate_state s, enum gate_event e);

/* What observers may know. */
struct gate_view {
	enum gate_state state;
	int64_t since_ns;          /* when the state was entered */
	int64_t ill_since_ns;      /* when OK was left last; the start at first */
	uint64_t ill_events;       /* failures, lost and stuck reads since then */
	char reason[256];          /* why it is not OK; "" in OK */
	int64_t retry_at_ns;       /* FAILED: when the next start-up test begins; else 0 */
	uint64_t failures_latched; /* times that FAILED was entered */
	uint64_t tests_passed;     /* start-up tests that led to OK */
	bool passed;               /* one of them, and no failure was latched since */
	bool lost;                 /* the source gives nothing: lost or stuck, and no samples since */
};

struct gate {
	pthread_mutex_t lock; /* guards view */
	struct gate_view view;
};

/* What a refresh holds in its hand. By value; {0} is void. */
struct gate_ticket {
	bool granted;
	uint64_t failures_latched;
	uint64_t tests_passed; /* another number than that of an earlier ticket: the source has recovered in between */
};

void gate_init(struct gate *g, int64_t now_ns); /* STARTING */

/* Tells the gate what happened, and why (copied, cut at the end; "" in OK). retry_at_ns is kept while FAILED, and
 * ignored otherwise. Returns whether the state changed. */
bool gate_tell(struct gate *g, enum gate_event e, const char *reason, int64_t now_ns, int64_t retry_at_ns);

struct gate_view gate_view(struct gate *g);

/* Taken before the samples of the first seed are taken from the pool: a failure that is latched in between empties the
 * pool, so that the seed fails too. */
struct gate_ticket gate_ticket(struct gate *g);

/* 0: what was made with this ticket may leave now. -1 with *e (ERR_UNAVAILABLE): it may not, and never will. */
int gate_admit(struct gate *g, struct gate_ticket t, struct err *e);

/* Whether a seed that the pool does not hold yet is not worth waiting for: nothing comes before the back-off of a
 * failed source ends, and a run that writes once does not wait for a lost source either. */
bool gate_is_hopeless(struct gate *g, bool writes_once);

#endif
