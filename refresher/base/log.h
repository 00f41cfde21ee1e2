/* log.h - one line per event to standard error: logfmt or JSON, key=value, errno preserved.
 *
 *   log_info("published", log_str("file", path), log_u64("numbers", n));
 *   ts=2026-01-31T12:00:00.123Z level=info msg=published file=/numbers.txt numbers=10000
 *
 * A string that is NULL or empty is left out. The logger never exits. Never log samples, seeds or numbers. Every line
 * is one write(2), so lines of several threads do not mix; a line ends before 2 KiB, whole: a string is cut there, a
 * field left out. It never waits: while nobody reads a full pipe, lines are lost. What is no UTF-8 becomes U+FFFD.
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

enum log_kind { LOG_END, LOG_STR, LOG_U64, LOG_I64 };
struct log_field {
	const char *key; /* [a-z_]+ */
	enum log_kind kind;
	union {
		const char *str;
		uint64_t u64;
		int64_t i64;
	} v;
};

void log_setup(struct log_config c);
bool log_on(enum log_level level);

/* Writes one line; fields end at LOG_END. Use the macros below. */
void log_write(enum log_level level, const char *msg, const struct log_field *fields);

static inline struct log_field log_str(const char *key, const char *v)
{
	return (struct log_field){key, LOG_STR, {.str = v}};
}
static inline struct log_field log_u64(const char *key, uint64_t v)
{
	return (struct log_field){key, LOG_U64, {.u64 = v}};
}
static inline struct log_field log_i64(const char *key, int64_t v)
{
	return (struct log_field){key, LOG_I64, {.i64 = v}};
}

/* The first argument is the message, the others are fields; the list is ended here. */
#define LOG_AT(level, msg, ...) log_write((level), (msg), (const struct log_field[]){__VA_ARGS__})
#define log_error(...)          LOG_AT(LOG_ERROR, __VA_ARGS__, {0})
#define log_warn(...)           LOG_AT(LOG_WARN, __VA_ARGS__, {0})
#define log_info(...)           LOG_AT(LOG_INFO, __VA_ARGS__, {0})

#endif
