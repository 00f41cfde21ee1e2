/* probes.c: a row changes a status that is well and expects a verdict and a line; both sides of every limit. */
#include "base/str.h"
#include "serve/probes.h"

#include "status_sample.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

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
static void look_at_limit(struct status *s)
{
	s->source.watch_ns = SECONDS(30);
	s->source.last_read_ns = s->now_ns - SECONDS(60);
}

static void look_too_old(struct status *s)
{
	look_at_limit(s);
	s->source.last_read_ns--;
}

static void source_down_liveness(struct status *s)
{
	source_down(s);
	s->daemon.liveness_needs_source = true;
}

static void read_at_limit(struct status *s)
{
	s->source.read_began_ns = s->now_ns - SECONDS(5);
}

static void read_over_limit(struct status *s)
{
	s->source.read_began_ns = s->now_ns - SECONDS(12);
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
	enum probe_result result;
	const char *line; /* is in the body; NULL: the body is "ok\n" */
};

static const struct row rows[] = {
	{"all is well: live", nothing, PROBE_LIVENESS, PROBE_PASS, NULL},
	{"all is well: ready", nothing, PROBE_READINESS, PROBE_PASS, NULL},
	{"all is well: started", nothing, PROBE_STARTUP, PROBE_PASS, NULL},
	{"worker silent for less than 3 intervals", worker_below, PROBE_LIVENESS, PROBE_PASS, NULL},
	{"worker silent for 3 intervals", worker_at, PROBE_LIVENESS, PROBE_FAIL,
	 "[-]worker failed: no sign of life for 90 s, limit 90 s; in stage write for 91 s\n"},
	{"worker silent for less than 30 s, short interval", worker_short_interval_below, PROBE_LIVENESS, PROBE_PASS,
	 NULL},
	{"worker silent for 30 s, short interval", worker_short_interval_at, PROBE_LIVENESS, PROBE_FAIL, "limit 30 s"},
	{"worker not heard yet, just started", worker_never_but_young, PROBE_LIVENESS, PROBE_PASS, NULL},
	{"DRBG broken", drbg_bad, PROBE_LIVENESS, PROBE_FAIL, "[-]drbg failed: generate: entropy source failure\n"},
	{"output broken: not ready", sink_bad, PROBE_READINESS, PROBE_FAIL,
	 "[-]output failed: publish: rename: Read-only file system\n"},
	{"output broken: still live, for no restart heals a disk", sink_bad, PROBE_LIVENESS, PROBE_PASS, NULL},
	{"output broken: still started", sink_bad, PROBE_STARTUP, PROBE_PASS, NULL},
	{"directory gone: not live", directory_gone, PROBE_LIVENESS, PROBE_FAIL,
	 "[-]directory failed: directory /v was removed; restart refresher\n"},
	{"directory gone: not ready", directory_gone, PROBE_READINESS, PROBE_FAIL,
	 "[-]output failed: directory /v was"},
	{"a look at the limit", look_at_limit, PROBE_READINESS, PROBE_PASS, NULL},
	{"a look that is older", look_too_old, PROBE_READINESS, PROBE_FAIL,
	 "[-]source failed: last looked at 60 s ago, limit 60 s\n"},
	{"a look that is older: still live", look_too_old, PROBE_LIVENESS, PROBE_PASS, NULL},
	{"source down: still live", source_down, PROBE_LIVENESS, PROBE_PASS, NULL},
	{"source down: not ready", source_down, PROBE_READINESS, PROBE_FAIL,
	 "[-]source failed: /dev/hwrng: no driver is bound: No such device\n"},
	{"source down: still started", source_down, PROBE_STARTUP, PROBE_PASS, NULL},
	{"source not heard yet: not ready", source_not_yet, PROBE_READINESS, PROBE_FAIL,
	 "[-]source failed: no samples yet\n"},
	{"source down and liveness wants it", source_down_liveness, PROBE_LIVENESS, PROBE_FAIL, "[-]source failed: "},
	{"a read as long as the timeout", read_at_limit, PROBE_READINESS, PROBE_PASS, NULL},
	{"a read over the timeout", read_over_limit, PROBE_READINESS, PROBE_FAIL,
	 "[-]source failed: /dev/hwrng: no data for 12 s (read has not returned); the generator is stuck\n"},
	{"a read over the timeout: still live", read_over_limit, PROBE_LIVENESS, PROBE_PASS, NULL},
	{"failed: the source tells the test and the retry", failed, PROBE_READINESS, PROBE_FAIL,
	 "[-]source failed: health test failed: adaptive_proportion 102 >= cutoff 102 (permanent); next start-up "
	 "test in 17 s\n"},
	{"failed: the start-up tests tell since when", failed, PROBE_READINESS, PROBE_FAIL,
	 "[-]startup-tests failed: failed for 4 s: adaptive_proportion 102"},
	{"failed: still live", failed, PROBE_LIVENESS, PROBE_PASS, NULL},
	{"starting: not ready, with progress", starting, PROBE_READINESS, PROBE_FAIL,
	 "[-]startup-tests failed: starting for 2.5 s, 300 of 1024 samples tested\n"},
	{"recovering: not ready, with the reason", recovering, PROBE_READINESS, PROBE_FAIL,
	 "[-]startup-tests failed: recovering for 1 s, 0 of 1024 samples tested: repetition_count 9 >= cutoff 9"},
	{"file just young enough", file_below, PROBE_READINESS, PROBE_PASS, NULL},
	{"file just too old", file_exactly_at, PROBE_READINESS, PROBE_FAIL,
	 "[-]freshness failed: file is 63 s old, limit 63 s\n"},
	{"file too old, with the last failure", file_at, PROBE_READINESS, PROBE_FAIL,
	 "[-]freshness failed: file is 75 s old, limit 63 s; entropy: 100 of 384 bits in 30 s\n"},
	{"file too old: still live", file_at, PROBE_LIVENESS, PROBE_PASS, NULL},
	{"short interval: slack of a second", file_short_below, PROBE_READINESS, PROBE_PASS, NULL},
	{"short interval: slack used up", file_short_at, PROBE_READINESS, PROBE_FAIL,
	 "[-]freshness failed: file is 2 s old, limit 2 s\n"},
	{"written once: never too old", file_once, PROBE_READINESS, PROBE_PASS, NULL},
	{"written once, not yet", file_never_once, PROBE_READINESS, PROBE_FAIL,
	 "[-]freshness failed: no file was published yet\n"},
	{"no file yet: not ready", file_never, PROBE_READINESS, PROBE_FAIL,
	 "[-]freshness failed: no file was published yet\n"},
	{"file removed: not ready", file_removed, PROBE_READINESS, PROBE_FAIL,
	 "[-]freshness failed: no numbers any more, the file was removed or emptied\n"},
	{"file removed: still started", file_removed, PROBE_STARTUP, PROBE_PASS, NULL},
	{"no file yet: not started", file_never, PROBE_STARTUP, PROBE_FAIL,
	 "[-]published failed: no file was published yet\n"},
	{"no file yet: live", file_never, PROBE_LIVENESS, PROBE_PASS, NULL},
	{"stopping: not ready", stopping, PROBE_READINESS, PROBE_FAIL, "[-]shutdown failed: shutting down\n"},
	{"stopping: live", stopping, PROBE_LIVENESS, PROBE_PASS, NULL},
	{"control characters do not reach the page", hostile, PROBE_READINESS, PROBE_FAIL,
	 "[-]source failed: a?b?[31m?\n"},
};
enum { ROWS = sizeof rows / sizeof *rows };

