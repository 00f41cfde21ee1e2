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

static void defaults_test(void **state)
{
	static struct config c;
	(void)state;
	memset(&c, 0xAA, sizeof c);
	config_default(&c);
	assert_int_equal(c.run.source.kind, SOURCE_AUTO);
	SAME_DOUBLE(c.run.source.min_entropy, 4.0);
	assert_int_equal(c.run.source.sample_bits, 8);
	SAME_DOUBLE(c.run.source.timeout_seconds, 10);
	SAME_DOUBLE(c.run.source.startup_timeout_seconds, 300);
	assert_int_equal(c.run.source.pool_samples, 1024);
	assert_int_equal(c.run.health.alpha_log2_intermittent, -30);
	assert_int_equal(c.run.health.alpha_log2_permanent, -60);
	assert_int_equal(c.run.health.startup_samples, 1024);
	assert_int_equal(c.run.health.on_failure, HEALTH_HOLD);
	assert_int_equal(c.run.health.liveness, HEALTH_LIVENESS_PROCESS);
	SAME_DOUBLE(c.run.health.retry_min_seconds, 1);
	SAME_DOUBLE(c.run.health.retry_max_seconds, 300);
	SAME_DOUBLE(c.run.health.watch_interval_seconds, 30);
	assert_int_equal(c.run.seed.reseed_bytes, 64 << 20);
	assert_int_equal(c.run.numbers.format, NUMBERS_INT32);
	assert_int_equal(c.run.numbers.count, 10000);
	assert_string_equal(c.run.output.file, "/numbers.txt");
	assert_int_equal(c.run.output.write, SINK_AUTO);
	assert_int_equal(c.run.output.mode, 0444);
	assert_false(c.run.output.mode_is_set);
	assert_true(c.run.output.uid == (uid_t)-1 && c.run.output.gid == (gid_t)-1);
	SAME_DOUBLE(c.run.interval_seconds, 0);
	assert_string_equal(c.http.listen, "127.0.0.1:8080");
	assert_int_equal(c.http.connections, 64);
	assert_false(c.http.serve_numbers);
	assert_int_equal(c.log.level, LOG_INFO);
	assert_int_equal(c.log.form, LOG_LOGFMT);
	assert_string_equal(c.confine.user, "auto");
	assert_true(c.confine.no_new_privs && c.confine.capabilities && c.confine.landlock && c.confine.seccomp);
	assert_true(c.confine.no_core_dump && c.run.memory_lock);
}

/* Each key changes its own field: the values all differ. */
static void fields_test(void **state)
{
	static struct config c;
	(void)state;
	config_default(&c);
	apply(&c, "source.kind=replay source.device=/d source.path=/p source.min_entropy=3.5 source.sample_bits=1 "
		  "source.timeout=11 source.startup_timeout=301 source.pool_samples=2048 health.alpha_intermittent=-31 "
		  "health.alpha_permanent=-61 health.startup_samples=1025 health.on_failure=exit");
	assert_int_equal(c.run.source.kind, SOURCE_REPLAY);
	assert_string_equal(c.run.source.device, "/d");
	assert_string_equal(c.run.source.path, "/p");
	SAME_DOUBLE(c.run.source.min_entropy, 3.5);
	assert_int_equal(c.run.source.sample_bits, 1);
	SAME_DOUBLE(c.run.source.timeout_seconds, 11);
	SAME_DOUBLE(c.run.source.startup_timeout_seconds, 301);
	assert_int_equal(c.run.source.pool_samples, 2048);
	assert_int_equal(c.run.health.alpha_log2_intermittent, -31);
	assert_int_equal(c.run.health.alpha_log2_permanent, -61);
	assert_int_equal(c.run.health.startup_samples, 1025);
	assert_int_equal(c.run.health.on_failure, HEALTH_EXIT);
	apply(&c, "health.liveness=source health.retry_min=2 health.retry_max=301 health.watch_interval=31 "
		  "seed.reseed_bytes=1MiB numbers.format=uuid numbers.count=7 numbers.min=-8 numbers.max=9 "
		  "numbers.bytes=17 numbers.manifest=true output.file=/o output.write=in_place output.mode=0640 "
		  "output.owner=5:6 refresh.interval=0.25");
	assert_int_equal(c.run.health.liveness, HEALTH_LIVENESS_SOURCE);
	SAME_DOUBLE(c.run.health.retry_min_seconds, 2);
	SAME_DOUBLE(c.run.health.retry_max_seconds, 301);
	SAME_DOUBLE(c.run.health.watch_interval_seconds, 31);
	assert_int_equal(c.run.seed.reseed_bytes, 1 << 20);
	assert_int_equal(c.run.numbers.format, NUMBERS_UUID);
	assert_int_equal(c.run.numbers.count, 7);
	assert_true(c.run.numbers.min == -8 && c.run.numbers.max == 9);
	assert_int_equal(c.run.numbers.bytes, 17);
	assert_true(c.run.numbers.manifest);
	assert_string_equal(c.run.output.file, "/o");
	assert_int_equal(c.run.output.write, SINK_IN_PLACE);
	assert_int_equal(c.run.output.mode, 0640);
	assert_true(c.run.output.mode_is_set);
	assert_true(c.run.output.uid == 5 && c.run.output.gid == 6);
	SAME_DOUBLE(c.run.interval_seconds, 0.25);
}

