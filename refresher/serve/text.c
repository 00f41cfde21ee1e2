#include "serve/text.h"

#include "base/number.h"
#include "base/utf8.h"

#include <ctype.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>

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

void text_f64(struct text *t, double v)
{
	char digits[32];

	/* A counter is read by people too, so 10^15 bytes are written with all their zeros and not as 1e+15. */
	if (fabs(v) < 0x1p53 && v == trunc(v)) {
		text_fmt(t, "%.0f", v);
		return;
	}
	number_put(v, digits, sizeof digits);
	text_fmt(t, "%s", digits);
}

void text_quoted(struct text *t, enum text_form form, const char *s)
{
	text_fmt(t, "\"");
	while (*s) {
		size_t n = utf8_len(s);

		/* The three escapes that both forms have, and the one of JSON alone. */
		if (*s == '"' || *s == '\\')
			text_fmt(t, "\\%c", *s);
		else if (*s == '\n')
			text_fmt(t, "\\n");
		else if (form == TEXT_JSON && iscntrl((unsigned char)*s))
			text_fmt(t, "\\u%04x", (unsigned char)*s);
		else if (n == 0 || iscntrl((unsigned char)*s))
			text_fmt(t, "\xef\xbf\xbd");
		else
			text_fmt(t, "%.*s", (int)n, s);

		/* A byte that begins no character is passed over alone, since one may begin behind it. */
		s += n > 0 ? n : 1;
	}
	text_fmt(t, "\"");
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
