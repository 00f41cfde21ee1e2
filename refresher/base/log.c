#include "base/log.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* Level in the low byte, form above it: one word, so that a reload needs no lock. */
static _Atomic unsigned log_word = LOG_INFO;

void log_setup(struct log_config c)
{
	log_word = (unsigned)c.level | (unsigned)c.form << 8;
}

bool log_on(enum log_level level)
{
	return (unsigned)level <= (log_word & 0xff);
}

struct line {
	size_t len;
	char text[2048];
};

static void line_add(struct line *l, const char *s, size_t n)
{
	size_t room = sizeof l->text - 2 - l->len; /* the closing brace and the line feed always fit */
	if (n > room)
		n = room;
	memcpy(l->text + l->len, s, n);
	l->len += n;
}

static void line_puts(struct line *l, const char *s)
{
	line_add(l, s, strlen(s));
}

/* A JSON string; logfmt takes the same form where a value holds a blank, a quote, '=' or a control character. */
static void line_quoted(struct line *l, const char *s)
{
	line_puts(l, "\"");
	for (; *s; s++) {
		unsigned char c = (unsigned char)*s;
		char esc[8];
		if (c == '"' || c == '\\')
			snprintf(esc, sizeof esc, "\\%c", c);
		else if (c < 0x20 || c == 0x7f)
			snprintf(esc, sizeof esc, "\\u%04x", c);
		else
			snprintf(esc, sizeof esc, "%c", c);
		line_puts(l, esc);
	}
	line_puts(l, "\"");
}

static bool is_plain(const char *s)
{
	if (!*s)
		return false;
	for (; *s; s++)
		if ((unsigned char)*s <= ' ' || *s == '"' || *s == '=' || *s == '\\' || *s == 0x7f)
			return false;
	return true;
}

static void line_string(struct line *l, bool json, const char *s)
{
	if (!json && is_plain(s))
		line_puts(l, s);
	else
		line_quoted(l, s);
}

static void line_key(struct line *l, bool json, const char *key)
{
	if (l->len > 1)
		line_puts(l, json ? "," : " ");
	if (json)
		line_quoted(l, key);
	else
		line_puts(l, key);
	line_puts(l, json ? ":" : "=");
}

static void line_field(struct line *l, bool json, const struct log_field *f)
{
	char num[40];
	if (f->kind == LOG_STR && (!f->v.str || !f->v.str[0]))
		return;
	line_key(l, json, f->key);
	switch (f->kind) {
	case LOG_STR:
		line_string(l, json, f->v.str);
		return;
	case LOG_U64:
		snprintf(num, sizeof num, "%llu", (unsigned long long)f->v.u64);
		break;
	case LOG_I64:
		snprintf(num, sizeof num, "%lld", (long long)f->v.i64);
		break;
	case LOG_F64:
		snprintf(num, sizeof num, "%.6g", f->v.f64);
		break;
	case LOG_BOOL:
		snprintf(num, sizeof num, "%s", f->v.u64 ? "true" : "false");
		break;
	case LOG_END:
		num[0] = '\0';
		break;
	}
	line_puts(l, num);
}

static void line_time(struct line *l, bool json)
{
	struct timespec now;
	struct tm tm;
	char text[40], day[24];
	clock_gettime(CLOCK_REALTIME, &now);
	gmtime_r(&now.tv_sec, &tm);
	strftime(day, sizeof day, "%Y-%m-%dT%H:%M:%S", &tm);
	snprintf(text, sizeof text, "%s.%03ldZ", day, now.tv_nsec / 1000000);
	line_key(l, json, "ts");
	line_string(l, json, text);
}

void log_write(enum log_level level, const char *msg, const struct log_field *fields)
{
	static const char *const names[] = {"error", "warn", "info", "debug"};
	if (!log_on(level))
		return;
	int saved = errno;
	bool json = log_word >> 8 == LOG_JSON;
	struct line l = {.len = 0};
	if (json)
		line_puts(&l, "{");
	line_time(&l, json);
	line_key(&l, json, "level");
	line_string(&l, json, names[level]);
	line_key(&l, json, "msg");
	line_string(&l, json, msg);
	for (const struct log_field *f = fields; f->kind != LOG_END; f++)
		line_field(&l, json, f);
	if (json)
		l.text[l.len++] = '}';
	l.text[l.len++] = '\n';
	ssize_t ignored = write(STDERR_FILENO, l.text, l.len); /* nowhere left to complain */
	(void)ignored;
	errno = saved;
}
