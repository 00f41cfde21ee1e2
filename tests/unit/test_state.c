/* state.c: the whole table, row by row, and what no sequence of events can do. */
#include "run/state.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

struct row {
	const char *name;
	enum state from;
	enum state_event event;
	enum state to;
};

static const struct row rows[] = {
	{"starting, passed: ok", STATE_STARTING, EVENT_PASSED, STATE_OK},
	{"starting, intermittent: starting", STATE_STARTING, EVENT_INTERMITTENT, STATE_STARTING},
	{"starting, permanent: failed", STATE_STARTING, EVENT_PERMANENT, STATE_FAILED},
	{"starting, lost: starting", STATE_STARTING, EVENT_LOST, STATE_STARTING},
	{"starting, retry: starting", STATE_STARTING, EVENT_RETRY, STATE_STARTING},
	{"ok, passed: ok", STATE_OK, EVENT_PASSED, STATE_OK},
	{"ok, intermittent: recovering", STATE_OK, EVENT_INTERMITTENT, STATE_RECOVERING},
	{"ok, permanent: failed", STATE_OK, EVENT_PERMANENT, STATE_FAILED},
	{"ok, lost: recovering", STATE_OK, EVENT_LOST, STATE_RECOVERING},
	{"ok, retry: ok", STATE_OK, EVENT_RETRY, STATE_OK},
	{"recovering, passed: ok", STATE_RECOVERING, EVENT_PASSED, STATE_OK},
	{"recovering, intermittent: recovering", STATE_RECOVERING, EVENT_INTERMITTENT, STATE_RECOVERING},
	{"recovering, permanent: failed", STATE_RECOVERING, EVENT_PERMANENT, STATE_FAILED},
	{"recovering, lost: recovering", STATE_RECOVERING, EVENT_LOST, STATE_RECOVERING},
	{"recovering, retry: recovering", STATE_RECOVERING, EVENT_RETRY, STATE_RECOVERING},
	{"failed, passed: failed", STATE_FAILED, EVENT_PASSED, STATE_FAILED},
	{"failed, intermittent: failed", STATE_FAILED, EVENT_INTERMITTENT, STATE_FAILED},
	{"failed, permanent: failed", STATE_FAILED, EVENT_PERMANENT, STATE_FAILED},
	{"failed, lost: failed", STATE_FAILED, EVENT_LOST, STATE_FAILED},
	{"failed, retry: starting", STATE_FAILED, EVENT_RETRY, STATE_STARTING},
};
enum { ROWS = sizeof rows / sizeof *rows };

static void test_row(void **state)
{
	const struct row *r = *state;
	assert_int_equal(state_next(r->from, r->event), r->to);
}

static void test_rows_cover_the_table(void **state)
{
	bool seen[STATES][STATE_EVENTS] = {{false}};
	(void)state;
	for (size_t i = 0; i < ROWS; i++)
		seen[rows[i].from][rows[i].event] = true;
	for (unsigned s = 0; s < STATES; s++)
		for (unsigned e = 0; e < STATE_EVENTS; e++)
			assert_true(seen[s][e]);
}

/* What a sequence that began in FAILED has seen so far. */
enum memory { NOTHING, RETRY, RETRY_THEN_PASSED, MEMORIES };

static enum memory remember(enum memory m, enum state_event e)
{
	if (m == NOTHING)
		return e == EVENT_RETRY ? RETRY : NOTHING;
	return m == RETRY && e == EVENT_PASSED ? RETRY_THEN_PASSED : m;
}

/* Everything that is reachable from FAILED by sequences of any length: the closure of (state, memory). */
static void reach(bool reached[STATES][MEMORIES])
{
	bool grew = true;
	reached[STATE_FAILED][NOTHING] = true;
	while (grew) {
		grew = false;
		for (unsigned i = 0; i < STATES * MEMORIES * STATE_EVENTS; i++) {
			enum state s = i / (MEMORIES * STATE_EVENTS);
			enum memory m = i / STATE_EVENTS % MEMORIES;
			enum state_event e = i % STATE_EVENTS;
			bool *next = &reached[state_next(s, e)][remember(m, e)];
			if (reached[s][m] && !*next)
				grew = *next = true;
		}
	}
}

static void test_no_way_from_failed_to_ok_without_retry_and_then_passed(void **state)
{
	bool reached[STATES][MEMORIES] = {{false}};
	(void)state;
	reach(reached);
	assert_false(reached[STATE_OK][NOTHING]);
	assert_false(reached[STATE_OK][RETRY]);
	assert_true(reached[STATE_OK][RETRY_THEN_PASSED]);
}

static void test_failed_stays_failed_without_retry(void **state)
{
	bool reached[STATES][MEMORIES] = {{false}};
	(void)state;
	reach(reached);
	for (unsigned s = 0; s < STATES; s++)
		assert_int_equal(reached[s][NOTHING], s == STATE_FAILED);
}

static void test_only_passed_leads_to_ok(void **state)
{
	(void)state;
	for (unsigned s = 0; s < STATES; s++)
		for (unsigned e = 0; e < STATE_EVENTS; e++)
			if (s != STATE_OK && state_next(s, e) == STATE_OK)
				assert_int_equal(e, EVENT_PASSED);
}

static void test_names(void **state)
{
	(void)state;
	assert_string_equal(state_name(STATE_STARTING), "starting");
	assert_string_equal(state_name(STATE_OK), "ok");
	assert_string_equal(state_name(STATE_RECOVERING), "recovering");
	assert_string_equal(state_name(STATE_FAILED), "failed");
	assert_string_equal(state_event_name(EVENT_PASSED), "passed");
	assert_string_equal(state_event_name(EVENT_INTERMITTENT), "intermittent");
	assert_string_equal(state_event_name(EVENT_PERMANENT), "permanent");
	assert_string_equal(state_event_name(EVENT_LOST), "lost");
	assert_string_equal(state_event_name(EVENT_RETRY), "retry");
}

int main(void)
{
	struct CMUnitTest tests[ROWS] = {{0}};
	const struct CMUnitTest others[] = {
		cmocka_unit_test(test_rows_cover_the_table),
		cmocka_unit_test(test_no_way_from_failed_to_ok_without_retry_and_then_passed),
		cmocka_unit_test(test_failed_stays_failed_without_retry),
		cmocka_unit_test(test_only_passed_leads_to_ok),
		cmocka_unit_test(test_names),
	};
	for (size_t i = 0; i < ROWS; i++)
		tests[i] = (struct CMUnitTest){rows[i].name, test_row, NULL, NULL, (void *)(uintptr_t)&rows[i]};
	int failed = cmocka_run_group_tests_name("state table", tests, NULL, NULL);
	return failed + cmocka_run_group_tests_name("state", others, NULL, NULL);
}
