/* history.c: a point each 30 s, an event for each change between two looks, both in rings that never grow. */
#include "serve/history.h"

#include "base/str.h"
#include "rows.h"
#include "status_sample.h"

#include <math.h>
#include <string.h>

static void latch(struct status *s)
{
	s->health.failures[HEALTH_RCT][1]++;
	s->gate.state = GATE_FAILED;
	s->gate.since_ns = s->now_ns - SECONDS(2);
	s->gate.failures_latched++;
	str_copy(s->gate.reason, sizeof s->gate.reason, "repetition_count: 16 of 16");
}

static void latch_again(struct status *s)
{
	s->gate.failures_latched++;
	s->gate.since_ns = s->now_ns - SECONDS(1);
}

static void lose(struct status *s)
{
	s->source.up = false;
	str_copy(s->source.error, sizeof s->source.error, "/dev/hwrng: no data");
}

static void fail_refresh(struct status *s)
{
	s->refresh.failures[0]++;
	str_copy(s->refresh.error, sizeof s->refresh.error, "write: No space left on device");
}

static void fail_between(struct status *s)
{
	s->refresh.failures[1]++;
}

static void remove_file(struct status *s)
{
	s->output.published_ns = 0;
}

static void fail_drbg(struct status *s)
{
	s->drbg.ok = false;
	str_copy(s->drbg.error, sizeof s->drbg.error, "known answer");
}

static void refuse_reload(struct status *s)
{
	s->daemon.reload_ok = false;
}

static void reload(struct status *s)
{
	s->daemon.last_reload_ns = s->now_ns - SECONDS(3);
}

static void stop(struct status *s)
{
	s->daemon.stopping = true;
}

static void nothing(struct status *s)
{
	s->source.read_bytes += 256;
	s->refresh.attempts++;
}

static const struct row {
	const char *name;
	void (*change)(struct status *);
	unsigned events;  /* that it makes */
	const char *text; /* of the last one */
	double age;       /* of it, in seconds */
} rows[] = {
	{"nothing that matters", nothing, 0, NULL, 0},
	{"a failed test is two", latch, 2, "state failed: repetition_count: 16 of 16", 2},
	{"a failure between two looks", latch_again, 1, "state ok", 1},
	{"a lost source", lose, 1, "source failed: /dev/hwrng: no data", 0},
	{"a failed refresh", fail_refresh, 1, "refresh failed: write: No space left on device", 0},
	{"one that has failed and succeeded since", fail_between, 1, "refreshes succeed again", 0},
	{"a file that is gone", remove_file, 1, "the file is gone", 0},
	{"a failed DRBG", fail_drbg, 1, "DRBG failed: known answer", 0},
	{"a refused reload", refuse_reload, 1, "reload refused; the old configuration stays", 0},
	{"a reload", reload, 1, "configuration reloaded", 3},
	{"the end", stop, 1, "stopping", 0},
};

static const struct history_event *last(const struct history *h)
{
	assert_true(h->event_count > 0);
	return &h->events[(h->event_count - 1) % HISTORY_EVENTS];
}

static void tick(struct history *h, struct status *s, double seconds)
{
	s->now_ns += SECONDS(seconds);
	history_observe(h, s);
}

static void test_row(void **state)
{
	const struct row *r = *state;
	static struct history h;
	struct status s;
	status_sample(&s);
	memset(&h, 0, sizeof h);
	history_observe(&h, &s);
	uint64_t before = h.event_count;
	s.now_ns += SECONDS(4);
	r->change(&s);
	history_observe(&h, &s);
	assert_int_equal(h.event_count - before, r->events);
	if (r->text) {
		assert_string_equal(last(&h)->text, r->text);
		assert_int_equal(s.now_ns - last(&h)->at_ns, SECONDS(r->age));
	}

	/* It is told once, also of refreshes that go on to fail. */
	s.refresh.failures[0] += s.refresh.error[0] != '\0';
	tick(&h, &s, 4);
	assert_int_equal(h.event_count - before, r->events);
}

