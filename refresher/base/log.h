/* log.h - one line per event to standard error: logfmt or JSON, key=value, errno preserved.
 *
 *   log_info("published", log_str("file", path), log_u64("numbers", n));
 *   ts=2026-01-31T12:00:00.123Z level=info msg=published file=/numbers.txt numbers=10000
 *
 * A string that is NULL or empty is left out. The logger never exits. Never log samples, seeds or numbers. Every line
 * is one write(2), so lines of several threads do not mix; a line ends before 2 KiB, whole: a string is cut there, a
 * field left out. It never waits: while nobody reads a full pipe, lines are lost. What is no UTF-8 becomes U+FFFD.
 * On a terminal the form logfmt is a sentence for people, with colours where the terminal has them and NO_COLOR is not
 * set: "refresher: published (file /numbers.txt, numbers 10000)"; state, error, reason and warning come first.
 * Leaf modules return errors; only run/, main and the edges (serve, config reload) log. The set-up (level and form) is
 * the project's only mutable file-scope variable; it is set by the main thread. */
#ifndef REFRESHER_BASE_LOG_H
#define REFRESHER_BASE_LOG_H

#include <stdbool.h>
#include <stdint.h>

enum log_level { LOG_ERROR, LOG_WARN, LOG_INFO, LOG_DEBUG };
enum log_form { LOG_LOGFMT, LOG_JSON };

struct log_config {
	enum log_level level; /* lines above it are dropped; default LOG_INFO */
	enum log_form form;
};

enum log_kind { LOG_END, LOG_STR, LOG_U64 };
struct log_field {
	const char *key; /* [a-z_]+ */
	enum log_kind kind;
	union {
		const char *str;
		uint64_t u64;
	} v;
};

void log_setup(struct log_config c);

/* Looks whether standard error is a terminal, and what it can do: once, by the main thread, before any line and any
 * confinement, since a terminal answers by ioctl(2). */
void log_look(void);

/* Below the lines of the log a person at a terminal may see one that changes: printable ASCII, cut at the terminal's
 * width; "" takes it away. The next line of the log takes its place. Nothing happens where log_has_line is false: no
 * terminal, one that cannot move its cursor, a process in its background, or a level that is quieter than LOG_INFO. */
bool log_has_line(void);
void log_line(const char *text);

/* Writes one line; fields end at LOG_END; left_out: of log_limited, 0 is not said. Use the macros below. */
void log_write(enum log_level level, const char *msg, const struct log_field *fields, uint64_t left_out);

/* A limit on the lines about one thing, so that what happens a thousand times a minute fills no disk: after a burst of
 * LOG_BURST lines one more in LOG_EARN_NS. The next line that is written says in left_out=N how many were not. Times
 * are of the caller's monotonic clock. One owner, no lock; all 0 at first. */
enum { LOG_BURST = 20 };
#define LOG_EARN_NS INT64_C(3000000000)
struct log_rate {
	int64_t next_ns;   /* when the next line would be earned, if each so far had waited for its time */
	uint64_t left_out; /* lines since the last one that was written */
};
bool log_rate_has_room(const struct log_rate *r, int64_t now_ns);

/* log_write within the rate. must: written where there is no room, too. A line that is left out is counted, and written
 * at LOG_DEBUG. Returns whether it was said. */
bool log_limited(struct log_rate *r, int64_t now_ns, bool must, enum log_level level, const char *msg,
		 const struct log_field *fields);

/* The same for a list of fields as below. */
#define LOG_LIMITED(rate, now_ns, must, level, msg, ...)                                                               \
	log_limited((rate), (now_ns), (must), (level), (msg), (const struct log_field[]){__VA_ARGS__})
#define log_limited_at(rate, now_ns, must, level, ...) LOG_LIMITED(rate, now_ns, must, level, __VA_ARGS__, {0})

static inline struct log_field log_str(const char *key, const char *v)
{
	return (struct log_field){key, LOG_STR, {.str = v}};
}
static inline struct log_field log_u64(const char *key, uint64_t v)
{
	return (struct log_field){key, LOG_U64, {.u64 = v}};
}

/* The first argument (of log_at the second) is the message, the others are fields; the list is ended here. */
#define LOG_AT(level, msg, ...) log_write((level), (msg), (const struct log_field[]){__VA_ARGS__}, 0)
#define log_at(level, ...)      LOG_AT((level), __VA_ARGS__, {0})
#define log_error(...)          LOG_AT(LOG_ERROR, __VA_ARGS__, {0})
#define log_warn(...)           LOG_AT(LOG_WARN, __VA_ARGS__, {0})
#define log_info(...)           LOG_AT(LOG_INFO, __VA_ARGS__, {0})

#endif
