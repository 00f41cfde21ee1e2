#include "config/keys.h"

#include "config/config.h"
#include "config/near.h"

#include <assert.h>
#include <string.h>

/* Indexed by the stages' enums; formats and kinds of source have such a list in their own folders. */
static const char *const on_failures[] = {
	[HEALTH_HOLD] = "hold", [HEALTH_REMOVE] = "remove", [HEALTH_EXIT] = "exit", NULL};
static const char *const livenesses[] = {
	[HEALTH_LIVENESS_PROCESS] = "process", [HEALTH_LIVENESS_SOURCE] = "source", NULL};
static const char *const writes[] = {
	[SINK_AUTO] = "auto", [SINK_REPLACE] = "replace", [SINK_IN_PLACE] = "in_place", NULL};
static const char *const levels[] = {
	[LOG_ERROR] = "error", [LOG_WARN] = "warn", [LOG_INFO] = "info", [LOG_DEBUG] = "debug", NULL};
static const char *const forms[] = {[LOG_LOGFMT] = "logfmt", [LOG_JSON] = "json", NULL};

#define KIB ((int64_t)1024)

/* The releases of clang-format disagree about a row in a macro. */
/* clang-format off */
#define ROW(name_, member_, preset_, kind_, ...)                                                                       \
	{.name = (name_), .preset = (preset_), .kind = (kind_), .offset = offsetof(struct config, member_),            \
	 .size = sizeof(((struct config *)0)->member_), __VA_ARGS__}
/* clang-format on */
#define BOOL(name_, member_, preset_, ...)                                                                             \
	ROW(name_, member_, preset_, KEY_BOOL, .allowed = "true or false", __VA_ARGS__)
#define ENUM(name_, member_, preset_, names_, ...)                                                                     \
	ROW(name_, member_, preset_, KEY_ENUM, .names = (names_), __VA_ARGS__)
#define INT(name_, member_, preset_, min_, max_, ...)                                                                  \
	ROW(name_, member_, preset_, KEY_INT, .min = (min_), .max = (max_), __VA_ARGS__)
#define SIZE(name_, member_, preset_, min_, max_, ...)                                                                 \
	ROW(name_, member_, preset_, KEY_SIZE, .min = (min_), .max = (max_), __VA_ARGS__)
#define SECONDS(name_, member_, preset_, low_, high_, ...)                                                             \
	ROW(name_, member_, preset_, KEY_SECONDS, .low = (low_), .high = (high_), __VA_ARGS__)
#define NUMBER(name_, member_, preset_, low_, high_, ...)                                                              \
	ROW(name_, member_, preset_, KEY_NUMBER, .low = (low_), .high = (high_), __VA_ARGS__)
#define TEXT(name_, member_, preset_, ...) ROW(name_, member_, preset_, KEY_TEXT, __VA_ARGS__)
#define FIXED                              .change = CHANGE_RESTART
#define RELOAD                             .change = CHANGE_RELOAD
#define REWRITE                            .change = CHANGE_REWRITE

