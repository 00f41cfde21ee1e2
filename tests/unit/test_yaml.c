/* Reading YAML: what is taken, and each refusal with its place and its words. */
#include "config/plain.h"
#include "config/value.h"
#include "config/yaml.h"
#include "config_set.h"
#include "rows.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

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
	struct reading r = {0};
	config_default(&expected);
	if (row->key)
		assert_int_equal(config_set(&expected, row->key, row->value, &e), 0);
	config_default(&c);
	config_load(&c, row->text, row->len, &r);
	if (r.count > 0)
		fail_msg("%s", r.faults[0].e.msg);
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
	 "t.yaml:2:3: health.fips140: left in 0.2: the standard FIPS 140-2 is withdrawn; leave the key out, the block "
	 "repetition test sees more and always runs"},
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
	 "t.yaml:2:14: not plain text: U+0000 is a control character; allowed: UTF-8 without control characters, lines "
	 "that end with LF or CR LF"},
	{"NEL as a line break", TEXT("numbers:\n  format: hex\xC2\x85  count: 5\n"),
	 "t.yaml:2:14: not plain text: U+0085 is a control character; ..."},
	{"a line separator", TEXT("# a\xE2\x80\xA8numbers: {count: 5}\n"),
	 "t.yaml:1:4: not plain text: U+2028 is a separator that not every reader takes for one; ..."},
	{"a byte order mark within", TEXT("log: {}\n\xEF\xBB\xBF\n"),
	 "t.yaml:2:1: not plain text: U+FEFF is a byte order mark that is not at the start; ..."},
	{"two byte order marks", TEXT("\xEF\xBB\xBF\xEF\xBB\xBFlog: {}\n"), "t.yaml:1:1: not plain text: U+FEFF ..."},
	{"a carriage return alone", TEXT("log: {}\rseed: {}\n"), "t.yaml:1:8: not plain text: U+000D is a control ..."},
	{"a NUL by escape", TEXT("output:\n  file: \"a\\0b\"\n"), "t.yaml:2:9: output.file: holds a NUL; ..."},
	{"a line feed in a path", TEXT("output:\n  file: |\n    abc\n"),
	 "t.yaml:2:9: output.file: \"abc?\" holds a control character or is not UTF-8; ..."},
	{"bytes that are no UTF-8", TEXT("log:\n  level: \xFF\n"),
	 "t.yaml:2:10: not plain text: the byte 0xFF is not UTF-8; ..."},
	{"UTF-16", TEXT("\xFF\xFEl\0o\0g\0"), "t.yaml:1:1: not plain text: it looks like UTF-16; allowed: UTF-8"},
	{"a tab as indentation", TEXT("log:\n\tlevel: info\n"), "t.yaml:2:1: not YAML: ..."},
	{"an unclosed quote", TEXT("log:\n  level: \"info\n"), "t.yaml:3:1: not YAML: ..."},
	{"a version from the future", TEXT("%YAML 2.0\n---\nlog: {}\n"), "t.yaml:1:1: not YAML: ..."},
};

static void bad_test(void **state)
{
	const struct bad_row *row = *state;
	static struct config c;
	struct reading r = {0};
	size_t len = strlen(row->says);
	config_default(&c);
	config_load(&c, row->text, row->len, &r);
	assert_int_equal(reading_end(&r), -1);
	char *msg = r.faults[0].e.msg;
	assert_int_equal(r.faults[0].e.code, ERR_CONFIG);
	if (strcmp(row->says + len - 3, "...") == 0)
		msg[len - 3] = '\0', len -= 3;
	if (strncmp(msg, row->says, len) != 0 || msg[len])
		fail_msg("\"%s\" is not \"%s\"", msg, row->says);
	if (r.count > 1)
		fail_msg("one more: %s", r.faults[1].e.msg);
}

/* Files with several faults: each is told in one line, in the order of the file, and nothing that only follows from
 * another fault. */
