#include "config/evidence.h"

#include "base/str.h"
#include "config/date.h"
#include "config/file.h"
#include "config/plain.h"
#include "config/scan.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <yaml.h>

#define KEY "source.min_entropy_file"
static const char remedy[] = "write it anew with refresher-assess --output";

enum field { PROGRAM, VERSION, DATE, DRIVER, TRACK, MODE, SAMPLES, BITS, ASSESSED, MIN_ENTROPY, FIELDS };

/* What is kept of the result: JSON has texts in quotes, and everything else without. */
static const struct {
	const char *name;
	bool is_text;
} fields[FIELDS] = {
	[PROGRAM] = {"program", true},    [VERSION] = {"version", true},
	[DATE] = {"date", true},          [DRIVER] = {"driver", true},
	[TRACK] = {"track", true},        [MODE] = {"mode", true},
	[SAMPLES] = {"samples", false},   [BITS] = {"bits", false},
	[ASSESSED] = {"assessed", false}, [MIN_ENTROPY] = {"min_entropy", false},
};

enum { VALUE_MAX = 64 };

struct result {
	const char *name; /* of the file */
	struct err *e;
	yaml_parser_t parser;
	yaml_event_t event;
	struct {
		size_t line; /* 0: it is not there */
		char text[VALUE_MAX];
	} values[FIELDS];
};

/* ---- the events ---- */

__attribute__((format(printf, 3, 4))) static int refuse(struct result *r, size_t line, const char *fmt, ...)
{
	char what[192];
	va_list ap;

	/* Key, file and line come first, and what to do comes last. What the file holds may be unprintable. */
	va_start(ap, fmt);
	vsnprintf(what, sizeof what, fmt, ap);
	va_end(ap);
	plain_make_printable(what);
	return err_set(r->e, ERR_CONFIG, 0, KEY ": %.*s:%zu: %s", FILE_NAME_SHOWN, r->name, line, what);
}

static int next(struct result *r)
{
	yaml_event_delete(&r->event);
	if (yaml_parser_parse(&r->parser, &r->event))
		return 0;

	/* A file that was cut off ends here. */
	if (r->parser.error == YAML_MEMORY_ERROR)
		return err_set(r->e, ERR_OS, ENOMEM, KEY);
	return refuse(r, r->parser.problem_mark.line + 1, "no whole JSON; %s", remedy);
}

/* Goes on to the last event of the value whose first event is the present one. */
static int skip(struct result *r)
{
	for (int depth = 0;;) {
		yaml_event_type_t type = r->event.type;
		depth += type == YAML_MAPPING_START_EVENT || type == YAML_SEQUENCE_START_EVENT;
		depth -= type == YAML_MAPPING_END_EVENT || type == YAML_SEQUENCE_END_EVENT;
		if (depth == 0)
			return 0;
		if (next(r) < 0)
			return -1;
	}
}

/* The field that the present event names; FIELDS: one that is of no interest. */
static enum field field_of(const yaml_event_t *name)
{
	for (enum field f = 0; name->type == YAML_SCALAR_EVENT && f < FIELDS; f++) {
		if (strcmp((const char *)name->data.scalar.value, fields[f].name) == 0)
			return f;
	}
	return FIELDS;
}

/* Keeps the present event as the value of a field. */
static int keep(struct result *r, enum field f)
{
	size_t line = r->event.start_mark.line + 1;
	if (r->values[f].line)
		return refuse(r, line, "%s: given twice; %s", fields[f].name, remedy);
	if (r->event.type != YAML_SCALAR_EVENT)
		return refuse(r, line, "%s: not one value; %s", fields[f].name, remedy);

	/* A NUL inside would hide what stands behind it. */
	const char *text = (const char *)r->event.data.scalar.value;
	bool is_text = r->event.data.scalar.style == YAML_DOUBLE_QUOTED_SCALAR_STYLE;
	if (is_text != fields[f].is_text || strlen(text) >= VALUE_MAX || strlen(text) != r->event.data.scalar.length)
		return refuse(r, line, "%s: not as refresher-assess writes it; %s", fields[f].name, remedy);
	r->values[f].line = line;
	str_copy(r->values[f].text, VALUE_MAX, text);
	return 0;
}

