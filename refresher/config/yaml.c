#include "config/yaml.h"

#include "config/plain.h"
#include "config/refuse.h"
#include "config/value.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <yaml.h>

struct reader {
	yaml_parser_t parser;
	struct config *c;
	struct reading *out;
	char path[KEY_NAME_MAX];                               /* dotted name of what is being read; "" at the top */
	size_t key_line[KEYS_MAX], section_line[SECTIONS_MAX]; /* where it was seen, from 1; 0: not yet */
};

/* What a name in the file stands for: a key, or else a section. */
struct target {
	const struct key *key;
	size_t section;
};

/* One fault at the beginning of this event. A line with unreadable characters has been told already. */
static void add(struct reader *r, const yaml_event_t *ev, struct err *e)
{
	size_t line = ev->start_mark.line + 1;
	if (reading_is_unreadable(r->out, line))
		return;
	if (r->path[0])
		err_wrap(e, "%s", r->path);
	reading_add(r->out, line, ev->start_mark.column + 1, false, e);
}

static void refuse(struct reader *r, const yaml_event_t *ev, const char *what)
{
	struct err e;
	err_set(&e, ERR_CONFIG, 0, "%s", what);
	add(r, ev, &e);
}

/* The next event; the caller deletes it on success only. -1: what follows is not YAML, or there is no memory, and
 * nothing more can be read. */
static int next(struct reader *r, yaml_event_t *ev)
{
	struct err e;
	const yaml_parser_t *p = &r->parser;
	size_t line = 0;
	if (yaml_parser_parse(&r->parser, ev))
		return 0;
	r->out->cut = true;
	if (p->error == YAML_MEMORY_ERROR) {
		err_set(&e, ERR_OS, ENOMEM, "%.*s", FILE_NAME_SHOWN, r->out->name);
	} else {
		line = p->problem_mark.line + 1;
		err_set(&e, ERR_CONFIG, 0, "not YAML: %s%s%s", p->context ? p->context : "", p->context ? ": " : "",
			p->problem ? p->problem : "wrong syntax");
	}
	/* What was put in the place of unreadable characters may have broken it. */
	if (line == 0 || !r->out->unreadable)
		reading_add(r->out, line, p->problem_mark.column + 1, false, &e);
	return -1;
}

static int depth_of(const yaml_event_t *ev)
{
	bool begins = ev->type == YAML_MAPPING_START_EVENT || ev->type == YAML_SEQUENCE_START_EVENT;
	bool ends = ev->type == YAML_MAPPING_END_EVENT || ev->type == YAML_SEQUENCE_END_EVENT;
	return begins - ends;
}

/* Reads over the rest of a value whose first event was read. */
static int skip(struct reader *r, const yaml_event_t *first)
{
	for (int depth = depth_of(first); depth > 0;) {
		yaml_event_t ev;
		if (next(r, &ev) < 0)
			return -1;
		depth += depth_of(&ev);
		yaml_event_delete(&ev);
	}
	return 0;
}

/* What a name or a value may not be, whatever it stands for; NULL: it is neither an alias nor decorated. */
static const char *decoration(const yaml_event_t *ev)
{
	const yaml_char_t *anchor = NULL, *tag = NULL;
	if (ev->type == YAML_ALIAS_EVENT)
		return "an alias; allowed: the value itself";
	if (ev->type == YAML_SCALAR_EVENT) {
		anchor = ev->data.scalar.anchor;
		tag = ev->data.scalar.tag;
	} else if (ev->type == YAML_MAPPING_START_EVENT) {
		anchor = ev->data.mapping_start.anchor;
		tag = ev->data.mapping_start.tag;
	} else if (ev->type == YAML_SEQUENCE_START_EVENT) {
		anchor = ev->data.sequence_start.anchor;
		tag = ev->data.sequence_start.tag;
	}
	return anchor ? "an anchor; allowed: the value alone" : tag ? "a tag; allowed: the value alone" : NULL;
}

static bool is_plain(const yaml_event_t *ev)
{
	return ev->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
}

static bool is_empty(const yaml_event_t *ev)
{
	return ev->type == YAML_SCALAR_EVENT && is_plain(ev) && ev->data.scalar.length == 0;
}

static bool is_null(const yaml_event_t *ev)
{
	const char *text = (const char *)ev->data.scalar.value;
	return is_plain(ev) && (!*text || strcmp(text, "~") == 0 || strcasecmp(text, "null") == 0);
}

/* Why the value of a key cannot even be looked at; NULL: it can. */
static const char *wrong_kind(const struct key *k, const yaml_event_t *ev)
{
	if (ev->type == YAML_SEQUENCE_START_EVENT)
		return "a list, not one value";
	if (ev->type != YAML_SCALAR_EVENT)
		return "a mapping, not one value";
	if (strlen((const char *)ev->data.scalar.value) != ev->data.scalar.length)
		return "holds a NUL";
	if (is_null(ev))
		return "has no value";
	return value_is_typed(k) && !is_plain(ev) ? "is text in quotes" : NULL;
}

