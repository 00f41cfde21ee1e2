#include "config/yaml.h"

#include "config/plain.h"
#include "config/refuse.h"
#include "config/value.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <yaml.h>

struct reader {
	yaml_parser_t parser;
	yaml_event_t event; /* the present one; YAML_NO_EVENT for ever once the text is no YAML */
	struct config *c;
	struct reading *out;
	char path[KEY_NAME_MAX]; /* dotted name of what is being read; "" at the top */
};

/* A fault of what is being read, at the beginning of the present event. */
static void refuse(struct reader *r, const char *what)
{
	struct err e;
	size_t line = r->event.start_mark.line + 1;

	/* All there is to say of a line with unreadable characters was said before the parser began. */
	if (reading_is_unreadable(r->out, line))
		return;

	/* The message begins with the dotted name, as far as it is known. */
	err_set(&e, ERR_CONFIG, 0, "%s%s%s", r->path, r->path[0] ? ": " : "", what);
	reading_add(r->out, line, r->event.start_mark.column + 1, false, &e);
}

/* Behind what is no YAML, or without memory, nothing more can be read: that is one fault. */
static void refuse_syntax(struct reader *r)
{
	struct err e;
	const yaml_parser_t *p = &r->parser;
	const char *context = p->context ? p->context : "", *gap = p->context ? ": " : "";

	/* Rules that span keys must not complain of a key that may have stood behind it. */
	r->out->cut = true;
	if (p->error == YAML_MEMORY_ERROR) {
		err_set(&e, ERR_OS, ENOMEM, "%.*s", FILE_NAME_SHOWN, r->out->name);
		reading_add(r->out, 0, 0, false, &e);
	} else if (!r->out->unreadable) {
		/* Else it may be what was put in the place of unreadable characters that broke it. */
		err_set(&e, ERR_CONFIG, 0, "not YAML: %s%s%s", context, gap, p->problem ? p->problem : "wrong syntax");
		reading_add(r->out, p->problem_mark.line + 1, p->problem_mark.column + 1, false, &e);
	}
}

/* Goes on to the next event. Behind an error libyaml makes no more of them, so each loop ends there by itself. */
static yaml_event_type_t next(struct reader *r)
{
	yaml_event_delete(&r->event);
	if (!yaml_parser_parse(&r->parser, &r->event))
		refuse_syntax(r);
	return r->event.type;
}

/* Goes on to the last event of the value or the name whose first event is the present one. */
static void skip(struct reader *r)
{
	for (int depth = 0; r->event.type != YAML_NO_EVENT; next(r)) {
		yaml_event_type_t type = r->event.type;
		depth += type == YAML_MAPPING_START_EVENT || type == YAML_SEQUENCE_START_EVENT;
		depth -= type == YAML_MAPPING_END_EVENT || type == YAML_SEQUENCE_END_EVENT;
		if (depth == 0)
			return;
	}
}

/* What a name or a value may not be, whatever it stands for; NULL: it is neither an alias nor decorated. */
static const char *decoration(const yaml_event_t *ev)
{
	if (ev->type == YAML_ALIAS_EVENT)
		return "an alias; allowed: the value itself";

	/* The first events of scalars, sequences and mappings all begin with these two. */
	if (ev->data.scalar.anchor)
		return "an anchor; allowed: the value alone";
	return ev->data.scalar.tag ? "a tag; allowed: the value alone" : NULL;
}

static bool is_plain(const yaml_event_t *ev)
{
	return ev->type == YAML_SCALAR_EVENT && ev->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
}

/* Why the value of a key has no text to read; NULL: it has. */
static const char *wrong_kind(const struct key *k, const yaml_event_t *ev)
{
	if (ev->type == YAML_SEQUENCE_START_EVENT)
		return "a list, not one value";
	if (ev->type == YAML_MAPPING_START_EVENT)
		return "a mapping, not one value";

	/* The empty text, "~" and "null" are YAML's words for nothing, but not in quotes. */
	const char *text = (const char *)ev->data.scalar.value;
	if (strlen(text) != ev->data.scalar.length)
		return "holds a NUL";
	if (is_plain(ev) && (!*text || strcmp(text, "~") == 0 || strcasecmp(text, "null") == 0))
		return "has no value";
	return key_is_typed(k) && !is_plain(ev) ? "is text in quotes" : NULL;
}

