#include "serve/text.h"

#include "base/utf8.h"

#include <math.h>
#include <stdio.h>

void text_init(struct text *t, char *buf, size_t cap)
{
	*t = (struct text){.buf = buf, .cap = cap};
	buf[0] = '\0';
}

/* Writes the digits of v so that they end before `end`; returns their start. */
static char *digits(char *end, uint64_t v)
{
	do {
		*--end = (char)('0' + v % 10);
		v /= 10;
	} while (v > 0);
	return end;
}

void text_u64(struct text *t, uint64_t v)
{
	char d[20], *end = d + sizeof d, *start = digits(end, v);
	text_add(t, start, (size_t)(end - start));
}

/* v / unit without trailing zeros; unit is a power of ten. */
static void text_fixed(struct text *t, uint64_t v, uint64_t unit)
{
	char d[20], *end = d + sizeof d;
	uint64_t fraction = v % unit;
	text_u64(t, v / unit);
	if (fraction == 0)
		return;
	fraction += unit; /* a 1 in front keeps the leading zeros */
	while (fraction % 10 == 0)
		fraction /= 10;
	const char *start = digits(end, fraction);
	text_char(t, '.');
	text_add(t, start + 1, (size_t)(end - start - 1));
}

/* k and 10^6 are exact doubles and the division rounds correctly, so k / 10^6 == v means that the decimal fraction
 * reads back as v. */
static bool text_micros(struct text *t, double v)
{
	double k = nearbyint(v * 1e6);
	if (!(v >= 0) || signbit(v) || k >= 0x1p53 || k / 1e6 != v)
		return false;
	text_fixed(t, (uint64_t)k, 1000000);
	return true;
}

void text_f64(struct text *t, double v)
{
	char d[32];
	if (text_micros(t, v))
		return;
	if (isnan(v)) {
		text_lit(t, "NaN");
	} else if (isinf(v)) {
		text_str(t, v > 0 ? "+Inf" : "-Inf");
	} else {
		snprintf(d, sizeof d, "%.17g", v);
		text_str(t, d);
	}
}

void text_ns(struct text *t, int64_t ns)
{
	if (ns < 0)
		text_char(t, '-');
	text_fixed(t, ns < 0 ? -(uint64_t)ns : (uint64_t)ns, 1000000000);
}

void text_ago(struct text *t, int64_t ns)
{
	uint64_t ms = ns < 0 ? 0 : (uint64_t)ns / 1000000;
	if (ms < 1000) {
		text_fixed(t, ms / 10, 100);
		text_lit(t, " s");
	} else if (ms < 10000) {
		text_fixed(t, ms / 100, 10);
		text_lit(t, " s");
	} else if (ms < 600000) {
		text_u64(t, ms / 1000);
		text_lit(t, " s");
	} else if (ms < 2 * 3600000) {
		text_u64(t, ms / 60000);
		text_lit(t, " min");
	} else {
		text_fixed(t, ms / 360000, 10);
		text_lit(t, " h");
	}
}

/* What stands for the ASCII character c, in room[8]; NULL: itself. */
typedef const char *escape_fn(unsigned char c, char room[8]);

/* Needs an escape in none of the forms. */
static bool is_ordinary(char c)
{
	return c >= 0x20 && c < 0x7f && !strchr("\"\\&<>'", c);
}

static void text_escaped(struct text *t, const char *s, escape_fn *escape)
{
	char room[8];
	while (*s) {
		size_t run = 0;
		while (is_ordinary(s[run]))
			run++;
		text_add(t, s, run);
		s += run;
		if (!*s)
			break;
		size_t n = utf8_len(s);
		const char *instead = n == 0 ? "\xef\xbf\xbd" : n == 1 ? escape((unsigned char)*s, room) : NULL;
		if (instead)
			text_str(t, instead);
		else
			text_add(t, s, n);
		s += n ? n : 1;
	}
}

static const char *escape_json(unsigned char c, char room[8])
{
	if (c == '"')
		return "\\\"";
	if (c == '\\')
		return "\\\\";
	if (c >= 0x20 && c != 0x7f)
		return NULL;
	snprintf(room, 8, "\\u%04x", c);
	return room;
}

/* The two formats define three escapes only; other control characters could not be read back. */
static const char *escape_label(unsigned char c, char room[8])
{
	(void)room;
	if (c == '"')
		return "\\\"";
	if (c == '\\')
		return "\\\\";
	if (c == '\n')
		return "\\n";
	return c < 0x20 || c == 0x7f ? "?" : NULL;
}

void text_json(struct text *t, const char *s)
{
	text_char(t, '"');
	text_escaped(t, s, escape_json);
	text_char(t, '"');
}

void text_label(struct text *t, const char *s)
{
	text_escaped(t, s, escape_label);
}

void text_plain(struct text *t, const char *s, size_t max)
{
	for (size_t i = 0; i < max && s[i]; i++)
		text_char(t, s[i] >= 0x20 && s[i] < 0x7f ? s[i] : '?');
}
