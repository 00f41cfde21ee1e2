#include "base/log.h"

#include "base/utf8.h"

#include <errno.h>
#include <poll.h>
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

/* The closing quote, the closing brace and the line feed always fit. */
enum { LINE_MAX_BYTES = 2048, LINE_END_BYTES = 3 };

struct line {
	size_t len;
	char text[LINE_MAX_BYTES];
};

static size_t line_room(const struct line *l)
{
	size_t end = sizeof l->text - LINE_END_BYTES;
	return l->len < end ? end - l->len : 0;
}

/* All of s or nothing, so that no character and no escape is cut in two. */
static bool line_add(struct line *l, const char *s, size_t n)
{
	if (n > line_room(l))
		return false;
	memcpy(l->text + l->len, s, n);
	l->len += n;
	return true;
}

static void line_puts(struct line *l, const char *s)
{
	line_add(l, s, strlen(s));
}

/* One character of n bytes (0: a byte that is none) as it may stand in a JSON string. */
static bool line_char(struct line *l, const char *s, size_t n)
{
	unsigned char c = (unsigned char)*s;
	char esc[8];
	if (n == 0)
		return line_add(l, "\\ufffd", 6);
	if (c < 0x20 || c == 0x7f)
		return snprintf(esc, sizeof esc, "\\u%04x", c) == 6 && line_add(l, esc, 6);
	if (c == '"' || c == '\\')
		return line_add(l, (const char[]){'\\', (char)c}, 2);
	return line_add(l, s, n);
}

static void line_text(struct line *l, const char *s)
{
	while (*s) {
		size_t n = utf8_len(s);
		if (!line_char(l, s, n))
			return;
		s += n ? n : 1;
	}
}

/* May stand in a logfmt line without quotes. */
static bool is_plain(const char *s)
{
	if (!*s)
		return false;
	for (; *s; s += utf8_len(s))
		if ((unsigned char)*s <= ' ' || *s == '"' || *s == '=' || *s == '\\' || *s == 0x7f || !utf8_len(s))
			return false;
	return true;
}

/* A JSON string; logfmt takes the same form where a value holds a blank, a quote, '=' or a control character. */
static void line_string(struct line *l, bool json, const char *s)
{
	bool quoted = json || !is_plain(s);
	if (quoted)
		line_puts(l, "\"");
	line_text(l, s);
	if (quoted)
		l->text[l->len++] = '"';
}

static void line_key(struct line *l, bool json, const char *key)
{
	if (l->len > 1)
		line_puts(l, json ? "," : " ");
	if (json)
		line_string(l, true, key);
	else
		line_puts(l, key);
	line_puts(l, json ? ":" : "=");
}

static void line_field(struct line *l, bool json, const struct log_field *f)
{
	char num[24];
	bool text = f->kind == LOG_STR;
	if (text && (!f->v.str || !f->v.str[0]))
		return;

	/* A field whose key and number, or key and opening quote, do not fit is left out; a string is cut. */
	if (line_room(l) < strlen(f->key) + sizeof num + 8)
		return;
	line_key(l, json, f->key);
	if (text) {
		line_string(l, json, f->v.str);
		return;
	}
	snprintf(num, sizeof num, "%llu", (unsigned long long)f->v.u64);
	line_puts(l, num);
}

static void line_time(struct line *l, bool json)
{
	struct timespec now;
	struct tm tm;
	char text[40], day[24];

	/* RFC 3339 in UTC, with milliseconds. */
	clock_gettime(CLOCK_REALTIME, &now);
	gmtime_r(&now.tv_sec, &tm);
	strftime(day, sizeof day, "%Y-%m-%dT%H:%M:%S", &tm);
	snprintf(text, sizeof text, "%s.%03ldZ", day, now.tv_nsec / 1000000);
	line_key(l, json, "ts");
	line_string(l, json, text);
}

/* A write of one line to a pipe that has room for PIPE_BUF does not wait, and POLLOUT says that it has. */
static void line_send(const struct line *l)
{
	struct pollfd p = {.fd = STDERR_FILENO, .events = POLLOUT};
	if (poll(&p, 1, 0) != 1)
		return;
	ssize_t ignored = write(STDERR_FILENO, l->text, l->len); /* nowhere left to complain */
	(void)ignored;
}

/* left_out: of log_limited; 0 is not said. */
static void write_line(enum log_level level, const char *msg, const struct log_field *fields, uint64_t left_out)
{
	static const char *const names[] = {"error", "warn", "info", "debug"};
	if ((unsigned)level > (log_word & 0xff))
		return;
	int saved = errno;
	bool json = log_word >> 8 == LOG_JSON;
	struct line l = {.len = 0};

	/* The three fields that each line has, then the caller's. */
	if (json)
		line_puts(&l, "{");
	line_time(&l, json);
	line_key(&l, json, "level");
	line_string(&l, json, names[level]);
	line_key(&l, json, "msg");
	line_string(&l, json, msg);
	for (const struct log_field *f = fields; f->kind != LOG_END; f++)
		line_field(&l, json, f);
	if (left_out > 0)
		line_field(&l, json, &(struct log_field){"left_out", LOG_U64, {.u64 = left_out}});

	/* The end has room, however long the line became. */
	if (json)
		l.text[l.len++] = '}';
	l.text[l.len++] = '\n';
	line_send(&l);
	errno = saved;
}

void log_write(enum log_level level, const char *msg, const struct log_field *fields)
{
	write_line(level, msg, fields, 0);
}

void log_rate_init(struct log_rate *r, int64_t now_ns)
{
	*r = (struct log_rate){.earned_ns = now_ns, .lines = LOG_BURST};
}

bool log_rate_has_room(struct log_rate *r, int64_t now_ns)
{
	/* What the time since the last look has earned, as far as a burst has room for it. */
	int64_t earned = (now_ns - r->earned_ns) / LOG_EARN_NS;
	r->earned_ns += earned * LOG_EARN_NS;
	r->lines = earned > LOG_BURST - (int64_t)r->lines ? LOG_BURST : r->lines + (unsigned)earned;
	return r->lines > 0;
}

bool log_limited(struct log_rate *r, int64_t now_ns, bool must, enum log_level level, const char *msg,
		 const struct log_field *fields)
{
	bool room = log_rate_has_room(r, now_ns);
	if (!room && !must) {
		r->left_out++;
		log_write(LOG_DEBUG, msg, fields);
		return false;
	}
	r->lines -= room;
	write_line(level, msg, fields, r->left_out);
	r->left_out = 0;
	return true;
}