static void read_key(struct reader *r, const struct key *k)
{
	struct err e;
	struct origin *origin = &r->out->origins[key_index(k)];
	const char *wrong = wrong_kind(k, &r->event);

	/* A rule that spans keys may complain of this line later. */
	origin->line = r->event.start_mark.line + 1;
	origin->column = r->event.start_mark.column + 1;

	/* A value that was refused is not known, and neither is one beside unreadable characters. */
	int rc = wrong ? key_refuse(k, NULL, wrong, &e)
		       : value_set(k, r->c, (const char *)r->event.data.scalar.value, &e);
	origin->wrong = rc < 0 || reading_is_unreadable(r->out, origin->line);
	if (rc < 0)
		refuse(r, e.msg);
}

/* Appends the name to the path. The key or section that it stands for, or NULL: it was refused. */
static const struct key *find(struct reader *r)
{
	size_t used = strlen(r->path), len = r->event.data.scalar.length;
	const char *name = (const char *)r->event.data.scalar.value;
	struct err e;

	/* What no message can show, or no key is as long as, is not named. */
	if (used + 1 + len >= sizeof r->path || strlen(name) != len || !plain_is_printable(name)) {
		refuse(r, "an unknown key; refresher --check-config prints the known ones");
		return NULL;
	}
	snprintf(r->path + used, sizeof r->path - used, "%s%s", used ? "." : "", name);

	/* One way to write each key: nested. */
	const struct key *k = key_find(r->path);
	if (strchr(name, '.'))
		refuse(r, "a dotted name; write nested mappings, \"source:\" and below it \"timeout: 5\"");
	else if (k)
		return k;
	else if (key_unknown(r->path, &e) < 0)
		refuse(r, e.msg);
	return NULL;
}

/* The key or section that a name stands for, the first time that it stands there; NULL: the name was refused. */
static const struct key *read_name(struct reader *r)
{
	const char *wrong = decoration(&r->event);
	if (!wrong && r->event.type != YAML_SCALAR_EVENT)
		wrong = "a list or mapping as a key; allowed: a name";
	if (wrong)
		refuse(r, wrong);

	/* The first time is the one that counts, and its line is remembered. */
	const struct key *k = wrong ? NULL : find(r);
	if (!k)
		return NULL;
	struct origin *origin = &r->out->origins[key_index(k)];
	if (origin->name_line == 0) {
		origin->name_line = r->event.start_mark.line + 1;
		return k;
	}

	/* Which of the two was meant nobody knows. */
	struct err e;
	err_set(&e, ERR_CONFIG, 0, "given twice, first in line %zu; allowed: once", origin->name_line);
	refuse(r, e.msg);
	origin->wrong = true;
	return NULL;
}

static void read_mapping(struct reader *r);

/* A value up to its last event: that of a key or of a section, or, with k NULL, all of the document. */
static void read_value(struct reader *r, const struct key *k)
{
	const char *wrong = decoration(&r->event);
	bool is_section = !k || k->kind == KEY_SECTION;
	if (!wrong && is_section && r->event.type == YAML_MAPPING_START_EVENT) {
		read_mapping(r);
		return;
	}

	/* A section with nothing below it keeps its defaults: all of its keys may be comments. */
	if (!wrong && is_section && !(is_plain(&r->event) && r->event.data.scalar.length == 0))
		wrong = k ? "not a mapping; allowed: its keys, indented below it"
			  : "not a mapping; allowed: keys such as \"source:\" at the top";

	/* What is wrong with a value hides what stands below it. */
	if (wrong)
		refuse(r, wrong);
	else if (!is_section)
		read_key(r, k);

	/* A key whose value was refused is not known, so nothing is compared with it. */
	if (wrong && k)
		r->out->origins[key_index(k)].wrong = true;
	skip(r);
}

/* A mapping of names to values: the sections at the top, or the keys of one of them, so that it is at most two deep. */
static void read_mapping(struct reader *r)
{
	/* Up to the end of this mapping; each name is taken off the path again behind its value. */
	size_t used = strlen(r->path);
	while (next(r) != YAML_MAPPING_END_EVENT && r->event.type != YAML_NO_EVENT) {
		const struct key *k = read_name(r);
		skip(r);

		/* Below a name that was refused nothing is read. */
		if (next(r) != YAML_NO_EVENT && k)
			read_value(r, k);
		else
			skip(r);
		r->path[used] = '\0';
	}
}

