/* Reading YAML: what is taken, and each refusal with its place and its words. */
#include "config/value.h"
#include "config/yaml.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#define LEN(a)  (sizeof(a) / sizeof(a)[0])
#define TEXT(s) (s), sizeof(s) - 1

static const struct good_row {
	const char *sentence, *text;
	size_t len;
	const char *key, *value; /* NULL: the defaults */
} good_rows[] = {
	{"an empty file is the defaults", TEXT(""), NULL, NULL},
	{"comments alone are the defaults", TEXT("# nothing\n\n# here\n"), NULL, NULL},
	{"an empty document is the defaults", TEXT("---\n"), NULL, NULL},
	{"an empty mapping is the defaults", TEXT("{}\n"), NULL, NULL},
	{"a section without keys keeps its defaults", TEXT("log:\n  # level: debug\nseed:\n"), NULL, NULL},
	{"a nested key", TEXT("numbers:\n  count: 5\n"), "numbers.count", "5"},
	{"flow style", TEXT("{log: {level: debug}}"), "log.level", "debug"},
	{"no line feed at the end", TEXT("log:\n  level: debug"), "log.level", "debug"},
	{"CR LF line ends", TEXT("log:\r\n  level: debug\r\n"), "log.level", "debug"},
	{"a comment behind a value", TEXT("log:\n  level: debug # loud\n"), "log.level", "debug"},
	{"a byte order mark", TEXT("\xEF\xBB\xBFlog:\n  level: debug\n"), "log.level", "debug"},
	{"an explicit end of the document", TEXT("---\nlog:\n  level: debug\n...\n"), "log.level", "debug"},
	{"a version directive", TEXT("%YAML 1.1\n---\nlog:\n  level: debug\n"), "log.level", "debug"},
	{"text in single quotes", TEXT("output:\n  file: '/a ''b'''\n"), "output.file", "/a 'b'"},
	{"text in double quotes", TEXT("output:\n  file: \"/\\xe4\\\\\"\n"), "output.file", "/\xC3\xA4\\"},
	{"a quoted enum", TEXT("log:\n  level: \"debug\"\n"), "log.level", "debug"},
	{"a quoted key", TEXT("\"log\":\n  'level': debug\n"), "log.level", "debug"},
	{"empty text in quotes", TEXT("source:\n  device: \"\"\n"), "source.device", ""},
	{"a path that looks like null, in quotes", TEXT("source:\n  device: \"null\"\n"), "source.device", "null"},
	{"a plain number as a path", TEXT("output:\n  file: 123\n"), "output.file", "123"},
	{"a plain mode is octal", TEXT("output:\n  mode: 0640\n"), "output.mode", "0640"},
	{"a quoted mode is octal", TEXT("output:\n  mode: \"0640\"\n"), "output.mode", "0640"},
	{"a plain owner", TEXT("output:\n  owner: 10:20\n"), "output.owner", "10:20"},
	{"a plain address", TEXT("http:\n  listen: 0.0.0.0:80\n"), "http.listen", "0.0.0.0:80"},
	{"a size in bytes", TEXT("seed:\n  reseed_bytes: 1048576\n"), "seed.reseed_bytes", "1MiB"},
};

static void good_test(void **state)
{
	const struct good_row *row = *state;
	static struct config c, expected;
	struct err e = {0};
	config_default(&expected);
	if (row->key)
		assert_int_equal(config_set(&expected, row->key, row->value, &e), 0);
	config_default(&c);
	if (yaml_load(&c, "t.yaml", row->text, row->len, &e))
		fail_msg("%s", e.msg);
	assert_int_equal(e.code, ERR_NONE);
	assert_memory_equal(&c, &expected, sizeof c);
}

