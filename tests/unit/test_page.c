/* page.c and index.c: the JSON document holds every value and stays well-formed; the page for people is in the program.
 */
#include "serve/page.h"

#include "base/str.h"
#include "json_check.h"
#include "rows.h"
#include "status_sample.h"

#include <openssl/evp.h>

struct form_row {
	const char *text; /* also the name */
	bool well;
};

/* The recogniser itself. */
static const struct form_row form_rows[] = {
	{"{}", true},           {"{\"a\":[1,-2.5e+3,true,false,null,\"\\u00ff\\n\"]}\n", true},
	{"{\"a\":1,}", false},  {"{\"a\":01}", false},
	{"{\"a\":.5}", false},  {"{\"a\":+Inf}", false},
	{"{\"a\":NaN}", false}, {"{\"a\" 1}", false},
	{"{a:1}", false},       {"[1 2]", false},
	{"\"\\x\"", false},     {"{} {}", false},
	{"{\"a\":1", false},    {"", false},
};

static void test_form_row(void **state)
{
	const struct form_row *r = *state;
	assert_int_equal(json_check(r->text), r->well);
}

struct row {
	const char *path, *value; /* the path is also the name */
};

static const struct row rows[] = {
	{"openssl", "\"3.0.17\""},
	{"host", "\"refresher-x7k2p\""},
	{"node", "\"node-1\""},
	{"now_unix_seconds", "1700001000"},
	{"start_unix_seconds", "1700000000"},
	{"start_age_seconds", "1000"},
	{"live", "true"},
	{"ready", "true"},
	{"started", "true"},
	{"stopping", "false"},
	{"liveness_needs_source", "false"},
	{"source.kind", "\"device\""},
	{"source.name", "\"/dev/hwrng\""},
	{"source.driver", "\"virtio_rng.0\""},
	{"source.why", "\"\""},
	{"source.kernel_quality_ratio", "1"},
	{"source.assessed_entropy_ratio", "0.5"},
	{"source.evidence", "\"assessed\""},
	{"source.evidence_driver", "\"virtio_rng.0\""},
	{"source.evidence_version", "\"0.2.0\""},
	{"source.evidence_h_per_sample", "4"},
	{"source.evidence_entropy_ratio", "0.5"},
	{"source.evidence_samples", "1000000"},
	{"source.evidence_unix_seconds", "1700000500"},
	{"source.h_per_sample", "4"},
	{"source.sample_bits", "8"},
	{"source.up", "true"},
	{"source.error", "\"\""},
	{"source.read_under_way_seconds", "null"},
	{"source.read_overdue_seconds", "5"},
	{"source.watch_interval_seconds", "30"},
	{"source.read_bytes", "123456"},
	{"history.step_seconds", "30"},
	{"history.peak_ratio", "[0.25,0.5]"},
	{"history.refresh_seconds", "[0.001,null]"},
	{"history.read_seconds", "[null,0.125]"},
	{"source.read_errors.io", "3"},
	{"source.read_errors.unsupported", "0"},
	{"source.read_duration.upper_bounds_seconds", "[0.001,0.005,0.01,0.05,0.1,0.5,1,10,60]"},
	{"source.read_duration.buckets", "[0,0,0,0,0,2,0,0,0,1]"},
	{"source.read_duration.count", "3"},
	{"source.read_duration.sum_seconds", "100.375"},
	{"source.pool_samples", "512"},
	{"source.pool_capacity_samples", "1024"},
	{"health.state", "\"ok\""},
	{"health.state_seconds", "999"},
	{"health.reason", "\"\""},
	{"health.retry_in_seconds", "null"},
	{"health.failures_latched", "2"},
	{"health.startup_done", "1024"},
	{"health.startup_samples", "1024"},
	{"health.tests.adaptive_proportion", "240"},
	{"health.tests.startup", "0"},
	{"health.test_failures.adaptive_proportion", "{\"intermittent\":1,\"permanent\":0}"},
	{"health.test_cutoff", "{\"repetition_count\":{\"intermittent\":9,\"permanent\":16},"
			       "\"adaptive_proportion\":{\"intermittent\":75,\"permanent\":102}}"},
	{"health.test_peak", "{\"repetition_count\":3,\"adaptive_proportion\":11}"},
	{"drbg.ok", "true"},
	{"drbg.error", "\"\""},
	{"drbg.reseeds.refresh", "33"},
	{"drbg.last_reseed_unix_seconds", "1700000990"},
	{"source.estimated_entropy_ratio", "{\"most_common_value\":0.985,\"collision\":0.947,\"markov\":0.999}"},
	{"source.last_estimate_unix_seconds", "1700000970"},
	{"source.estimate_samples", "1234"},
	{"drbg.self_tests", "2"},
	{"drbg.last_self_test_unix_seconds", "1700000980"},
	{"drbg.generated_bytes", "1360000"},
	{"refresh.interval_seconds", "30"},
	{"refresh.stage", "\"waiting\""},
	{"refresh.stage_seconds", "10"},
	{"refresh.heartbeat_age_seconds", "1"},
	{"refresh.count", "35"},
	{"refresh.failures.publish", "1"},
	{"refresh.error", "\"\""},
	{"refresh.duration.count", "1"},
	{"output.file", "\"/numbers.txt\""},
	{"output.format", "\"int32\""},
	{"output.write", "\"replace\""},
	{"output.ok", "true"},
	{"output.directory_ok", "true"},
	{"output.generation", "34"},
	{"output.last_refresh_unix_seconds", "1700000990"},
	{"output.last_refresh_age_seconds", "10"},
	{"output.file_numbers", "10000"},
	{"output.file_bytes", "109123"},
	{"output.numbers_written", "340000"},
	{"confinement.landlock", "{\"holds\":false,\"detail\":\"kernel too old\"}"},
	{"confinement.seccomp.holds", "true"},
	{"config.hash", "\"0123456789abcdef\""},
	{"config.restart_wanted", "true"},
	{"config.restart_keys", "\"http.listen\""},
	{"config.last_reload_successful", "true"},
	{"config.last_reload_unix_seconds", "1700000000"},
	{"process.cpu_seconds", "1.25"},
	{"process.resident_bytes", "6291456"},
	{"process.virtual_bytes", "104857600"},
	{"process.open_fds", "12"},
	{"process.max_fds", "1024"},
	{"process.threads", "3"},
};

