/* state.h - the states of the noise source's health as one pure table.
 *
 *   STARTING --passed--> OK --intermittent, lost--> RECOVERING --passed--> OK
 *   STARTING, OK, RECOVERING --permanent--> FAILED --retry--> STARTING
 *
 * FAILED is latched: only `retry` (a fresh start-up test, begun by the back-off timer or by the operator's signal)
 * leaves it, and it leads to STARTING, never to OK. Samples enter the pool only in OK. Pure. */
#ifndef REFRESHER_RUN_STATE_H
#define REFRESHER_RUN_STATE_H

enum state { STATE_STARTING, STATE_OK, STATE_RECOVERING, STATE_FAILED, STATES };

enum state_event {
	EVENT_PASSED,       /* the start-up test was completed */
	EVENT_INTERMITTENT, /* a health test failed at alpha 2^-30 */
	EVENT_PERMANENT,    /* a health test failed at alpha 2^-60 */
	EVENT_LOST,         /* the source gave an error: what comes back may be another generator */
	EVENT_RETRY,        /* a fresh start-up test begins */
	STATE_EVENTS
};

enum state state_next(enum state s, enum state_event e);
const char *state_name(enum state s);             /* "starting", "ok", "recovering", "failed" */
const char *state_event_name(enum state_event e); /* "passed", "intermittent", ... */

#endif
