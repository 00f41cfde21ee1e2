#include "serve/page.h"

#include "serve/facts.h"
#include "serve/text.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#ifndef REFRESHER_VERSION
#define REFRESHER_VERSION "unknown"
#endif
#ifndef REFRESHER_REVISION
#define REFRESHER_REVISION "unknown"
#endif

/* JSON: a comma goes before every member but the first of its object. */
static void key(struct text *t, const char *name)
{
	char last = t->len > 0 ? t->buf[t->len - 1] : '{';
	if (last != '{' && last != '[')
		text_char(t, ',');
	text_char(t, '"');
	text_str(t, name); /* ours: needs no escape */
	text_lit(t, "\":");
}

static void open_object(struct text *t, const char *name)
{
	key(t, name);
	text_char(t, '{');
}

static void close_object(struct text *t)
{
	text_char(t, '}');
}

static void put_str(struct text *t, const char *name, const char *v)
{
	key(t, name);
	text_json(t, v);
}

static void put_bool(struct text *t, const char *name, bool v)
{
	key(t, name);
	text_str(t, v ? "true" : "false");
}

/* JSON knows no infinity and nothing that is no number. */
static void number(struct text *t, double v)
{
	if (isfinite(v))
		text_f64(t, v);
	else
		text_lit(t, "null");
}

/* The value of one fact that is known, behind its key. */
static void value(struct text *t, const struct fact *f, const struct status *s, unsigned i, unsigned j)
{
	switch (f->type) {
	case FACT_TEXT:
		text_json(t, fact_text(f, s));
		return;
	case FACT_BOOL:
	case FACT_VERDICT:
		text_str(t, fact_u64(f, s, i, j) ? "true" : "false");
		return;
	case FACT_STATE:
		text_json(t, f->by->name((unsigned)fact_u64(f, s, i, j)));
		return;
	case FACT_F64:
		number(t, fact_f64(f, s));
		return;
	case FACT_SPAN:
	case FACT_SINCE:
	case FACT_UNTIL:
		text_ns(t, fact_ns(f, s));
		return;
	default:
		text_u64(t, fact_u64(f, s, i, j));
	}
}

static void value_or_null(struct text *t, const struct fact *f, const struct status *s, unsigned i, unsigned j)
{
	if (fact_is_absent(f, s, i, j))
		text_lit(t, "null");
	else
		value(t, f, s, i, j);
}

/* Two members: the wall time and the age. */
static void moment(struct text *t, const struct fact *f, const struct status *s)
{
	static const char *const ends[] = {"_unix_seconds", "_age_seconds"};
	for (unsigned i = 0; i < 2; i++) {
		char name[64];
		snprintf(name, sizeof name, "%s%s", f->member, ends[i]);
		key(t, name);
		if (fact_is_absent(f, s, 0, 0))
			text_lit(t, "null");
		else
			text_ns(t, i == 0 ? status_wall_ns(s, fact_ns(f, s)) : s->now_ns - fact_ns(f, s));
	}
}

static void times(struct text *t, const char *name, const struct histogram *h)
{
	open_object(t, name);
	key(t, "upper_bounds_seconds");
	for (unsigned i = 0; i < HISTOGRAM_BOUNDS; i++) {
		text_char(t, i ? ',' : '[');
		text_f64(t, histogram_bounds[i]);
	}
	text_char(t, ']');
	key(t, "buckets"); /* one more than bounds: the last has none */
	for (unsigned i = 0; i <= HISTOGRAM_BOUNDS; i++) {
		text_char(t, i ? ',' : '[');
		text_u64(t, h->buckets[i]);
	}
	text_char(t, ']');
	key(t, "count");
	text_u64(t, h->count);
	key(t, "sum_seconds");
	number(t, h->sum);
	close_object(t);
}

/* An object with a member for each value of the label, or for each of both. What has no value in it is left out. */
static void table(struct text *t, const struct fact *f, const struct status *s)
{
	open_object(t, f->member);
	for (unsigned i = f->by->first; i < f->by->count; i++) {
		if (fact_is_absent(f, s, i, 0))
			continue;
		if (!f->and_by) {
			key(t, f->by->name(i));
			value(t, f, s, i, 0);
			continue;
		}
		open_object(t, f->by->name(i));
		for (unsigned j = f->and_by->first; j < f->and_by->count; j++) {
			key(t, f->and_by->name(j));
			value_or_null(t, f, s, i, j);
		}
		close_object(t);
	}
	close_object(t);
}

static void fact(struct text *t, const struct fact *f, const struct status *s)
{
	if (f->type == FACT_MOMENT) {
		moment(t, f, s);
	} else if (f->type == FACT_TIMES) {
		times(t, f->member, fact_times(f, s));
	} else if (f->by && f->type != FACT_STATE) {
		table(t, f, s);
	} else if (!f->optional || !fact_is_absent(f, s, 0, 0)) {
		key(t, f->member);
		value_or_null(t, f, s, 0, 0);
	}
}

/* The rows of one object stand together in the table. */
static void all_facts(struct text *t, const struct status *s)
{
	const char *object = NULL;
	for (size_t i = 0; i < facts_count; i++) {
		const struct fact *f = &facts[i];
		if (!f->member)
			continue;
		if (f->object != object && (!object || strcmp(f->object, object) != 0)) {
			if (object)
				close_object(t);
			open_object(t, f->object);
			object = f->object;
		}
		fact(t, f, s);
	}
	if (object)
		close_object(t);
}

static void confinement(struct text *t, const struct status *s)
{
	open_object(t, "confinement");
	for (unsigned i = 0; i < s->confine.count; i++) {
		open_object(t, s->confine.layers[i].name);
		put_bool(t, "holds", s->confine.layers[i].holds);
		put_str(t, "detail", s->confine.layers[i].detail);
		close_object(t);
	}
	close_object(t);
}

size_t page_status(const struct status *s, char *out, size_t cap)
{
	struct text t;
	assert(cap >= TEXT_PAGE_MAX);
	text_init(&t, out, cap);
	text_char(&t, '{');
	put_str(&t, "version", REFRESHER_VERSION);
	put_str(&t, "revision", REFRESHER_REVISION);
	all_facts(&t, s);
	confinement(&t, s);
	text_lit(&t, "}\n");
	assert(!t.cut);
	return t.len;
}