static const struct many_row {
	const char *sentence, *text;
	size_t len;
	const char *says; /* the beginnings of the messages, one a line */
} many_rows[] = {
	{"a wrong type and an empty range", TEXT("numbers:\n  count: '5'\n  min: 9\n  max: 3\n"),
	 "2:10: numbers.count: is text in quotes\n3:8: numbers.min: 9 is above numbers.max: 3\n"},
	{"the range comes first", TEXT("numbers:\n  min: 9\n  max: 3\n  count: x\n"),
	 "2:8: numbers.min: 9 is above\n4:10: numbers.count: \"x\" is not an integer\n"},
	{"the place is that of the key that is given", TEXT("log: {}\nnumbers:\n  max: -5\n"),
	 "3:8: numbers.min: 0 is above numbers.max: -5\n"},
	{"a value that was refused is compared with nothing", TEXT("numbers:\n  min: x\n  max: -5\n"),
	 "2:8: numbers.min: \"x\" is not an integer\n"},
	{"a value with an anchor is compared with nothing", TEXT("numbers:\n  min: &a 5\n  max: -5\n"),
	 "2:8: numbers.min: an anchor\n"},
	{"a value that was given twice is compared with nothing", TEXT("numbers:\n  max: -5\n  max: -6\n"),
	 "3:3: numbers.max: given twice\n"},
	{"below an unknown name nothing is looked at", TEXT("nonsense:\n  a: {b: [c, {d: &e f}]}\n  *g : h\nlog: 5\n"),
	 "1:1: nonsense: unknown key\n4:6: log: not a mapping\n"},
	{"behind a list as a key", TEXT("? [a, {b: c}]\n: {d: e}\nlog:\n  level: loud\n"),
	 "1:3: a list or mapping as a key\n4:10: log.level: \"loud\" is not known\n"},
	{"behind a section with an anchor", TEXT("seed: &a\n  reseed_bytes: 1\nlog: &b 5\nnumbers: *a\n"),
	 "1:7: seed: an anchor\n3:6: log: an anchor\n4:10: numbers: an alias\n"},
	{"a section twice is not looked at again", TEXT("log:\n  level: a\nlog:\n  level: b\n"),
	 "2:10: log.level: \"a\"\n3:1: log: given twice, first in line 1\n"},
	{"two documents", TEXT("log: 5\n---\nlog: 6\n"), "1:6: log: not a mapping\n2:1: a second document\n"},
	{"before and behind a wrong syntax", TEXT("log: 5\nnumbers:\n  min: 9\n  max: 3\n  count: \"x\n"),
	 "1:6: log: not a mapping\n3:8: numbers.min: 9 is above\n6:1: not YAML: \n"},
	{"what stands behind a wrong syntax is compared with nothing", TEXT("numbers:\n  min: 100\n  count: \"x\n"),
	 "4:1: not YAML: \n"},
	{"control characters, and what else is wrong", TEXT("# \x07\nnumbers:\n  count: \x01\n  bytes: 0\n"),
	 "1:3: not plain text: U+0007\n3:10: not plain text: U+0001\n4:10: numbers.bytes: \"0\" is out of range\n"},
	{"two in one line", TEXT("# \x07\x08\n"), "1:3: not plain text: U+0007\n1:4: not plain text: U+0008\n"},
	{"a value beside a control character is compared with nothing", TEXT("numbers:\n  max: -5 # \x07\n"),
	 "2:13: not plain text: U+0007\n"},
};

static void many_test(void **state)
{
	const struct many_row *row = *state;
	static struct config c;
	struct reading r = {0};
	const char *says = row->says;
	config_default(&c);
	config_load(&c, row->text, row->len, &r);
	config_check(&c, &r);
	assert_int_equal(reading_end(&r), -1);
	for (size_t i = 0; i < r.count; i++) {
		const char *msg = r.faults[i].e.msg;
		size_t len = strcspn(says, "\n");
		assert_memory_equal(msg, "t.yaml:", 7);
		if (len == 0 || strncmp(msg + 7, says, len) != 0)
			fail_msg("\"%s\" does not begin with \"%.*s\"", msg, (int)len, says);
		says += len + 1;
	}
	assert_string_equal(says, "");
}

