#include "run/state.h"

/* Rows: the present state. An event that a state does not expect leaves it where it is; FAILED in particular is deaf
 * to everything but the retry. */
enum state state_next(enum state s, enum state_event e)
{
	static const enum state next[STATES][STATE_EVENTS] = {
		[STATE_STARTING] = {[EVENT_PASSED] = STATE_OK,
				    [EVENT_INTERMITTENT] = STATE_STARTING,
				    [EVENT_PERMANENT] = STATE_FAILED,
				    [EVENT_LOST] = STATE_STARTING,
				    [EVENT_RETRY] = STATE_STARTING},
		[STATE_OK] = {[EVENT_PASSED] = STATE_OK,
			      [EVENT_INTERMITTENT] = STATE_RECOVERING,
			      [EVENT_PERMANENT] = STATE_FAILED,
			      [EVENT_LOST] = STATE_RECOVERING,
			      [EVENT_RETRY] = STATE_OK},
		[STATE_RECOVERING] = {[EVENT_PASSED] = STATE_OK,
				      [EVENT_INTERMITTENT] = STATE_RECOVERING,
				      [EVENT_PERMANENT] = STATE_FAILED,
				      [EVENT_LOST] = STATE_RECOVERING,
				      [EVENT_RETRY] = STATE_RECOVERING},
		[STATE_FAILED] = {[EVENT_PASSED] = STATE_FAILED,
				  [EVENT_INTERMITTENT] = STATE_FAILED,
				  [EVENT_PERMANENT] = STATE_FAILED,
				  [EVENT_LOST] = STATE_FAILED,
				  [EVENT_RETRY] = STATE_STARTING},
	};
	return next[s][e];
}

const char *state_name(enum state s)
{
	static const char *const names[STATES] = {"starting", "ok", "recovering", "failed"};
	return names[s];
}

const char *state_event_name(enum state_event e)
{
	static const char *const names[STATE_EVENTS] = {"passed", "intermittent", "permanent", "lost", "retry"};
	return names[e];
}
