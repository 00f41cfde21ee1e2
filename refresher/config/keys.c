#include "config/keys.h"

#include "config/config.h"
#include "config/near.h"

#include <assert.h>
#include <string.h>

/* The names of each enum, in its order; formats and kinds of source have such a list in their own folders. */
static const char *const booleans[] = {"false", "true", NULL};
static const char *const on_failures[] = {"hold", "remove", "exit", NULL};
static const char *const livenesses[] = {"process", "source", NULL};
static const char *const writes[] = {"auto", "replace", "in_place", NULL};
static const char *const levels[] = {"error", "warn", "info", "debug", NULL};
static const char *const forms[] = {"logfmt", "json", NULL};

#define KIB ((int64_t)1024)

/* The releases of clang-format disagree about a row in a macro. */
/* clang-format off */
#define ROW(name_, member_, preset_, kind_, ...)                                                                       \
	{.name = (name_), .preset = (preset_), .kind = (kind_), .offset = offsetof(struct config, member_),            \
	 .size = sizeof(((struct config *)0)->member_), __VA_ARGS__}
#define SECTION(name_) {.name = (name_), .kind = KEY_SECTION}
/* clang-format on */
/* What a message says is allowed has the bounds as the row writes them. */
#define BOOL(name_, member_, preset_, ...)                                                                             \
	ROW(name_, member_, preset_, KEY_BOOL, .names = booleans, .allowed = "true or false", __VA_ARGS__)
#define ENUM(name_, member_, preset_, names_, ...)                                                                     \
	ROW(name_, member_, preset_, KEY_ENUM, .names = (names_), __VA_ARGS__)
