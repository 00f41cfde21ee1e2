#include "serve/report.h"

#include "serve/probes.h"

#include <inttypes.h>
#include <string.h>

/* Each line is composed as a name, a tab and a sentence; what is no row of that kind has no tab, and no text of others
 * has one. */
enum { COMPOSED_MAX = 16384 };

static void begin(struct text *t, const char *name)
{
	text_fmt(t, "%s\t", name);
}

/* Paths and messages of the kernel may hold anything. */
static void strange(struct text *t, const char *s)
{
	text_ascii(t, s, 256);
}

/* What was done at that moment, in words; 0: it never was. */
static void ago(struct text *t, const struct status *s, const char *done, int64_t moment_ns)
{
	if (moment_ns)
		text_fmt(t, "; %s %s ago", done, text_span(s->now_ns - moment_ns).text);
	else
		text_fmt(t, "; never %s", done);
}

/* One verdict in a word. What is not live is told first, because only that one ends with a restart. */
static void verdict(struct text *t, const struct status *s)
{
	static const struct probe_request readiness = {.probe = PROBE_READINESS, .title = "readiness"},
					  liveness = {.probe = PROBE_LIVENESS, .title = "liveness"};
	bool live = probe_passes(s, PROBE_LIVENESS), ready = probe_passes(s, PROBE_READINESS);
	text_fmt(t, "%s\n", !live ? "not live" : ready ? "ready" : "not ready");

	/* The probes' own lines are the reasons. */
	if (!live)
		probe_render(t, s, &liveness);
	if (!ready)
		probe_render(t, s, &readiness);
}

static void source(struct text *t, const struct status *s)
{
	static const char *const origins[ASSESSED_USES] = {
		[ASSESSED_NONE] = "as configured",
		[ASSESSED_MISSING] = "as configured; the evidence is missing",
		[ASSESSED_OTHER] = "as configured; the evidence is of another driver",
		[ASSESSED_LESS] = "as assessed",
		[ASSESSED_ENOUGH] = "as configured"};
	begin(t, "source");
	text_fmt(t, "%s ", source_kind_names[s->noise.kind]);
	strange(t, s->noise.name);
	if (s->noise.driver[0]) {
		text_fmt(t, ", driver ");
		strange(t, s->noise.driver);
	}
	ago(t, s, "read", s->source.last_read_ns);
	text_fmt(t, ", %" PRIu64 " bytes in all\n", s->source.read_bytes);

	/* H is what somebody has configured or assessed, and the estimates are what was seen. */
	begin(t, "entropy");
	text_fmt(t, "%g of %u bits a sample, %s", s->noise.h_per_sample, s->noise.sample_bits,
		 origins[s->assessed.use]);
	if (s->estimates.spans > 0)
		ago(t, s, "estimated", s->estimates.last_ns);
	for (unsigned i = 0; s->estimates.spans > 0 && i < RUNNING_ESTIMATORS; i++)
		text_fmt(t, "%s %s %.3g", i > 0 ? "," : ":", running_estimator_names[i], s->estimates.ratio[i]);
	text_fmt(t, "%s\n", s->estimates.spans > 0 ? " of 1" : "");
}

/* A line for each test: how often it was done, how often it failed, how near the last window came to a failure. */
static void tests(struct text *t, const struct status *s)
{
	const struct health_counts *h = &s->health;
	begin(t, "state");
	text_fmt(t, "%s for %s\n", gate_state_names[s->gate.state], text_span(s->now_ns - s->gate.since_ns).text);
	for (unsigned i = 0; i < HEALTH_TESTS; i++) {
		uint64_t failures = h->failures[i][HEALTH_INTERMITTENT - 1] + h->failures[i][HEALTH_PERMANENT - 1];
		begin(t, i == 0 ? "tests" : "");
		text_fmt(t, "%s: %" PRIu64 " done, %" PRIu64 " failed", health_test_names[i], h->tests[i], failures);
		if (h->peaks[i] > 0)
			text_fmt(t, ", peak %" PRIu64 " of %" PRIu64, h->peaks[i], h->cutoffs[i][HEALTH_PERMANENT - 1]);
		text_fmt(t, "\n");
	}
}