/* In printing order; the keys of one section stand together. */
static const struct key table[] = {
	ENUM("source.kind", run.source.kind, "auto", source_kind_names, FIXED),
	TEXT("source.device", run.source.device, "", FIXED),
	TEXT("source.path", run.source.path, "", FIXED),
	NUMBER("source.min_entropy", run.source.min_entropy, "4", 0.1, 8, FIXED),
	INT("source.sample_bits", run.source.sample_bits, "8", 1, 8, FIXED, .ends_only = true),
	SECONDS("source.timeout", run.source.timeout_seconds, "10", 0.1, 3600, RELOAD),
	SECONDS("source.startup_timeout", run.source.startup_timeout_seconds, "300", 1, 86400, FIXED),
	INT("source.pool_samples", run.source.pool_samples, "1024", 64, 65536, FIXED),

	INT("health.alpha_intermittent", run.health.alpha_log2_intermittent, "-30", -60, -10, FIXED),
	INT("health.alpha_permanent", run.health.alpha_log2_permanent, "-60", -120, -20, FIXED),
	INT("health.startup_samples", run.health.startup_samples, "1024", 1024, 1048576, FIXED),
	ENUM("health.on_failure", run.health.on_failure, "hold", on_failures, RELOAD),
	ENUM("health.liveness", run.health.liveness, "process", livenesses, RELOAD),
	SECONDS("health.retry_min", run.health.retry_min_seconds, "1", 0.01, 3600, FIXED),
	SECONDS("health.retry_max", run.health.retry_max_seconds, "300", 0.01, 86400, FIXED),
	SECONDS("health.watch_interval", run.health.watch_interval_seconds, "30", 1, 3600, RELOAD),

	SIZE("seed.reseed_bytes", run.seed.reseed_bytes, "64MiB", 64 * KIB, KIB *KIB *KIB *KIB, RELOAD),

	ENUM("numbers.format", run.numbers.format, "int32", numbers_format_names, REWRITE),
	INT("numbers.count", run.numbers.count, "10000", 1, 1000000000, REWRITE),
	INT("numbers.min", run.numbers.min, "0", INT64_MIN, INT64_MAX, REWRITE),
	INT("numbers.max", run.numbers.max, "99", INT64_MIN, INT64_MAX, REWRITE),
	INT("numbers.bytes", run.numbers.bytes, "16", 1, NUMBERS_BYTES_MAX, REWRITE),
	BOOL("numbers.manifest", run.numbers.manifest, "false", REWRITE),

	TEXT("output.file", run.output.file, "/numbers.txt", FIXED, .required = true),
	ENUM("output.write", run.output.write, "auto", writes, FIXED),
	ROW("output.mode", run.output.mode, "0444", KEY_MODE, .max = 0777,
	    .allowed = "octal with its leading zero, 0000 to 0777", FIXED),
	ROW("output.owner", run.output.uid, "", KEY_OWNER, .allowed = "uid:gid in numbers, or \"\" for no change",
	    FIXED),

	SECONDS("refresh.interval", run.interval_seconds, "0", 0.001, 86400, REWRITE, .or_zero = true),

	ROW("http.listen", http.listen, "127.0.0.1:8080", KEY_LISTEN,
	    .allowed = "address:port in numbers, such as 127.0.0.1:8080 or [::1]:8080, :port, or none",
	    .required = true, FIXED),
	INT("http.connections", http.connections, "64", 4, 4096, FIXED),
	INT("http.idle_timeout", http.idle_seconds, "10", 1, 3600, FIXED),
	BOOL("http.serve_numbers", http.serve_numbers, "false", FIXED),

	ENUM("log.level", log.level, "info", levels, RELOAD),
	ENUM("log.format", log.form, "logfmt", forms, RELOAD),

	ROW("confine.user", confine.user, "auto", KEY_USER, .allowed = "auto, none, a user name, uid or uid:gid",
	    .required = true, FIXED),
	BOOL("confine.no_new_privs", confine.no_new_privs, "true", FIXED),
	BOOL("confine.capabilities", confine.capabilities, "true", FIXED),
	BOOL("confine.landlock", confine.landlock, "true", FIXED),
	BOOL("confine.seccomp", confine.seccomp, "true", FIXED),
	BOOL("confine.no_core_dump", confine.no_core_dump, "true", FIXED),
	BOOL("confine.memory_lock", run.memory_lock, "true", FIXED),
};
enum { KEYS = sizeof table / sizeof table[0] };
static_assert(sizeof table / sizeof table[0] <= KEYS_MAX, "raise KEYS_MAX");

static const char *const sections[] = {"source",  "health", "seed", "numbers", "output",
				       "refresh", "http",   "log",  "confine"};
enum { SECTIONS = sizeof sections / sizeof sections[0] };
static_assert(sizeof sections / sizeof sections[0] <= SECTIONS_MAX, "raise SECTIONS_MAX");

const struct key *key_at(size_t i)
{
	return i < KEYS ? &table[i] : NULL;
}

size_t key_index(const struct key *k)
{
	return (size_t)(k - table);
}

const struct key *key_find(const char *name)
{
	for (size_t i = 0; i < KEYS; i++) {
		if (strcmp(table[i].name, name) == 0)
			return &table[i];
	}
	return NULL;
}

bool section_find(const char *name, size_t *i)
{
	for (size_t n = 0; n < SECTIONS; n++) {
		if (strcmp(sections[n], name) == 0) {
			if (i)
				*i = n;
			return true;
		}
	}
	return false;
}

const char *key_nearest(const char *name)
{
	struct near best = near_init(name);
	for (size_t i = 0; i < KEYS; i++)
		near_offer(&best, table[i].name);
	for (size_t i = 0; i < SECTIONS; i++)
		near_offer(&best, sections[i]);
	return best.found;
}
