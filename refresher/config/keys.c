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

/* Where a value lives: in one member of struct config, or in size_ bytes from one on. */
/* The releases of clang-format disagree about a row in a macro. */
/* clang-format off */
#define SECTION(name_) {.name = (name_), .kind = KEY_SECTION}
#define SPAN(name_, first_, size_, preset_, kind_, ...)                                                                \
	{.name = (name_), .preset = (preset_), .kind = (kind_), .offset = offsetof(struct config, first_),             \
	 .size = (size_), __VA_ARGS__}
/* clang-format on */
#define ROW(name_, member_, preset_, kind_, ...)                                                                       \
	SPAN(name_, member_, sizeof(((struct config *)0)->member_), preset_, kind_, __VA_ARGS__)

/* The kinds that have many rows. What a message says is allowed has the bounds as the row writes them. */
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
	/* [1] Where samples come from. The device is opened once, so only the patience with it can change later. */
	SECTION("source"),
	ENUM("source.kind", run.source.kind, "auto", source_kind_names, FIXED),
	ROW("source.device", run.source.device, "", KEY_TEXT, .allowed = "a path of 0 to 4095 bytes", FIXED),
	ROW("source.path", run.source.path, "", KEY_TEXT, .allowed = "a path of 0 to 4095 bytes", FIXED),
	ROW("source.min_entropy", run.source.min_entropy, "4", KEY_NUMBER, .low = 0.1, .high = 8,
	    .allowed = "a number from 0.1 to 8", FIXED),
	ROW("source.min_entropy_file", run.source.min_entropy_file, "", KEY_TEXT,
	    .allowed = "a path of 0 to 4095 bytes", FIXED),
	ROW("source.sample_bits", run.source.sample_bits, "8", KEY_INT, .min = 1, .max = 8, .ends_only = true,
	    .allowed = "1 or 8", FIXED),
	SECONDS("source.timeout", run.source.timeout_seconds, "10", 0.1, 3600, RELOAD),
	SECONDS("source.startup_timeout", run.source.startup_timeout_seconds, "300", 1, 86400, FIXED),
	INT("source.pool_samples", run.source.pool_samples, "1024", 64, 65536, FIXED),

	/* [2] SP 800-90B 4.4: the cutoffs follow from the alphas at the start; 4.3 asks for 1024 samples at least. */
	SECTION("health"),
	INT("health.alpha_intermittent", run.health.alpha_log2_intermittent, "-30", -60, -10, FIXED),
	INT("health.alpha_permanent", run.health.alpha_log2_permanent, "-60", -120, -20, FIXED),
	INT("health.startup_samples", run.health.startup_samples, "1024", 1024, 1048576, FIXED),
	ENUM("health.on_failure", run.health.on_failure, "hold", on_failures, RELOAD),
	ENUM("health.liveness", run.health.liveness, "process", livenesses, RELOAD),
	SECONDS("health.retry_min", run.health.retry_min_seconds, "1", 0.01, 3600, FIXED),
	SECONDS("health.retry_max", run.health.retry_max_seconds, "300", 0.01, 86400, FIXED),
	SECONDS("health.watch_interval", run.health.watch_interval_seconds, "30", 1, 3600, RELOAD),

	/* [3] SP 800-90A, "Reseeding": how much may come from one seed within a refresh. */
	SECTION("seed"),
	ROW("seed.reseed_bytes", run.seed.reseed_bytes, "64MiB", KEY_SIZE, .min = 64 * KIB,
	    .max = KIB * KIB * KIB * KIB, .allowed = "bytes from 64KiB to 1TiB, also with KiB, MiB, GiB or TiB",
	    RELOAD),

	/* [4] What the file holds: whoever changes that expects a file of the new kind at once. */
	SECTION("numbers"),
	ENUM("numbers.format", run.numbers.format, "int32", numbers_format_names, REWRITE),
	INT("numbers.count", run.numbers.count, "10000", 1, 1000000000, REWRITE),
	ROW("numbers.min", run.numbers.min, "0", KEY_INT, .min = INT64_MIN, .max = INT64_MAX, .allowed = INT64_ALLOWED,
	    REWRITE),
	ROW("numbers.max", run.numbers.max, "99", KEY_INT, .min = INT64_MIN, .max = INT64_MAX, .allowed = INT64_ALLOWED,
	    REWRITE),
	INT("numbers.bytes", run.numbers.bytes, "16", 1, 1024, REWRITE),
	BOOL("numbers.manifest", run.numbers.manifest, "false", REWRITE),

	/* [5] Where the file is: its directory is opened before the privileges are given up, and held. */
	SECTION("output"),
	ROW("output.file", run.output.file, "/numbers.txt", KEY_TEXT, .required = true,
	    .allowed = "a path of 1 to 4095 bytes", FIXED),
	ENUM("output.write", run.output.write, "auto", writes, FIXED),
	ROW("output.mode", run.output.mode, "0444", KEY_MODE, .allowed = "octal with its leading zero, 0000 to 0777",
	    FIXED),
	SPAN("output.owner", run.output.uid, sizeof(uid_t) + sizeof(gid_t), "", KEY_OWNER,
	     .allowed = "uid:gid in numbers, or \"\" for no change", FIXED),

	/* How often: 0 is a run that writes once, and then nothing is too long or too short. */
	SECTION("refresh"),
	ROW("refresh.interval", run.interval_seconds, "0", KEY_NUMBER, .low = 0.001, .high = 86400, .or_zero = true,
	    .allowed = "0, or seconds as a plain number from 0.001 to 86400", REWRITE),

	/* The endpoint for probes and metrics: its socket, too, is opened before the privileges are given up. */
	SECTION("http"),
	ROW("http.listen", http.listen, "127.0.0.1:8080", KEY_LISTEN,
	    .allowed = "address:port in numbers, such as 127.0.0.1:8080 or [::1]:8080, :port, or none", FIXED),
	INT("http.connections", http.connections, "64", 4, 4096, FIXED),
	INT("http.idle_timeout", http.idle_seconds, "10", 1, 3600, FIXED),
	BOOL("http.serve_numbers", http.serve_numbers, "false", FIXED),

	/* The log's set-up can change in every moment. */
	SECTION("log"),
	ENUM("log.level", log.level, "info", levels, RELOAD),
	ENUM("log.format", log.form, "logfmt", forms, RELOAD),

	/* What is given up at the start is given up for good, so nothing of it changes later. */
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

/* The rows write these bounds in words. */
static_assert(SINK_PATH_MAX == 4096 && SOURCE_PATH_MAX == 4096 && NUMBERS_BYTES_MAX == 1024, "a bound moved");
/* Both halves of the owner are one value, so they must lie side by side. */
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
	/* A section is offered like a key: it may be what was misspelt. */
	struct near best = near_init(name);
	for (size_t i = 0; i < KEYS; i++)
		near_offer(&best, table[i].name);
	return best.found;
}