static int read_mapping(struct result *r)
{
	while (next(r) == 0 && r->event.type != YAML_MAPPING_END_EVENT) {
		enum field f = field_of(&r->event);
		if (skip(r) < 0 || next(r) < 0 || (f < FIELDS && keep(r, f) < 0) || skip(r) < 0)
			return -1;
	}
	return r->event.type == YAML_MAPPING_END_EVENT ? 0 : -1;
}

/* One mapping and nothing else, read to its end, so that half a file is no result. */
static int read_stream(struct result *r)
{
	/* The stream begins with a document, and that with a mapping. */
	static const yaml_event_type_t heads[] = {YAML_STREAM_START_EVENT, YAML_DOCUMENT_START_EVENT,
						  YAML_MAPPING_START_EVENT};
	for (size_t i = 0; i < sizeof heads / sizeof *heads; i++) {
		if (next(r) < 0)
			return -1;
		if (r->event.type != heads[i])
			return refuse(r, 1, "no result of refresher-assess; %s", remedy);
	}

	/* Behind it the document ends, and the stream with it. */
	static const yaml_event_type_t ends[] = {YAML_DOCUMENT_END_EVENT, YAML_STREAM_END_EVENT};
	if (read_mapping(r) < 0)
		return -1;
	for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
		if (next(r) < 0)
			return -1;
		if (r->event.type != ends[i])
			return refuse(r, r->event.start_mark.line + 1, "more than one result; %s", remedy);
	}
	return 0;
}

/* ---- the values ---- */

static bool is_one_of(const char *text, const char *const *names)
{
	while (*names && strcmp(text, *names) != 0)
		names++;
	return *names != NULL;
}

/* What made it, how, and that there is a figure at all. */
static int check_kind(struct result *r)
{
	static const char *const tracks[] = {"iid", "non_iid", NULL}, *const modes[] = {"initial", "conditioned",
											"restart", NULL};

	for (enum field f = 0; f < FIELDS; f++) {
		if (!r->values[f].line)
			return refuse(r, 1, "%s: missing; %s", fields[f].name, remedy);
	}
	if (strcmp(r->values[PROGRAM].text, "refresher-assess") != 0)
		return refuse(r, r->values[PROGRAM].line, "program: not refresher-assess; %s", remedy);
	if (!is_one_of(r->values[TRACK].text, tracks) || !is_one_of(r->values[MODE].text, modes))
		return refuse(r, r->values[TRACK].line, "track \"%s\", mode \"%s\": not known; %s",
			      r->values[TRACK].text, r->values[MODE].text, remedy);
	if (strcmp(r->values[ASSESSED].text, "true") != 0)
		return refuse(r, r->values[ASSESSED].line,
			      "assessed: not true, so it says nothing of the source; assess it without --iid");
	return 0;
}

/* Of what it was assessed. */
static int check_samples(struct result *r, unsigned sample_bits, struct assessed *a)
{
	int64_t samples, bits;
	if (scan_int(r->values[SAMPLES].text, false, &samples) != SCAN_OK || samples < EVIDENCE_SAMPLES_MIN)
		return refuse(r, r->values[SAMPLES].line, "samples: %s; allowed: %d or more; assess so many",
			      r->values[SAMPLES].text, EVIDENCE_SAMPLES_MIN);
	if (scan_int(r->values[BITS].text, false, &bits) != SCAN_OK || bits != sample_bits)
		return refuse(r, r->values[BITS].line,
			      "bits: %s, but source.sample_bits is %u; assess with refresher-assess --bits %u",
			      r->values[BITS].text, sample_bits, sample_bits);
	a->samples = (uint64_t)samples;
	return 0;
}