/* Two points and as many events as there may be, with as long a text. */
static struct history sample_history = {
	.points = {{0.25F, 0.001F, -1}, {0.5F, -1, 0.125F}},
	.point_count = 2,
	.events = {{SECONDS(4000), "started"}, {SECONDS(4990), "state failed: \"x\""}},
	.event_count = 2,
};

/* The document, in one room for all tests. */
static const char *render(const struct status *s)
{
	static char out[PAGE_MAX];
	struct text t;
	text_init(&t, out, sizeof out);
	page_status(&t, s, &sample_history);
	assert_false(t.cut);
	assert_int_equal(t.len, strlen(out));
	assert_true(json_check(out));
	return out;
}

static void test_row(void **state)
{
	const struct row *r = *state;
	char value[512];
	struct status s;
	status_sample(&s);
	assert_true(json_find(render(&s), r->path, value, sizeof value));
	assert_string_equal(value, r->value);
}

static void test_nothing_known_yet_is_null(void **state)
{
	struct status s = {.now_ns = SECONDS(10), .noise.kernel_quality_ratio = -1};
	char value[64];
	const char *const paths[] = {"start_unix_seconds", "drbg.last_reseed_unix_seconds",
				     "refresh.heartbeat_age_seconds", "output.last_refresh_age_seconds",
				     "output.last_refresh_unix_seconds"};
	(void)state;
	const char *out = render(&s);
	for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
		assert_true(json_find(out, paths[i], value, sizeof value));
		assert_string_equal(value, "null");
	}
}