/* One document, or none where the file is empty; whatever stands behind the first one is one fault. */
static void read_stream(struct reader *r)
{
	next(r); /* the start of the stream */
	if (next(r) != YAML_DOCUMENT_START_EVENT)
		return;
	if (next(r) != YAML_NO_EVENT)
		read_value(r, NULL);
	next(r); /* the end of the document */
	if (next(r) == YAML_DOCUMENT_START_EVENT)
		refuse(r, "a second document; allowed: one");
}

/* The parser would stop at the first character that is no plain text, or take it for a line break: so they are found
 * here, all of them, and the parser gets something harmless in their place. */
static void refuse_characters(char *text, size_t len, struct reading *out)
{
	size_t line = 1, column = 1, bytes;
	for (char *here = text; here < text + len; here += bytes) {
		struct err e;
		char fault[PLAIN_FAULT_MAX];
		bool ends_line = *here == '\n';

		/* TAB, LF, and CR before LF are the control characters that belong into a text. */
		bool layout = *here == '\t' || ends_line || (*here == '\r' && here[1] == '\n');
		bytes = plain_check(here, fault);
		if (fault[0] && !layout) {
			err_set(&e, ERR_CONFIG, 0,
				"not plain text: %s; allowed: UTF-8 without control characters, lines that end with LF "
				"or CR LF",
				fault);
			reading_add(out, line, column, true, &e);
			out->unreadable = true;
			memset(here, '_', bytes);
		}

		/* A column is one character. */
		column = ends_line ? 1 : column + 1;
		line += ends_line;
	}
}

void yaml_load(struct config *c, const char *name, char *text, size_t len, struct reading *out)
{
	struct reader r = {.c = c, .out = out};
	struct err e;

	/* The check of characters looks one beyond, and relies on a NUL there. */
	out->name = name;
	text[len] = '\0';

	/* Some editors save UTF-16, in which every second byte would be a fault: 0xFF and 0xFE begin no UTF-8. */
	if (strncmp(text, "\xFF\xFE", 2) == 0 || strncmp(text, "\xFE\xFF", 2) == 0) {
		out->cut = true;
		err_set(&e, ERR_CONFIG, 0, "not plain text: it looks like UTF-16; allowed: UTF-8");
		reading_add(out, 1, 1, true, &e);
		return;
	}

	/* One byte order mark may stand at the start. */
	size_t mark = strncmp(text, "\xEF\xBB\xBF", 3) == 0 ? 3 : 0;
	refuse_characters(text + mark, len - mark, out);
	if (!yaml_parser_initialize(&r.parser)) {
		refuse_syntax(&r);
		return;
	}

	/* Left to itself libyaml would guess UTF-16 too. */
	yaml_parser_set_encoding(&r.parser, YAML_UTF8_ENCODING);
	yaml_parser_set_input_string(&r.parser, (const unsigned char *)text + mark, len - mark);
	read_stream(&r);
	yaml_event_delete(&r.event);
	yaml_parser_delete(&r.parser);
}

void yaml_load_file(struct config *c, const char *path, struct reading *r)
{
	size_t len = 0;
	struct err e;
	const struct file_name name = {path, "configuration", ", or give its keys by --set"};

	/* One byte more than may be there tells a file that is too long. */
	char *text = malloc(YAML_FILE_MAX + 1);
	int rc = -1;
	if (!text)
		err_set(&e, ERR_OS, ENOMEM, "%.*s", FILE_NAME_SHOWN, path);
	else
		rc = file_read(&name, text, YAML_FILE_MAX + 1, &len, &r->stamp, &e);
	if (rc == 0 && len > YAML_FILE_MAX)
		rc = err_set(&e, ERR_CONFIG, 0, "%.*s: longer than %d bytes; no configuration", FILE_NAME_SHOWN, path,
			     YAML_FILE_MAX);

	/* A file that was not read has no line: its message begins with its name alone. */
	if (rc == 0)
		yaml_load(c, path, text, len, r);
	else
		reading_add(r, 0, 0, false, &e);
	free(text);
}

const char *yaml_library_version(void)
{
	return yaml_get_version_string();
}