static void read_key_value(struct reader *r, const yaml_event_t *ev, const struct key *k)
{
	char allowed[160];
	struct err e;
	struct origin *origin = &r->out->origins[key_index(k)];
	const char *wrong = wrong_kind(k, ev);
	*origin = (struct origin){.line = ev->start_mark.line + 1, .column = ev->start_mark.column + 1};
	if (wrong) {
		key_allowed(k, allowed, sizeof allowed);
		err_set(&e, ERR_CONFIG, 0, "%s; allowed: %s", wrong, allowed);
	} else if (value_set(k, r->c, (const char *)ev->data.scalar.value, &e) == 0) {
		origin->wrong = reading_is_unreadable(r->out, origin->line);
		return;
	}
	origin->wrong = true;
	add(r, ev, &e);
}

/* Appends the name to the path and finds out what it is. -1: it was refused. */
static int enter(struct reader *r, const yaml_event_t *ev, struct target *t)
{
	size_t used = strlen(r->path), len = ev->data.scalar.length;
	const char *name = (const char *)ev->data.scalar.value;
	struct err e;
	bool fits = used + 1 + len < sizeof r->path && plain_is_printable(name) && strlen(name) == len;
	if (!fits) {
		refuse(r, ev, "an unknown key; refresher --check-config prints the known ones");
		return -1;
	}
	if (used)
		r->path[used++] = '.';
	memcpy(r->path + used, name, len + 1);
	/* One way to write each key: nested. */
	if (strchr(name, '.')) {
		refuse(r, ev, "a dotted name; write nested mappings, \"source:\" and below it \"timeout: 5\"");
		return -1;
	}
	t->key = key_find(r->path);
	if (t->key || section_find(r->path, &t->section))
		return 0;
	key_unknown(r->path, &e);
	add(r, ev, &e);
	return -1;
}

static int check_once(struct reader *r, const yaml_event_t *ev, const struct target *t)
{
	size_t *line = t->key ? &r->key_line[key_index(t->key)] : &r->section_line[t->section];
	struct err e;
	if (*line == 0) {
		*line = ev->start_mark.line + 1;
		return 0;
	}
	err_set(&e, ERR_CONFIG, 0, "given twice, first in line %zu; allowed: once", *line);
	add(r, ev, &e);
	/* Which of the two was meant nobody knows. */
	if (t->key)
		r->out->origins[key_index(t->key)].wrong = true;
	return -1;
}

static int read_mapping(struct reader *r);

/* The value of a name that is known. A section with nothing below it keeps its defaults: all of its keys may be
 * comments. */
static int read_value(struct reader *r, const yaml_event_t *ev, const struct target *t)
{
	const char *wrong = decoration(ev);
	if (!wrong && !t->key && ev->type == YAML_MAPPING_START_EVENT)
		return read_mapping(r);
	if (wrong)
		refuse(r, ev, wrong);
	else if (t->key)
		read_key_value(r, ev, t->key);
	else if (!is_empty(ev))
		refuse(r, ev, "not a mapping; allowed: its keys, indented below it");
	/* A decorated value is not known, so nothing is compared with it. */
	if (wrong && t->key)
		r->out->origins[key_index(t->key)].wrong = true;
	return skip(r, ev);
}

/* true: the name is a key or a section that was not there before. */
static bool accept_name(struct reader *r, const yaml_event_t *name, struct target *t)
{
	const char *wrong = decoration(name);
	if (!wrong && name->type != YAML_SCALAR_EVENT)
		wrong = "a list or mapping as a key; allowed: a name";
	if (!wrong)
		return enter(r, name, t) == 0 && check_once(r, name, t) == 0;
	refuse(r, name, wrong);
	return false;
}

/* A name (the event) and its value (the events behind it). Below a name that was refused nothing is looked at. */
static int read_pair(struct reader *r, const yaml_event_t *name)
{
	size_t used = strlen(r->path);
	yaml_event_t ev;
	struct target t = {0};
	bool accepted = accept_name(r, name, &t);
	if (skip(r, name) < 0 || next(r, &ev) < 0)
		return -1;
	int rc = accepted ? read_value(r, &ev, &t) : skip(r, &ev);
	yaml_event_delete(&ev);
	r->path[used] = '\0';
	return rc;
}

/* Up to the end of a mapping whose start was read. Recursion ends with the depth of the known sections. */
static int read_mapping(struct reader *r)
{
	for (;;) {
		yaml_event_t ev;
		if (next(r, &ev) < 0)
			return -1;
		bool end = ev.type == YAML_MAPPING_END_EVENT;
		int rc = end ? 0 : read_pair(r, &ev);
		yaml_event_delete(&ev);
		if (end || rc < 0)
			return rc;
	}
}

