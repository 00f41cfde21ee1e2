#include "config/yaml.h"

#include "config/keys.h"
#include "config/refuse.h"
#include "config/scan.h"
#include "config/value.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <yaml.h>

struct reader {
	yaml_parser_t parser;
	struct config *c;
	struct err *e;
	const char *name; /* of the file, for messages */
	const char *text;
	char path[KEY_NAME_MAX];                               /* dotted name of what is being read; "" at the top */
	size_t key_line[KEYS_MAX], section_line[SECTIONS_MAX]; /* where it was seen, from 1; 0: not yet */
};

/* What a name in the file stands for: a key, or else a section. */
struct target {
	const struct key *key;
	size_t section;
};

/* Puts the place before the message. Returns -1. */
static int at_line(struct reader *r, size_t line, size_t column)
{
	return err_wrap(r->e, "%.*s:%zu:%zu", FILE_NAME_SHOWN, r->name, line, column);
}

static int at_mark(struct reader *r, const yaml_event_t *ev)
{
	if (r->path[0])
		err_wrap(r->e, "%s", r->path);
	return at_line(r, ev->start_mark.line + 1, ev->start_mark.column + 1);
}

static int refuse(struct reader *r, const yaml_event_t *ev, const char *what)
{
	err_set(r->e, ERR_CONFIG, 0, "%s", what);
	return at_mark(r, ev);
}

/* libyaml gives a byte offset, not a line, for bytes that it cannot decode. */
static int undecodable(struct reader *r)
{
	size_t line = 1, column = 1;
	for (size_t i = 0; i < r->parser.problem_offset; i++) {
		column = r->text[i] == '\n' ? 1 : column + 1;
		line += r->text[i] == '\n';
	}
	err_set(r->e, ERR_CONFIG, 0, "not plain text: %s; allowed: UTF-8 without control characters",
		r->parser.problem ? r->parser.problem : "wrong bytes");
	return at_line(r, line, column);
}

static int broken(struct reader *r)
{
	const yaml_parser_t *p = &r->parser;
	if (p->error == YAML_MEMORY_ERROR)
		return err_set(r->e, ERR_OS, ENOMEM, "%.*s", FILE_NAME_SHOWN, r->name);
	if (p->error == YAML_READER_ERROR)
		return undecodable(r);
	err_set(r->e, ERR_CONFIG, 0, "not YAML: %s%s%s", p->context ? p->context : "", p->context ? ": " : "",
		p->problem ? p->problem : "wrong syntax");
	return at_line(r, p->problem_mark.line + 1, p->problem_mark.column + 1);
}

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

