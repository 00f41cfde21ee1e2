/* The configuration as a whole: defaults, checks across keys, reload. */
#include "config/config.h"
#include "config/keys.h"
#include "config/reading.h"
#include "config/value.h"
#include "config_set.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#define LEN(a)            (sizeof(a) / sizeof(a)[0])
#define SAME_DOUBLE(a, b) assert_true((a) >= (b) && (a) <= (b))

/* "key=value key=value": applied in order; each must be accepted. */
static void apply(struct config *c, const char *settings)
{
	char text[512], *save = NULL;
	snprintf(text, sizeof text, "%s", settings);
	for (char *word = strtok_r(text, " ", &save); word; word = strtok_r(NULL, " ", &save)) {
		struct err e;
		char *equals = strchr(word, '=');
		assert_non_null(equals);
		*equals = '\0';
		if (config_set(c, word, equals + 1, &e))
			fail_msg("%s", e.msg);
	}
}

#define IS_REAL(member) _Generic(((struct config *)0)->member, double : true, default : false)
#define FIELD(key, member, preset, text, value)                                                                        \
	{                                                                                                              \
		key, text, offsetof(struct config, member), sizeof(((struct config *)0)->member), IS_REAL(member),     \
			preset, value                                                                                  \
	}

/* What each key is by default, and which member another value of it changes. */
static const struct field_row {
	const char *key, *text;
	size_t offset, size;
	bool is_real;
	double preset, value;
} field_rows[] = {
	FIELD("source.kind", run.source.kind, SOURCE_AUTO, "replay", SOURCE_REPLAY),
	FIELD("source.min_entropy", run.source.min_entropy, 4, "3.5", 3.5),
	FIELD("source.sample_bits", run.source.sample_bits, 8, "1", 1),
	FIELD("source.timeout", run.source.timeout_seconds, 10, "11", 11),
	FIELD("source.startup_timeout", run.source.startup_timeout_seconds, 300, "301", 301),
	FIELD("source.pool_samples", run.source.pool_samples, 1024, "2048", 2048),
	FIELD("health.alpha_intermittent", run.health.alpha_log2_intermittent, -30, "-31", -31),
	FIELD("health.alpha_permanent", run.health.alpha_log2_permanent, -60, "-61", -61),
	FIELD("health.startup_samples", run.health.startup_samples, 1024, "1025", 1025),
	FIELD("health.on_failure", run.health.on_failure, HEALTH_HOLD, "exit", HEALTH_EXIT),
	FIELD("health.liveness", run.health.liveness, HEALTH_LIVENESS_PROCESS, "source", HEALTH_LIVENESS_SOURCE),
	FIELD("health.retry_min", run.health.retry_min_seconds, 1, "2", 2),
	FIELD("health.retry_max", run.health.retry_max_seconds, 300, "301", 301),
	FIELD("health.watch_interval", run.health.watch_interval_seconds, 30, "31", 31),
	FIELD("seed.reseed_bytes", run.seed.reseed_bytes, 64 << 20, "1MiB", 1 << 20),
	FIELD("numbers.format", run.numbers.format, NUMBERS_INT32, "uuid", NUMBERS_UUID),
	FIELD("numbers.count", run.numbers.count, 10000, "7", 7),
	FIELD("numbers.min", run.numbers.min, 0, "-8", -8),
	FIELD("numbers.max", run.numbers.max, 99, "9", 9),
	FIELD("numbers.bytes", run.numbers.bytes, 16, "17", 17),
	FIELD("numbers.manifest", run.numbers.manifest, false, "true", true),
	FIELD("output.write", run.output.write, SINK_AUTO, "in_place", SINK_IN_PLACE),
	FIELD("output.mode", run.output.mode, 0444, "0640", 0640),
	FIELD("output.mode", run.output.mode_is_set, false, "0444", true),
	FIELD("output.owner", run.output.uid, -1, "5:6", 5),
	FIELD("output.owner", run.output.gid, -1, "5:6", 6),
	FIELD("refresh.interval", run.interval_seconds, 0, "0.25", 0.25),
	FIELD("http.connections", http.connections, 64, "65", 65),
	FIELD("http.idle_timeout", http.idle_seconds, 10, "12", 12),
	FIELD("http.serve_numbers", http.serve_numbers, false, "true", true),
	FIELD("log.level", log.level, LOG_INFO, "debug", LOG_DEBUG),
	FIELD("log.format", log.form, LOG_LOGFMT, "json", LOG_JSON),
	FIELD("confine.no_new_privs", confine.no_new_privs, true, "false", false),
	FIELD("confine.capabilities", confine.capabilities, true, "false", false),
	FIELD("confine.landlock", confine.landlock, true, "false", false),
	FIELD("confine.seccomp", confine.seccomp, true, "false", false),
	FIELD("confine.no_core_dump", confine.no_core_dump, true, "false", false),
	FIELD("confine.memory_lock", run.memory_lock, true, "false", false),
};