static void test_what_cannot_be_read_is_left_out(void **state)
{
	static const char *const paths[] = {"source.evidence_driver",
					    "source.evidence_entropy_ratio",
					    "source.evidence_version",
					    "source.evidence_h_per_sample",
					    "source.evidence_samples",
					    "source.evidence_unix_seconds",
					    "source.driver",
					    "source.kernel_quality_ratio",
					    "node",
					    "process.resident_bytes",
					    "process.virtual_bytes",
					    "process.open_fds",
					    "process.max_fds",
					    "process.threads",
					    "output.file_numbers",
					    "output.file_bytes"};
	char value[64];
	struct status s;
	(void)state;
	status_sample(&s);
	const char *out = render(&s);
	for (size_t i = 0; i < sizeof paths / sizeof *paths; i++)
		assert_true(json_find(out, paths[i], value, sizeof value));
	s.noise.driver[0] = s.daemon.node[0] = '\0';
	s.noise.kernel_quality_ratio = -1;
	s.assessed = assessed_without(ASSESSED_NONE);
	s.process = (struct process_counts){.cpu_seconds = 1};
	s.output.file_numbers = s.output.file_bytes = 0;
	out = render(&s);
	for (size_t i = 0; i < sizeof paths / sizeof *paths; i++)
		assert_false(json_find(out, paths[i], value, sizeof value));
}

static void fill_text(char *text, size_t cap)
{
	memset(text, 0x01, cap - 1); /* each becomes three */
	text[cap - 1] = '\0';
}

static void worst(struct status *s)
{
	memset(s, 0xff, sizeof *s);
	fill_text(s->daemon.openssl, sizeof s->daemon.openssl);
	fill_text(s->noise.name, sizeof s->noise.name);
	fill_text(s->noise.driver, sizeof s->noise.driver);
	fill_text(s->noise.why, sizeof s->noise.why);
	fill_text(s->assessed.driver, sizeof s->assessed.driver);
	fill_text(s->assessed.version, sizeof s->assessed.version);
	s->assessed.use = ASSESSED_OTHER;
	fill_text(s->source.error, sizeof s->source.error);
	fill_text(s->gate.reason, sizeof s->gate.reason);
	fill_text(s->drbg.error, sizeof s->drbg.error);
	fill_text(s->output.file, sizeof s->output.file);
	fill_text(s->refresh.format, sizeof s->refresh.format);
	fill_text(s->output.mode, sizeof s->output.mode);
	fill_text(s->refresh.activity, sizeof s->refresh.activity);
	fill_text(s->refresh.error, sizeof s->refresh.error);
	fill_text(s->config.hash, sizeof s->config.hash);
	memset(s->config.restart_keys, 'a', sizeof s->config.restart_keys - 1); /* names of keys, so no escapes */
	s->config.restart_keys[sizeof s->config.restart_keys - 1] = '\0';
	for (unsigned i = 0; i < CONFINE_REPORTED; i++) {
		s->confine.layers[i] = (struct confine_layer){.name = "abcdefghijklmnopqrstuvw", .holds = false};
		fill_text(s->confine.layers[i].detail, sizeof s->confine.layers[i].detail);
	}
	s->confine.count = CONFINE_REPORTED;
	s->gate.state = GATE_RECOVERING;
	s->noise.kind = SOURCE_DEVICE;
	s->daemon.liveness_needs_source = s->source.up = s->drbg.ok = s->output.ok = s->output.directory_ok =
		s->daemon.stopping = s->daemon.reload_ok = s->config.restart_wanted = false;
	s->daemon.start_ns = s->gate.since_ns = s->refresh.activity_since_ns = s->refresh.heartbeat_ns = 1;
	s->source.read_began_ns = s->source.last_read_ns = s->source.watch_ns = 1;
	s->output.published_ns = s->gate.retry_at_ns = 1;
	s->drbg.last_reseed_ns = s->drbg.last_self_test_ns = s->estimates.last_ns = 1;
	s->daemon.last_reload_ns = s->now_wall_ns = 1;
	s->now_ns = s->source.read_overdue_ns = INT64_MAX;
	s->refresh.interval_seconds = 86400;
	s->source.read_seconds.sum = 1.0 / 3e-300;
}

static void test_the_largest_pages_fit_and_stay_well_formed(void **state)
{
	struct status s;
	(void)state;
	worst(&s);
	struct history full = {.point_count = UINT64_MAX, .event_count = UINT64_MAX}, before = sample_history;
	for (int i = 0; i < HISTORY_EVENTS; i++)
		memset(full.events[i].text, '"', sizeof full.events[i].text - 1);
	for (int i = 0; i < HISTORY_POINTS; i++)
		full.points[i] = (struct history_point){1.0F / 3e-30F, 1.0F / 3e-30F, 1.0F / 3e-30F};
	sample_history = full;
	assert_in_range(strlen(render(&s)), 1, PAGE_MAX - 2048);
	sample_history = before;
}

