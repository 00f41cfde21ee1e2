/* The gate: its table row by row, what no sequence of events can do, and which tickets it admits after every sequence.
 */
#include "rows.h"
#include "run/gate.h"

#include <stdbool.h>
#include <string.h>

struct row {
	const char *name;
	enum gate_state from;
	enum gate_event event;
	enum gate_state to;
};

static const struct row rows[] = {
	{"starting, passed: ok", GATE_STARTING, GATE_PASSED, GATE_OK},
	{"starting, intermittent: starting", GATE_STARTING, GATE_INTERMITTENT, GATE_STARTING},
	{"starting, permanent: failed", GATE_STARTING, GATE_PERMANENT, GATE_FAILED},
	{"starting, lost: starting", GATE_STARTING, GATE_LOST, GATE_STARTING},
	{"starting, retry: starting", GATE_STARTING, GATE_RETRY, GATE_STARTING},
	{"ok, passed: ok", GATE_OK, GATE_PASSED, GATE_OK},
	{"ok, intermittent: recovering", GATE_OK, GATE_INTERMITTENT, GATE_RECOVERING},
	{"ok, permanent: failed", GATE_OK, GATE_PERMANENT, GATE_FAILED},
	{"ok, lost: recovering", GATE_OK, GATE_LOST, GATE_RECOVERING},
	{"ok, retry: ok", GATE_OK, GATE_RETRY, GATE_OK},
	{"recovering, passed: ok", GATE_RECOVERING, GATE_PASSED, GATE_OK},
	{"recovering, intermittent: recovering", GATE_RECOVERING, GATE_INTERMITTENT, GATE_RECOVERING},
	{"recovering, permanent: failed", GATE_RECOVERING, GATE_PERMANENT, GATE_FAILED},
	{"recovering, lost: recovering", GATE_RECOVERING, GATE_LOST, GATE_RECOVERING},
	{"recovering, retry: recovering", GATE_RECOVERING, GATE_RETRY, GATE_RECOVERING},
	{"failed, passed: failed", GATE_FAILED, GATE_PASSED, GATE_FAILED},
	{"failed, intermittent: failed", GATE_FAILED, GATE_INTERMITTENT, GATE_FAILED},
	{"failed, permanent: failed", GATE_FAILED, GATE_PERMANENT, GATE_FAILED},
	{"failed, lost: failed", GATE_FAILED, GATE_LOST, GATE_FAILED},
	{"failed, retry: starting", GATE_FAILED, GATE_RETRY, GATE_STARTING},
	{"starting, stuck: starting", GATE_STARTING, GATE_STUCK, GATE_STARTING},
	{"starting, back: starting", GATE_STARTING, GATE_BACK, GATE_STARTING},
	{"ok, stuck: recovering", GATE_OK, GATE_STUCK, GATE_RECOVERING},
	{"ok, back: ok", GATE_OK, GATE_BACK, GATE_OK},
	{"recovering, stuck: recovering", GATE_RECOVERING, GATE_STUCK, GATE_RECOVERING},
	{"recovering, back: recovering", GATE_RECOVERING, GATE_BACK, GATE_RECOVERING},
	{"failed, stuck: failed", GATE_FAILED, GATE_STUCK, GATE_FAILED},
	{"failed, back: failed", GATE_FAILED, GATE_BACK, GATE_FAILED},
};
enum { ROWS = sizeof rows / sizeof *rows };

static void test_row(void **state)
{
	const struct row *r = *state;
	assert_int_equal(gate_next(r->from, r->event), r->to);
}

static void test_rows_cover_the_table(void **state)
{
	bool seen[GATE_STATES][GATE_EVENTS] = {{false}};
	(void)state;
	for (size_t i = 0; i < ROWS; i++)
		seen[rows[i].from][rows[i].event] = true;
	for (unsigned s = 0; s < GATE_STATES; s++)
		for (unsigned e = 0; e < GATE_EVENTS; e++)
			assert_true(seen[s][e]);
}

/* What a sequence that began in FAILED has seen so far. */
enum memory { NOTHING, RETRY, RETRY_THEN_PASSED, MEMORIES };

static enum memory remember(enum memory m, enum gate_event e)
{
	if (m == NOTHING)
		return e == GATE_RETRY ? RETRY : NOTHING;
	return m == RETRY && e == GATE_PASSED ? RETRY_THEN_PASSED : m;
}

/* Everything that is reachable from FAILED by sequences of any length: the closure of (state, memory). */
static void reach(bool reached[GATE_STATES][MEMORIES])
{
	bool grew = true;
	reached[GATE_FAILED][NOTHING] = true;
	while (grew) {
		grew = false;
		for (unsigned i = 0; i < GATE_STATES * MEMORIES * GATE_EVENTS; i++) {
			enum gate_state s = i / (MEMORIES * GATE_EVENTS);
			enum memory m = i / GATE_EVENTS % MEMORIES;
			enum gate_event e = i % GATE_EVENTS;
			bool *next = &reached[gate_next(s, e)][remember(m, e)];
			if (reached[s][m] && !*next)
				grew = *next = true;
		}
	}
}

