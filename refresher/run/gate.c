#include "run/gate.h"

#include <stdio.h>

const char *gate_state_name(unsigned state)
{
	static const char *const names[GATE_STATES] = {"starting", "ok", "recovering", "failed"};
	return names[state];
}

const char *gate_event_name(enum gate_event e)
{
	static const char *const names[GATE_EVENTS] = {"passed", "intermittent", "permanent", "lost",
						       "stuck",  "back",         "retry"};
	return names[e];
}

/* One row for each present state, one column for each event. An event that a state does not expect leaves it where it
 * is; FAILED in particular is deaf to everything but the retry. */
enum gate_state gate_next(enum gate_state s, enum gate_event e)
{
	static const enum gate_state next[GATE_STATES][GATE_EVENTS] = {
		[GATE_STARTING] = {[GATE_PASSED] = GATE_OK,
				   [GATE_INTERMITTENT] = GATE_STARTING,
				   [GATE_PERMANENT] = GATE_FAILED,
				   [GATE_LOST] = GATE_STARTING,
				   [GATE_STUCK] = GATE_STARTING,
				   [GATE_BACK] = GATE_STARTING,
				   [GATE_RETRY] = GATE_STARTING},
		[GATE_OK] = {[GATE_PASSED] = GATE_OK,
			     [GATE_INTERMITTENT] = GATE_RECOVERING,
			     [GATE_PERMANENT] = GATE_FAILED,
			     [GATE_LOST] = GATE_RECOVERING,
			     [GATE_STUCK] = GATE_RECOVERING,
			     [GATE_BACK] = GATE_OK,
			     [GATE_RETRY] = GATE_OK},
		[GATE_RECOVERING] = {[GATE_PASSED] = GATE_OK,
				     [GATE_INTERMITTENT] = GATE_RECOVERING,
				     [GATE_PERMANENT] = GATE_FAILED,
				     [GATE_LOST] = GATE_RECOVERING,
				     [GATE_STUCK] = GATE_RECOVERING,
				     [GATE_BACK] = GATE_RECOVERING,
				     [GATE_RETRY] = GATE_RECOVERING},
		[GATE_FAILED] = {[GATE_PASSED] = GATE_FAILED,
				 [GATE_INTERMITTENT] = GATE_FAILED,
				 [GATE_PERMANENT] = GATE_FAILED,
				 [GATE_LOST] = GATE_FAILED,
				 [GATE_STUCK] = GATE_FAILED,
				 [GATE_BACK] = GATE_FAILED,
				 [GATE_RETRY] = GATE_STARTING},
	};
	return next[s][e];
}

void gate_init(struct gate *g, int64_t now_ns)
{
	*g = (struct gate){.view = {.state = GATE_STARTING, .since_ns = now_ns}};
	snprintf(g->view.reason, sizeof g->view.reason, "start-up test not finished");
	pthread_mutex_init(&g->lock, NULL);
}

void gate_fini(struct gate *g)
{
	pthread_mutex_destroy(&g->lock);
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
	struct gate_view *v = &g->view;
	enum gate_state next = gate_next(v->state, e);
	bool changed = next != v->state;

	/* Entering FAILED latches one failure more; every ticket of the time before is void with it. */
	if (changed && next == GATE_FAILED) {
		v->failures_latched++;
		v->passed = false;
	}
	/* A start-up test counts only where it leads to OK: one that ends while a failure is latched clears nothing. */
	if (e == GATE_PASSED && next == GATE_OK)
		v->passed = true;
	v->lost = is_lost_after(v->lost, e);

	/* The reason is that of the last event that had one to give; samples that come again explain nothing. */
	if (e != GATE_BACK)
		snprintf(v->reason, sizeof v->reason, "%s", next == GATE_OK ? "" : reason);
	v->retry_at_ns = next == GATE_FAILED ? retry_at_ns : 0;
	if (changed)
		v->since_ns = now_ns;
	v->state = next;
	pthread_mutex_unlock(&g->lock);
	return changed;
}

void gate_copy(struct gate *g, struct gate_view *out)
{
	pthread_mutex_lock(&g->lock);
	*out = g->view;
	pthread_mutex_unlock(&g->lock);
}

enum gate_state gate_state(struct gate *g)
{
	pthread_mutex_lock(&g->lock);
	enum gate_state s = g->view.state;
	pthread_mutex_unlock(&g->lock);
	return s;
}

struct gate_ticket gate_ticket(struct gate *g)
{
	pthread_mutex_lock(&g->lock);
	struct gate_ticket t = {.granted = g->view.passed, .failures_latched = g->view.failures_latched};
	pthread_mutex_unlock(&g->lock);
	return t;
}

int gate_admit(struct gate *g, struct gate_ticket t, struct err *e)
{
	int rc = 0;
	pthread_mutex_lock(&g->lock);
	const struct gate_view *v = &g->view;

	/* FAILED needs no look of its own: entering it has latched a failure that the ticket does not know. */
	if (!t.granted)
		rc = err_set(e, ERR_UNAVAILABLE, 0, "given up, no start-up test had passed: %s", v->reason);
	else if (t.failures_latched != v->failures_latched)
		rc = err_set(e, ERR_UNAVAILABLE, 0, "given up, the source failed meanwhile: %s",
			     v->reason[0] ? v->reason : "it has passed a start-up test again");
	pthread_mutex_unlock(&g->lock);
	return rc;
}

bool gate_is_hopeless(struct gate *g, bool writes_once)
{
	pthread_mutex_lock(&g->lock);
	bool hopeless = g->view.state == GATE_FAILED || (writes_once && g->view.lost);
	pthread_mutex_unlock(&g->lock);
	return hopeless;
}
