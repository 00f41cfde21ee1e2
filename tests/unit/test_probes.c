/* probes.c: a row changes a status that is well and expects a verdict and a line; both sides of every limit. */
#include "base/str.h"
#include "serve/probes.h"

#include "rows.h"
#include "status_sample.h"

typedef void change_fn(struct status *s);

static void nothing(struct status *s)
{
	(void)s;
}

/* The worker was last seen (and its stage began) so long ago; the limit is 3 * 30 s. */
static void worker_below(struct status *s)
{
	s->refresh.heartbeat_ns = s->now_ns - SECONDS(90) + 1;
}

static void worker_at(struct status *s)
{
	s->refresh.heartbeat_ns = s->now_ns - SECONDS(90);
	s->refresh.activity_since_ns = s->now_ns - SECONDS(91);
	str_copy(s->refresh.activity, sizeof s->refresh.activity, "write");
}

static void worker_short_interval_below(struct status *s)
{
	s->refresh.interval_seconds = 1;
	s->refresh.heartbeat_ns = s->now_ns - SECONDS(30) + 1;
}

static void worker_short_interval_at(struct status *s)
{
	s->refresh.interval_seconds = 1;
	s->refresh.heartbeat_ns = s->now_ns - SECONDS(30);
}

static void worker_never_but_young(struct status *s)
{
	s->refresh.heartbeat_ns = 0;
	s->daemon.start_ns = s->now_ns - SECONDS(5);
}

static void drbg_bad(struct status *s)
{
	s->drbg.ok = false;
	str_copy(s->drbg.error, sizeof s->drbg.error, "generate: entropy source failure");
}

static void sink_bad(struct status *s)
{
	s->output.ok = false;
	str_copy(s->refresh.error, sizeof s->refresh.error, "publish: rename: Read-only file system");
}

static void directory_gone(struct status *s)
{
	s->output.ok = s->output.directory_ok = false;
	str_copy(s->refresh.error, sizeof s->refresh.error, "directory /v was removed; restart refresher");
}

static void source_down(struct status *s)
{
	s->source.up = false;
	str_copy(s->source.error, sizeof s->source.error, "/dev/hwrng: no driver is bound: No such device");
}

static void source_not_yet(struct status *s)
{
	s->source.up = false;
}

/* The limit is two watch intervals of 30 s. */
static void unread_at_limit(struct status *s)
{
	s->source.watch_ns = SECONDS(30);
	s->source.last_read_ns = s->now_ns - SECONDS(60);
}

static void unread_too_long(struct status *s)
{
	unread_at_limit(s);
	s->source.last_read_ns--;
}

static void source_down_liveness(struct status *s)
{
	source_down(s);
	s->daemon.liveness_needs_source = true;
}

static void failed(struct status *s)
{
	s->gate.state = GATE_FAILED;
	s->gate.since_ns = s->now_ns - SECONDS(4);
	s->gate.retry_at_ns = s->now_ns + SECONDS(17);
	str_copy(s->gate.reason, sizeof s->gate.reason, "adaptive_proportion 102 >= cutoff 102 (permanent)");
}

static void starting(struct status *s)
{
	s->gate.state = GATE_STARTING;
	s->gate.since_ns = s->now_ns - SECONDS(2.5);
	s->health.startup_done = 300;
}

static void recovering(struct status *s)
{
	s->gate.state = GATE_RECOVERING;
	s->gate.since_ns = s->now_ns - SECONDS(1);
	s->health.startup_done = 0;
	str_copy(s->gate.reason, sizeof s->gate.reason, "repetition_count 9 >= cutoff 9 (intermittent)");
}

/* Interval 30 s: 2 * 30 s + 3 s. */
static void file_below(struct status *s)
{
	s->output.published_ns = s->now_ns - SECONDS(63) + 1;
}

static void file_at(struct status *s)
{
	s->output.published_ns = s->now_ns - SECONDS(75);
	str_copy(s->refresh.error, sizeof s->refresh.error, "entropy: 100 of 384 bits in 30 s");
}

static void file_exactly_at(struct status *s)
{
	s->output.published_ns = s->now_ns - SECONDS(63);
}

/* Interval 0.5 s: 2 * 0.5 s + 1 s. */
static void file_short_below(struct status *s)
{
	s->refresh.interval_seconds = 0.5;
	s->output.published_ns = s->now_ns - SECONDS(2) + 1;
}