static void file(struct text *t, const struct status *s)
{
	const struct sink_counts *o = &s->output;

	/* Without a publication there is no file of which anything could be said. */
	begin(t, "file");
	strange(t, o->file);
	if (o->published_ns)
		text_fmt(t, ": %" PRIu64 " numbers, %s, %" PRIu64 " bytes, %s old", o->file_numbers, s->refresh.format,
			 o->file_bytes, text_span(s->now_ns - o->published_ns).text);
	else
		text_fmt(t, ": not there");
	text_fmt(t, "\n");
	begin(t, "refreshes");
	text_fmt(t, "%" PRIu64 ", of them %" PRIu64 " failed", s->refresh.attempts, refresh_failures(&s->refresh));
	if (s->refresh.interval_seconds > 0)
		text_fmt(t, "; one each %g s", s->refresh.interval_seconds);
	text_fmt(t, "\n");
}

static void process(struct text *t, const struct status *s)
{
	begin(t, "DRBG");
	text_fmt(t, "%s", s->drbg.ok ? "well" : "failed");
	ago(t, s, "seeded", s->drbg.last_reseed_ns);
	ago(t, s, "tested", s->drbg.last_self_test_ns);
	text_fmt(t, "\n");

	/* In a cluster the host's name is the pod's, and the manifest has told the node's. */
	begin(t, "host");
	strange(t, s->daemon.host);
	if (s->daemon.node[0]) {
		text_fmt(t, ", node ");
		strange(t, s->daemon.node);
	}
	text_fmt(t, "\n");
	begin(t, "program");
	text_fmt(t, "refresher %s, revision %s, up %s", REFRESHER_VERSION, REFRESHER_REVISION,
		 text_span(s->now_ns - s->daemon.start_ns).text);
	if (s->process.resident_bytes > 0)
		text_fmt(t, ", %" PRIu64 " kB", s->process.resident_bytes / 1024);
	text_fmt(t, "\n");

	/* The layers that do not hold are named, because an operator may want to know why. */
	for (unsigned i = 0; i < s->confine.count; i++) {
		const struct confine_layer *layer = &s->confine.layers[i];
		if (layer->holds)
			continue;
		begin(t, "not confined");
		text_fmt(t, " by %s: ", layer->name);
		strange(t, layer->detail);
		text_fmt(t, "\n");
	}
}

static void compose(struct text *t, char room[COMPOSED_MAX], const struct status *s)
{
	/* What is wrong comes first, then the way of the data, then the program. */
	text_init(t, room, COMPOSED_MAX);
	verdict(t, s);
	source(t, s);
	tests(t, s);
	file(t, s);
	process(t, s);
}

void report_render(struct text *t, const struct status *s)
{
	char room[COMPOSED_MAX];
	struct text page;
	compose(&page, room, s);
	t->cut |= page.cut;

	/* The names have a column of their own. */
	for (const char *line = room, *end; *line; line = *end ? end + 1 : end) {
		end = strchrnul(line, '\n');
		const char *tab = memchr(line, '\t', (size_t)(end - line));
		if (tab)
			text_fmt(t, "%-12.*s", (int)(tab - line), line);
		line = tab ? tab + 1 : line;
		text_fmt(t, "%.*s\n", (int)(end - line), line);
	}
}

void report_html(struct text *t, const struct status *s)
{
	char room[COMPOSED_MAX];
	struct text page;
	compose(&page, room, s);
	t->cut |= page.cut;

	/* A line is a row, also where it has no name; characters that could begin markup are spelled out. */
	text_fmt(t, "<table>\n<tr><th scope=\"row\">verdict</th><td>");
	for (const char *c = room; *c; c++) {
		if (c > room && c[-1] == '\n')
			text_fmt(t, "<tr>%s", c[strcspn(c, "\t\n")] == '\t' ? "<th scope=\"row\">" : "<td></td><td>");
		if (*c == '\t')
			text_fmt(t, "</th><td>");
		else if (*c == '\n')
			text_fmt(t, "</td></tr>\n");
		else if (strchr("<>&", *c))
			text_fmt(t, "&#%d;", *c);
		else
			text_fmt(t, "%c", *c);
	}
	text_fmt(t, "</table>");
}
