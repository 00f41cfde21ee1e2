/* The table of keys: values on both sides of every bound, checks across keys, hints, reload, and the way through print
 * and parse back to the same configuration. */
#include "config/config.h"
#include "config/keys.h"
#include "config/near.h"
#include "config/value.h"
#include "config/yaml.h"
#include "config_set.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define LEN(a) (sizeof(a) / sizeof(a)[0])

/* Value rows: says == NULL means accepted, and printed as `prints` (NULL: as written). */
static const struct set_row {
	const char *sentence, *key, *value, *says, *prints;
} set_rows[] = {
	{"an enum takes its last name", "source.kind", "replay", NULL, NULL},
	{"an enum is case sensitive", "source.kind", "Device",
	 "source.kind: \"Device\" is not known; allowed: auto, device, cpu, kernel or replay", NULL},
	{"what is refused is shown with its blanks", "source.kind", "a b~", "source.kind: \"a b~\" is not known", NULL},
	{"an enum refuses a prefix of a name", "log.level", "warning", "is not known", NULL},
	{"an empty enum is refused", "log.level", "", "is not known", NULL},
	{"a path may be empty", "source.device", "", NULL, NULL},
	{"a path may hold quotes and backslashes", "source.path", "a\"b\\c d#e", NULL, NULL},
	{"a path may hold UTF-8", "source.path", "/tmp/\xC3\xA4\xF0\x9F\x8E\xB2", NULL, NULL},
	{"a path refuses a broken UTF-8 sequence", "source.path", "a\xC3", "is not UTF-8", NULL},
	{"a path refuses an overlong UTF-8 form", "source.path", "\xE0\x80\xAF", "is not UTF-8", NULL},
	{"a path refuses a UTF-16 surrogate", "source.path", "\xED\xA0\x80", "is not UTF-8", NULL},
	{"a path refuses a line feed", "source.path", "a\nb", "\"a?b\" holds a control character", NULL},
	{"a path refuses a C1 control character", "source.path", "a\xC2\x85", "control character", NULL},
	{"a path takes the first character behind C1", "source.path", "a\xC2\xA0", NULL, NULL},
	{"the output file may not be empty", "output.file", "",
	 "output.file: \"\" is empty; allowed: a path of 1 to 4095 bytes", NULL},
	{"min_entropy below 0.1", "source.min_entropy", "0.09", "out of range; allowed: a number from 0.1 to 8", NULL},
	{"min_entropy 0.1", "source.min_entropy", "0.1", NULL, NULL},
	{"min_entropy 8", "source.min_entropy", "8.0", NULL, "8"},
	{"min_entropy above 8", "source.min_entropy", "8.01", "out of range", NULL},
	{"a number takes no exponent", "source.min_entropy", "4e0", "is not a number", NULL},
	{"a number is no infinity", "source.min_entropy", "inf", "is not a number", NULL},
	{"a number needs digits behind the point", "source.min_entropy", "4.", "is not a number", NULL},
	{"a number needs digits before the point", "source.min_entropy", ".5", "is not a number", NULL},
	{"a number takes no plus sign", "source.min_entropy", "+4", "is not a number", NULL},
	{"a number takes no space", "source.min_entropy", " 4", "is not a number", NULL},
	{"a number is not hexadecimal", "source.min_entropy", "0x4", "is not a number", NULL},
	{"a number takes no leading zero", "source.min_entropy", "04", "is not a number", NULL},
	{"a sample of 1 bit", "source.sample_bits", "1", NULL, NULL},
	{"a sample of 2 bits", "source.sample_bits", "2", "out of range; allowed: 1 or 8", NULL},
	{"a sample of 7 bits", "source.sample_bits", "7", "allowed: 1 or 8", NULL},
	{"a sample of 0 bits", "source.sample_bits", "0", "allowed: 1 or 8", NULL},
	{"timeout below 0.1 s", "source.timeout", "0.09", "seconds as a plain number from 0.1 to 3600", NULL},
	{"timeout 0.1 s", "source.timeout", "0.1", NULL, NULL},
	{"timeout 3600 s", "source.timeout", "3600", NULL, NULL},
	{"timeout above 3600 s", "source.timeout", "3600.001", "out of range", NULL},
	{"seconds take no unit", "source.timeout", "10s", "is not a number", NULL},
	{"start-up timeout below 1 s", "source.startup_timeout", "0.99", "out of range", NULL},
	{"start-up timeout a day", "source.startup_timeout", "86400", NULL, NULL},
	{"start-up timeout above a day", "source.startup_timeout", "86401", "out of range", NULL},
	{"pool of 63", "source.pool_samples", "63", "an integer from 64 to 65536", NULL},
	{"pool of 64", "source.pool_samples", "64", NULL, NULL},
	{"pool of 65536", "source.pool_samples", "65536", NULL, NULL},
	{"pool of 65537", "source.pool_samples", "65537", "out of range", NULL},
	{"an integer is not octal", "source.pool_samples", "0100", "is not an integer", NULL},
	{"an integer has no fraction", "source.pool_samples", "64.0", "is not an integer", NULL},
	{"an empty integer is refused", "source.pool_samples", "", "is not an integer", NULL},
	{"intermittent alpha 2^-61", "health.alpha_intermittent", "-61", "from -60 to -10", NULL},
	{"intermittent alpha 2^-60", "health.alpha_intermittent", "-60", NULL, NULL},
	{"intermittent alpha 2^-10", "health.alpha_intermittent", "-10", NULL, NULL},
	{"intermittent alpha 2^-9", "health.alpha_intermittent", "-9", "out of range", NULL},
	{"permanent alpha 2^-121", "health.alpha_permanent", "-121", "from -120 to -20", NULL},
	{"permanent alpha 2^-120", "health.alpha_permanent", "-120", NULL, NULL},
	{"permanent alpha 2^-20", "health.alpha_permanent", "-20", NULL, NULL},
	{"permanent alpha 2^-19", "health.alpha_permanent", "-19", "out of range", NULL},
	{"start-up test of 1023", "health.startup_samples", "1023", "out of range", NULL},
	{"start-up test of 1024", "health.startup_samples", "1024", NULL, NULL},
	{"start-up test of 1048576", "health.startup_samples", "1048576", NULL, NULL},
	{"start-up test of 1048577", "health.startup_samples", "1048577", "out of range", NULL},
	{"a boolean is true", "numbers.manifest", "true", NULL, NULL},
	{"a boolean is false", "confine.seccomp", "false", NULL, NULL},
	{"yes is no boolean", "numbers.manifest", "yes",
	 "numbers.manifest: \"yes\" is text here, not a boolean; allowed: true or false", NULL},
	{"ON is no boolean", "numbers.manifest", "ON", "is text here, not a boolean", NULL},
	{"1 is no boolean", "numbers.manifest", "1", "is not a boolean; allowed: true or false", NULL},
	{"retry_min below 0.01 s", "health.retry_min", "0.009", "out of range", NULL},
	{"retry_min 0.01 s", "health.retry_min", "0.01", NULL, NULL},
	{"retry_min above an hour", "health.retry_min", "3601", "out of range", NULL},
	{"retry_max a day", "health.retry_max", "86400", NULL, NULL},
	{"retry_max above a day", "health.retry_max", "86400.5", "out of range", NULL},
	{"watch_interval below a second", "health.watch_interval", "0.9", "out of range", NULL},
	{"watch_interval a second", "health.watch_interval", "1", NULL, NULL},
	{"watch_interval an hour", "health.watch_interval", "3600", NULL, NULL},
	{"watch_interval above an hour", "health.watch_interval", "3601", "out of range", NULL},
	{"reseed after 65535 bytes", "seed.reseed_bytes", "65535", "bytes from 64KiB to 1TiB", NULL},
	{"reseed after 65536 bytes", "seed.reseed_bytes", "65536", NULL, "64KiB"},
	{"reseed after 65537 bytes", "seed.reseed_bytes", "65537", NULL, NULL},
	{"reseed after 1 TiB", "seed.reseed_bytes", "1024GiB", NULL, "1TiB"},
	{"reseed after more than 1 TiB", "seed.reseed_bytes", "1099511627777", "out of range", NULL},
	{"a size takes no decimal unit", "seed.reseed_bytes", "64MB", "is not a size", NULL},
	{"a size takes no space", "seed.reseed_bytes", "64 MiB", "is not a size", NULL},
	{"a size is never negative", "seed.reseed_bytes", "-65536", "out of range", NULL},
	{"the largest size", "seed.reseed_bytes", "9223372036854775807", "out of range", NULL},
	{"a size beyond 63 bits", "seed.reseed_bytes", "9223372036854775808", "out of range", NULL},
	{"a size beyond 63 bits by its unit", "seed.reseed_bytes", "8388608TiB", "out of range", NULL},
	{"count 0", "numbers.count", "0", "an integer from 1 to 1000000000", NULL},
	{"count 1", "numbers.count", "1", NULL, NULL},
	{"count 10^9", "numbers.count", "1000000000", NULL, NULL},
	{"count 10^9 + 1", "numbers.count", "1000000001", "out of range", NULL},
	{"count 2^64", "numbers.count", "18446744073709551616", "out of range", NULL},
	{"count 1e4", "numbers.count", "1e4", "is not an integer", NULL},
	{"the least range", "numbers.min", "-9223372036854775808", NULL, NULL},
	{"below the least range", "numbers.min", "-9223372036854775809", "out of range", NULL},
	{"the greatest range", "numbers.max", "9223372036854775807", NULL, NULL},
	{"above the greatest range", "numbers.max", "9223372036854775808", "out of range", NULL},
	{"0 bytes each", "numbers.bytes", "0", "out of range", NULL},
	{"1 byte each", "numbers.bytes", "1", NULL, NULL},
	{"1024 bytes each", "numbers.bytes", "1024", NULL, NULL},
	{"1025 bytes each", "numbers.bytes", "1025", "out of range", NULL},
	{"mode 0000", "output.mode", "0000", NULL, NULL},
	{"mode 0777", "output.mode", "0777", NULL, NULL},
	{"mode 1000 has no leading zero", "output.mode", "1000", "is not a file mode", NULL},
	{"mode 444 has no leading zero", "output.mode", "444", "octal with its leading zero", NULL},
	{"mode 0888 is not octal", "output.mode", "0888", "is not a file mode", NULL},
	{"mode 04444 is too long", "output.mode", "04444", "is not a file mode", NULL},
	{"no owner", "output.owner", "", NULL, NULL},
	{"an owner by number", "output.owner", "0:65532", NULL, NULL},
	{"the greatest owner", "output.owner", "4294967294:4294967294", NULL, NULL},
	{"an owner of 2^32 - 1 means none to the kernel", "output.owner", "4294967295:0", "is not an owner", NULL},
	{"a group of 2^32 - 1 means none to the kernel", "output.owner", "0:4294967295", "is not an owner", NULL},
	{"an owner without a group", "output.owner", "0", "uid:gid in numbers", NULL},
	{"an owner by name", "output.owner", "root:root", "is not an owner", NULL},
	{"an owner with an empty group", "output.owner", "0:", "is not an owner", NULL},
	{"a negative owner", "output.owner", "-1:0", "is not an owner", NULL},
	{"interval 0", "refresh.interval", "0", NULL, NULL},
	{"interval 0.0 is 0", "refresh.interval", "0.0", NULL, "0"},
	{"interval -0 is 0", "refresh.interval", "-0", NULL, "0"},
	{"interval below 1 ms", "refresh.interval", "0.0009", "0, or seconds as a plain number from 0.001", NULL},
	{"interval 1 ms", "refresh.interval", "0.001", NULL, NULL},
	{"interval a day", "refresh.interval", "86400", NULL, NULL},
	{"interval above a day", "refresh.interval", "86400.001", "out of range", NULL},
	{"a negative interval", "refresh.interval", "-1", "out of range", NULL},
	{"listen nowhere", "http.listen", "none", NULL, NULL},
	{"listen on IPv6", "http.listen", "[::]:8080", NULL, NULL},
	{"an address needs a port", "http.listen", "127001", "http.listen: ", NULL},
	{"an address may not be empty", "http.listen", "", "http.listen: ", NULL},
	{"3 connections", "http.connections", "3", "out of range", NULL},
	{"4 connections", "http.connections", "4", NULL, NULL},
	{"4096 connections", "http.connections", "4096", NULL, NULL},
	{"4097 connections", "http.connections", "4097", "out of range", NULL},
	{"idle time 0", "http.idle_timeout", "0", "an integer from 1 to 3600", NULL},
	{"idle time 3600", "http.idle_timeout", "3600", NULL, NULL},
	{"idle time 3601", "http.idle_timeout", "3601", "out of range", NULL},
	{"user auto", "confine.user", "auto", NULL, NULL},
	{"user by name", "confine.user", "_rng-d.1", NULL, NULL},
	{"user by number", "confine.user", "65532", NULL, NULL},
	{"user and group by number", "confine.user", "65532:0", NULL, NULL},
	{"user with a name as group", "confine.user", "65532:staff", "is not a user", NULL},
	{"user 2^32 - 1", "confine.user", "4294967295", "is not a user", NULL},
	{"user with a space", "confine.user", "a b", "auto, none, a user name, uid or uid:gid", NULL},
	{"user of 32 letters", "confine.user", "abcdefghijklmnopqrstuvwxyzabcdef", NULL, NULL},
	{"user of 33 letters", "confine.user", "abcdefghijklmnopqrstuvwxyzabcdefg", "is not a user", NULL},
	{"an empty user", "confine.user", "", "is not a user", NULL},
	{"a misspelt key names the nearest", "source.timout", "5",
	 "source.timout: unknown key; did you mean source.timeout?", NULL},
	{"a section is no key", "http", "5", "http: a section, not a key", NULL},
	{"an unknown key far from all", "zzzzzzzz", "5", "zzzzzzzz: unknown key; refresher --check-config", NULL},
	{"a long value is cut in the message", "numbers.count",
	 "0123456789012345678901234567890123456789012345678901234567890123456789",
	 "\"012345678901234567890123456789012345678901234567...\" is not an integer", NULL},
};