static void file_short_at(struct status *s)
{
	s->refresh.interval_seconds = 0.5;
	s->output.published_ns = s->now_ns - SECONDS(2);
}

static void file_once(struct status *s)
{
	s->refresh.interval_seconds = 0;
	s->output.published_ns = s->daemon.start_ns;
}

static void file_never(struct status *s)
{
	s->output.published_ns = 0;
	s->output.generation = 0;
}

static void file_removed(struct status *s)
{
	s->output.published_ns = 0;
}

static void file_never_once(struct status *s)
{
	file_never(s);
	s->refresh.interval_seconds = 0;
}

static void stopping(struct status *s)
{
	s->daemon.stopping = true;
}

static void hostile(struct status *s)
{
	s->source.up = false;
	str_copy(s->source.error, sizeof s->source.error, "a\nb\x1b[31m\xff");
}

struct row {
	const char *name;
	change_fn *change;
	enum probe probe;
	unsigned code;
	const char *line; /* is in the body; NULL: the body is "ok\n" */
};

static const struct row rows[] = {
	{"all is well: live", nothing, PROBE_LIVENESS, 200, NULL},
	{"all is well: ready", nothing, PROBE_READINESS, 200, NULL},
	{"all is well: started", nothing, PROBE_STARTUP, 200, NULL},
	{"worker silent for less than 3 intervals", worker_below, PROBE_LIVENESS, 200, NULL},
	{"worker silent for 3 intervals", worker_at, PROBE_LIVENESS, 503,
	 "[-]worker failed: no sign of life for 90 s, limit 90 s; in stage write for 91 s\n"},
	{"worker silent for less than 30 s, short interval", worker_short_interval_below, PROBE_LIVENESS, 200, NULL},
	{"worker silent for 30 s, short interval", worker_short_interval_at, PROBE_LIVENESS, 503, "limit 30 s"},
	{"worker not heard yet, just started", worker_never_but_young, PROBE_LIVENESS, 200, NULL},
	{"DRBG broken", drbg_bad, PROBE_LIVENESS, 503, "[-]drbg failed: generate: entropy source failure\n"},
	{"output broken: not ready", sink_bad, PROBE_READINESS, 503,
	 "[-]output failed: publish: rename: Read-only file system\n"},
	{"output broken: still live, for no restart heals a disk", sink_bad, PROBE_LIVENESS, 200, NULL},
	{"output broken: still started", sink_bad, PROBE_STARTUP, 200, NULL},
	{"directory gone: not live", directory_gone, PROBE_LIVENESS, 503,
	 "[-]directory failed: directory /v was removed; restart refresher\n"},
	{"directory gone: not ready", directory_gone, PROBE_READINESS, 503, "[-]output failed: directory /v was"},
	{"a source that was read at the limit", unread_at_limit, PROBE_READINESS, 200, NULL},
	{"a source that was read before it", unread_too_long, PROBE_READINESS, 503,
	 "[-]source failed: last looked at 60 s ago, limit 60 s\n"},
	{"a source that was read before it: still live", unread_too_long, PROBE_LIVENESS, 200, NULL},
	{"source down: still live", source_down, PROBE_LIVENESS, 200, NULL},
	{"source down: not ready", source_down, PROBE_READINESS, 503,
	 "[-]source failed: /dev/hwrng: no driver is bound: No such device\n"},
	{"source down: still started", source_down, PROBE_STARTUP, 200, NULL},
	{"source not heard yet: not ready", source_not_yet, PROBE_READINESS, 503, "[-]source failed: no samples yet\n"},
	{"source down and liveness wants it", source_down_liveness, PROBE_LIVENESS, 503, "[-]source failed: "},
	{"failed: the source tells the test and the retry", failed, PROBE_READINESS, 503,
	 "[-]source failed: health test failed: adaptive_proportion 102 >= cutoff 102 (permanent); next start-up "
	 "test in 17 s\n"},
	{"failed: the start-up tests tell since when", failed, PROBE_READINESS, 503,
	 "[-]startup-tests failed: failed for 4 s: adaptive_proportion 102"},
	{"failed: still live", failed, PROBE_LIVENESS, 200, NULL},
	{"starting: not ready, with progress", starting, PROBE_READINESS, 503,
	 "[-]startup-tests failed: starting for 2.5 s, 300 of 1024 samples tested\n"},
	{"recovering: not ready, with the reason", recovering, PROBE_READINESS, 503,
	 "[-]startup-tests failed: recovering for 1 s, 0 of 1024 samples tested: repetition_count 9 >= cutoff 9"},
	{"file just young enough", file_below, PROBE_READINESS, 200, NULL},
	{"file just too old", file_exactly_at, PROBE_READINESS, 503,
	 "[-]freshness failed: file is 63 s old, limit 63 s\n"},
	{"file too old, with the last failure", file_at, PROBE_READINESS, 503,
	 "[-]freshness failed: file is 75 s old, limit 63 s; entropy: 100 of 384 bits in 30 s\n"},
	{"file too old: still live", file_at, PROBE_LIVENESS, 200, NULL},
	{"short interval: slack of a second", file_short_below, PROBE_READINESS, 200, NULL},
	{"short interval: slack used up", file_short_at, PROBE_READINESS, 503,
	 "[-]freshness failed: file is 2 s old, limit 2 s\n"},
	{"written once: never too old", file_once, PROBE_READINESS, 200, NULL},
	{"written once, not yet", file_never_once, PROBE_READINESS, 503,
	 "[-]freshness failed: no file was published yet\n"},
	{"no file yet: not ready", file_never, PROBE_READINESS, 503,
	 "[-]freshness failed: no file was published yet\n"},
	{"file removed: not ready", file_removed, PROBE_READINESS, 503,
	 "[-]freshness failed: no numbers any more, the file was removed or emptied\n"},
	{"file removed: still started", file_removed, PROBE_STARTUP, 200, NULL},
	{"no file yet: not started", file_never, PROBE_STARTUP, 503,
	 "[-]published failed: no file was published yet\n"},
	{"no file yet: live", file_never, PROBE_LIVENESS, 200, NULL},
	{"stopping: not ready", stopping, PROBE_READINESS, 503, "[-]shutdown failed: shutting down\n"},
	{"stopping: live", stopping, PROBE_LIVENESS, 200, NULL},
	{"control characters do not reach the page", hostile, PROBE_READINESS, 503, "[-]source failed: a?b?[31m?\n"},
};

