/* metrics.c: the lines that a page holds, its form, what is left out. The forms are also checked by promtool and by the
 * strict OpenMetrics parser in the system tests. */
#include "serve/metrics.h"
#include "serve/page.h"

#include "base/str.h"
#include "rows.h"
#include "status_sample.h"

#include <ctype.h>
#include <stdio.h>

struct page {
	char text[PAGE_MAX + 1]; /* one line feed in front, so that every line can be sought as "\nline\n" */
};

static void render(const struct status *s, bool openmetrics, struct page *p)
{
	struct http_counts http = {0};
	struct text t;
	for (int i = 0; i < 17; i++)
		http_count(&http, HANDLER_HEALTHZ, 200);
	http_count(&http, HANDLER_METRICS, 405);
	http_count(&http, HANDLER_METRICS, 405);
	text_init(&t, p->text, sizeof p->text);
	text_fmt(&t, "\n");
	metrics_render(&t, s, &http, openmetrics);
	assert_false(t.cut);
	assert_int_equal(strlen(p->text), t.len);
}

static bool has_line(const struct page *p, const char *line)
{
	char sought[512];
	snprintf(sought, sizeof sought, "\n%s\n", line);
	return strstr(p->text, sought);
}

struct row {
	const char *line; /* also the name */
	bool openmetrics;
};

#define R "random_refresher_"