static void test_row(void **state)
{
	const struct row *r = *state;
	const struct probe_request request = {.probe = r->probe, .title = "title"};
	char body[PROBE_TEXT_MAX];
	struct status s;
	size_t len;
	status_sample(&s);
	r->change(&s);
	assert_int_equal(probe_render(&s, &request, body, sizeof body, &len), r->result);
	assert_int_equal(strlen(body), len);
	assert_int_equal(probe_passes(&s, r->probe), r->result == PROBE_PASS);
	if (!r->line) {
		assert_string_equal(body, "ok\n");
		return;
	}
	if (!strstr(body, r->line))
		fail_msg("no \"%s\" in:\n%s", r->line, body);
	assert_null(strstr(body, "[+]")); /* without verbose only what failed */
	assert_non_null(strstr(body, "title check failed\n"));
}

static const char *render(change_fn *change, const struct probe_request *request, enum probe_result expected)
{
	static char body[PROBE_TEXT_MAX];
	struct status s;
	size_t len;
	status_sample(&s);
	change(&s);
	assert_int_equal(probe_render(&s, request, body, sizeof body, &len), expected);
	return body;
}

static void test_verbose_lists_every_check(void **state)
{
	struct probe_request r = {.probe = PROBE_LIVENESS, .title = "healthz", .verbose = true};
	(void)state;
	assert_string_equal(render(nothing, &r, PROBE_PASS),
			    "[+]loop ok\n[+]worker ok\n[+]drbg ok\n[+]directory ok\nhealthz check passed\n");
	r.probe = PROBE_READINESS;
	r.title = "readyz";
	assert_string_equal(render(nothing, &r, PROBE_PASS),
			    "[+]output ok\n[+]source ok\n[+]startup-tests ok\n[+]freshness ok\n"
			    "[+]shutdown ok\nreadyz check passed\n");
	assert_string_equal(render(stopping, &r, PROBE_FAIL),
			    "[+]output ok\n[+]source ok\n[+]startup-tests ok\n[+]freshness ok\n"
			    "[-]shutdown failed: shutting down\nreadyz check failed\n");
	r.probe = PROBE_STARTUP;
	r.title = "startupz";
	assert_string_equal(render(nothing, &r, PROBE_PASS), "[+]published ok\nstartupz check passed\n");
}