static int read_document(struct reader *r)
{
	yaml_event_t ev;
	int rc = 0;
	if (next(r, &ev) < 0)
		return -1;
	const char *wrong = decoration(&ev);
	bool mapping = ev.type == YAML_MAPPING_START_EVENT;
	if (!wrong && !mapping && !is_empty(&ev))
		wrong = "not a mapping; allowed: keys such as \"source:\" at the top";
	if (wrong)
		refuse(r, &ev, wrong);
	rc = !wrong && mapping ? read_mapping(r) : skip(r, &ev);
	yaml_event_delete(&ev);
	return rc;
}

/* Whatever stands behind the first document is one fault. */
static void read_stream(struct reader *r)
{
	bool more = true;
	for (unsigned documents = 0; more && documents < 2;) {
		yaml_event_t ev;
		if (next(r, &ev) < 0)
			return;
		bool begins = ev.type == YAML_DOCUMENT_START_EVENT;
		more = ev.type != YAML_STREAM_END_EVENT;
		documents += begins;
		if (begins && documents == 2)
			refuse(r, &ev, "a second document; allowed: one");
		else if (begins && read_document(r) < 0)
			more = false;
		yaml_event_delete(&ev);
	}
}

/* The parser would stop at the first character that is no plain text, or take it for a line break: so they are found
 * here, all of them, and the parser gets something harmless in their place. */
static void refuse_characters(char *text, size_t len, struct reading *out)
{
	struct plain p = {.text = text, .len = len, .line = 1, .column = 1};
	struct plain_fault f;
	while (plain_next(&p, &f)) {
		struct err e;
		err_set(&e, ERR_CONFIG, 0,
			"not plain text: %s; allowed: UTF-8 without control characters, lines that end with LF or "
			"CR LF",
			f.what);
		reading_add(out, f.line, f.column, true, &e);
		out->unreadable = true;
	}
}

/* Some editors save UTF-16, in which every second byte would be a fault: 0xFF and 0xFE begin no UTF-8. */
static bool is_utf16(const char *text, size_t len)
{
	return len >= 2 && (memcmp(text, "\xFF\xFE", 2) == 0 || memcmp(text, "\xFE\xFF", 2) == 0);
}

static void parse(struct reader *r, const char *text, size_t len)
{
	struct err e;
	if (!yaml_parser_initialize(&r->parser)) {
		err_set(&e, ERR_OS, ENOMEM, "%.*s", FILE_NAME_SHOWN, r->out->name);
		reading_add(r->out, 0, 0, false, &e);
		return;
	}
	/* Otherwise libyaml would guess UTF-16 too. */
	yaml_parser_set_encoding(&r->parser, YAML_UTF8_ENCODING);
	yaml_parser_set_input_string(&r->parser, (const unsigned char *)text, len);
	read_stream(r);
	yaml_parser_delete(&r->parser);
}

void yaml_load(struct config *c, const char *name, char *text, size_t len, struct reading *out)
{
	struct reader r = {.c = c, .out = out};
	struct err e;
	out->name = name;
	text[len] = '\0';
	if (is_utf16(text, len)) {
		out->cut = true;
		err_set(&e, ERR_CONFIG, 0, "not plain text: it looks like UTF-16; allowed: UTF-8");
		reading_add(out, 1, 1, true, &e);
		return;
	}
	/* One byte order mark may stand at the start. */
	size_t mark = strncmp(text, "\xEF\xBB\xBF", 3) == 0 ? 3 : 0;
	refuse_characters(text + mark, len - mark, out);
	parse(&r, text + mark, len - mark);
}

static int read_file(const char *path, char *text, size_t *len, struct reading *r, struct err *e)
{
	if (!text)
		return err_set(e, ERR_OS, ENOMEM, "%.*s", FILE_NAME_SHOWN, path);
	if (file_read(path, text, YAML_FILE_MAX + 1, len, &r->stamp, e) < 0)
		return -1;
	if (*len > YAML_FILE_MAX)
		return err_set(e, ERR_CONFIG, 0, "%.*s: longer than %d bytes; no configuration", FILE_NAME_SHOWN, path,
			       YAML_FILE_MAX);
	return 0;
}

void yaml_load_file(struct config *c, const char *path, struct reading *r)
{
	size_t len = 0;
	struct err e;
	char *text = malloc(YAML_FILE_MAX + 1);
	if (read_file(path, text, &len, r, &e) == 0)
		yaml_load(c, path, text, len, r);
	else
		reading_add(r, 0, 0, false, &e);
	free(text);
}

const char *yaml_library_version(void)
{
	return yaml_get_version_string();
}