static const struct row rows[] = {
	{"# TYPE " R "source_info gauge", false},
	{R "ready 1", false},
	{R "source_info{kind=\"device\",device=\"/dev/hwrng\",driver=\"virtio_rng.0\"} 1", false},
	{R "source_kernel_quality_ratio 1", false},
	{R "source_assessed_entropy_ratio 0.5", false},
	{R "source_evidence{use=\"none\"} 0", false},
	{R "source_evidence{use=\"assessed\"} 1", false},
	{R "source_evidence_entropy_ratio 0.5", false},
	{R "source_evidence_samples 1000000", false},
	{R "source_evidence_timestamp_seconds 1700000500", false},
	{R "source_up 1", false},
	{"# TYPE " R "source_read_bytes_total counter", false},
	{R "source_read_bytes_total 123456", false},
	{R "source_read_errors_total{cause=\"io\"} 3", false},
	{R "source_read_errors_total{cause=\"cgroup\"} 0", false},
	{"# TYPE " R "source_read_duration_seconds histogram", false},
	{R "source_read_duration_seconds_bucket{le=\"0.1\"} 0", false},
	{R "source_read_duration_seconds_bucket{le=\"0.5\"} 2", false},
	{R "source_read_duration_seconds_bucket{le=\"60\"} 2", false},
	{R "source_read_duration_seconds_bucket{le=\"+Inf\"} 3", false},
	{R "source_read_duration_seconds_sum 100.375", false},
	{R "source_read_duration_seconds_count 3", false},
	{R "source_watch_interval_seconds 30", false},
	{R "source_pool_samples 512", false},
	{R "health_state{state=\"ok\"} 1", false},
	{R "health_state{state=\"failed\"} 0", false},
	{R "health_tests_total{test=\"adaptive_proportion\"} 240", false},
	{R "health_tests_total{test=\"startup\"} 0", false},
	{R "health_test_failures_total{test=\"adaptive_proportion\",severity=\"intermittent\"} 1", false},
	{R "health_test_failures_total{test=\"on_demand\",severity=\"permanent\"} 0", false},
	{R "health_test_cutoff{test=\"adaptive_proportion\",severity=\"permanent\"} 102", false},
	{R "health_test_cutoff{test=\"repetition_count\",severity=\"intermittent\"} 9", false},
	{R "health_test_peak{test=\"adaptive_proportion\"} 11", false},
	{R "drbg_reseeds_total{reason=\"refresh\"} 33", false},
	{R "drbg_last_reseed_timestamp_seconds 1700000990", false},
	{R "source_estimated_entropy_ratio{estimator=\"most_common_value\"} 0.985", false},
	{R "source_estimated_entropy_ratio{estimator=\"collision\"} 0.947", false},
	{R "source_estimated_entropy_floor_ratio{estimator=\"markov\"} 0.5", false},
	{R "source_last_estimate_timestamp_seconds 1700000970", false},
	{R "drbg_self_tests_total 2", false},
	{R "drbg_last_self_test_timestamp_seconds 1700000980", false},
	{R "drbg_generated_bytes_total 1360000", false},
	{R "refreshes_total 35", false},
	{R "refresh_failures_total{stage=\"publish\"} 1", false},
	{R "refresh_duration_seconds_bucket{le=\"0.001\"} 1", false},
	{R "refresh_duration_seconds_sum 0.0005", false},
	{R "last_refresh_timestamp_seconds 1700000990", false},
	{R "refresh_interval_seconds 30", false},
	{R "file_numbers 10000", false},
	{R "file_bytes 109123", false},
	{R "numbers_written_total 340000", false},
	{R "http_requests_total{handler=\"healthz\",code=\"200\"} 17", false},
	{R "http_requests_total{handler=\"metrics\",code=\"405\"} 2", false},
	{R "http_requests_total{handler=\"readyz\",code=\"503\"} 0", false},
	{R "http_requests_total{handler=\"startupz\",code=\"503\"} 0", false},
	{R "http_requests_total{handler=\"other\",code=\"404\"} 0", false},
	{R "config_last_reload_successful 1", false},
	{R "config_info{hash=\"0123456789abcdef\"} 1", false},
	{R "config_restart_wanted 1", false},
	{R "confinement{layer=\"landlock\"} 0", false},
	{R "confinement{layer=\"seccomp\"} 1", false},
	{"process_cpu_seconds_total 1.25", false},
	{"process_resident_memory_bytes 6291456", false},
	{"process_virtual_memory_bytes 104857600", false},
	{"process_start_time_seconds 1700000000", false},
	{"process_open_fds 12", false},
	{"process_max_fds 1024", false},
	{"process_threads 3", false},
	{"# TYPE " R "source_read_bytes counter", true},
	{"# UNIT " R "source_read_bytes bytes", true},
	{R "source_read_bytes_total 123456", true},
	{R "source_read_duration_seconds_bucket{le=\"1.0\"} 2", true},
	{R "source_read_duration_seconds_bucket{le=\"0.5\"} 2", true},
	{R "source_read_duration_seconds_bucket{le=\"+Inf\"} 3", true},
	{"# TYPE process_cpu_seconds counter", true},
	{"process_cpu_seconds_total 1.25", true},
};

static void test_row(void **state)
{
	const struct row *r = *state;
	struct status s;
	struct page p;
	status_sample(&s);
	render(&s, r->openmetrics, &p);
	if (!has_line(&p, r->line))
		fail_msg("no line %s", r->line);
}

typedef void change_fn(struct status *s);

static void never_published(struct status *s)
{
	s->output.published_ns = s->drbg.last_reseed_ns = 0;
	s->output.file_numbers = s->output.file_bytes = 0;
	s->output.generation = 0;
}

static void quality_unknown(struct status *s)
{
	s->noise.kernel_quality_ratio = -1;
}

static void no_layers(struct status *s)
{
	s->confine.count = 0;
}

static void no_cutoffs(struct status *s)
{
	memset(s->health.cutoffs, 0, sizeof s->health.cutoffs);
}

static void no_proc(struct status *s)
{
	s->process = (struct process_counts){.cpu_seconds = 1};
}

struct omit_row {
	const char *name, *family;
	change_fn *change;
};