static const struct bad_row {
	const char *sentence, *text;
	size_t len;
	const char *says; /* the whole message; with "..." at the end: its beginning */
} bad_rows[] = {
	{"an unknown key with a hint", TEXT("source:\n  timout: 5\n"),
	 "t.yaml:2:3: source.timout: unknown key; did you mean source.timeout?"},
	{"an unknown section with a hint", TEXT("log: {}\nsources:\n  kind: cpu\n"),
	 "t.yaml:2:1: sources: unknown key; did you mean source?"},
	{"a key outside of its section", TEXT("count: 5\n"),
	 "t.yaml:1:1: count: unknown key; did you mean numbers.count?"},
	{"an unknown key without a hint", TEXT("xyzzyxyzzy: 5\n"),
	 "t.yaml:1:1: xyzzyxyzzy: unknown key; refresher --check-config prints the known ones"},
	{"a key that left", TEXT("health:\n  fips140: true\n"),
	 "t.yaml:2:3: health.fips140: left in 0.2: the standard FIPS 140-2 is withdrawn; leave the key out, the health "
	 "tests of SP 800-90B always run"},
	{"a merge key", TEXT("<<: {}\n"), "t.yaml:1:1: <<: unknown key; ..."},
	{"an endless key", TEXT("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa: 5\n"),
	 "t.yaml:1:1: an unknown key; ..."},
	{"a key with a NUL", TEXT("\"log\\0\": {}\n"), "t.yaml:1:1: an unknown key; ..."},
	{"a key with a line feed", TEXT("\"log\\n\": {}\n"), "t.yaml:1:1: an unknown key; ..."},
	{"an empty key", TEXT("\"\": 5\n"), "t.yaml:1:1: unknown key; ..."},
	{"a dotted key", TEXT("log.level: info\n"), "t.yaml:1:1: log.level: a dotted name; ..."},
	{"a dotted key below a section", TEXT("http:\n  idle.timeout: 5\n"),
	 "t.yaml:2:3: http.idle.timeout: a dotted name; ..."},
	{"a section that left", TEXT("http:\n  tls:\n    cert: /c\n"),
	 "t.yaml:2:3: http.tls: left in 0.2: listen on ..."},
	{"out of range", TEXT("numbers:\n  count: 0\n"),
	 "t.yaml:2:10: numbers.count: \"0\" is out of range; allowed: an integer from 1 to 1000000000"},
	{"a column counts characters", TEXT("output: {file: \"\xC3\xA4\", mode: 1}\n"),
	 "t.yaml:1:27: output.mode: \"1\" is not a file mode; ..."},
	{"a float where an integer is wanted", TEXT("numbers:\n  count: 1.5\n"),
	 "t.yaml:2:10: numbers.count: \"1.5\" is not an integer; ..."},
	{"yes where a boolean is wanted", TEXT("numbers:\n  manifest: yes\n"),
	 "t.yaml:2:13: numbers.manifest: \"yes\" is text here, not a boolean; allowed: true or false"},
	{"a quoted boolean", TEXT("numbers:\n  manifest: \"true\"\n"),
	 "t.yaml:2:13: numbers.manifest: is text in quotes; allowed: true or false"},
	{"a quoted integer", TEXT("numbers:\n  count: '5'\n"), "t.yaml:2:10: numbers.count: is text in quotes; ..."},
	{"a quoted number of seconds", TEXT("source:\n  timeout: \"5\"\n"),
	 "t.yaml:2:12: source.timeout: is text in quotes; ..."},
	{"no value", TEXT("log:\n  level:\n"),
	 "t.yaml:2:9: log.level: has no value; allowed: error, warn, info or debug"},
	{"null for text", TEXT("source:\n  device: null\n"), "t.yaml:2:11: source.device: has no value; ..."},
	{"a tilde for text", TEXT("source:\n  device: ~\n"), "t.yaml:2:11: source.device: has no value; ..."},
	{"a list for a value", TEXT("numbers:\n  count: [5]\n"),
	 "t.yaml:2:10: numbers.count: a list, not one value; allowed: an integer from 1 to 1000000000"},
	{"a mapping for a value", TEXT("numbers:\n  count:\n    a: 5\n"),
	 "t.yaml:3:5: numbers.count: a mapping, not one value; ..."},
	{"a value for a section", TEXT("numbers: 5\n"),
	 "t.yaml:1:10: numbers: not a mapping; allowed: its keys, indented below it"},
	{"a tilde for a section", TEXT("numbers: ~\n"), "t.yaml:1:10: numbers: not a mapping; ..."},
	{"empty text for a section", TEXT("numbers: \"\"\n"), "t.yaml:1:10: numbers: not a mapping; ..."},
	{"a list for a section", TEXT("http:\n  - a\n"), "t.yaml:2:3: http: not a mapping; ..."},
	{"a list at the top", TEXT("- 5\n"), "t.yaml:1:1: not a mapping; allowed: keys such as \"source:\" at the top"},
	{"a word at the top", TEXT("hello\n"), "t.yaml:1:1: not a mapping; ..."},
	{"a list as a key", TEXT("? [a]\n: 5\n"), "t.yaml:1:3: a list or mapping as a key; allowed: a name"},
	{"a key twice", TEXT("numbers:\n  count: 5\n  min: 1\n  count: 5\n"),
	 "t.yaml:4:3: numbers.count: given twice, first in line 2; allowed: once"},
	{"a section twice", TEXT("numbers:\n  count: 5\nlog: {}\nnumbers:\n  min: 6\n"),
	 "t.yaml:4:1: numbers: given twice, first in line 1; allowed: once"},
	{"an anchor on a section", TEXT("numbers: &a\n  count: 5\n"), "t.yaml:1:10: numbers: an anchor; ..."},
	{"an anchor on a value", TEXT("numbers:\n  count: &a 5\n"), "t.yaml:2:10: numbers.count: an anchor; ..."},
	{"an anchor on a list", TEXT("numbers: &a [5]\n"), "t.yaml:1:10: numbers: an anchor; ..."},
	{"an alias", TEXT("numbers: *a\n"), "t.yaml:1:10: numbers: an alias; allowed: the value itself"},
	{"a tag on a value", TEXT("numbers:\n  count: !!int 5\n"), "t.yaml:2:10: numbers.count: a tag; ..."},
	{"a tag on a section", TEXT("numbers: !x\n  count: 5\n"), "t.yaml:1:10: numbers: a tag; ..."},
	{"a tag on a key", TEXT("!!str log: {}\n"), "t.yaml:1:1: a tag; ..."},
	{"a second document", TEXT("log: {}\n---\nlog: {}\n"), "t.yaml:2:1: a second document; allowed: one"},
	{"a NUL in the text", TEXT("log:\n  level: info\0\n"),
	 "t.yaml:2:14: not plain text: control characters are not allowed; ..."},
	{"a NUL by escape", TEXT("output:\n  file: \"a\\0b\"\n"), "t.yaml:2:9: output.file: holds a NUL; ..."},
	{"a line feed in a path", TEXT("output:\n  file: |\n    abc\n"),
	 "t.yaml:2:9: output.file: \"abc?\" holds a control character or is not UTF-8; ..."},
	{"bytes that are no UTF-8", TEXT("log:\n  level: \xFF\n"),
	 "t.yaml:2:10: not plain text: invalid leading UTF-8 octet; allowed: UTF-8 without control characters"},
	{"UTF-16", TEXT("\xFF\xFEl\0o\0g\0"), "t.yaml:1:1: not plain text: ..."},
	{"a tab as indentation", TEXT("log:\n\tlevel: info\n"), "t.yaml:2:1: not YAML: ..."},
	{"an unclosed quote", TEXT("log:\n  level: \"info\n"), "t.yaml:3:1: not YAML: ..."},
	{"a version from the future", TEXT("%YAML 2.0\n---\nlog: {}\n"), "t.yaml:1:1: not YAML: ..."},
};