static void set_test(void **state)
{
	const struct set_row *row = *state;
	static struct config before, c;
	struct err e = {0};
	char text[VALUE_TEXT_MAX];
	config_default(&before);
	config_default(&c);
	int rc = config_set(&c, row->key, row->value, &e);
	if (row->says) {
		assert_int_equal(rc, -1);
		assert_int_equal(e.code, ERR_CONFIG);
		if (!strstr(e.msg, row->says))
			fail_msg("\"%s\" does not say \"%s\"", e.msg, row->says);
		assert_memory_equal(&c, &before, sizeof c);
		return;
	}
	if (rc)
		fail_msg("refused: %s", e.msg);
	value_get(key_find(row->key), &c, text);
	assert_string_equal(text, row->prints ? row->prints : row->value);
}

/* A text as long as its field, and one byte longer. */
static void path_length_test(void **state)
{
	static struct config c;
	static char path[SINK_PATH_MAX + 1];
	struct err e = {0};
	(void)state;
	config_default(&c);
	memset(path, 'a', SINK_PATH_MAX - 1);
	assert_int_equal(config_set(&c, "output.file", path, &e), 0);
	assert_string_equal(c.run.output.file, path);
	path[SINK_PATH_MAX - 1] = 'a';
	assert_int_equal(config_set(&c, "output.file", path, &e), -1);
	assert_non_null(strstr(e.msg, "is too long"));
}