static const struct omit_row omit_rows[] = {
	{"no time of a file that was never published", R "last_refresh_timestamp_seconds", never_published},
	{"no numbers of a file that was never published", R "file_numbers", never_published},
	{"no size of a file that was never published", R "file_bytes", never_published},
	{"no time of a reseed that never was", R "drbg_last_reseed_timestamp_seconds", never_published},
	{"no quality where the kernel tells none", R "source_kernel_quality_ratio", quality_unknown},
	{"no confinement without layers", R "confinement", no_layers},
	{"no resident memory without /proc", "process_resident_memory_bytes", no_proc},
	{"no virtual memory without /proc", "process_virtual_memory_bytes", no_proc},
	{"no descriptors without /proc", "process_open_fds", no_proc},
	{"no limit of descriptors that cannot be read", "process_max_fds", no_proc},
	{"no threads without /proc", "process_threads", no_proc},
	{"no sample of a cutoff that is not known", R "health_test_cutoff{", no_cutoffs},
};

static void test_omit(void **state)
{
	const struct omit_row *r = *state;
	struct status s;
	struct page p;
	status_sample(&s);
	render(&s, false, &p);
	assert_non_null(strstr(p.text, r->family));
	r->change(&s);
	render(&s, false, &p);
	assert_null(strstr(p.text, r->family));
}

/* Copies the name at the start of a sample or behind "# TYPE "; the length of a name is bounded by its buffer. */
static const char *take_name(const char *p, char name[96])
{
	size_t n = 0;
	while (n < 95 && (islower((unsigned char)p[n]) || isdigit((unsigned char)p[n]) || p[n] == '_'))
		n++;
	memcpy(name, p, n);
	name[n] = '\0';
	return p + n;
}

static bool ends_with(const char *s, const char *end)
{
	size_t n = strlen(s), m = strlen(end);
	return n >= m && strcmp(s + n - m, end) == 0;
}

/* The sample belongs to the family: the same name, or that of the family with a suffix that its type allows. */
static void check_sample(const char *line, const char *family, const char *type, bool openmetrics)
{
	static const char *const suffixes[] = {"_bucket", "_sum", "_count"};
	char name[96], value[64];
	const char *rest = take_name(line, name);
	if (*rest == '{') {
		rest = strchr(rest, '}');
		assert_non_null(rest);
		rest++;
	}
	assert_int_equal(sscanf(rest, " %63[0-9.eE+-]", value), 1);
	if (strcmp(type, "counter") == 0)
		assert_true(ends_with(name, "_total"));
	if (strcmp(type, "histogram") != 0) {
		assert_int_equal(strncmp(name, family, strlen(family)), 0);
		assert_string_equal(name + strlen(family), openmetrics && strcmp(type, "counter") == 0 ? "_total" : "");
		return;
	}
	for (size_t i = 0; i < 3; i++)
		if (ends_with(name, suffixes[i]))
			return;
	fail_msg("%s is no part of a histogram", name);
}