static void bad_test(void **state)
{
	const struct bad_row *row = *state;
	static struct config c;
	struct err e = {0};
	size_t len = strlen(row->says);
	config_default(&c);
	assert_int_equal(yaml_load(&c, "t.yaml", row->text, row->len, &e), -1);
	assert_int_equal(e.code, ERR_CONFIG);
	if (strcmp(row->says + len - 3, "...") == 0)
		e.msg[len - 3] = '\0', len -= 3;
	if (strncmp(e.msg, row->says, len) != 0 || e.msg[len])
		fail_msg("\"%s\" is not \"%s\"", e.msg, row->says);
}

/* Whatever a cut leaves is either taken, or refused with a place. */
static void cut_test(void **state)
{
	static struct config c;
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);
	(void)state;
	assert_non_null(out);
	config_default(&c);
	config_print(&c, out);
	fclose(out);
	for (size_t n = 0; n <= len; n++) {
		struct err e = {0};
		config_default(&c);
		if (yaml_load(&c, "t.yaml", text, n, &e) == 0)
			continue;
		assert_int_equal(e.code, ERR_CONFIG);
		assert_int_equal(strncmp(e.msg, "t.yaml:", 7), 0);
	}
	free(text);
}

static void write_comment(const char *path, size_t bytes)
{
	FILE *f = fopen(path, "w");
	assert_non_null(f);
	for (size_t i = 0; i < bytes; i++)
		fputc('#', f);
	assert_int_equal(fclose(f), 0);
}

