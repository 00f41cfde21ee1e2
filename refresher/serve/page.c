#include "serve/page.h"

#include "serve/probes.h"
#include "serve/report.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

/* Begins a member, whose name is ours and needs no escape. A comma goes before each but the first of its object. */
static void key(struct text *t, const char *name)
{
	char last = t->len > 0 ? t->buf[t->len - 1] : '{';
	text_put(t, last == '{' ? "\"" : ",\"", name, "\":");
}

/* JSON knows no infinity and nothing that is no number (RFC 8259 section 6), and what is not known is null too. */
static void number(struct text *t, double v)
{
	if (isfinite(v))
		text_f64(t, v);
	else
		text_put(t, "null");
}

/* The buckets are one more than their bounds, for the last has none. */
static void times(struct text *t, const struct histogram *h)
{
	/* A reader cannot know the bounds, so they stand beside the counts. */
	text_fmt(t, "{\"upper_bounds_seconds\":[");
	for (unsigned i = 0; i < HISTOGRAM_BOUNDS; i++)
		text_fmt(t, "%s%g", i > 0 ? "," : "", histogram_bounds[i]);

	/* Each bucket counts its own alone: here they are not cumulative. */
	text_fmt(t, "],\"buckets\":[");
	for (unsigned i = 0; i <= HISTOGRAM_BOUNDS; i++)
		text_fmt(t, "%s%" PRIu64, i > 0 ? "," : "", h->buckets[i]);
	text_fmt(t, "],\"count\":%" PRIu64 ",\"sum_seconds\":", h->count);
	number(t, h->sum);
	text_put(t, "}");
}

/* Writes the value of a fact, or of one element of it, as its type wants it. */
static void value(struct text *t, const struct fact *f, const struct status *s, unsigned i, unsigned j)
{
	double v = fact_value(f, s, i, j);
	if (f->type == FACT_TEXT)
		text_quoted(t, TEXT_JSON, fact_at(f, s));
	else if (f->type == FACT_TIMES)
		times(t, fact_at(f, s));
	else if (f->type == FACT_STATE)
		text_quoted(t, TEXT_JSON, f->by->names[(unsigned)v]);
	else if (f->type == FACT_BOOL || f->type == FACT_PROBE)
		text_put(t, v != 0 ? "true" : "false");
	else
		number(t, v);
}

/* An object with a member for each value of the label, or for each of both. What has no value in it is left out. */
static void table(struct text *t, const struct fact *f, const struct status *s)
{
	text_put(t, "{");
	for (unsigned i = f->by->first; i < f->by->count; i++) {
		if (isnan(fact_value(f, s, i, 0)))
			continue;

		/* With one label the value stands here, with two an object of the second one's values. */
		key(t, f->by->names[i]);
		if (!f->and_by) {
			value(t, f, s, i, 0);
			continue;
		}
		text_put(t, "{");
		for (unsigned j = f->and_by->first; j < f->and_by->count; j++) {
			key(t, f->and_by->names[j]);
			value(t, f, s, i, j);
		}
		text_put(t, "}");
	}
	text_put(t, "}");
}

/* A state is no table: its label belongs to /metrics, and here it is the name of its present value. */
void page_fact(struct text *t, const struct fact *f, const struct status *s)
{
	bool is_table = f->by && f->type != FACT_STATE;
	if (f->optional && !is_table && isnan(fact_value(f, s, 0, 0)))
		return;
	key(t, f->member);
	if (is_table)
		table(t, f, s);
	else
		value(t, f, s, 0, 0);
}

/* The rows of one object stand together in the table, so an object ends where another one's row comes. */
static void all_facts(struct text *t, const struct status *s)
{
	const char *object = "";
	for (size_t i = 0; i < facts_count; i++) {
		if (strcmp(facts[i].object, object) != 0) {
			if (*object)
				text_put(t, "}");
			object = facts[i].object;
			key(t, object);
			text_put(t, "{");
		}
		page_fact(t, &facts[i], s);
	}
	text_put(t, "}");
}