static void test_no_way_from_failed_to_ok_without_retry_and_then_passed(void **state)
{
	bool reached[GATE_STATES][MEMORIES] = {{false}};
	(void)state;
	reach(reached);
	assert_false(reached[GATE_OK][NOTHING]);
	assert_false(reached[GATE_OK][RETRY]);
	assert_true(reached[GATE_OK][RETRY_THEN_PASSED]);
}

static void test_failed_stays_failed_without_retry(void **state)
{
	bool reached[GATE_STATES][MEMORIES] = {{false}};
	(void)state;
	reach(reached);
	for (unsigned s = 0; s < GATE_STATES; s++)
		assert_int_equal(reached[s][NOTHING], s == GATE_FAILED);
}

static void test_only_passed_leads_to_ok(void **state)
{
	(void)state;
	for (unsigned s = 0; s < GATE_STATES; s++)
		for (unsigned e = 0; e < GATE_EVENTS; e++)
			if (s != GATE_OK && gate_next(s, e) == GATE_OK)
				assert_int_equal(e, GATE_PASSED);
}

static void test_names(void **state)
{
	(void)state;
	assert_string_equal(gate_state_names[GATE_STARTING], "starting");
	assert_string_equal(gate_state_names[GATE_OK], "ok");
	assert_string_equal(gate_state_names[GATE_RECOVERING], "recovering");
	assert_string_equal(gate_state_names[GATE_FAILED], "failed");
	assert_string_equal(gate_event_names[GATE_PASSED], "passed");
	assert_string_equal(gate_event_names[GATE_INTERMITTENT], "intermittent");
	assert_string_equal(gate_event_names[GATE_PERMANENT], "permanent");
	assert_string_equal(gate_event_names[GATE_LOST], "lost");
	assert_string_equal(gate_event_names[GATE_STUCK], "stuck");
	assert_string_equal(gate_event_names[GATE_BACK], "back");
	assert_string_equal(gate_event_names[GATE_RETRY], "retry");
}

/* Every sequence of LONGEST events, with a ticket taken before each of them. The model knows no states: a failure is
 * latched from a permanent one to a retry, and a start-up test counts that was passed while none was latched. */
enum { LONGEST = 6 };

struct model {
	bool latched, passed, lost;
	bool good[LONGEST + 1]; /* the tickets so far: which may still be shown */
	struct gate_ticket tickets[LONGEST + 1];
	unsigned taken;
};

static void model_tell(struct model *m, enum gate_event e)
{
	bool fails = e == GATE_PERMANENT && !m->latched;
	for (unsigned i = 0; fails && i < m->taken; i++)
		m->good[i] = false;
	m->latched = (m->latched || fails) && e != GATE_RETRY;
	m->passed = (m->passed || (e == GATE_PASSED && !m->latched)) && !fails;
	m->lost = e == GATE_LOST || e == GATE_STUCK || (m->lost && e != GATE_BACK && e != GATE_PASSED);
}

static void check_against_model(struct gate *g, const struct model *m)
{
	struct gate_view v = gate_view(g);
	assert_int_equal(v.state == GATE_FAILED, m->latched);
	assert_int_equal(v.passed, m->passed);
	assert_int_equal(gate_is_hopeless(g, false), m->latched);
	assert_int_equal(gate_is_hopeless(g, true), m->latched || m->lost);
	assert_int_equal(v.reason[0] == '\0', v.state == GATE_OK);
	if (v.state == GATE_OK)
		assert_true(m->passed && !m->lost);
	for (unsigned i = 0; i < m->taken; i++) {
		struct err e = {0};
		assert_int_equal(gate_admit(g, m->tickets[i], &e) == 0, m->good[i]);
		assert_int_equal(e.code, m->good[i] ? ERR_NONE : ERR_UNAVAILABLE);
	}
}

static void try_all(const struct gate_view *before, const struct model *m_before, unsigned left)
{
	for (unsigned e = 0; e < GATE_EVENTS; e++) {
		struct gate g;
		struct model m = *m_before;
		gate_init(&g, 1);
		g.view = *before;
		m.tickets[m.taken] = gate_ticket(&g);
		m.good[m.taken++] = m.passed;
		gate_tell(&g, e, "why", 2, 3);
		model_tell(&m, e);
		if (left > 1)
			try_all(&g.view, &m, left - 1);
		else
			check_against_model(&g, &m);
	}
}