static void shorter_text_test(void **state)
{
	static struct config a, b;
	struct err e;
	(void)state;
	config_default(&a);
	config_default(&b);
	assert_int_equal(config_set(&a, "output.file", "/a/longer/path", &e), 0);
	assert_int_equal(config_set(&a, "output.file", "/b", &e), 0);
	assert_int_equal(config_set(&b, "output.file", "/b", &e), 0);
	assert_memory_equal(&a, &b, sizeof a);
}

static const struct near_row {
	const char *sentence, *wanted, *found;
} near_rows[] = {
	{"one letter missing", "source.timout", "source.timeout"},
	{"two letters swapped", "soruce.timeout", "source.timeout"},
	{"a key without its section", "count", "numbers.count"},
	{"a key in the wrong section", "output.count", "numbers.count"},
	{"a section with a letter too many", "sources", "source"},
	{"a known key is its own nearest", "log.level", "log.level"},
	{"nothing is near to nonsense", "zzzzzzzz", ""},
	{"nothing is near to nothing", "", ""},
	{"nothing is near to an endless name",
	 "numbers.counttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttt", ""},
};

static void near_test(void **state)
{
	const struct near_row *row = *state;
	assert_string_equal(key_nearest(row->wanted), row->found);
}

static void distance_test(void **state)
{
	(void)state;
	assert_int_equal(near_distance("", ""), 0);
	assert_int_equal(near_distance("", "abc"), 3);
	assert_int_equal(near_distance("abc", ""), 3);
	assert_int_equal(near_distance("abc", "abc"), 0);
	assert_int_equal(near_distance("abc", "abd"), 1);
	assert_int_equal(near_distance("abc", "acb"), 1);
	assert_int_equal(near_distance("abc", "ab"), 1);
	assert_int_equal(near_distance("kitten", "sitting"), 3);
}