static double field(const struct config *c, const struct field_row *row)
{
	const char *at = (const char *)c + row->offset;
	if (row->is_real)
		return *(const double *)at;
	if (row->size == sizeof(bool))
		return *(const bool *)at;
	return row->size == sizeof(int) ? *(const int *)at : (double)*(const int64_t *)at;
}

static void field_test(void **state)
{
	const struct field_row *row = *state;
	static struct config c;
	struct err e;
	memset(&c, 0xAA, sizeof c);
	config_default(&c);
	SAME_DOUBLE(field(&c, row), row->preset);
	if (config_set(&c, row->key, row->text, &e))
		fail_msg("%s", e.msg);
	SAME_DOUBLE(field(&c, row), row->value);
}

static void texts_test(void **state)
{
	static struct config c;
	const struct {
		const char *key, *text, *preset, *member;
	} rows[] = {
		{"source.device", "/d", "", c.run.source.device},
		{"source.path", "/p", "", c.run.source.path},
		{"source.min_entropy_file", "/e.json", "", c.run.source.min_entropy_file},
		{"output.file", "/o", "/numbers.txt", c.run.output.file},
		{"http.listen", "[::1]:81", "127.0.0.1:8080", c.http.listen},
		{"confine.user", "7", "auto", c.confine.user},
	};
	struct err e;
	(void)state;
	config_default(&c);
	for (size_t i = 0; i < LEN(rows); i++) {
		assert_string_equal(rows[i].member, rows[i].preset);
		assert_int_equal(config_set(&c, rows[i].key, rows[i].text, &e), 0);
		assert_string_equal(rows[i].member, rows[i].text);
	}
}

static const struct check_row {
	const char *sentence, *settings, *says; /* says NULL: accepted */
} check_rows[] = {
	{"the defaults are sound", "", NULL},
	{"1-bit samples with the default entropy", "source.sample_bits=1",
	 "source.min_entropy: still its default 4, but a sample has source.sample_bits: 1; allowed: 0.1 to 1, for "
	 "example"},
	{"1-bit samples with 1 bit", "source.sample_bits=1 source.min_entropy=1", NULL},
	{"1-bit samples with more than 1 bit", "source.sample_bits=1 source.min_entropy=1.5",
	 "source.min_entropy: 1.5 bits do not fit in a sample of source.sample_bits: 1; allowed: 0.1 to 1"},
	{"8-bit samples with 8 bits", "source.min_entropy=8", NULL},
	{"replay without a file", "source.kind=replay", "source.path: empty, but source.kind is replay"},
	{"replay with a file", "source.kind=replay source.path=x", NULL},
	{"equal alphas", "health.alpha_intermittent=-60",
	 "health.alpha_permanent: -60 is not below health.alpha_intermittent: -60; allowed: -120 to -61"},
	{"alphas next to one another", "health.alpha_intermittent=-59", NULL},
	{"alphas in the wrong order", "health.alpha_permanent=-20", "allowed: -120 to -31"},
	{"retry_max just below retry_min", "health.retry_min=2 health.retry_max=1.9",
	 "health.retry_max: 1.9 is less than health.retry_min: 2"},
	{"retry_max equal to retry_min", "health.retry_min=2 health.retry_max=2", NULL},
	{"a range of one number", "numbers.min=99", NULL},
	{"an empty range", "numbers.min=100", "numbers.min: 100 is above numbers.max: 99"},
};

static void check_test(void **state)
{
	const struct check_row *row = *state;
	static struct config c;
	struct reading r = {0};
	config_default(&c);
	apply(&c, row->settings);
	config_check(&c, &r);
	assert_int_equal(r.count, row->says ? 1 : 0);
	if (!row->says)
		return;
	const struct err *e = &r.faults[0].e;
	assert_int_equal(e->code, ERR_CONFIG);
	if (!strstr(e->msg, row->says))
		fail_msg("\"%s\" does not say \"%s\"", e->msg, row->says);
}

