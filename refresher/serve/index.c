#include "serve/page.h"

#include "serve/probes.h"
#include "serve/text.h"

#include <assert.h>

static void row(struct text *t, const char *name, const char *value)
{
	text_lit(t, "<tr><th scope=\"row\">");
	text_str(t, name);
	text_lit(t, "</th><td>");
	text_html(t, value);
	text_lit(t, "</td></tr>\n");
}

static void row_begin(struct text *t, const char *name)
{
	text_lit(t, "<tr><th scope=\"row\">");
	text_str(t, name);
	text_lit(t, "</th><td>");
}

static void source_row(struct text *t, const struct status *s)
{
	row_begin(t, "Noise source");
	text_str(t, source_kind_name(s->noise.kind));
	text_char(t, ' ');
	text_html(t, s->noise.name);
	if (s->noise.driver[0]) {
		text_lit(t, ", driver ");
		text_html(t, s->noise.driver);
	}
	text_str(t, probe_source_up(s) ? ", up" : ", down");
	if (s->source.error[0]) {
		text_lit(t, ": ");
		text_html(t, s->source.error);
	}
	text_lit(t, "</td></tr>\n");
}

static void health_row(struct text *t, const struct status *s)
{
	row_begin(t, "Health");
	text_str(t, gate_state_name(s->gate.state));
	text_lit(t, " for ");
	text_ago(t, s->now_ns - s->gate.since_ns);
	if (s->gate.reason[0]) {
		text_lit(t, ": ");
		text_html(t, s->gate.reason);
	}
	text_lit(t, "</td></tr>\n");
}

static void file_row(struct text *t, const struct status *s)
{
	row_begin(t, "File");
	text_html(t, s->output.file);
	if (s->output.published_ns != 0) {
		text_lit(t, ", ");
		text_u64(t, s->output.file_numbers);
		text_lit(t, " numbers, generation ");
		text_u64(t, s->output.generation);
		text_lit(t, ", ");
		text_ago(t, s->now_ns - s->output.published_ns);
		text_lit(t, " old");
	} else {
		text_str(t, s->output.generation ? ", removed or emptied" : ", not published yet");
	}
	text_lit(t, "</td></tr>\n");
}

static void links(struct text *t, bool serve_numbers)
{
	text_lit(t, "<ul>\n"
		    "<li><a href=\"/healthz?verbose\">/healthz</a>, the same as <a href=\"/livez?verbose\">/livez</a>: "
		    "is the program well?</li>\n"
		    "<li><a href=\"/readyz?verbose\">/readyz</a>: may its numbers be used?</li>\n"
		    "<li><a href=\"/startupz?verbose\">/startupz</a>: is there a first file?</li>\n"
		    "<li><a href=\"/metrics\">/metrics</a>: for Prometheus</li>\n"
		    "<li><a href=\"/status\">/status</a>: everything, as JSON</li>\n");
	if (serve_numbers)
		text_lit(t, "<li><a href=\"/numbers.txt\">/numbers.txt</a>: the present file</li>\n");
	text_lit(t, "</ul>\n");
}

size_t page_index(const struct status *s, bool serve_numbers, char *out, size_t cap)
{
	struct text t;
	assert(cap >= TEXT_PAGE_MAX);
	text_init(&t, out, cap);
	text_lit(&t,
		 "<!DOCTYPE html>\n<html lang=\"en\">\n<head><meta charset=\"utf-8\"><title>random-refresher</title>\n"
		 "<style>body{font-family:sans-serif;margin:2em}th{text-align:left;padding-right:1em}</style></head>\n"
		 "<body>\n<h1>random-refresher</h1>\n<table>\n");
	row(&t, "Live", probe_passes(s, PROBE_LIVE) ? "yes" : "no");
	row(&t, "Ready", probe_passes(s, PROBE_READY) ? "yes" : "no");
	source_row(&t, s);
	health_row(&t, s);
	file_row(&t, s);
	if (s->refresh.error[0])
		row(&t, "Last failure", s->refresh.error);
	text_lit(&t, "</table>\n");
	links(&t, serve_numbers);
	text_lit(&t, "</body>\n</html>\n");
	assert(!t.cut);
	return t.len;
}