/* Every key stands below its section, and is found by its name. */
static void table_test(void **state)
{
	const struct key *k;
	const char *section = "";
	size_t n = 0;
	(void)state;
	for (; (k = key_at(n)) != NULL; n++) {
		size_t len = strlen(section);
		assert_ptr_equal(key_find(k->name), k);
		assert_int_equal(key_index(k), n);
		if (k->kind == KEY_SECTION)
			section = k->name;
		else
			assert_true(strncmp(k->name, section, len) == 0 && k->name[len] == '.');
		for (size_t other = 0; other < n; other++)
			assert_string_not_equal(key_at(other)->name, k->name);
	}
	assert_true(n > 30);
}

int main(void)
{
	static struct CMUnitTest tests[LEN(set_rows) + LEN(near_rows) + 8];
	size_t n = 0;
	for (size_t i = 0; i < LEN(set_rows); i++)
		tests[n++] = (struct CMUnitTest){set_rows[i].sentence, set_test, NULL, NULL, (void *)&set_rows[i]};
	for (size_t i = 0; i < LEN(near_rows); i++)
		tests[n++] = (struct CMUnitTest){near_rows[i].sentence, near_test, NULL, NULL, (void *)&near_rows[i]};
	tests[n++] = (struct CMUnitTest){"a path fills its field, and no more", path_length_test};
	tests[n++] = (struct CMUnitTest){"a shorter text leaves nothing of a longer one", shorter_text_test};
	tests[n++] = (struct CMUnitTest){"edit distance by hand", distance_test};
	tests[n++] = (struct CMUnitTest){"every key once, each in a known section", table_test};
	return _cmocka_run_group_tests("config: values", tests, n, NULL, NULL);
}
