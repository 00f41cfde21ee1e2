#include "base/log.h"

#include "base/text.h"
#include "base/utf8.h"

#include <errno.h>
#include <poll.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

/* Level in the low byte, form above it, then what log_look has found: one word, so that a reload needs no lock. */
static _Atomic unsigned log_word = LOG_INFO;
enum { SETTINGS = 0xffff, TERMINAL = 1 << 16, COLOURS = 1 << 17, MOVES = 1 << 18, WIDTH_SHIFT = 24 };

enum { LINE_MAX_BYTES = 2048, WIDTH_USUAL = 80, WIDTH_MAX = 255 };
static const char clear_line[] = "\r\x1b[K";

void log_setup(struct log_config c)
{
	log_word = (log_word & ~(unsigned)SETTINGS) | (unsigned)c.level | (unsigned)c.form << 8;
}

void log_look(void)
{
	struct winsize size = {0};
	const char *term = getenv("TERM"), *no_color = getenv("NO_COLOR");
	if (!isatty(STDERR_FILENO))
		return;

	/* Whether it knows the usual sequences; whoever is in its background leaves the line to others. */
	log_word |= TERMINAL;
	if (!term || !*term || strcmp(term, "dumb") == 0)
		return;
	if (!no_color || !*no_color)
		log_word |= COLOURS;
	if (tcgetpgrp(STDERR_FILENO) == getpgrp())
		log_word |= MOVES;

	/* A line that is longer than the terminal is wide could not be written over. */
	unsigned width = ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : WIDTH_USUAL;
	log_word |= (width < WIDTH_MAX ? width : WIDTH_MAX) << WIDTH_SHIFT;
}

static bool is_for_people(void)
{
	return (log_word & TERMINAL) != 0 && (log_word >> 8 & 0xff) == LOG_LOGFMT;
}