static void test_every_sequence_admits_the_right_tickets(void **state)
{
	struct gate g;
	(void)state;
	gate_init(&g, 1);
	for (unsigned length = 1; length <= LONGEST; length++)
		try_all(&g.view, &(struct model){0}, length);
}

static void test_a_ticket_of_nobody_is_void(void **state)
{
	struct gate g;
	struct err e = {0};
	(void)state;
	gate_init(&g, 1);
	gate_tell(&g, GATE_PASSED, "", 2, 0);
	assert_int_equal(gate_admit(&g, (struct gate_ticket){0}, &e), -1);
	assert_int_equal(gate_admit(&g, gate_ticket(&g), &e), 0);
}

/* What the view says of time and cause. */
static void test_the_view_tells_since_when_why_and_until_when(void **state)
{
	struct gate g;
	struct gate_view v;
	(void)state;
	gate_init(&g, 5);
	v = gate_view(&g);
	assert_int_equal(v.since_ns, 5);
	assert_string_equal(v.reason, "start-up test not finished");
	assert_true(gate_tell(&g, GATE_PERMANENT, "zeros", 7, 1007));
	assert_false(gate_tell(&g, GATE_LOST, "gone", 8, 1008));
	v = gate_view(&g);
	assert_int_equal(v.since_ns, 7);
	assert_int_equal(v.retry_at_ns, 1008);
	assert_int_equal(v.failures_latched, 1);
	assert_string_equal(v.reason, "gone");
	assert_false(gate_tell(&g, GATE_BACK, "", 9, 1008));
	v = gate_view(&g);
	assert_string_equal(v.reason, "gone");
	assert_true(gate_tell(&g, GATE_RETRY, "again", 10, 1008));
	v = gate_view(&g);
	assert_int_equal(v.retry_at_ns, 0);
	assert_int_equal(v.since_ns, 10);
}

static void test_a_refusal_says_why(void **state)
{
	struct gate g;
	struct err e = {0};
	(void)state;
	gate_init(&g, 1);
	assert_int_equal(gate_admit(&g, gate_ticket(&g), &e), -1);
	assert_non_null(strstr(e.msg, "no start-up test had passed"));
	gate_tell(&g, GATE_PASSED, "", 2, 0);
	struct gate_ticket t = gate_ticket(&g);
	gate_tell(&g, GATE_PERMANENT, "repetition_count: count 16", 3, 4);
	assert_int_equal(gate_admit(&g, t, &e), -1);
	assert_non_null(strstr(e.msg, "repetition_count: count 16"));
	gate_tell(&g, GATE_RETRY, "retry", 4, 0);
	gate_tell(&g, GATE_PASSED, "", 5, 0);
	assert_int_equal(gate_admit(&g, t, &e), -1);
	assert_non_null(strstr(e.msg, "it has passed a start-up test again"));
}

/* From leaving OK to entering it again is one illness; the start is the first one. */
static void test_how_long_it_was_ill(void **state)
{
	static const struct {
		enum gate_event event;
		int64_t now_ns, since_ns;
		uint64_t events;
	} steps[] = {
		{GATE_LOST, 2, 1, 1},    {GATE_PASSED, 3, 1, 1},         {GATE_STUCK, 10, 10, 1},
		{GATE_BACK, 11, 10, 1},  {GATE_INTERMITTENT, 12, 10, 2}, {GATE_PERMANENT, 13, 10, 3},
		{GATE_RETRY, 14, 10, 3}, {GATE_PASSED, 15, 10, 3},       {GATE_LOST, 20, 20, 1},
	};
	struct gate g;
	(void)state;
	gate_init(&g, 1);
	for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
		gate_tell(&g, steps[i].event, "", steps[i].now_ns, 0);
		struct gate_view v = gate_view(&g);
		assert_int_equal(v.ill_since_ns, steps[i].since_ns);
		assert_int_equal(v.ill_events, steps[i].events);
	}
}

int main(void)
{
	const struct CMUnitTest others[] = {
		cmocka_unit_test(test_rows_cover_the_table),
		cmocka_unit_test(test_no_way_from_failed_to_ok_without_retry_and_then_passed),
		cmocka_unit_test(test_failed_stays_failed_without_retry),
		cmocka_unit_test(test_only_passed_leads_to_ok),
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_every_sequence_admits_the_right_tickets),
		cmocka_unit_test(test_a_ticket_of_nobody_is_void),
		cmocka_unit_test(test_the_view_tells_since_when_why_and_until_when),
		cmocka_unit_test(test_a_refusal_says_why),
		cmocka_unit_test(test_how_long_it_was_ill),
	};
	int failed = ROWS_RUN("gate table", test_row, rows);
	return failed + cmocka_run_group_tests_name("gate", others, NULL, NULL);
}