/* Of more faults than a person reads at once the first ones are told, and how many there are. */
static void bounded_test(void **state)
{
	static struct config c;
	char text[4096];
	size_t len = 0;
	(void)state;
	for (int faults = FAULTS_MAX - 1; faults <= FAULTS_MAX + 2; faults++) {
		struct reading r = {0};
		len = (size_t)snprintf(text, sizeof text, "numbers: {min: 100}\n");
		for (int i = 1; i < faults; i++)
			len += (size_t)snprintf(text + len, sizeof text - len, "x%d: 1\n", i);
		config_default(&c);
		config_load(&c, text, len, &r);
		config_check(&c, &r); /* found last, but of the first line */
		assert_int_equal(reading_end(&r), -1);
		assert_int_equal(r.count, faults > FAULTS_MAX ? FAULTS_MAX + 1 : faults);
		assert_memory_equal(r.faults[0].e.msg, "t.yaml:1:16: numbers.min: 100", 29);
		assert_memory_equal(r.faults[18].e.msg, "t.yaml:19:1: x18: unknown", 25);
	}
	struct reading r = {0};
	config_load(&c, text, len, &r);
	config_check(&c, &r);
	reading_end(&r);
	assert_string_equal(r.faults[FAULTS_MAX].e.msg, "t.yaml: and 2 more");
}

/* Every character that may not stand in a file, wherever it stands. */
static void character_test(void **state)
{
	static const struct {
		const char *before, *behind;
	} places[] = {{"# ", "\n"},
		      {"log: {} # a ", "\n"},
		      {"output:\n  file: a", "b\n"},
		      {"output:\n  file: \"a", "b\"\n"},
		      {"output:\n  file: 'a", "b'\n"},
		      {"l", "g: {}\n"},
		      {"log:", " {}\n"},
		      {"log: {}\n", ""}};
	static const char characters[] =
		"\x01 \x02 \x08 \x0B \x0C \x0E \x1B \x1F \x7F \xC2\x80 \xC2\x85 \xC2\x9B \xC2\x9F "
		"\xE2\x80\xA8 \xE2\x80\xA9 \xEF\xBB\xBF \xEF\xBF\xBE \xEF\xBF\xBF "
		"\xFF \xC0\x80 \xED\xA0\x80 \xF4\x90\x80\x80 \r";
	static struct config c;
	(void)state;
	for (size_t i = 0; i < LEN(places); i++) {
		const char *before = places[i].before, *last = strrchr(before, '\n');
		int line = last ? 2 : 1, column = (int)strlen(last ? last + 1 : before) + 1, len = 0;
		for (const char *ch = characters; *ch; ch += len + (ch[len] != '\0')) {
			char text[64], where[48];
			struct reading r = {0};
			len = (int)strcspn(ch, " ");

			/* A carriage return before a line feed is half of a line end. */
			if (*ch == '\r' && places[i].behind[0] == '\n')
				continue;
			int bytes = snprintf(text, sizeof text, "%s%.*s%s", before, len, ch, places[i].behind);
			snprintf(where, sizeof where, "t.yaml:%d:%d: not plain text", line, column);
			config_default(&c);
			config_load(&c, text, (size_t)bytes, &r);
			if (r.count == 0)
				fail_msg("place %zu, character %.*s: taken", i, len, ch);
			if (strncmp(r.faults[0].e.msg, where, strlen(where)) != 0)
				fail_msg("place %zu, character %.*s: %s", i, len, ch, r.faults[0].e.msg);
		}
	}
}