static const char *render(change_fn *change, const struct probe_request *request, unsigned expected)
{
	static char body[4096];
	struct status s;
	struct text t;
	status_sample(&s);
	change(&s);
	text_init(&t, body, sizeof body);
	assert_int_equal(probe_render(&t, &s, request), expected);
	assert_false(t.cut);
	if (!request->only && request->exclude_count == 0)
		assert_int_equal(probe_passes(&s, request->probe), expected == 200);
	return body;
}

static void test_row(void **state)
{
	const struct row *r = *state;
	const char *body = render(r->change, &(struct probe_request){.probe = r->probe, .title = "title"}, r->code);
	if (!r->line) {
		assert_string_equal(body, "ok\n");
		return;
	}
	if (!strstr(body, r->line))
		fail_msg("no \"%s\" in:\n%s", r->line, body);
	assert_null(strstr(body, "[+]")); /* without verbose only what failed */
	assert_non_null(strstr(body, "title check failed\n"));
}

static void test_verbose_lists_every_check(void **state)
{
	struct probe_request r = {.probe = PROBE_LIVENESS, .title = "healthz", .verbose = true};
	(void)state;
	assert_string_equal(render(nothing, &r, 200),
			    "[+]loop ok\n[+]worker ok\n[+]drbg ok\n[+]directory ok\nhealthz check passed\n");
	r.probe = PROBE_READINESS;
	r.title = "readyz";
	assert_string_equal(render(nothing, &r, 200),
			    "[+]output ok\n[+]source ok\n[+]startup-tests ok\n[+]freshness ok\n"
			    "[+]shutdown ok\nreadyz check passed\n");
	assert_string_equal(render(stopping, &r, 503),
			    "[+]output ok\n[+]source ok\n[+]startup-tests ok\n[+]freshness ok\n"
			    "[-]shutdown failed: shutting down\nreadyz check failed\n");
	r.probe = PROBE_STARTUP;
	r.title = "startupz";
	assert_string_equal(render(nothing, &r, 200), "[+]published ok\nstartupz check passed\n");
}

