#include "run/gate.h"

#include <stdio.h>

const char *const gate_state_names[GATE_STATES] = {"starting", "ok", "recovering", "failed"};
const char *const gate_event_names[GATE_EVENTS] = {"passed", "intermittent", "permanent", "lost",
						   "stuck",  "back",         "retry"};

/* An event that is not in the table leaves the state as it is; FAILED in particular is deaf to all but the retry. */
enum gate_state gate_next(enum gate_state s, enum gate_event e)
{
	static const struct {
		enum gate_state from;
		enum gate_event event;
		enum gate_state to;
	} moves[] = {
		{GATE_STARTING, GATE_PASSED, GATE_OK},         {GATE_STARTING, GATE_PERMANENT, GATE_FAILED},
		{GATE_OK, GATE_INTERMITTENT, GATE_RECOVERING}, {GATE_OK, GATE_LOST, GATE_RECOVERING},
		{GATE_OK, GATE_STUCK, GATE_RECOVERING},        {GATE_OK, GATE_PERMANENT, GATE_FAILED},
		{GATE_RECOVERING, GATE_PASSED, GATE_OK},       {GATE_RECOVERING, GATE_PERMANENT, GATE_FAILED},
		{GATE_FAILED, GATE_RETRY, GATE_STARTING},
	};

	/* No pair of state and event stands in it twice, so the first row that fits is the only one. */
	for (unsigned i = 0; i < sizeof moves / sizeof *moves; i++)
		if (moves[i].from == s && moves[i].event == e)
			return moves[i].to;
	return s;
}

void gate_init(struct gate *g, int64_t now_ns)
{
	/* No number may leave before a start-up test was passed. */
	*g = (struct gate){.lock = PTHREAD_MUTEX_INITIALIZER,
			   .view = {.state = GATE_STARTING, .since_ns = now_ns, .ill_since_ns = now_ns}};
	snprintf(g->view.reason, sizeof g->view.reason, "start-up test not finished");
}

/* What the event says of the source itself, whatever the state is: a start-up test cannot pass without samples. */
static bool is_lost_after(bool lost, enum gate_event e)
{
	if (e == GATE_LOST || e == GATE_STUCK)
		return true;
	return lost && e != GATE_BACK && e != GATE_PASSED;
}

bool gate_tell(struct gate *g, enum gate_event e, const char *reason, int64_t now_ns, int64_t retry_at_ns)
{
	pthread_mutex_lock(&g->lock);

	/* Whatever follows belongs to one event: readers of the view see all of it or nothing. */
	struct gate_view *v = &g->view;
	enum gate_state next = gate_next(v->state, e);
	bool changed = next != v->state;

	/* Entering FAILED latches one failure more; every ticket of the time before is void with it. */
	if (changed && next == GATE_FAILED) {
		v->failures_latched++;
		v->passed = false;
	}
	/* A start-up test counts only where it leads to OK: one that ends while a failure is latched clears nothing. */
	if (e == GATE_PASSED && next == GATE_OK) {
		v->passed = true;
		v->tests_passed++;
	}
	v->lost = is_lost_after(v->lost, e);

	/* From where OK is left to where it is entered again is one illness, whatever happens in it. */
	if (changed && v->state == GATE_OK) {
		v->ill_since_ns = now_ns;
		v->ill_events = 0;
	}
	v->ill_events += e == GATE_INTERMITTENT || e == GATE_PERMANENT || e == GATE_LOST || e == GATE_STUCK;

	/* The reason is that of the last event that had one to give; samples that come again explain nothing. */
	if (e != GATE_BACK)
		snprintf(v->reason, sizeof v->reason, "%s", next == GATE_OK ? "" : reason);

	/* Only a latched failure waits for a retry; a state counts from the event that led to it. */
	v->retry_at_ns = next == GATE_FAILED ? retry_at_ns : 0;
	if (changed)
		v->since_ns = now_ns;
	v->state = next;
	pthread_mutex_unlock(&g->lock);
	return changed;
}

struct gate_view gate_view(struct gate *g)
{
	pthread_mutex_lock(&g->lock);
	struct gate_view v = g->view;
	pthread_mutex_unlock(&g->lock);
	return v;
}

struct gate_ticket gate_ticket(struct gate *g)
{
	/* What is true now; whoever shows the ticket later is compared with it. */
	struct gate_view v = gate_view(g);
	return (struct gate_ticket){v.passed, v.failures_latched, v.tests_passed};
}

int gate_admit(struct gate *g, struct gate_ticket t, struct err *e)
{
	struct gate_view v = gate_view(g);

	/* Both reasons stay for ever. FAILED is not asked for: entering it has latched a failure that the ticket does
	 * not know. */
	if (!t.granted)
		return err_set(e, ERR_UNAVAILABLE, 0, "given up, no start-up test had passed: %s", v.reason);
	if (t.failures_latched != v.failures_latched)
		return err_set(e, ERR_UNAVAILABLE, 0, "given up, the source failed meanwhile: %s",
			       v.reason[0] ? v.reason : "it has passed a start-up test again");
	return 0;
}

bool gate_is_hopeless(struct gate *g, bool writes_once)
{
	/* A daemon waits for a lost source, which may come back within the time that it has. */
	struct gate_view v = gate_view(g);
	return v.state == GATE_FAILED || (writes_once && v.lost);
}