/* The next event without anchor, tag and alias; the caller deletes it on success only. */
static int next(struct reader *r, yaml_event_t *ev)
{
	if (!yaml_parser_parse(&r->parser, ev))
		return broken(r);
	const char *wrong = decoration(ev);
	if (!wrong)
		return 0;
	refuse(r, ev, wrong);
	yaml_event_delete(ev);
	return -1;
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

static int refuse_value(struct reader *r, const yaml_event_t *ev, const struct key *k, const char *what)
{
	char allowed[160];
	key_allowed(k, allowed, sizeof allowed);
	err_set(r->e, ERR_CONFIG, 0, "%s; allowed: %s", what, allowed);
	return at_mark(r, ev);
}

static int read_key_value(struct reader *r, const yaml_event_t *ev, const struct key *k)
{
	const char *text = (const char *)ev->data.scalar.value;
	if (ev->type != YAML_SCALAR_EVENT)
		return refuse_value(r, ev, k,
				    ev->type == YAML_SEQUENCE_START_EVENT ? "a list, not one value"
									  : "a mapping, not one value");
	if (strlen(text) != ev->data.scalar.length)
		return refuse_value(r, ev, k, "holds a NUL");
	if (is_null(ev))
		return refuse_value(r, ev, k, "has no value");
	if (value_is_typed(k) && !is_plain(ev))
		return refuse_value(r, ev, k, "is text in quotes");
	return value_set(k, r->c, text, r->e) ? at_mark(r, ev) : 0;
}

/* Appends the name to the path and finds out what it is. */
static int enter(struct reader *r, const yaml_event_t *ev, struct target *t)
{
	size_t used = strlen(r->path), len = ev->data.scalar.length;
	const char *name = (const char *)ev->data.scalar.value;
	bool fits = used + 1 + len < sizeof r->path && scan_is_printable(name) && strlen(name) == len;
	if (!fits)
		return refuse(r, ev, "an unknown key; refresher --check-config prints the known ones");
	if (used)
		r->path[used++] = '.';
	memcpy(r->path + used, name, len + 1);
	/* One way to write each key: nested. */
	if (strchr(name, '.'))
		return refuse(r, ev, "a dotted name; write nested mappings, \"source:\" and below it \"timeout: 5\"");
	t->key = key_find(r->path);
	if (t->key || section_find(r->path, &t->section))
		return 0;
	key_unknown(r->path, r->e);
	return at_mark(r, ev);
}

static int refuse_twice(struct reader *r, const yaml_event_t *ev, const struct target *t)
{
	size_t *line = t->key ? &r->key_line[key_index(t->key)] : &r->section_line[t->section];
	if (*line) {
		err_set(r->e, ERR_CONFIG, 0, "given twice, first in line %zu; allowed: once", *line);
		return at_mark(r, ev);
	}
	*line = ev->start_mark.line + 1;
	return 0;
}

static int read_mapping(struct reader *r);

/* A section with nothing below it keeps its defaults: all of its keys may be comments. */
static int read_section(struct reader *r, const yaml_event_t *ev)
{
	if (ev->type == YAML_MAPPING_START_EVENT)
		return read_mapping(r);
	return is_empty(ev) ? 0 : refuse(r, ev, "not a mapping; allowed: its keys, indented below it");
}

/* A name (the event) and its value (the events behind it). */
static int read_pair(struct reader *r, const yaml_event_t *name)
{
	size_t used = strlen(r->path);
	yaml_event_t ev;
	struct target t = {0};
	if (name->type != YAML_SCALAR_EVENT)
		return refuse(r, name, "a list or mapping as a key; allowed: a name");
	if (enter(r, name, &t) || refuse_twice(r, name, &t) || next(r, &ev))
		return -1;
	int rc = t.key ? read_key_value(r, &ev, t.key) : read_section(r, &ev);
	yaml_event_delete(&ev);
	r->path[used] = '\0';
	return rc;
}

/* Up to the end of a mapping whose start was read. Recursion ends with the depth of the known sections. */
static int read_mapping(struct reader *r)
{
	for (;;) {
		yaml_event_t ev;
		if (next(r, &ev))
			return -1;
		bool end = ev.type == YAML_MAPPING_END_EVENT;
		int rc = end ? 0 : read_pair(r, &ev);
		yaml_event_delete(&ev);
		if (end || rc)
			return rc;
	}
}

/* Reads one event that must be of this type. */
static int expect(struct reader *r, yaml_event_type_t type, const char *otherwise)
{
	yaml_event_t ev;
	if (next(r, &ev))
		return -1;
	int rc = ev.type == type ? 0 : refuse(r, &ev, otherwise);
	yaml_event_delete(&ev);
	return rc;
}

static int read_document(struct reader *r)
{
	yaml_event_t ev;
	if (next(r, &ev))
		return -1;
	int rc = ev.type == YAML_MAPPING_START_EVENT ? read_mapping(r)
		 : is_empty(&ev)                     ? 0
				 : refuse(r, &ev, "not a mapping; allowed: keys such as \"source:\" at the top");
	yaml_event_delete(&ev);
	return rc ? rc : expect(r, YAML_DOCUMENT_END_EVENT, "more than one value; allowed: one mapping");
}

static int read_stream(struct reader *r)
{
	yaml_event_t ev;
	if (expect(r, YAML_STREAM_START_EVENT, "no stream") || next(r, &ev))
		return -1;
	bool empty = ev.type == YAML_STREAM_END_EVENT;
	yaml_event_delete(&ev);
	if (empty)
		return 0;
	return read_document(r) ? -1 : expect(r, YAML_STREAM_END_EVENT, "a second document; allowed: one");
}

int yaml_load(struct config *c, const char *name, const char *text, size_t len, struct err *e)
{
	static const char bom[] = "\xEF\xBB\xBF";
	struct reader r = {.c = c, .e = e, .name = name, .text = text};
	if (len >= 3 && memcmp(text, bom, 3) == 0) {
		r.text += 3;
		len -= 3;
	}
	if (!yaml_parser_initialize(&r.parser))
		return err_set(e, ERR_OS, ENOMEM, "%.*s", FILE_NAME_SHOWN, name);
	/* Otherwise libyaml would guess UTF-16 too. */
	yaml_parser_set_encoding(&r.parser, YAML_UTF8_ENCODING);
	yaml_parser_set_input_string(&r.parser, (const unsigned char *)r.text, len);
	int rc = read_stream(&r);
	yaml_parser_delete(&r.parser);
	return rc;
}

int yaml_load_file(struct config *c, const char *path, struct file_stamp *stamp, struct err *e)
{
	int rc = -1;
	size_t len;
	char *text = malloc(YAML_FILE_MAX + 1);
	if (!text)
		return err_set(e, ERR_OS, ENOMEM, "%.*s", FILE_NAME_SHOWN, path);
	if (file_read(path, text, YAML_FILE_MAX + 1, &len, stamp, e) < 0)
		goto out;
	if (len > YAML_FILE_MAX)
		err_set(e, ERR_CONFIG, 0, "%.*s: longer than %d bytes; no configuration", FILE_NAME_SHOWN, path,
			YAML_FILE_MAX);
	else
		rc = yaml_load(c, path, text, len, e);
out:
	free(text);
	return rc;
}

const char *yaml_library_version(void)
{
	return yaml_get_version_string();
}