static void test_failed_checks_are_told(void **state)
{
	struct status s;
	char value[512];
	(void)state;
	status_sample(&s);
	assert_true(json_find(render(&s), "failed_checks", value, sizeof value));
	assert_string_equal(value, "{}");
	s.output.directory_ok = false;
	s.daemon.stopping = true;
	assert_true(json_find(render(&s), "failed_checks", value, sizeof value));
	assert_string_equal(value, "{\"directory\":\"it was removed or replaced; restart refresher\","
				   "\"shutdown\":\"shutting down\"}");
}

static void test_doubles_without_a_value_are_null(void **state)
{
	struct status s;
	char value[64];
	(void)state;
	worst(&s); /* memset made NaN of them */
	const char *out = render(&s);
	assert_true(json_find(out, "process.cpu_seconds", value, sizeof value));
	assert_string_equal(value, "null");
}

/* A browser runs what stands between the tags only where the policy has its hash: nothing else is ever a script. */
static void check_policy(const char *begin, const char *end, const char *directive)
{
	unsigned char hash[32], base64[48];
	char source[128];
	const char *from = strstr(page_file, begin) + strlen(begin);
	assert_int_equal(EVP_Digest(from, (size_t)(strstr(from, end) - from), hash, NULL, EVP_sha256(), NULL), 1);
	EVP_EncodeBlock(base64, hash, sizeof hash);
	snprintf(source, sizeof source, "%s 'sha256-%s'; ", directive, (char *)base64);
	if (!strstr(page_file, source))
		fail_msg("the policy of index.html wants %s", source);
}

static void test_the_policy_has_the_hashes(void **state)
{
	(void)state;
	check_policy("<style>", "</style>", "style-src");
	check_policy("<script>", "</script>", "script-src");
	assert_null(strstr(page_file, "unsafe-inline"));
}

static void test_the_page_holds_the_table(void **state)
{
	static char out[PAGE_MAX];
	struct text t;
	struct status s;
	(void)state;
	status_sample(&s);
	text_init(&t, out, sizeof out);
	page_index(&t, &s);
	assert_false(t.cut);
	assert_non_null(strstr(out, "<noscript>\n<table>\n<tr><th scope=\"row\">verdict</th><td>ready</td></tr>\n"));
	assert_non_null(strstr(out, "</table>\n</noscript>\n<main id=\"facts\">"));
	assert_string_equal(out + strlen(out) - 8, "</html>\n");
}

/* The page is one file without anything from elsewhere, and small. */
static void test_the_page_is_whole_and_alone(void **state)
{
	(void)state;
	assert_int_equal(strncmp(page_file, "<!DOCTYPE html>\n", 16), 0);
	assert_non_null(strstr(page_file, "fetch(\"/status\""));
	assert_string_equal(page_file + strlen(page_file) - 8, "</html>\n");
	for (const char *p = page_file; (p = strstr(p, "http://")) != NULL; p++)
		assert_int_equal(strncmp(p, "http://www.w3.org/2000/svg\"", 27), 0); /* a name, not an address */
	assert_null(strstr(page_file, "https://"));
	assert_null(strstr(page_file, "innerHTML"));
	assert_in_range(strlen(page_file), 1, 16 * 1024);
}

int main(void)
{
	const struct CMUnitTest others[] = {
		cmocka_unit_test(test_nothing_known_yet_is_null),
		cmocka_unit_test(test_what_cannot_be_read_is_left_out),
		cmocka_unit_test(test_the_largest_pages_fit_and_stay_well_formed),
		cmocka_unit_test(test_doubles_without_a_value_are_null),
		cmocka_unit_test(test_the_page_is_whole_and_alone),
		cmocka_unit_test(test_the_policy_has_the_hashes),
		cmocka_unit_test(test_the_page_holds_the_table),
		cmocka_unit_test(test_failed_checks_are_told),
	};
	int failed = ROWS_RUN("JSON recogniser", test_form_row, form_rows);
	failed += ROWS_RUN("status members", test_row, rows);
	return failed + cmocka_run_group_tests_name("pages", others, NULL, NULL);
}