static int make_dir(void **state)
{
	*state = mkdtemp(strdup("/tmp/test_yaml.XXXXXX"));
	return *state && chdir(*state) == 0 ? 0 : -1;
}

static int drop_dir(void **state)
{
	unlink("c.yaml");
	int rc = chdir("/") || rmdir(*state) ? -1 : 0;
	free(*state);
	return rc;
}

static void file_test(void **state)
{
	static struct config c;
	struct err e = {0};
	struct file_stamp stamp;
	FILE *f = fopen("c.yaml", "w");
	(void)state;
	assert_non_null(f);
	fputs("numbers:\n  count: 5\n", f);
	fclose(f);
	config_default(&c);
	assert_int_equal(yaml_load_file(&c, "c.yaml", &stamp, &e), 0);
	assert_int_equal(c.run.numbers.count, 5);
}

static void permission_test(void **state)
{
	static struct config c;
	struct err e = {0};
	struct file_stamp stamp;
	(void)state;
	write_comment("c.yaml", 1);
	chmod("c.yaml", 0);
	if (access("c.yaml", R_OK) == 0)
		skip(); /* root reads everything */
	assert_int_equal(yaml_load_file(&c, "c.yaml", &stamp, &e), -1);
	assert_int_equal(e.code, ERR_NOPERM);
}

static void size_test(void **state)
{
	static struct config c;
	struct err e = {0};
	struct file_stamp stamp;
	(void)state;
	write_comment("c.yaml", YAML_FILE_MAX);
	assert_int_equal(yaml_load_file(&c, "c.yaml", &stamp, &e), 0);
	write_comment("c.yaml", YAML_FILE_MAX + 1);
	assert_int_equal(yaml_load_file(&c, "c.yaml", &stamp, &e), -1);
	assert_int_equal(e.code, ERR_CONFIG);
	assert_string_equal(e.msg, "c.yaml: longer than 1048576 bytes; no configuration");
}

int main(void)
{
	static struct CMUnitTest tests[LEN(good_rows) + LEN(bad_rows) + 8];
	size_t n = 0;
	for (size_t i = 0; i < LEN(good_rows); i++)
		tests[n++] = (struct CMUnitTest){good_rows[i].sentence, good_test, NULL, NULL, (void *)&good_rows[i]};
	for (size_t i = 0; i < LEN(bad_rows); i++)
		tests[n++] = (struct CMUnitTest){bad_rows[i].sentence, bad_test, NULL, NULL, (void *)&bad_rows[i]};
	tests[n++] = (struct CMUnitTest){"a text cut anywhere is taken, or refused with a place", cut_test};
	tests[n++] = (struct CMUnitTest){"a file is read", file_test, make_dir, drop_dir};
	tests[n++] = (struct CMUnitTest){"an unreadable file is a matter of permission", permission_test, make_dir,
					 drop_dir};
	tests[n++] =
		(struct CMUnitTest){"a file of 1 MiB is read, a longer one refused", size_test, make_dir, drop_dir};
	return _cmocka_run_group_tests("yaml", tests, n, NULL, NULL);
}