/* By an escape in double quotes they come behind the reader of the text: no value takes them. */
static void escape_test(void **state)
{
	static const char *const escapes[] = {"\\a",     "\\e",   "\\n",     "\\t",   "\\r",     "\\x85",
					      "\\N",     "\\L",   "\\P",     "\\x7f", "\\u2028", "\\u2029",
					      "\\uFEFF", "\\x9b", "\\uFFFE", "\\0"};
	static const char *const keys[] = {"output: {file",  "source: {device", "source: {path",  "http: {listen",
					   "confine: {user", "log: {level",     "output: {owner", "numbers: {count"};
	static struct config c;
	(void)state;
	for (size_t i = 0; i < LEN(keys); i++) {
		for (size_t k = 0; k < LEN(escapes); k++) {
			char text[64];
			struct reading r = {0};
			int len = snprintf(text, sizeof text, "%s: \"1%s2\"}\n", keys[i], escapes[k]);
			config_default(&c);
			config_load(&c, text, (size_t)len, &r);
			if (r.count != 1 || !plain_is_printable(r.faults[0].e.msg))
				fail_msg("%s: %zu faults, %s", text, r.count, r.faults[0].e.msg);
		}
	}
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
		struct reading r = {0};
		config_default(&c);
		config_load(&c, text, n, &r);
		for (size_t i = 0; i < r.count; i++) {
			assert_int_equal(r.faults[i].e.code, ERR_CONFIG);
			assert_memory_equal(r.faults[i].e.msg, "t.yaml:", 7);
		}
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
	struct reading r = {0};
	FILE *f = fopen("c.yaml", "w");
	(void)state;
	assert_non_null(f);
	fputs("numbers:\n  count: 5\n", f);
	fclose(f);
	config_default(&c);
	yaml_load_file(&c, "c.yaml", &r);
	assert_int_equal(r.count, 0);
	assert_int_equal(c.run.numbers.count, 5);
}

static void permission_test(void **state)
{
	static struct config c;
	struct reading r = {0};
	(void)state;
	write_comment("c.yaml", 1);
	chmod("c.yaml", 0);
	if (access("c.yaml", R_OK) == 0)
		skip_since("root reads every file");
	yaml_load_file(&c, "c.yaml", &r);
	assert_int_equal(r.count, 1);
	assert_int_equal(r.faults[0].e.code, ERR_NOPERM);
}

static void size_test(void **state)
{
	static struct config c;
	struct reading r = {0};
	(void)state;
	write_comment("c.yaml", YAML_FILE_MAX);
	yaml_load_file(&c, "c.yaml", &r);
	assert_int_equal(r.count, 0);
	write_comment("c.yaml", YAML_FILE_MAX + 1);
	yaml_load_file(&c, "c.yaml", &r);
	assert_int_equal(r.count, 1);
	assert_int_equal(r.faults[0].e.code, ERR_CONFIG);
	assert_string_equal(r.faults[0].e.msg, "c.yaml: longer than 1048576 bytes; no configuration");
}

int main(void)
{
	static struct CMUnitTest tests[LEN(good_rows) + LEN(bad_rows) + LEN(many_rows) + 8];
	size_t n = 0;
	for (size_t i = 0; i < LEN(good_rows); i++)
		tests[n++] = (struct CMUnitTest){good_rows[i].sentence, good_test, NULL, NULL, (void *)&good_rows[i]};
	for (size_t i = 0; i < LEN(bad_rows); i++)
		tests[n++] = (struct CMUnitTest){bad_rows[i].sentence, bad_test, NULL, NULL, (void *)&bad_rows[i]};
	for (size_t i = 0; i < LEN(many_rows); i++)
		tests[n++] = (struct CMUnitTest){many_rows[i].sentence, many_test, NULL, NULL, (void *)&many_rows[i]};
	tests[n++] = (struct CMUnitTest){"the first faults are told, and how many there are", bounded_test};
	tests[n++] = (struct CMUnitTest){"no control character anywhere", character_test};
	tests[n++] = (struct CMUnitTest){"no control character by an escape", escape_test};
	tests[n++] = (struct CMUnitTest){"a text cut anywhere is taken, or refused with a place", cut_test};
	tests[n++] = (struct CMUnitTest){"a file is read", file_test, make_dir, drop_dir};
	tests[n++] = (struct CMUnitTest){"an unreadable file is a matter of permission", permission_test, make_dir,
					 drop_dir};
	tests[n++] =
		(struct CMUnitTest){"a file of 1 MiB is read, a longer one refused", size_test, make_dir, drop_dir};
	return _cmocka_run_group_tests("yaml", tests, n, NULL, NULL);
}