bool log_has_line(void)
{
	return is_for_people() && (log_word & MOVES) != 0 && (log_word & 0xff) >= LOG_INFO;
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
static void add_field(struct text *line, bool json, const struct log_field *f)
{
	/* A field whose key and number, or key and quotes, do not fit is left out; a string is cut. */
	if (line->len + strlen(f->key) + sizeof ",\"\":18446744073709551615" > line->cap)
		return;

	/* Only the brace may stand before the first field. */
	const char *between = line->len <= 1 ? "" : json ? "," : " ";
	text_fmt(line, json ? "%s\"%s\":" : "%s%s=", between, f->key);
	if (f->kind == LOG_U64)
		text_fmt(line, "%llu", (unsigned long long)f->v.u64);
	else if (json || !is_plain(f->v.str))
		text_quoted(line, TEXT_JSON, f->v.str);
	else
		text_escaped(line, TEXT_JSON, f->v.str);
}

/* As it is, but for control characters (C0, C1), which could steer the terminal, and for what is no UTF-8. */
static void add_printable(struct text *line, const char *s)
{
	for (size_t n; *s; s += n ? n : 1) {
		n = utf8_len(s);
		bool is_control = (unsigned char)*s < ' ' || *s == 0x7f || (n == 2 && *s == '\xc2' && s[1] < '\xa0');
		text_fmt(line, "%.*s", n == 0 || is_control ? 1 : (int)n, n == 0 || is_control ? "?" : s);
	}
}

static bool is_named(const struct log_field *f, const char *name)
{
	return strcmp(f->key, name) == 0;
}

static const char *string_of(const struct log_field *f)
{
	return f->kind == LOG_STR && f->v.str ? f->v.str : "";
}

/* What has changed, what is wrong, or why: it belongs into the sentence. */
static bool is_reason(const struct log_field *f)
{
	return is_named(f, "state") || is_named(f, "error") || is_named(f, "reason") || is_named(f, "warning");
}

/* "refresher: error: what: why (key value, key value)". Of the program's last word `exit` is for programs, and what it
 * could not do is the reason alone. */
static void add_sentence(struct text *line, enum log_level level, const char *msg, const struct log_field *fields)
{
	static const char *const marks[] = {"\x1b[1;31merror: \x1b[0m", "\x1b[1;33mwarning: \x1b[0m", "", ""};
	static const char *const plain[] = {"error: ", "warning: ", "", ""};
	const char *between = "";
	bool ends = false;
	for (const struct log_field *f = fields; f->kind != LOG_END; f++)
		ends |= is_named(f, "exit");

	/* The reasons first, whatever their place. */
	text_fmt(line, "%srefresher: %s", log_word & MOVES ? clear_line : "",
		 (log_word & COLOURS ? marks : plain)[level]);
	if (!ends) {
		add_printable(line, msg);
		between = ": ";
	}
	for (const struct log_field *f = fields; f->kind != LOG_END; f++) {
		if (!is_reason(f) || !*string_of(f))
			continue;
		text_fmt(line, "%s", between);
		add_printable(line, string_of(f));
		between = ": ";
	}

	/* Then the figures, in their order. */
	between = " (";
	for (const struct log_field *f = fields; f->kind != LOG_END; f++) {
		if (is_reason(f) || is_named(f, "exit") || (f->kind == LOG_STR && !*string_of(f)))
			continue;
		text_fmt(line, "%s%s ", between, f->key);
		if (f->kind == LOG_U64)
			text_fmt(line, "%llu", (unsigned long long)f->v.u64);
		else
			add_printable(line, string_of(f));
		between = ", ";
	}
	text_fmt(line, "%s", *between == ',' ? ")" : "");
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
static void send_line(const char *line, size_t len)
{
	struct pollfd p = {.fd = STDERR_FILENO, .events = POLLOUT};
	if (poll(&p, 1, 0) != 1)
		return;
	ssize_t ignored = write(STDERR_FILENO, line, len); /* nowhere left to complain */
	(void)ignored;
}

/* For programs: the three fields that each line has, then the caller's. left_out: of log_limited; 0 is not said. */
static void add_fields(struct text *line, bool json, enum log_level level, const char *msg,
		       const struct log_field *fields, uint64_t left_out)
{
	static const char *const names[] = {"error", "warn", "info", "debug"};
	char now[40];
	text_fmt(line, json ? "{" : "");
	format_now(now);
	const struct log_field head[] = {log_str("ts", now), log_str("level", names[level]), log_str("msg", msg)};
	for (size_t i = 0; i < sizeof head / sizeof head[0]; i++)
		add_field(line, json, &head[i]);

	/* Strings that are missing or empty say nothing; how many lines were left out comes last. */
	for (const struct log_field *f = fields; f->kind != LOG_END; f++)
		if (f->kind != LOG_STR || (f->v.str && f->v.str[0]))
			add_field(line, json, f);
	if (left_out > 0)
		add_field(line, json, &(struct log_field){"left_out", LOG_U64, {.u64 = left_out}});
}

void log_write(enum log_level level, const char *msg, const struct log_field *fields, uint64_t left_out)
{
	/* A line that nobody wants costs a comparison; whoever logs a failure still needs its errno. */
	if ((unsigned)level > (log_word & 0xff))
		return;
	int saved = errno;
	char room[LINE_MAX_BYTES];
	struct text line;
	const bool json = (log_word >> 8 & 0xff) == LOG_JSON;

	/* The end has its room, however long the line becomes. */
	text_init(&line, room, sizeof room - 1);
	if (is_for_people())
		add_sentence(&line, level, msg, fields);
	else
		add_fields(&line, json, level, msg, fields, left_out);
	if (json)
		room[line.len++] = '}';
	room[line.len++] = '\n';
	send_line(room, line.len);
	errno = saved;
}

void log_line(const char *text)
{
	char room[sizeof clear_line + WIDTH_MAX];
	struct text line;
	int width = (int)(log_word >> WIDTH_SHIFT) - 1;
	if (!log_has_line())
		return;
	text_init(&line, room, sizeof room);
	text_fmt(&line, "%s%.*s", clear_line, width, text);
	send_line(room, line.len);
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
		log_write(LOG_DEBUG, msg, fields, 0);
		return false;
	}

	/* A line that had to be written without room takes none from those after it. */
	if (room)
		r->next_ns = (r->next_ns > now_ns ? r->next_ns : now_ns) + LOG_EARN_NS;
	log_write(level, msg, fields, r->left_out);
	r->left_out = 0;
	return true;
}