/* One member for each layer that was reported, also where it does not hold, with the reason. */
static void confinement(struct text *t, const struct status *s)
{
	key(t, "confinement");
	text_put(t, "{");
	for (unsigned i = 0; i < s->confine.count; i++) {
		const struct confine_layer *layer = &s->confine.layers[i];
		key(t, layer->name);
		text_fmt(t, "{\"holds\":%s,\"detail\":", layer->holds ? "true" : "false");
		text_quoted(t, TEXT_JSON, layer->detail);
		text_put(t, "}");
	}
	text_put(t, "}");
}

/* The reasons of the verdict, as the probes tell them. */
static void failed_checks(struct text *t, const struct status *s)
{
	char reason[PROBE_REASON_MAX];
	const char *name;
	key(t, "failed_checks");
	text_put(t, "{");
	for (size_t i = 0; (name = probe_next_failed(s, &i, reason)) != NULL;) {
		key(t, name);
		text_quoted(t, TEXT_JSON, reason);
	}
	text_put(t, "}");
}

/* The points of one kind, the oldest first; null where there was nothing in those seconds. */
static void points(struct text *t, const struct history *h, const char *name, size_t offset)
{
	uint64_t first = h->point_count > HISTORY_POINTS ? h->point_count - HISTORY_POINTS : 0;
	key(t, name);
	text_put(t, "[");
	for (uint64_t i = first; i < h->point_count; i++) {
		const char *point = (const char *)&h->points[i % HISTORY_POINTS];
		float v = *(const float *)(const void *)(point + offset);
		text_fmt(t, i > first ? "," : "");
		if (v < 0)
			text_fmt(t, "null");
		else
			text_fmt(t, "%.4g", (double)v);
	}
	text_put(t, "]");
}

/* The last hour, and the last events, the oldest first. */
static void history(struct text *t, const struct status *s, const struct history *h)
{
	key(t, "history");
	text_fmt(t, "{\"step_seconds\":%d", HISTORY_STEP_S);
	points(t, h, "peak_ratio", offsetof(struct history_point, peak_ratio));
	points(t, h, "refresh_seconds", offsetof(struct history_point, refresh_seconds));
	points(t, h, "read_seconds", offsetof(struct history_point, read_seconds));
	text_fmt(t, "},\"events\":[");
	uint64_t first = h->event_count > HISTORY_EVENTS ? h->event_count - HISTORY_EVENTS : 0;
	for (uint64_t i = first; i < h->event_count; i++) {
		const struct history_event *e = &h->events[i % HISTORY_EVENTS];
		text_fmt(t, "%s{\"unix_seconds\":", i > first ? "," : "");
		number(t, (double)status_wall_ns(s, e->at_ns) / 1e9);
		text_fmt(t, ",\"age_seconds\":");
		number(t, (double)(s->now_ns - e->at_ns) / 1e9);
		text_fmt(t, ",\"text\":");
		text_quoted(t, TEXT_JSON, e->text);
		text_put(t, "}");
	}
	text_put(t, "]");
}

void page_index(struct text *t, const struct status *s)
{
	static const char mark[] = "<!--status-->";
	const char *rest = strstr(page_file, mark);
	text_fmt(t, "%.*s", (int)(rest - page_file), page_file);
	report_html(t, s);
	text_fmt(t, "%s", rest + sizeof mark - 1);
}

void page_status(struct text *t, const struct status *s, const struct history *h)
{
	/* Version and revision are the program's, so the status does not hold them. */
	text_fmt(t, "{\"version\":\"%s\",\"revision\":\"%s\"", REFRESHER_VERSION, REFRESHER_REVISION);
	all_facts(t, s);
	confinement(t, s);
	failed_checks(t, s);
	history(t, s, h);
	text_put(t, "}\n");
}