static void test_the_source_joins_liveness_on_demand(void **state)
{
	struct probe_request r = {.probe = PROBE_LIVENESS, .title = "livez", .only = "source"};
	(void)state;
	render(source_down, &r, PROBE_NO_SUCH_CHECK);
	render(source_down_liveness, &r, PROBE_FAIL);
}

static void test_exclude(void **state)
{
	const char *const names[] = {"shutdown", "source"};
	struct probe_request r = {.probe = PROBE_READINESS, .title = "readyz", .exclude = names, .exclude_count = 1};
	(void)state;
	assert_string_equal(render(stopping, &r, PROBE_PASS), "ok\n");
	render(source_down, &r, PROBE_FAIL);
	r.exclude_count = 2;
	r.verbose = true;
	assert_string_equal(
		render(source_down, &r, PROBE_PASS),
		"[+]output ok\n[+]source excluded: ok\n[+]startup-tests ok\n[+]freshness ok\n[+]shutdown excluded: ok\n"
		"readyz check passed\n");
}

static void test_an_unknown_exclude_warns_in_a_list_only(void **state)
{
	const char *const names[] = {"ping\n<b>"};
	struct probe_request r = {.probe = PROBE_STARTUP, .title = "startupz", .exclude = names, .exclude_count = 1};
	(void)state;
	assert_string_equal(render(nothing, &r, PROBE_PASS), "ok\n");
	r.verbose = true;
	assert_string_equal(
		render(nothing, &r, PROBE_PASS),
		"[+]published ok\nwarn: cannot exclude \"ping?<b>\": no such check here; checks: published\n"
		"startupz check passed\n");
}

static void test_one_check_alone(void **state)
{
	struct probe_request r = {.probe = PROBE_READINESS, .title = "readyz", .only = "freshness"};
	(void)state;
	assert_string_equal(render(source_down, &r, PROBE_PASS), "ok\n");
	assert_string_equal(render(file_exactly_at, &r, PROBE_FAIL),
			    "[-]freshness failed: file is 63 s old, limit 63 s\nreadyz check failed\n");
	r.verbose = true;
	assert_string_equal(render(source_down, &r, PROBE_PASS), "[+]freshness ok\nreadyz check passed\n");
	r.only = "worker"; /* a check, but not of this probe */
	assert_string_equal(render(nothing, &r, PROBE_NO_SUCH_CHECK),
			    "no such check; checks: output source startup-tests freshness shutdown\n");
	r.only = "";
	render(nothing, &r, PROBE_NO_SUCH_CHECK);
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
	const char *names[16];
	struct probe_request r = {
		.probe = PROBE_READINESS, .title = "readyz", .exclude = names, .exclude_count = 16, .verbose = true};
	(void)state;
	for (int i = 0; i < 16; i++)
		names[i] = "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx";
	const char *body = render(fill, &r, PROBE_FAIL);
	assert_non_null(strstr(body, "readyz check failed\n"));
}

static void test_a_short_buffer_cuts(void **state)
{
	struct probe_request r = {.probe = PROBE_LIVENESS, .title = "healthz", .verbose = true};
	struct status s;
	char body[17];
	size_t len;
	(void)state;
	memset(body, '#', sizeof body);
	status_sample(&s);
	assert_int_equal(probe_render(&s, &r, body, 16, &len), PROBE_PASS);
	assert_string_equal(body, "[+]loop ok\n[+]w");
	assert_int_equal(len, 15);
	assert_int_equal(body[16], '#');
}

int main(void)
{
	struct CMUnitTest tests[ROWS] = {{0}};
	const struct CMUnitTest others[] = {
		cmocka_unit_test(test_verbose_lists_every_check),
		cmocka_unit_test(test_the_source_joins_liveness_on_demand),
		cmocka_unit_test(test_exclude),
		cmocka_unit_test(test_an_unknown_exclude_warns_in_a_list_only),
		cmocka_unit_test(test_one_check_alone),
		cmocka_unit_test(test_the_longest_page_fits),
		cmocka_unit_test(test_a_short_buffer_cuts),
	};
	for (size_t i = 0; i < ROWS; i++)
		tests[i] = (struct CMUnitTest){rows[i].name, test_row, NULL, NULL, (void *)(uintptr_t)&rows[i]};
	int bad = cmocka_run_group_tests_name("probe rows", tests, NULL, NULL);
	return bad + cmocka_run_group_tests_name("probes", others, NULL, NULL);
}
