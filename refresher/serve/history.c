#include "serve/history.h"

#include "base/clock.h"
#include "base/str.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

__attribute__((format(printf, 3, 4))) static void event(struct history *h, int64_t at_ns, const char *format, ...)
{
	struct history_event *e = &h->events[h->event_count++ % HISTORY_EVENTS];
	va_list args;

	/* What does not fit is cut, and what is not printable is no letter of it; the log has it whole. */
	e->at_ns = at_ns;
	va_start(args, format);
	bool is_cut = vsnprintf(e->text, sizeof e->text, format, args) >= (int)sizeof e->text;
	va_end(args);
	if (is_cut)
		str_copy(e->text + sizeof e->text - 4, 4, "...");
	for (char *p = e->text; *p; p++)
		if (*p < ' ' || *p > '~')
			*p = '?';
}

/* The mean of what a histogram got between two looks at it; negative: nothing. */
static float mean(const struct histogram *before, const struct histogram *now)
{
	uint64_t n = now->count - before->count;
	return n > 0 ? (float)((now->sum - before->sum) / (double)n) : -1;
}

/* How near the nearest test is to its failure. */
static float peak_ratio(const struct health_counts *c)
{
	float highest = -1;
	for (unsigned i = 0; i < HEALTH_TESTS; i++) {
		uint64_t cutoff = c->cutoffs[i][HEALTH_PERMANENT - 1];
		float ratio = cutoff > 0 ? (float)c->peaks[i] / (float)cutoff : -1;
		highest = ratio > highest ? ratio : highest;
	}
	return highest;
}

/* A point each 30 s of what has happened since the last one. */
static void add_point(struct history *h, const struct status *s)
{
	if (h->last_point_ns != 0 && s->now_ns - h->last_point_ns < HISTORY_STEP_S * (int64_t)NS_PER_S)
		return;
	/* The first look is where the first point begins. */
	if (h->last_point_ns != 0)
		h->points[h->point_count++ % HISTORY_POINTS] =
			(struct history_point){.peak_ratio = peak_ratio(&s->health),
					       .refresh_seconds = mean(&h->refreshes, &s->refresh.seconds),
					       .read_seconds = mean(&h->reads, &s->source.read_seconds)};
	h->last_point_ns = s->now_ns;
	h->refreshes = s->refresh.seconds;
	h->reads = s->source.read_seconds;
}

static void see_source(struct history *h, const struct status *s)
{
	const struct history_seen *seen = &h->seen;
	for (unsigned i = 0; i < HEALTH_TESTS; i++)
		for (unsigned j = 0; j < HEALTH_SEVERITIES; j++)
			if (s->health.failures[i][j] != seen->health.failures[i][j])
				event(h, s->now_ns, "health test failed: %s, %s", health_test_names[i],
				      health_verdict_names[j + 1]);

	/* Since when is known of a state, and of nothing else. */
	if (s->source.up != seen->source.up)
		event(h, s->now_ns, s->source.up ? "source gives samples" : "source failed: %s", s->source.error);
	if (s->gate.state != seen->gate.state || s->gate.failures_latched != seen->gate.failures_latched)
		event(h, s->gate.since_ns, "state %s%s%s", gate_state_names[s->gate.state],
		      s->gate.reason[0] ? ": " : "", s->gate.reason);
}

static void see_output(struct history *h, const struct status *s)
{
	const struct history_seen *seen = &h->seen;
	bool failed = refresh_failures(&s->refresh) != refresh_failures(&seen->refresh);

	/* One that fails at each tick is told once, or it would drive everything else out. */
	if (s->refresh.error[0] && strcmp(s->refresh.error, seen->refresh.error) != 0)
		event(h, s->now_ns, "refresh failed: %s", s->refresh.error);
	if (!s->refresh.error[0] && (failed || seen->refresh.error[0]))
		event(h, s->now_ns, "refreshes succeed again");
	if ((s->output.published_ns != 0) != seen->has_file)
		event(h, s->now_ns, seen->has_file ? "the file is gone" : "there is a file");
	if (s->drbg.ok != seen->drbg.ok)
		event(h, s->now_ns, s->drbg.ok ? "DRBG is well" : "DRBG failed: %s", s->drbg.error);
}

static void see_daemon(struct history *h, const struct status *s)
{
	const struct daemon_counts *now = &s->daemon, *seen = &h->seen.daemon;
	if (seen->reload_ok && !now->reload_ok)
		event(h, s->now_ns, "reload refused; the old configuration stays");
	if (now->last_reload_ns != seen->last_reload_ns)
		event(h, now->last_reload_ns, "configuration reloaded");
	if (now->stopping && !seen->stopping)
		event(h, s->now_ns, "stopping");
}

void history_observe(struct history *h, const struct status *s)
{
	/* Before the first look nothing had happened: the start is the first event, and nothing has failed yet. */
	if (h->seen.now_ns == 0) {
		event(h, s->daemon.start_ns, "started");
		h->seen.daemon = s->daemon;
		h->seen.drbg.ok = true;
	}

	/* What came first is told first: the device, then what it has led to. */
	see_source(h, s);
	see_output(h, s);
	see_daemon(h, s);
	add_point(h, s);
	h->seen = (struct history_seen){.now_ns = s->now_ns,
					.has_file = s->output.published_ns != 0,
					.source = s->source,
					.health = s->health,
					.gate = s->gate,
					.drbg = s->drbg,
					.refresh = s->refresh,
					.daemon = s->daemon};
}