#define INT(name_, member_, preset_, min_, max_, ...)                                                                  \
	ROW(name_, member_, preset_, KEY_INT, .min = (min_), .max = (max_),                                            \
	    .allowed = "an integer from " #min_ " to " #max_, __VA_ARGS__)
#define SECONDS(name_, member_, preset_, low_, high_, ...)                                                             \
	ROW(name_, member_, preset_, KEY_NUMBER, .low = (low_), .high = (high_),                                       \
	    .allowed = "seconds as a plain number from " #low_ " to " #high_, __VA_ARGS__)
#define FIXED   .change = CHANGE_RESTART
#define RELOAD  .change = CHANGE_RELOAD
#define REWRITE .change = CHANGE_REWRITE

#define INT64_ALLOWED "an integer from -9223372036854775808 to 9223372036854775807"

/* In printing order; the keys of a section stand below it. */
static const struct key table[] = {
	SECTION("source"),
	ENUM("source.kind", run.source.kind, "auto", source_kind_names, FIXED),
	ROW("source.device", run.source.device, "", KEY_TEXT, .allowed = "a path of 0 to 4095 bytes", FIXED),
	ROW("source.path", run.source.path, "", KEY_TEXT, .allowed = "a path of 0 to 4095 bytes", FIXED),
	ROW("source.min_entropy", run.source.min_entropy, "4", KEY_NUMBER, .low = 0.1, .high = 8,
	    .allowed = "a number from 0.1 to 8", FIXED),
	ROW("source.sample_bits", run.source.sample_bits, "8", KEY_INT, .min = 1, .max = 8, .ends_only = true,
	    .allowed = "1 or 8", FIXED),
	SECONDS("source.timeout", run.source.timeout_seconds, "10", 0.1, 3600, RELOAD),
	SECONDS("source.startup_timeout", run.source.startup_timeout_seconds, "300", 1, 86400, FIXED),
	INT("source.pool_samples", run.source.pool_samples, "1024", 64, 65536, FIXED),

	SECTION("health"),
	INT("health.alpha_intermittent", run.health.alpha_log2_intermittent, "-30", -60, -10, FIXED),
	INT("health.alpha_permanent", run.health.alpha_log2_permanent, "-60", -120, -20, FIXED),
	INT("health.startup_samples", run.health.startup_samples, "1024", 1024, 1048576, FIXED),
	ENUM("health.on_failure", run.health.on_failure, "hold", on_failures, RELOAD),
	ENUM("health.liveness", run.health.liveness, "process", livenesses, RELOAD),
	SECONDS("health.retry_min", run.health.retry_min_seconds, "1", 0.01, 3600, FIXED),
	SECONDS("health.retry_max", run.health.retry_max_seconds, "300", 0.01, 86400, FIXED),
	SECONDS("health.watch_interval", run.health.watch_interval_seconds, "30", 1, 3600, RELOAD),

	SECTION("seed"),
	ROW("seed.reseed_bytes", run.seed.reseed_bytes, "64MiB", KEY_SIZE, .min = 64 * KIB,
	    .max = KIB * KIB * KIB * KIB, .allowed = "bytes from 64KiB to 1TiB, also with KiB, MiB, GiB or TiB",
	    RELOAD),

	SECTION("numbers"),
	ENUM("numbers.format", run.numbers.format, "int32", numbers_format_names, REWRITE),
	INT("numbers.count", run.numbers.count, "10000", 1, 1000000000, REWRITE),
	ROW("numbers.min", run.numbers.min, "0", KEY_INT, .min = INT64_MIN, .max = INT64_MAX, .allowed = INT64_ALLOWED,
	    REWRITE),
	ROW("numbers.max", run.numbers.max, "99", KEY_INT, .min = INT64_MIN, .max = INT64_MAX, .allowed = INT64_ALLOWED,
	    REWRITE),
	INT("numbers.bytes", run.numbers.bytes, "16", 1, 1024, REWRITE),
	BOOL("numbers.manifest", run.numbers.manifest, "false", REWRITE),

	SECTION("output"),
	ROW("output.file", run.output.file, "/numbers.txt", KEY_TEXT, .required = true,
	    .allowed = "a path of 1 to 4095 bytes", FIXED),
	ENUM("output.write", run.output.write, "auto", writes, FIXED),
	ROW("output.mode", run.output.mode, "0444", KEY_MODE, .allowed = "octal with its leading zero, 0000 to 0777",
	    FIXED),
	{.name = "output.owner",
	 .preset = "",
	 .kind = KEY_OWNER,
	 .offset = offsetof(struct config, run.output.uid),
	 .size = sizeof(uid_t) + sizeof(gid_t),
	 .allowed = "uid:gid in numbers, or \"\" for no change",
	 FIXED},

	SECTION("refresh"),
	ROW("refresh.interval", run.interval_seconds, "0", KEY_NUMBER, .low = 0.001, .high = 86400, .or_zero = true,
	    .allowed = "0, or seconds as a plain number from 0.001 to 86400", REWRITE),

	SECTION("http"),
	ROW("http.listen", http.listen, "127.0.0.1:8080", KEY_LISTEN,
	    .allowed = "address:port in numbers, such as 127.0.0.1:8080 or [::1]:8080, :port, or none", FIXED),
	INT("http.connections", http.connections, "64", 4, 4096, FIXED),
	INT("http.idle_timeout", http.idle_seconds, "10", 1, 3600, FIXED),
	BOOL("http.serve_numbers", http.serve_numbers, "false", FIXED),

	SECTION("log"),
	ENUM("log.level", log.level, "info", levels, RELOAD),
	ENUM("log.format", log.form, "logfmt", forms, RELOAD),

	SECTION("confine"),
	ROW("confine.user", confine.user, "auto", KEY_USER, .allowed = "auto, none, a user name, uid or uid:gid",
	    FIXED),
	BOOL("confine.no_new_privs", confine.no_new_privs, "true", FIXED),
	BOOL("confine.capabilities", confine.capabilities, "true", FIXED),
	BOOL("confine.landlock", confine.landlock, "true", FIXED),
	BOOL("confine.seccomp", confine.seccomp, "true", FIXED),
	BOOL("confine.no_core_dump", confine.no_core_dump, "true", FIXED),
	BOOL("confine.memory_lock", run.memory_lock, "true", FIXED),
};
enum { KEYS = sizeof table / sizeof table[0] };
static_assert(sizeof table / sizeof table[0] <= KEYS_MAX, "raise KEYS_MAX");

/* The messages say so, and a value's bytes are compared and copied as one piece. */
static_assert(SINK_PATH_MAX == 4096 && SOURCE_PATH_MAX == 4096 && NUMBERS_BYTES_MAX == 1024, "a bound moved");
static_assert(offsetof(struct sink_config, gid) == offsetof(struct sink_config, uid) + sizeof(uid_t), "a gap");

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

bool key_is_typed(const struct key *k)
{
	return k->kind <= KEY_NUMBER;
}

bool key_is_quoted(const struct key *k)
{
	return k->kind >= KEY_MODE;
}

const char *key_nearest(const char *name)
{
	struct near best = near_init(name);
	for (size_t i = 0; i < KEYS; i++)
		near_offer(&best, table[i].name);
	return best.found;
}
