/* Any sequence of events: FAILED is left by a retry alone, and OK is reached only by a start-up test that was passed
 * since the last failure. An input is one event per byte. */
#include "fuzz.h"

#include "run/state.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	enum state s = STATE_STARTING;
	bool latched = false, passed = false; /* since the last failure */

	for (size_t i = 0; i < len; i++) {
		enum state_event e = data[i] % STATE_EVENTS;
		s = state_next(s, e);
		latched = (latched && e != EVENT_RETRY) || e == EVENT_PERMANENT;
		if (latched || e == EVENT_INTERMITTENT || e == EVENT_LOST)
			passed = false;
		else
			passed = passed || e == EVENT_PASSED;
		FUZZ_CHECK((s == STATE_FAILED) == latched, "%s after %s", state_name(s), state_event_name(e));
		FUZZ_CHECK((s == STATE_OK) == passed, "%s after %s", state_name(s), state_event_name(e));
	}
	return 0;
}