static void test_the_source_joins_liveness_on_demand(void **state)
{
	struct probe_request r = {.probe = PROBE_LIVENESS, .title = "livez", .only = "source"};
	(void)state;
	render(source_down, &r, 404);
	render(source_down_liveness, &r, 503);
}

static void test_exclude(void **state)
{
	struct probe_request r = {
		.probe = PROBE_READINESS, .title = "readyz", .exclude = {"shutdown", "source"}, .exclude_count = 1};
	(void)state;
	assert_string_equal(render(stopping, &r, 200), "ok\n");
	render(source_down, &r, 503);
	r.exclude_count = 2;
	r.verbose = true;
	assert_string_equal(
		render(source_down, &r, 200),
		"[+]output ok\n[+]source excluded: ok\n[+]startup-tests ok\n[+]freshness ok\n[+]shutdown excluded: ok\n"
		"readyz check passed\n");
}

static void test_an_unknown_exclude_warns_in_a_list_only(void **state)
{
	struct probe_request r = {
		.probe = PROBE_STARTUP, .title = "startupz", .exclude = {"ping\n<b>"}, .exclude_count = 1};
	(void)state;
	assert_string_equal(render(nothing, &r, 200), "ok\n");
	r.verbose = true;
	assert_string_equal(
		render(nothing, &r, 200),
		"[+]published ok\nwarn: cannot exclude \"ping?<b>\": no such check here; checks: published\n"
		"startupz check passed\n");
	r = (struct probe_request){.probe = PROBE_STARTUP,
				   .title = "startupz",
				   .exclude = {"published", "x", "y"},
				   .exclude_count = 3,
				   .verbose = true};
	assert_string_equal(
		render(nothing, &r, 200),
		"[+]published excluded: ok\nwarn: cannot exclude \"x\": no such check here; checks: published\n"
		"warn: cannot exclude \"y\": no such check here; checks: published\nstartupz check passed\n");
}

static void test_one_check_alone(void **state)
{
	struct probe_request r = {.probe = PROBE_READINESS, .title = "readyz", .only = "freshness"};
	(void)state;
	assert_string_equal(render(source_down, &r, 200), "ok\n");
	assert_string_equal(render(file_exactly_at, &r, 503),
			    "[-]freshness failed: file is 63 s old, limit 63 s\nreadyz check failed\n");
	r.verbose = true;
	assert_string_equal(render(source_down, &r, 200), "[+]freshness ok\nreadyz check passed\n");
	r.only = "worker"; /* a check, but not of this probe */
	assert_string_equal(render(nothing, &r, 404),
			    "no such check; checks: output source startup-tests freshness shutdown\n");
	r.only = "";
	render(nothing, &r, 404);
}

/* The longest texts that a status can hold, and the most excludes. */
static void fill(struct status *s)
{
	source_down(s);
	failed(s);
	file_at(s);
	stopping(s);
	memset(s->source.error, 'e', sizeof s->source.error - 1);
	memset(s->noise.name, 'n', sizeof s->noise.name - 1);
	memset(s->gate.reason, 'r', sizeof s->gate.reason - 1);
	memset(s->refresh.error, 'f', sizeof s->refresh.error - 1);
}

static void test_the_longest_page_fits(void **state)
{
	struct probe_request r = {
		.probe = PROBE_READINESS, .title = "readyz", .exclude_count = PROBE_EXCLUDES, .verbose = true};
	(void)state;
	for (int i = 0; i < PROBE_EXCLUDES; i++)
		r.exclude[i] = "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx";
	const char *body = render(fill, &r, 503);
	assert_non_null(strstr(body, "readyz check failed\n"));
}

int main(void)
{
	const struct CMUnitTest others[] = {
		cmocka_unit_test(test_verbose_lists_every_check),
		cmocka_unit_test(test_the_source_joins_liveness_on_demand),
		cmocka_unit_test(test_exclude),
		cmocka_unit_test(test_an_unknown_exclude_warns_in_a_list_only),
		cmocka_unit_test(test_one_check_alone),
		cmocka_unit_test(test_the_longest_page_fits),
	};
	int bad = ROWS_RUN("probe rows", test_row, rows);
	return bad + cmocka_run_group_tests_name("probes", others, NULL, NULL);
}