static const struct reload_row {
	const char *sentence, *from, *to, *merged; /* merged: settings over `from` */
	const char *taken, *waits;
	bool rewrite;
} reload_rows[] = {
	{"nothing changed", "", "", "", "", "", false},
	{"numbers move", "", "numbers.count=5 numbers.format=hex numbers.bytes=3 numbers.manifest=true",
	 "numbers.count=5 numbers.format=hex numbers.bytes=3 numbers.manifest=true",
	 "numbers.format,numbers.count,numbers.bytes,numbers.manifest", "", true},
	{"a range moves", "", "numbers.min=-5 numbers.max=-4", "numbers.min=-5 numbers.max=-4",
	 "numbers.min,numbers.max", "", true},
	{"the interval moves above 0", "refresh.interval=30", "refresh.interval=0.5", "refresh.interval=0.5",
	 "refresh.interval", "", true},
	{"a single run stays one", "", "refresh.interval=30", "", "", "refresh.interval", false},
	{"a beat does not end by reload", "refresh.interval=30", "", "", "", "refresh.interval", false},
	{"health's answers move, and no file for it", "", "health.on_failure=remove health.liveness=source",
	 "health.on_failure=remove health.liveness=source", "health.on_failure,health.liveness", "", false},
	{"health's tests stay", "", "health.startup_samples=2048 health.retry_max=9", "", "",
	 "health.startup_samples,health.retry_max", false},
	{"reseed, timeout and log move, and no file for them", "",
	 "seed.reseed_bytes=1MiB source.timeout=3 log.level=warn log.format=json",
	 "seed.reseed_bytes=1MiB source.timeout=3 log.level=warn log.format=json",
	 "source.timeout,seed.reseed_bytes,log.level,log.format", "", false},
	{"some of both", "", "source.device=/x numbers.count=5 http.listen=none confine.user=none output.owner=1:2",
	 "numbers.count=5", "numbers.count", "source.device,output.owner,http.listen,confine.user", true},
	{"only the group of the owner differs", "output.owner=1:2", "output.owner=1:3", "", "", "output.owner", false},
};

static void reload_test(void **state)
{
	const struct reload_row *row = *state;
	static struct config now, to, expected;
	struct config_change what;
	config_default(&now);
	apply(&now, row->from);
	config_default(&to);
	apply(&to, row->to);
	expected = now;
	apply(&expected, row->merged);
	config_reload(&now, &to, &what);
	assert_string_equal(what.taken, row->taken);
	assert_string_equal(what.waits, row->waits);
	assert_int_equal(what.rewrite, row->rewrite);
	assert_memory_equal(&now, &expected, sizeof now);
}

/* Another value of any key is another hash; the same values are the same one, however they were written. */
static void hash_test(void **state)
{
	static struct config c, other;
	struct err e;
	(void)state;
	config_default(&c);
	for (size_t i = 0; i < LEN(field_rows); i++) {
		config_default(&other);
		assert_int_equal(config_hash(&other), config_hash(&c));
		assert_int_equal(config_set(&other, field_rows[i].key, field_rows[i].text, &e), 0);
		/* of the mode only that it was given differs here, and of the owner both rows set both halves */
		if (strcmp(field_rows[i].text, "0444") != 0 && config_hash(&other) == config_hash(&c))
			fail_msg("%s makes no other hash", field_rows[i].key);
	}
	config_default(&c);
	config_default(&other);
	apply(&c, "seed.reseed_bytes=1MiB refresh.interval=0.5");
	apply(&other, "refresh.interval=0.50 seed.reseed_bytes=1048576");
	assert_int_equal(config_hash(&other), config_hash(&c));
}

/* The names of all keys have room, so no name is ever cut. */
static void names_fit_test(void **state)
{
	size_t bytes = 0;
	(void)state;
	for (size_t i = 0; key_at(i); i++)
		bytes += strlen(key_at(i)->name) + 1;
	assert_true(bytes <= CONFIG_NAMES_MAX);
}

int main(void)
{
	static struct CMUnitTest tests[LEN(field_rows) + LEN(check_rows) + LEN(reload_rows) + 3];
	size_t n = 0;
	for (size_t i = 0; i < LEN(field_rows); i++)
		tests[n++] = (struct CMUnitTest){field_rows[i].key, field_test, NULL, NULL, (void *)&field_rows[i]};
	for (size_t i = 0; i < LEN(check_rows); i++)
		tests[n++] =
			(struct CMUnitTest){check_rows[i].sentence, check_test, NULL, NULL, (void *)&check_rows[i]};
	for (size_t i = 0; i < LEN(reload_rows); i++)
		tests[n++] =
			(struct CMUnitTest){reload_rows[i].sentence, reload_test, NULL, NULL, (void *)&reload_rows[i]};
	tests[n++] = (struct CMUnitTest){"each text changes its own member", texts_test};
	tests[n++] = (struct CMUnitTest){"the names of all keys have room", names_fit_test};
	tests[n++] = (struct CMUnitTest){"each key has its part in the hash", hash_test};
	return _cmocka_run_group_tests("config: the whole", tests, n, NULL, NULL);
}
