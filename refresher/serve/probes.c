#include "serve/probes.h"

#include "base/clock.h"

#include <string.h>

/* The interval is 0 ... 86400 s; whatever else stood there must not become undefined behaviour. */
static int64_t ns(double seconds)
{
	return seconds > 0 && seconds < 1e9 ? (int64_t)(seconds * NS_PER_S) : 0;
}

static int64_t max_ns(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

/* A check: writes why it fails; it is well where it writes nothing. */
typedef void check_fn(const struct status *s, struct text *why);

static void check_worker(const struct status *s, struct text *why)
{
	/* The worker beats at least at every tick, so three intervals without a beat are a hang. A short interval gets
	 * 30 s, which a loaded disk may take; a worker that was not heard yet is measured from the start. */
	int64_t limit = max_ns(3 * ns(s->refresh.interval_seconds), 30 * (int64_t)NS_PER_S);
	int64_t age = s->now_ns - max_ns(s->refresh.heartbeat_ns, s->daemon.start_ns);
	if (age < limit)
		return;

	/* The stage tells where it hangs: a disk or a bug. */
	text_fmt(why, "no sign of life for %s, limit %s", text_span(age).text, text_span(limit).text);
	if (s->refresh.activity[0])
		text_fmt(why, "; in stage %s for %s", s->refresh.activity,
			 text_span(s->now_ns - s->refresh.activity_since_ns).text);
}

bool probe_disk_hangs(const struct status *s)
{
	/* "generate" writes too, and beats ten times a second while it gets on. */
	bool at_disk = strcmp(s->refresh.activity, "generate") == 0 || strcmp(s->refresh.activity, "write") == 0 ||
		       strcmp(s->refresh.activity, "publish") == 0;
	return at_disk && s->now_ns - s->refresh.heartbeat_ns > 2 * (int64_t)NS_PER_S;
}

/* Of several reasons the one nearest to the device is told: what the later ones say comes of it. */
static void check_source(const struct status *s, struct text *why)
{
	const struct source_counts *source = &s->source;
	int64_t unread = source->last_read_ns != 0 ? s->now_ns - source->last_read_ns : 0;

	if (s->gate.state == GATE_FAILED) {
		text_fmt(why, "health test failed: %s", s->gate.reason);
		if (s->gate.retry_at_ns != 0)
			text_fmt(why, "; next start-up test in %s", text_span(s->gate.retry_at_ns - s->now_ns).text);
	} else if (!source->up) {
		text_fmt(why, "%s", source->error[0] ? source->error : "no samples yet");
	} else if (source->watch_ns > 0 && unread > 2 * source->watch_ns) {
		/* Whatever the state says, it says it of the time when the source was read last. */
		text_fmt(why, "last looked at %s ago, limit %s", text_span(unread).text,
			 text_span(2 * source->watch_ns).text);
	}
}

/* Only numbers of the state OK may leave; the others are told with how long they have lasted and how far they are. */
static void check_startup_tests(const struct status *s, struct text *why)
{
	if (s->gate.state == GATE_OK)
		return;
	text_fmt(why, "%s for %s", gate_state_names[s->gate.state], text_span(s->now_ns - s->gate.since_ns).text);
	/* In the other two states a start-up test is under way. */
	if (s->gate.state != GATE_FAILED)
		text_fmt(why, ", %u of %u samples tested", s->health.startup_done, s->health.startup_samples);
	/* A start that was never disturbed has no reason. */
	if (s->gate.reason[0])
		text_fmt(why, ": %s", s->gate.reason);
}

/* The reader of a file may rely on its age: two intervals, and some slack for a refresh that takes long. */
static void check_freshness(const struct status *s, struct text *why)
{
	int64_t interval = ns(s->refresh.interval_seconds);
	int64_t limit = 2 * interval + max_ns(interval / 10, NS_PER_S);
	int64_t age = s->now_ns - s->output.published_ns;

	/* A file that is written once has no limit: interval 0. */
	if (s->output.published_ns == 0)
		text_fmt(why, "%s",
			 s->output.generation ? "no numbers any more, the file was removed or emptied"
					      : "no file was published yet");
	else if (interval > 0 && age >= limit)
		text_fmt(why, "file is %s old, limit %s", text_span(age).text, text_span(limit).text);

	/* The last error is why there is no newer file. */
	if (why->len > 0 && s->refresh.error[0])
		text_fmt(why, "; %s", s->refresh.error);
}

/* From the signal on the pod gets no new work, while what it does already goes on. */
static void check_shutdown(const struct status *s, struct text *why)
{
	if (s->daemon.stopping)
		text_fmt(why, "shutting down");
}

/* Once a file was published the start is over for good, whatever becomes of the file. */
static void check_published(const struct status *s, struct text *why)
{
	if (s->output.generation == 0)
		text_fmt(why, "no file was published yet%s%s", s->refresh.error[0] ? "; " : "", s->refresh.error);
}

/* A check is a function, or a flag that the stage keeps: where that is false, the error that the stage left is told, or
 * what is known without one. A check with neither is well by being asked. */
struct check {
	const char *name;
	enum probe probe;
	check_fn *run;
	const char *otherwise; /* of a flag alone; NULL: there is none */
	size_t ok, error;      /* offsets in struct status */
};

#define FLAG(ok_, error_) .ok = offsetof(struct status, ok_), .error = offsetof(struct status, error_)

/* In the order in which a list shows them. probes.h says what each one wants. A restart makes a new DRBG and opens the
 * directory that is there now, so these two are of liveness; it heals no full or read-only disk, so the output is of
 * readiness. */
static const struct check checks[] = {
	{"loop", PROBE_LIVENESS},
	{"worker", PROBE_LIVENESS, check_worker},
	{"drbg", PROBE_LIVENESS, NULL, "its self-test did not pass", FLAG(drbg.ok, drbg.error)},
	{"directory", PROBE_LIVENESS, NULL, "it was removed or replaced; restart refresher",
	 FLAG(output.directory_ok, refresh.error)},
	{"output", PROBE_READINESS, NULL, "the last file was not published", FLAG(output.ok, refresh.error)},
	{"source", PROBE_READINESS, check_source},
	{"startup-tests", PROBE_READINESS, check_startup_tests},
	{"freshness", PROBE_READINESS, check_freshness},
	{"shutdown", PROBE_READINESS, check_shutdown},
	{"published", PROBE_STARTUP, check_published},
};
enum { CHECKS = sizeof checks / sizeof *checks };

/* The source is a check of readiness; with health.liveness: source it is one of liveness too. */
static bool belongs(const struct check *c, const struct status *s, enum probe p)
{
	return c->probe == p || (p == PROBE_LIVENESS && c->run == check_source && s->daemon.liveness_needs_source);
}

/* Runs the check, and leaves why it fails in reason[PROBE_REASON_MAX]. */
static bool passes(const struct check *c, const struct status *s, char *reason)
{
	struct text why;
	text_init(&why, reason, PROBE_REASON_MAX);
	if (c->run)
		c->run(s, &why);

	/* A flag that is false has a reason in any case, which is never empty. */
	const char *error = (const char *)s + c->error;
	if (c->otherwise && !*(const bool *)((const char *)s + c->ok))
		text_fmt(&why, "%s", *error ? error : c->otherwise);
	return why.len == 0;
}

bool probe_passes(const struct status *s, enum probe p)
{
	char reason[PROBE_REASON_MAX];
	for (size_t i = 0; i < CHECKS; i++)
		if (belongs(&checks[i], s, p) && !passes(&checks[i], s, reason))
			return false;
	return true;
}

const char *probe_next_failed(const struct status *s, size_t *i, char *reason)
{
	while (*i < CHECKS) {
		const struct check *c = &checks[(*i)++];
		if (c->probe != PROBE_STARTUP && !passes(c, s, reason))
			return c->name;
	}
	return NULL;
}

/* Whether the probe has a check of that name, as the source is one of liveness only sometimes. */
static bool has_check(const struct status *s, enum probe p, const char *name)
{
	for (size_t i = 0; i < CHECKS; i++)
		if (belongs(&checks[i], s, p) && strcmp(checks[i].name, name) == 0)
			return true;
	return false;
}

/* Writes the rest of a line that tells which names there are. */
static void list_names(struct text *t, const struct status *s, enum probe p)
{
	for (size_t i = 0; i < CHECKS; i++)
		if (belongs(&checks[i], s, p))
			text_fmt(t, " %s", checks[i].name);
	text_fmt(t, "\n");
}

static bool is_excluded(const struct probe_request *r, const char *name)
{
	for (size_t i = 0; i < r->exclude_count; i++)
		if (strcmp(r->exclude[i], name) == 0)
			return true;
	return false;
}

/* Writes the check's line, unless it is well and nobody asked. True: well, or excluded. */
static bool render_check(struct text *t, const struct status *s, const struct probe_request *r, const struct check *c)
{
	char reason[PROBE_REASON_MAX] = "";
	bool excluded = is_excluded(r, c->name), well = excluded || passes(c, s, reason);

	/* A reason may hold a path or a message of the kernel, so what is not ASCII does not reach the line. */
	if (!well) {
		text_fmt(t, "[-]%s failed: ", c->name);
		text_ascii(t, reason, sizeof reason);
		text_fmt(t, "\n");
	} else if (r->verbose) {
		text_fmt(t, "[+]%s %s\n", c->name, excluded ? "excluded: ok" : "ok");
	}
	return well;
}

/* Who excludes a check that is none learns it where a person reads, and a probe's verdict does not hang on it. */
static void warn_excludes(struct text *t, const struct status *s, const struct probe_request *r)
{
	for (size_t i = 0; i < r->exclude_count; i++) {
		if (has_check(s, r->probe, r->exclude[i]))
			continue;
		text_fmt(t, "warn: cannot exclude \"");
		text_ascii(t, r->exclude[i], 40);
		text_fmt(t, "\": no such check here; checks:");
		list_names(t, s, r->probe);
	}
}

unsigned probe_render(struct text *t, const struct status *s, const struct probe_request *r)
{
	bool well = true;

	/* /readyz/NAME of a check that is not there must not look like one that is well. */
	if (r->only && !has_check(s, r->probe, r->only)) {
		text_fmt(t, "no such check; checks:");
		list_names(t, s, r->probe);
		return 404;
	}

	/* Every check is run, also behind one that fails, so that the list is complete. */
	for (size_t i = 0; i < CHECKS; i++)
		if (belongs(&checks[i], s, r->probe) && (!r->only || strcmp(checks[i].name, r->only) == 0))
			well = render_check(t, s, r, &checks[i]) && well;

	/* What is well says one word, as kube-apiserver's probes do; a list ends with the verdict. */
	if (well && !r->verbose) {
		text_fmt(t, "ok\n");
		return 200;
	}
	warn_excludes(t, s, r);
	text_fmt(t, "%s check %s\n", r->title, well ? "passed" : "failed");
	return well ? 200 : 503;
}
