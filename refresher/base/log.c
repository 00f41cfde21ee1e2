#include "base/log.h"

#include "base/text.h"
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

enum { LINE_MAX_BYTES = 2048 };

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

void log_write(enum log_level level, const char *msg, const struct log_field *fields, uint64_t left_out)
{
	static const char *const names[] = {"error", "warn", "info", "debug"};

	/* A line that nobody wants costs a comparison; whoever logs a failure still needs its errno. */
	if ((unsigned)level > (log_word & 0xff))
		return;
	int saved = errno;
	char now[40], room[LINE_MAX_BYTES];
	struct text line;
	const bool json = log_word >> 8 == LOG_JSON;

	/* The three fields that each line has, then the caller's; room for the end stays free. */
	text_init(&line, room, sizeof room - 1);
	if (json)
		text_fmt(&line, "{");
	format_now(now);
	const struct log_field head[] = {log_str("ts", now), log_str("level", names[level]), log_str("msg", msg)};
	for (size_t i = 0; i < sizeof head / sizeof head[0]; i++)
		add_field(&line, json, &head[i]);

	/* Strings that are missing or empty say nothing; how many lines were left out comes last. */
	for (const struct log_field *f = fields; f->kind != LOG_END; f++)
		if (f->kind != LOG_STR || (f->v.str && f->v.str[0]))
			add_field(&line, json, f);
	if (left_out > 0)
		add_field(&line, json, &(struct log_field){"left_out", LOG_U64, {.u64 = left_out}});

	/* The end has its room, however long the line became. */
	if (json)
		room[line.len++] = '}';
	room[line.len++] = '\n';
	send_line(room, line.len);
	errno = saved;
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
