/* report.c: a status as a person reads it. The first line is the verdict, the reasons follow, nothing steers a
 * terminal. */
#include "serve/report.h"

#include "base/str.h"
#include "rows.h"
#include "serve/page.h"
#include "status_sample.h"

#include <ctype.h>
#include <string.h>

static const char *render(const struct status *s)
{
	static char out[PAGE_MAX];
	struct text t;
	text_init(&t, out, sizeof out);
	report_render(&t, s);
	assert_false(t.cut);
	return out;
}

static void well(struct status *s)
{
	s->source.last_read_ns = s->now_ns - SECONDS(1);
}

static void failed(struct status *s)
{
	s->gate.state = GATE_FAILED;
	str_copy(s->gate.reason, sizeof s->gate.reason, "repetition_count: 16 times");
	s->gate.retry_at_ns = s->now_ns + SECONDS(5);
}

static void starting(struct status *s)
{
	s->gate.state = GATE_STARTING;
	s->health.startup_done = 512;
	s->output.published_ns = 0;
	s->output.generation = 0;
}

static void directory_gone(struct status *s)
{
	s->output.directory_ok = false;
}

static void kernel_source(struct status *s)
{
	s->noise.driver[0] = '\0';
	s->source.last_read_ns = 0;
	s->process.resident_bytes = 0;
	s->daemon.node[0] = '\0';
	s->estimates.spans = 0;
	s->assessed = assessed_without(ASSESSED_NONE);
}

static void estimated(struct status *s)
{
	s->estimates =
		(struct running_counts){.spans = 2, .last_ns = s->now_ns - SECONDS(60), .ratio = {0.99, 0.9, 0.995}};
}

static void unassessed(struct status *s)
{
	s->assessed = assessed_without(ASSESSED_MISSING);
}

static void strange_name(struct status *s)
{
	str_copy(s->output.file, sizeof s->output.file, "/tmp/\x1b[31m\xc3\xa9");
}

static const struct row {
	const char *name;
	void (*change)(struct status *);
	const char *first, *has, *lacks; /* the first line; a part of the page; what is no part of it, or NULL */
} rows[] = {
	{"what is well has no reasons", well, "ready", "\nsource      device /dev/hwrng, driver virtio_rng.0; read ",
	 "[-]"},
	{"H by evidence", well, "ready", "\nentropy     4 of 8 bits a sample, as assessed", "configured"},
	{"the file and its age", well, "ready", " numbers, int32, ", "not there"},
	{"each test is there", well, "ready", "            block_repetition: ", NULL},
	{"a failed test", failed, "not ready", "\n[-]source failed: health test failed: repetition_count: 16 times",
	 NULL},
	{"when it is tried again", failed, "not ready", "next start-up test in 5 s", NULL},
	{"how far the start is", starting, "not ready", "512 of 1024 samples tested", NULL},
	{"no file yet", starting, "not ready", ": not there\n", ", int32, "},
	{"what a restart would heal", directory_gone, "not live", "[-]directory failed: ", NULL},
	{"what is not known is left out", kernel_source, "ready", "; never read, ", ", driver"},
	{"a pod and its node", well, "ready", "\nhost        refresher-x7k2p, node node-1\n", NULL},
	{"a host whose node nobody told", kernel_source, "ready", "\nhost        refresher-x7k2p\n", NULL},
	{"without estimates there is no word of them", kernel_source, "ready", "as configured\n", "estimated"},
	{"estimates", estimated, "ready",
	 "; estimated 60 s ago: most_common_value 0.99, collision 0.9, markov 0.995 of 1\n", NULL},
	{"evidence that is missing", unassessed, "ready",
	 "\nentropy     4 of 8 bits a sample, as configured; the evidence is missing", "assessed"},
	{"names cannot steer a terminal", strange_name, "ready", "/tmp/?[31m??", "\x1b"},
};

static void test_row(void **state)
{
	const struct row *r = *state;
	struct status s;
	status_sample(&s);
	r->change(&s);
	const char *page = render(&s);
	size_t n = strlen(r->first);
	if (strncmp(page, r->first, n) != 0 || page[n] != '\n' || !strstr(page, r->has) ||
	    (r->lacks && strstr(page, r->lacks)))
		fail_msg("%s", page);
}

/* Without a script a browser shows the same rows, and no text of others is markup there. */
static void test_table(void **state)
{
	static char out[PAGE_MAX];
	struct text t;
	struct status s;
	(void)state;
	status_sample(&s);
	str_copy(s.noise.name, sizeof s.noise.name, "<script>a</script>&\t\n");
	text_init(&t, out, sizeof out);
	report_html(&t, &s);
	assert_false(t.cut);
	assert_non_null(strstr(out, "<table>\n<tr><th scope=\"row\">verdict</th><td>ready</td></tr>\n"));
	assert_non_null(strstr(out, "<tr><th scope=\"row\">source</th><td>device "
				    "&#60;script&#62;a&#60;/script&#62;&#38;??, driver "));
	assert_null(strstr(out, "<script"));
	assert_string_equal(out + strlen(out) - 8, "</table>");
	failed(&s);
	text_init(&t, out, sizeof out);
	report_html(&t, &s);
	assert_non_null(strstr(out, "<td>not ready</td></tr>\n<tr><td></td><td>[-]source failed: "));
}

/* Every text as long as it can be, and every number too, in both forms. */
static void test_the_longest_page_fits(void **state)
{
	struct status s;
	(void)state;
	status_sample(&s);
	directory_gone(&s);
	failed(&s);
	char *const texts[] = {s.noise.name, s.source.error, s.gate.reason,
			       s.drbg.error, s.output.file,  s.refresh.error};
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
		memset(texts[i], 0x01, 255);
		texts[i][255] = '\0';
	}
	memset(s.refresh.error, '<', sizeof s.refresh.error - 1);
	s.confine.count = CONFINE_REPORTED;
	for (unsigned i = 0; i < CONFINE_REPORTED; i++) {
		s.confine.layers[i] = (struct confine_layer){.name = "abcdefghijklmnopqrstuvw"};
		memset(s.confine.layers[i].detail, 0xff, sizeof s.confine.layers[i].detail - 1);
	}
	memset(s.health.tests, 0xff, sizeof s.health.tests);
	memset(s.health.peaks, 0xff, sizeof s.health.peaks);
	s.drbg.ok = s.output.ok = false;
	static char table[PAGE_MAX];
	struct text t;
	text_init(&t, table, sizeof table);
	report_html(&t, &s);
	assert_in_range(t.len, 1, PAGE_MAX - 16384 - 1);
	const char *page = render(&s);
	assert_true(strlen(page) < PAGE_MAX / 2);
	for (const char *p = page; *p; p++)
		assert_true(isprint((unsigned char)*p) || *p == '\n');
}

int main(void)
{
	const struct CMUnitTest others[] = {cmocka_unit_test(test_table), cmocka_unit_test(test_the_longest_page_fits)};
	int failures = ROWS_RUN("pages", test_row, rows);
	return failures + cmocka_run_group_tests_name("report", others, NULL, NULL);
}
