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
enum { LINE_MAX_BYTES = 2048, LINE_ROOM = LINE_MAX_BYTES - 3 };

struct line {
	bool json;
	size_t len;
	char text[LINE_MAX_BYTES];
};

/* All of s or nothing, so that no character and no escape is cut in two. */
static bool add(struct line *l, const char *s, size_t n)
{
	if (l->len + n > LINE_ROOM)
		return false;
	memcpy(l->text + l->len, s, n);
	l->len += n;
	return true;
}

/* One character of n bytes (0: a byte that is none) as it may stand in a JSON string. */
static bool add_char(struct line *l, const char *s, size_t n)
{
	unsigned char c = (unsigned char)*s;
	char escape[8];
	bool mark = c == '"' || c == '\\';

	/* What is no UTF-8 is replaced, since no reader of JSON would take it. */
	if (n == 0)
		return add(l, "\\ufffd", 6);

	/* A character stands as it is, but for quotes, backslashes (RFC 8259 section 7) and control characters; delete
	 * is none of these by the RFC, and no terminal should get it all the same. */
	if (!mark && c >= 0x20 && c != 0x7f)
		return add(l, s, n);
	int len = snprintf(escape, sizeof escape, mark ? "\\%c" : "\\u%04x", c);
	return add(l, escape, (size_t)len);
}

/* As many of its characters as there is room for. */
static void add_text(struct line *l, const char *s)
{
	for (size_t n; *s; s += n ? n : 1) {
		n = utf8_len(s);
		if (!add_char(l, s, n))
			return;
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

/* logfmt quotes as JSON does, where a value holds a blank, a quote, '=' or a control character. */
static void add_field(struct line *l, const struct log_field *f)
{
	char number[24];
	const char *value = f->kind == LOG_STR ? f->v.str : number;
	snprintf(number, sizeof number, "%llu", f->kind == LOG_U64 ? (unsigned long long)f->v.u64 : 0);

	/* A field whose key and number, or key and opening quote, do not fit is left out; a string is cut. */
	if (l->len + strlen(f->key) + sizeof number + 8 > LINE_ROOM)
		return;

	/* Only the brace may stand before the first field. */
	const char *between = l->len <= 1 ? "" : l->json ? "," : " ";
	bool quoted = f->kind == LOG_STR && (l->json || !is_plain(value));
	l->len += (size_t)sprintf(l->text + l->len, l->json ? "%s\"%s\":%s" : "%s%s=%s", between, f->key,
				  quoted ? "\"" : "");

	/* A string that was cut has its closing quote too, for which there is always room. */
	add_text(l, value);
	if (quoted)
		l->text[l->len++] = '"';
}

/* RFC 3339 in UTC, with milliseconds. */
static void format_now(char out[40])
{
	struct timespec now;
	struct tm tm;

	/* Seconds by the library, in UTC whatever the time zone is; the milliseconds behind them. */
	clock_gettime(CLOCK_REALTIME, &now);
	gmtime_r(&now.tv_sec, &tm);
	size_t len = strftime(out, 40, "%Y-%m-%dT%H:%M:%S", &tm);
	snprintf(out + len, 40 - len, ".%03ldZ", now.tv_nsec / 1000000);
}

/* A write of one line to a pipe that has room for PIPE_BUF does not wait, and POLLOUT says that it has. */
static void send_line(const struct line *l)
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

	/* A line that nobody wants costs a comparison; whoever logs a failure still needs its errno. */
	if ((unsigned)level > (log_word & 0xff))
		return;
	int saved = errno;
	char now[40];
	struct line l = {.json = log_word >> 8 == LOG_JSON, .len = 0};

	/* The three fields that each line has, then the caller's. */
	if (l.json)
		add(&l, "{", 1);
	format_now(now);
	const struct log_field head[] = {log_str("ts", now), log_str("level", names[level]), log_str("msg", msg)};
	for (size_t i = 0; i < sizeof head / sizeof head[0]; i++)
		add_field(&l, &head[i]);

	/* Strings that are missing or empty say nothing; how many lines were left out comes last. */
	for (const struct log_field *f = fields; f->kind != LOG_END; f++)
		if (f->kind != LOG_STR || (f->v.str && f->v.str[0]))
			add_field(&l, f);
	if (left_out > 0)
		add_field(&l, &(struct log_field){"left_out", LOG_U64, {.u64 = left_out}});

	/* The end has room, however long the line became. */
	if (l.json)
		l.text[l.len++] = '}';
	l.text[l.len++] = '\n';
	send_line(&l);
	errno = saved;
}

void log_write(enum log_level level, const char *msg, const struct log_field *fields)
{
	write_line(level, msg, fields, 0);
}

/* A line may be as much as a burst before its time. */
bool log_rate_has_room(const struct log_rate *r, int64_t now_ns)
{
	return r->next_ns - now_ns <= (LOG_BURST - 1) * LOG_EARN_NS;
}

bool log_limited(struct log_rate *r, int64_t now_ns, bool must, enum log_level level, const char *msg,
		 const struct log_field *fields)
{
	bool room = log_rate_has_room(r, now_ns);

	/* It is counted, and still there for whoever has asked for every line. */
	if (!room && !must) {
		r->left_out++;
		log_write(LOG_DEBUG, msg, fields);
		return false;
	}

	/* A line that had to be written without room takes none from those after it. */
	if (room)
		r->next_ns = (r->next_ns > now_ns ? r->next_ns : now_ns) + LOG_EARN_NS;
	write_line(level, msg, fields, r->left_out);
	r->left_out = 0;
	return true;
}