/* The figure. JSON's numbers may have an exponent, and none of them is a word or hexadecimal. */
static int check_min_entropy(struct result *r, unsigned sample_bits, struct assessed *a)
{
	const char *text = r->values[MIN_ENTROPY].text;
	char *end;
	double h = strtod(text, &end);
	if (!*text || *end || text[strspn(text, "0123456789.eE+-")] || !(h >= 0 && h <= sample_bits))
		return refuse(r, r->values[MIN_ENTROPY].line, "min_entropy: %s; allowed: a number from 0 to %u; %s",
			      text, sample_bits, remedy);
	a->h_per_sample = h;
	return 0;
}

static int check_date(struct result *r, int64_t now_unix_seconds, struct assessed *a)
{
	int64_t date;
	const char *text = r->values[DATE].text;
	if (!date_scan(text, &date))
		return refuse(r, r->values[DATE].line, "date: \"%s\"; allowed: such as 2026-11-28T12:00:00Z; %s", text,
			      remedy);

	/* Evidence of tomorrow has a wrong date, or the machine has. */
	if (date > now_unix_seconds)
		return refuse(r, r->values[DATE].line, "date: %s is still to come; set the clock right, or assess anew",
			      text);
	a->date_unix_seconds = (double)date;
	return 0;
}

static int check(struct result *r, unsigned sample_bits, int64_t now_unix_seconds, struct assessed *a)
{
	if (check_kind(r) < 0 || check_samples(r, sample_bits, a) < 0 || check_min_entropy(r, sample_bits, a) < 0 ||
	    check_date(r, now_unix_seconds, a) < 0)
		return -1;

	/* These two are shown, and may be anything that can be shown. */
	plain_make_printable(r->values[DRIVER].text);
	plain_make_printable(r->values[VERSION].text);
	str_copy(a->driver, sizeof a->driver, r->values[DRIVER].text);
	str_copy(a->version, sizeof a->version, r->values[VERSION].text);
	return 0;
}

int evidence_parse(const char *name, const char *text, size_t len, unsigned sample_bits, int64_t now_unix_seconds,
		   struct assessed *a, struct err *e)
{
	struct result r = {.name = name, .e = e};
	*a = assessed_without(ASSESSED_LESS);
	*e = (struct err){.code = ERR_NONE};
	if (!yaml_parser_initialize(&r.parser))
		return err_set(e, ERR_OS, ENOMEM, KEY);

	/* JSON is UTF-8; left to itself libyaml would guess UTF-16 too. */
	yaml_parser_set_encoding(&r.parser, YAML_UTF8_ENCODING);
	yaml_parser_set_input_string(&r.parser, (const unsigned char *)text, len);
	int rc = read_stream(&r);
	yaml_event_delete(&r.event);
	yaml_parser_delete(&r.parser);
	return rc < 0 ? -1 : check(&r, sample_bits, now_unix_seconds, a);
}

int evidence_read(const struct source_config *c, int64_t now_unix_seconds, struct assessed *a, struct err *e)
{
	const struct file_name name = {c->min_entropy_file, "result", " with refresher-assess --output"};
	struct file_stamp stamp;
	size_t len = 0;
	*a = assessed_without(ASSESSED_NONE);
	if (!c->min_entropy_file[0])
		return 0;

	/* One byte more than may be there tells a file that is too long. */
	char *text = malloc(EVIDENCE_FILE_MAX + 1);
	if (!text)
		return err_set(e, ERR_OS, ENOMEM, KEY);
	int rc = file_read(&name, text, EVIDENCE_FILE_MAX + 1, &len, &stamp, e);
	if (rc == 0 && len > EVIDENCE_FILE_MAX)
		rc = err_set(e, ERR_CONFIG, 0, "%.*s: longer than %d bytes, and no result; %s", FILE_NAME_SHOWN,
			     name.path, EVIDENCE_FILE_MAX, remedy);

	/* Where nobody has assessed yet, the daemon works as it did without. */
	if (rc == 0) {
		rc = evidence_parse(name.path, text, len, c->sample_bits, now_unix_seconds, a, e);
	} else if (e->sys_errno == ENOENT) {
		*a = assessed_without(ASSESSED_MISSING);
		rc = 0;
	} else {
		err_wrap(e, KEY);
	}
	free(text);
	return rc;
}