static void more_fields_test(void **state)
{
	static struct config c;
	(void)state;
	config_default(&c);
	apply(&c, "http.listen=[::1]:81 http.connections=65 http.idle_timeout=12 http.serve_numbers=true "
		  "log.level=debug log.format=json confine.user=7");
	assert_string_equal(c.http.listen, "[::1]:81");
	assert_int_equal(c.http.connections, 65);
	assert_int_equal(c.http.idle_seconds, 12);
	assert_true(c.http.serve_numbers);
	assert_int_equal(c.log.level, LOG_DEBUG);
	assert_int_equal(c.log.form, LOG_JSON);
	assert_string_equal(c.confine.user, "7");
	apply(&c, "confine.no_new_privs=false confine.landlock=false confine.no_core_dump=false");
	assert_false(c.confine.no_new_privs || c.confine.landlock || c.confine.no_core_dump);
	assert_true(c.confine.capabilities && c.confine.seccomp && c.run.memory_lock);
	apply(&c, "confine.capabilities=false confine.seccomp=false confine.memory_lock=false");
	assert_false(c.confine.capabilities || c.confine.seccomp || c.run.memory_lock);
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
	static struct config from, to, merged, expected;
	struct config_change what;
	config_default(&from);
	apply(&from, row->from);
	config_default(&to);
	apply(&to, row->to);
	expected = from;
	apply(&expected, row->merged);
	config_reload(&from, &to, &merged, &what);
	assert_string_equal(what.taken, row->taken);
	assert_string_equal(what.waits, row->waits);
	assert_int_equal(what.rewrite, row->rewrite);
	assert_memory_equal(&merged, &expected, sizeof merged);
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
	static struct CMUnitTest tests[LEN(check_rows) + LEN(reload_rows) + 8];
	size_t n = 0;
	for (size_t i = 0; i < LEN(check_rows); i++)
		tests[n++] =
			(struct CMUnitTest){check_rows[i].sentence, check_test, NULL, NULL, (void *)&check_rows[i]};
	for (size_t i = 0; i < LEN(reload_rows); i++)
		tests[n++] =
			(struct CMUnitTest){reload_rows[i].sentence, reload_test, NULL, NULL, (void *)&reload_rows[i]};
	tests[n++] = (struct CMUnitTest){"the defaults are those of the manual", defaults_test};
	tests[n++] = (struct CMUnitTest){"each key changes its own field", fields_test};
	tests[n++] = (struct CMUnitTest){"each key of http, log and confine changes its own field", more_fields_test};
	tests[n++] = (struct CMUnitTest){"the names of all keys have room", names_fit_test};
	return _cmocka_run_group_tests("config: the whole", tests, n, NULL, NULL);
}
