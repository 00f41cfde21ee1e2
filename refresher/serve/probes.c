#include "serve/probes.h"

#include "serve/text.h"

#include <string.h>

enum { SECOND_NS = 1000000000, REASON_MAX = 640 };

/* The interval is 0 ... 86400 s; whatever else stood there must not become undefined behaviour. */
static int64_t ns(double seconds)
{
	return seconds > 0 && seconds < 1e9 ? (int64_t)(seconds * SECOND_NS) : 0;
}

static int64_t max_ns(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

/* A check: true when well; else its reason in `why`. */
typedef bool check_fn(const struct status *s, struct text *why);

static bool check_loop(const struct status *s, struct text *why)
{
	(void)s;
	(void)why;
	return true; /* this very answer comes from the loop */
}

static bool check_worker(const struct status *s, struct text *why)
{
	int64_t limit = max_ns(3 * ns(s->refresh.interval_seconds), 30 * (int64_t)SECOND_NS);
	int64_t age = s->now_ns - max_ns(s->refresh.heartbeat_ns, s->daemon.start_ns);
	if (age < limit)
		return true;
	text_lit(why, "no sign of life for ");
	text_ago(why, age);
	text_lit(why, ", limit ");
	text_ago(why, limit);
	if (s->refresh.activity[0]) {
		text_lit(why, "; in stage ");
		text_str(why, s->refresh.activity);
		text_lit(why, " for ");
		text_ago(why, s->now_ns - s->refresh.activity_since_ns);
	}
	return false;
}

static bool check_drbg(const struct status *s, struct text *why)
{
	if (s->drbg.ok)
		return true;
	text_str(why, s->drbg.error[0] ? s->drbg.error : "its self-test did not pass");
	return false;
}

static bool check_output(const struct status *s, struct text *why)
{
	if (s->output.ok)
		return true;
	text_str(why, s->refresh.error[0] ? s->refresh.error : "the last file was not published");
	return false;
}

static bool check_directory(const struct status *s, struct text *why)
{
	if (s->output.directory_ok)
		return true;
	text_str(why, s->refresh.error[0] ? s->refresh.error : "it was removed or replaced; restart refresher");
	return false;
}

static bool read_overdue(const struct status *s)
{
	return s->source.read_began_ns != 0 && s->source.read_overdue_ns > 0 &&
	       s->now_ns - s->source.read_began_ns > s->source.read_overdue_ns;
}

bool probe_disk_hangs(const struct status *s)
{
	/* "generate" writes too, and beats ten times a second while it gets on. */
	bool at_disk = strcmp(s->refresh.activity, "generate") == 0 || strcmp(s->refresh.activity, "write") == 0 ||
		       strcmp(s->refresh.activity, "publish") == 0;
	return at_disk && s->now_ns - s->refresh.heartbeat_ns > 2 * (int64_t)SECOND_NS;
}

bool probe_source_up(const struct status *s)
{
	return s->source.up && !read_overdue(s);
}

static bool read_stuck(const struct status *s, struct text *why)
{
	if (!read_overdue(s))
		return false;
	text_str(why, s->noise.name);
	text_lit(why, ": no data for ");
	text_ago(why, s->now_ns - s->source.read_began_ns);
	text_lit(why, " (read has not returned); the generator is stuck");
	return true;
}

static bool source_latched(const struct status *s, struct text *why)
{
	if (s->gate.state != GATE_FAILED)
		return false;
	text_lit(why, "health test failed: ");
	text_str(why, s->gate.reason);
	if (s->gate.retry_at_ns != 0) {
		text_lit(why, "; next start-up test in ");
		text_ago(why, s->gate.retry_at_ns - s->now_ns);
	}
	return true;
}

/* Whatever the state says, it says it of the time when the source was read last. */
static bool looked_away(const struct status *s, struct text *why)
{
	int64_t age = s->now_ns - s->source.last_read_ns;
	if (s->source.last_read_ns == 0 || s->source.watch_ns <= 0 || age <= 2 * s->source.watch_ns)
		return false;
	text_lit(why, "last looked at ");
	text_ago(why, age);
	text_lit(why, " ago, limit ");
	text_ago(why, 2 * s->source.watch_ns);
	return true;
}

static bool check_source(const struct status *s, struct text *why)
{
	if (read_stuck(s, why) || source_latched(s, why) || (s->source.up && looked_away(s, why)))
		return false;
	if (s->source.up)
		return true;
	text_str(why, s->source.error[0] ? s->source.error : "no samples yet");
	return false;
}

static bool check_startup_tests(const struct status *s, struct text *why)
{
	if (s->gate.state == GATE_OK)
		return true;
	text_str(why, gate_state_name(s->gate.state));
	text_lit(why, " for ");
	text_ago(why, s->now_ns - s->gate.since_ns);
	if (s->gate.state != GATE_FAILED) {
		text_lit(why, ", ");
		text_u64(why, s->health.startup_done);
		text_lit(why, " of ");
		text_u64(why, s->health.startup_samples);
		text_lit(why, " samples tested");
	}
	if (s->gate.reason[0]) {
		text_lit(why, ": ");
		text_str(why, s->gate.reason);
	}
	return false;
}

static bool check_freshness(const struct status *s, struct text *why)
{
	int64_t interval = ns(s->refresh.interval_seconds);
	int64_t limit = 2 * interval + max_ns(interval / 10, SECOND_NS);
	int64_t age = s->now_ns - s->output.published_ns;
	if (s->output.published_ns == 0) {
		text_str(why, s->output.generation ? "no numbers any more, the file was removed or emptied"
						   : "no file was published yet");
	} else if (interval > 0 && age >= limit) {
		text_lit(why, "file is ");
		text_ago(why, age);
		text_lit(why, " old, limit ");
		text_ago(why, limit);
	} else {
		return true;
	}
	if (s->refresh.error[0]) {
		text_lit(why, "; ");
		text_str(why, s->refresh.error);
	}
	return false;
}

static bool check_shutdown(const struct status *s, struct text *why)
{
	if (s->daemon.stopping)
		text_lit(why, "shutting down");
	return !s->daemon.stopping;
}

static bool check_published(const struct status *s, struct text *why)
{
	if (s->output.generation > 0)
		return true;
	text_lit(why, "no file was published yet");
	if (s->refresh.error[0]) {
		text_lit(why, "; ");
		text_str(why, s->refresh.error);
	}
	return false;
}

struct check {
	const char *name;
	check_fn *run;
	enum probe probe;
};

static const struct check checks[] = {
	{"loop", check_loop, PROBE_LIVENESS},
	{"worker", check_worker, PROBE_LIVENESS},
	{"drbg", check_drbg, PROBE_LIVENESS},
	{"directory", check_directory, PROBE_LIVENESS},
	{"output", check_output, PROBE_READINESS},
	{"source", check_source, PROBE_READINESS},
	{"startup-tests", check_startup_tests, PROBE_READINESS},
	{"freshness", check_freshness, PROBE_READINESS},
	{"shutdown", check_shutdown, PROBE_READINESS},
	{"published", check_published, PROBE_STARTUP},
};
enum { CHECKS = sizeof checks / sizeof *checks };

static bool belongs(const struct check *c, const struct status *s, enum probe p)
{
	return c->probe == p || (p == PROBE_LIVENESS && c->run == check_source && s->daemon.liveness_needs_source);
}

static bool has_check(const struct status *s, enum probe p, const char *name)
{
	for (size_t i = 0; i < CHECKS; i++)
		if (belongs(&checks[i], s, p) && strcmp(checks[i].name, name) == 0)
			return true;
	return false;
}

static void list_names(struct text *t, const struct status *s, enum probe p)
{
	for (size_t i = 0; i < CHECKS; i++) {
		if (!belongs(&checks[i], s, p))
			continue;
		text_char(t, ' ');
		text_str(t, checks[i].name);
	}
	text_char(t, '\n');
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
	char reason[REASON_MAX];
	struct text why;
	text_init(&why, reason, sizeof reason);
	bool excluded = is_excluded(r, c->name);
	bool well = excluded || c->run(s, &why);
	if (well && !r->verbose)
		return true;
	text_str(t, well ? "[+]" : "[-]");
	text_str(t, c->name);
	text_str(t, excluded ? " excluded: ok" : well ? " ok" : " failed: ");
	text_plain(t, reason, sizeof reason);
	text_char(t, '\n');
	return well;
}

static void warn_excludes(struct text *t, const struct status *s, const struct probe_request *r)
{
	for (size_t i = 0; i < r->exclude_count; i++) {
		if (has_check(s, r->probe, r->exclude[i]))
			continue;
		text_lit(t, "warn: cannot exclude \"");
		text_plain(t, r->exclude[i], 40);
		text_lit(t, "\": no such check here; checks:");
		list_names(t, s, r->probe);
	}
}

enum probe_result probe_render(const struct status *s, const struct probe_request *r, char *out, size_t cap,
			       size_t *len)
{
	struct text t;
	bool well = true;
	enum probe_result result = PROBE_NO_SUCH_CHECK;
	text_init(&t, out, cap);
	if (r->only && !has_check(s, r->probe, r->only)) {
		text_lit(&t, "no such check; checks:");
		list_names(&t, s, r->probe);
		goto out;
	}
	for (size_t i = 0; i < CHECKS; i++)
		if (belongs(&checks[i], s, r->probe) && (!r->only || strcmp(checks[i].name, r->only) == 0))
			well = render_check(&t, s, r, &checks[i]) && well;
	result = well ? PROBE_PASS : PROBE_FAIL;
	if (well && !r->verbose) {
		text_lit(&t, "ok\n");
		goto out;
	}
	warn_excludes(&t, s, r);
	text_str(&t, r->title);
	text_str(&t, well ? " check passed\n" : " check failed\n");
out:
	*len = t.len;
	return result;
}

bool probe_passes(const struct status *s, enum probe p)
{
	char reason[REASON_MAX];
	struct text why;
	for (size_t i = 0; i < CHECKS; i++) {
		text_init(&why, reason, sizeof reason);
		if (belongs(&checks[i], s, p) && !checks[i].run(s, &why))
			return false;
	}
	return true;
}