/* Every family: HELP, TYPE, perhaps UNIT, then its samples; no family twice. */
static void check_form(const struct page *page, bool openmetrics)
{
	static char copy[PAGE_MAX + 1];
	char family[96] = "", type[16] = "", name[96], seen[PAGE_MAX] = " ", sought[100];
	char *save = NULL;
	snprintf(copy, sizeof copy, "%s", page->text);
	for (char *line = strtok_r(copy, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
		if (strncmp(line, "# HELP ", 7) == 0) {
			assert_int_equal(*take_name(line + 7, family), ' ');
			assert_true(strlen(line) > 7 + strlen(family) + 5);
			snprintf(sought, sizeof sought, " %s ", family);
			assert_null(strstr(seen, sought));
			strcat(seen, family);
			strcat(seen, " ");
			type[0] = '\0';
		} else if (strncmp(line, "# TYPE ", 7) == 0) {
			assert_int_equal(sscanf(take_name(line + 7, name), " %15[a-z]", type), 1);
			assert_string_equal(name, family);
			if (strcmp(type, "counter") == 0)
				assert_int_equal(ends_with(name, "_total"), !openmetrics);
		} else if (strncmp(line, "# UNIT ", 7) == 0) {
			const char *unit = take_name(line + 7, name) + 1;
			assert_true(openmetrics);
			assert_string_equal(name, family);
			assert_true(ends_with(name, unit));
		} else if (line[0] == '#') {
			assert_true(openmetrics);
			assert_string_equal(line, "# EOF");
		} else {
			check_sample(line, family, type, openmetrics);
		}
	}
}

static void test_form(void **state)
{
	struct status s;
	struct page p;
	(void)state;
	status_sample(&s);
	render(&s, false, &p);
	check_form(&p, false);
	assert_null(strstr(p.text, "# EOF"));
	render(&s, true, &p);
	check_form(&p, true);
	assert_true(ends_with(p.text, "\n# EOF\n"));
}

static void test_labels_are_escaped(void **state)
{
	struct status s;
	struct page p;
	(void)state;
	status_sample(&s);
	str_copy(s.noise.name, sizeof s.noise.name, "/dev/\"x\\y\nz\xff");
	render(&s, false, &p);
	assert_true(has_line(&p, R "source_info{kind=\"device\",device=\"/dev/\\\"x\\\\y\\nz\xef\xbf\xbd\","
				   "driver=\"virtio_rng.0\"} 1"));
}

/* Every counter at its end, every text full of what grows most, every code seen. */
static void test_the_largest_page_fits(void **state)
{
	struct status s;
	static struct http_counts http;
	struct text t;
	static char out[PAGE_MAX];
	(void)state;
	memset(&s, 0xff, sizeof s);
	for (unsigned h = 0; h < HTTP_HANDLERS; h++)
		for (unsigned i = 0; i < HTTP_CODES; i++)
			http.requests[h][i] = UINT64_MAX;
	memset(s.noise.name, 0x80, sizeof s.noise.name - 1);
	memset(s.noise.driver, 0x80, sizeof s.noise.driver - 1);
	s.daemon.openssl[31] = s.noise.name[sizeof s.noise.name - 1] = s.noise.driver[63] = '\0';
	s.noise.kind = SOURCE_REPLAY;
	s.assessed.use = ASSESSED_OTHER;
	s.gate.state = GATE_FAILED;
	s.config.hash[16] = '\0';
	s.config.restart_wanted = true;
	s.source.up = s.daemon.reload_ok = s.drbg.ok = s.output.ok = s.daemon.stopping =
		s.daemon.liveness_needs_source = true;
	s.source.error[0] = s.gate.reason[0] = s.refresh.error[0] = s.refresh.activity[0] = s.drbg.error[0] = '\0';
	s.noise.kernel_quality_ratio = s.noise.assessed_entropy_ratio = s.refresh.interval_seconds = -1.0 / 3e-300;
	s.noise.kernel_quality_ratio = 1.0 / 3;
	s.source.read_seconds.sum = s.refresh.seconds.sum = s.process.cpu_seconds = -1.0 / 3e-300;
	s.now_ns = s.output.published_ns = s.drbg.last_reseed_ns = s.daemon.last_reload_ns = 1;
	s.now_wall_ns = INT64_MAX;
	s.confine.count = CONFINE_REPORTED;
	for (unsigned i = 0; i < CONFINE_REPORTED; i++) {
		s.confine.layers[i].name[23] = '\0';
		s.confine.layers[i].holds = true;
	}
	text_init(&t, out, sizeof out);
	metrics_render(&t, &s, &http, true);
	assert_in_range(t.len, 12000, PAGE_MAX - 2048); /* some room for a new family */
}

int main(void)
{
	const struct CMUnitTest others[] = {
		cmocka_unit_test(test_form),
		cmocka_unit_test(test_labels_are_escaped),
		cmocka_unit_test(test_the_largest_page_fits),
	};
	int failed = ROWS_RUN("lines", test_row, rows);
	failed += ROWS_RUN("left out", test_omit, omit_rows);
	return failed + cmocka_run_group_tests_name("metrics", others, NULL, NULL);
}
