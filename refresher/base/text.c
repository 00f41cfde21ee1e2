#include "base/text.h"

#include "base/number.h"
#include "base/utf8.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* An empty text ends with NUL too. */
void text_init(struct text *t, char *buf, size_t cap)
{
	*t = (struct text){.buf = buf, .cap = cap};
	buf[0] = '\0';
}

void text_fmt(struct text *t, const char *format, ...)
{
	va_list args;
	size_t room = t->cap - t->len;

	/* The text so far ends at len, where the next one begins over its NUL. */
	va_start(args, format);
	size_t n = (size_t)vsnprintf(t->buf + t->len, room, format, args);
	va_end(args);

	/* vsnprintf tells the whole length and has written at most room - 1 characters and the NUL. */
	if (n >= room) {
		n = room - 1;
		t->cut = true;
	}
	t->len += n;
}

/* Appends n bytes, or nothing where they and `spare` bytes more have no room. */
static bool put(struct text *t, const char *s, size_t n, size_t spare)
{
	if (t->len + n + spare >= t->cap) {
		t->cut = true;
		return false;
	}
	memcpy(t->buf + t->len, s, n);
	t->len += n;
	t->buf[t->len] = '\0';
	return true;
}

void text_strings(struct text *t, const char *const *strings)
{
	for (; *strings; strings++)
		put(t, *strings, strlen(*strings), 0);
}

void text_f64(struct text *t, double v)
{
	char digits[NUMBER_MAX];
	size_t len = number_put(v, digits);
	put(t, digits, len, 0);
}

/* A byte that cannot be written as it is; returns the length of what is written for it. */
static int escape(enum text_form form, unsigned char c, char out[8])
{
	/* The three escapes that both forms have, and the one of JSON alone. */
	if (c == '"' || c == '\\')
		return snprintf(out, 8, "\\%c", c);
	if (c == '\n')
		return snprintf(out, 8, "\\n");
	if (form == TEXT_JSON && iscntrl(c))
		return snprintf(out, 8, "\\u%04x", c);
	return snprintf(out, 8, "\xef\xbf\xbd");
}

void text_escaped(struct text *t, enum text_form form, const char *s)
{
	char out[8];
	size_t n;

	/* A byte that begins no character is passed over alone, since one may begin behind it. Room for a closing quote
	 * stays. */
	for (bool fits = true; *s && fits; s += n > 0 ? n : 1) {
		unsigned char c = (unsigned char)*s;
		bool plain = (n = utf8_len(s)) > 0 && c != '"' && c != '\\' && !iscntrl(c);
		fits = plain ? put(t, s, n, 1) : put(t, out, (size_t)escape(form, c, out), 1);
	}
}

void text_quoted(struct text *t, enum text_form form, const char *s)
{
	/* Without room for both quotes there is none. */
	if (!put(t, "\"", 1, 1))
		return;
	text_escaped(t, form, s);
	put(t, "\"", 1, 0);
}

/* A terminal that shows such a line obeys no escape sequence of somebody else. */
void text_ascii(struct text *t, const char *s, size_t max)
{
	for (size_t i = 0; i < max && s[i]; i++)
		text_fmt(t, "%c", isprint((unsigned char)s[i]) ? s[i] : '?');
}

struct text_span text_span(int64_t ns)
{
	static const int64_t second = 1000000000, minute = 60 * second, hour = 60 * minute;
	static const struct {
		int64_t below, step, unit; /* nanoseconds */
		const char *name;
	} scales[] = {
		{second, second / 100, second, "s"}, {10 * second, second / 10, second, "s"},
		{10 * minute, second, second, "s"},  {2 * hour, minute, minute, "min"},
		{INT64_MAX, hour / 10, hour, "h"},
	};
	struct text_span span;
	size_t i = 0;

	/* Of a pause that is over nothing is left. */
	if (ns < 0)
		ns = 0;

	/* The first scale that reaches so far says how finely the span is shown. */
	while (ns >= scales[i].below && i + 1 < sizeof scales / sizeof *scales)
		i++;

	/* What is finer than that is cut off, and the rest is printed without zeros at its end. */
	double units = (double)(ns - ns % scales[i].step) / (double)scales[i].unit;
	snprintf(span.text, sizeof span.text, "%.9g %s", units, scales[i].name);
	return span;
}