static void test_the_start_is_the_first_event(void **state)
{
	static struct history h;
	struct status s;
	(void)state;
	status_sample(&s);
	history_observe(&h, &s);
	assert_string_equal(h.events[0].text, "started");
	assert_int_equal(h.events[0].at_ns, s.daemon.start_ns);
	for (unsigned i = 0; i < h.event_count; i++) {
		assert_null(strstr(h.events[i].text, "reload"));
		assert_null(strstr(h.events[i].text, "DRBG"));
	}
}

static void test_what_is_over_is_told(void **state)
{
	static struct history h;
	struct status s;
	(void)state;
	status_sample(&s);
	history_observe(&h, &s);
	lose(&s);
	fail_refresh(&s);
	tick(&h, &s, 4);
	uint64_t before = h.event_count;
	s.source.up = true;
	s.refresh.error[0] = '\0';
	tick(&h, &s, 4);
	assert_int_equal(h.event_count - before, 2);
	assert_string_equal(h.events[before].text, "source gives samples");
	assert_string_equal(h.events[before + 1].text, "refreshes succeed again");
}

/* The reason of a failure may be longer than the room. */
static void test_events_are_cut_and_the_oldest_go(void **state)
{
	static struct history h;
	struct status s;
	(void)state;
	status_sample(&s);
	history_observe(&h, &s);
	for (int i = 0; i < 3 * HISTORY_EVENTS; i++) {
		s.source.up = !s.source.up;
		memset(s.source.error, 'x', sizeof s.source.error - 1);
		tick(&h, &s, 4);
	}
	assert_true(h.event_count > 3 * HISTORY_EVENTS);
	for (int i = 0; i < HISTORY_EVENTS; i++) {
		const char *text = h.events[i].text;
		size_t len = strlen(text);
		assert_true(strcmp(text, "source gives samples") == 0 ||
			    (len == HISTORY_TEXT - 1 && strcmp(text + len - 4, "x...") == 0));
		assert_true(s.now_ns - h.events[i].at_ns < SECONDS(4.5 * HISTORY_EVENTS));
	}
}

static void test_points(void **state)
{
	static struct history h;
	struct status s;
	(void)state;
	status_sample(&s);
	history_observe(&h, &s);
	tick(&h, &s, 29);
	assert_int_equal(h.point_count, 0);

	/* Two refreshes of 2 and 4 s in these 30 s, and no read; the nearer of the two peaks. */
	histogram_add(&s.refresh.seconds, 2);
	histogram_add(&s.refresh.seconds, 4);
	s.health.peaks[HEALTH_RCT] = 8;
	tick(&h, &s, 1);
	assert_int_equal(h.point_count, 1);
	assert_true(fabs((double)h.points[0].refresh_seconds - 3) < 1e-6);
	assert_true(fabs((double)h.points[0].peak_ratio - 0.5) < 1e-6);
	assert_true(h.points[0].read_seconds < 0);

	/* What was counted once does not count again. */
	histogram_add(&s.source.read_seconds, 0.25);
	tick(&h, &s, 30);
	assert_true(h.points[1].refresh_seconds < 0);
	assert_true(fabs((double)h.points[1].read_seconds - 0.25) < 1e-6);

	/* An hour, and then the oldest go. */
	for (int i = 0; i < 2 * HISTORY_POINTS; i++)
		tick(&h, &s, 30);
	assert_int_equal(h.point_count, 2 * HISTORY_POINTS + 2);
}

int main(void)
{
	const struct CMUnitTest others[] = {
		cmocka_unit_test(test_the_start_is_the_first_event),
		cmocka_unit_test(test_what_is_over_is_told),
		cmocka_unit_test(test_events_are_cut_and_the_oldest_go),
		cmocka_unit_test(test_points),
	};
	int failed = ROWS_RUN("changes", test_row, rows);
	return failed + cmocka_run_group_tests_name("history", others, NULL, NULL);
}
