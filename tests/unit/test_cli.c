/* The command line: what each option and operand sets, and what each mistake is told. */
#include "cli/cli.h"
#include "config/value.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define LEN(a) (sizeof(a) / sizeof(a)[0])

enum { WORDS_MAX = 2 * CLI_OVERRIDES };

/* Splits at blanks, "''" stands for an empty word, and puts the program's name first. */
static int split(char *text, char *argv[WORDS_MAX])
{
	static char name[] = "refresher", empty[] = "";
	char *save = NULL;
	int argc = 0;
	argv[argc++] = name;
	for (char *w = strtok_r(text, " ", &save); w; w = strtok_r(NULL, " ", &save)) {
		assert_true(argc < WORDS_MAX - 1);
		argv[argc++] = strcmp(w, "''") == 0 ? empty : w;
	}
	argv[argc] = NULL;
	return argc;
}

static const struct good_row {
	const char *sentence, *words;
	enum cli_action action;
	const char *key, *value; /* NULL: all defaults */
} good_rows[] = {
	{"nothing is a run with the defaults", "", CLI_RUN, NULL, NULL},
	{"the file", "/n.txt", CLI_RUN, "output.file", "/n.txt"},
	{"the count", "/n.txt 5", CLI_RUN, "numbers.count", "5"},
	{"the seconds", "/n.txt 5 30", CLI_RUN, "refresh.interval", "30"},
	{"fractions of seconds", "/n.txt 5 0.25", CLI_RUN, "refresh.interval", "0.25"},
	{"seconds 0", "/n.txt 5 0", CLI_RUN, "refresh.interval", "0"},
	{"standard output", "-", CLI_RUN, "output.file", "-"},
	{"standard output and a count", "- 7", CLI_RUN, "numbers.count", "7"},
	{"a file that begins with a dash", "-n -- -x 5", CLI_CHECK_CONFIG, "output.file", "-x"},
	{"a file with the name of an option", "-n -- help", CLI_CHECK_CONFIG, "output.file", "help"},
	{"a file with the name of an option, by its path", "./help", CLI_RUN, "output.file", "./help"},
	{"a file that begins with an option's name", "status.txt", CLI_RUN, "output.file", "status.txt"},
	{"a file with digits", "5numbers", CLI_RUN, "output.file", "5numbers"},
	{"a file with an equals sign", "a=b", CLI_RUN, "output.file", "a=b"},
	{"a file whose name is a number", "-- 5", CLI_RUN, "output.file", "5"},
	{"a file that looks like a configuration", "-- n.yaml", CLI_RUN, "output.file", "n.yaml"},
	{"a file named in the settings", "--set output.file=help", CLI_RUN, "output.file", "help"},
	{"options behind operands", "/n.txt 5 -s cpu", CLI_RUN, "source.kind", "cpu"},
	{"options between operands", "/n.txt -s cpu 5", CLI_RUN, "numbers.count", "5"},
	{"--status", "--status", CLI_STATUS, NULL, NULL},
	{"--status with an address", "--status 127.0.0.1:81", CLI_STATUS, "http.listen", "127.0.0.1:81"},
	{"--status behind the daemon's own line", "-l :82 /n.txt 5 30 --status", CLI_STATUS, "http.listen", ":82"},
	{"--status=json with an address", "--status=json :83", CLI_STATUS, "http.listen", ":83"},
	{"-n", "-n", CLI_CHECK_CONFIG, NULL, NULL},
	{"--check-config", "--check-config", CLI_CHECK_CONFIG, NULL, NULL},
	{"-s", "-s kernel", CLI_RUN, "source.kind", "kernel"},
	{"-s with its argument attached", "-skernel", CLI_RUN, "source.kind", "kernel"},
	{"--source", "--source kernel", CLI_RUN, "source.kind", "kernel"},
	{"--source=", "--source=kernel", CLI_RUN, "source.kind", "kernel"},
	{"-d", "-d /dev/x", CLI_RUN, "source.device", "/dev/x"},
	{"-d leaves the kind alone", "-d /dev/x", CLI_RUN, "source.kind", "auto"},
	{"--device", "--device=/dev/x", CLI_RUN, "source.device", "/dev/x"},
	{"-f", "-f uuid", CLI_RUN, "numbers.format", "uuid"},
	{"--format", "--format uuid", CLI_RUN, "numbers.format", "uuid"},
	{"-l", "-l none", CLI_RUN, "http.listen", "none"},
	{"--listen", "--listen=[::]:80", CLI_RUN, "http.listen", "[::]:80"},
	{"--set", "--set source.timeout=3", CLI_RUN, "source.timeout", "3"},
	{"--set=", "--set=source.timeout=3", CLI_RUN, "source.timeout", "3"},
	{"--set with an equals sign in the value", "--set source.path=a=b", CLI_RUN, "source.path", "a=b"},
	{"--set to nothing", "-d x --set source.device=", CLI_RUN, "source.device", ""},
	{"--set repeats, the last wins", "--set numbers.count=3 --set numbers.count=4", CLI_RUN, "numbers.count", "4"},
	{"a later operand beats an earlier option", "--set numbers.count=3 /n 4", CLI_RUN, "numbers.count", "4"},
	{"a later option beats an earlier operand", "/n 4 --set numbers.count=3", CLI_RUN, "numbers.count", "3"},
	{"--log-format", "--log-format json", CLI_RUN, "log.format", "json"},
	{"-v", "-v", CLI_RUN, "log.level", "debug"},
	{"-q", "-q", CLI_RUN, "log.level", "warn"},
	{"-qq", "-qq", CLI_RUN, "log.level", "error"},
	{"-q -q", "-q -q", CLI_RUN, "log.level", "error"},
	{"-vq: the last wins", "-vq", CLI_RUN, "log.level", "warn"},
	{"a bundle that ends with an argument", "-nqlnone", CLI_CHECK_CONFIG, "http.listen", "none"},
	{"an option's argument may begin with a dash", "-d -x", CLI_RUN, "source.device", "-x"},
	{"-h", "-h", CLI_HELP, NULL, NULL},
	{"--help before a mistake", "--help --nonsense", CLI_HELP, NULL, NULL},
	{"-h in a bundle with a mistake", "-hX", CLI_HELP, NULL, NULL},
	{"-V", "-V", CLI_VERSION, NULL, NULL},
	{"--version", "--version", CLI_VERSION, NULL, NULL},
};

static void good_test(void **state)
{
	const struct good_row *row = *state;
	static struct config c, defaults;
	static struct cli cli;
	struct err e = {0};
	struct reading r = {0};
	char words[256], text[VALUE_TEXT_MAX], *argv[WORDS_MAX];
	snprintf(words, sizeof words, "%s", row->words);
	if (cli_parse(&cli, split(words, argv), argv, &e))
		fail_msg("%s", e.msg);
	if (cli_config(&cli, &c, &r))
		fail_msg("%s", r.faults[0].e.msg);
	assert_int_equal(cli.action, row->action);
	config_default(&defaults);
	if (!row->key) {
		assert_memory_equal(&c, &defaults, sizeof c);
		return;
	}
	value_get(key_find(row->key), &c, text);
	assert_string_equal(text, row->value);
}

#define COUNT_ALLOWED "; allowed: an integer from 1 to 1000000000"

static const struct bad_row {
	const char *sentence, *words, *says; /* the beginning of the message */
} bad_rows[] = {
	{"count in scientific form", "f 1e4", "COUNT: \"1e4\" is not an integer" COUNT_ALLOWED},
	{"a negative count", "f -5", "COUNT: \"-5\" is out of range" COUNT_ALLOWED},
	{"a negative count behind --", "-- f -5", "COUNT: \"-5\" is out of range" COUNT_ALLOWED},
	{"count 0", "f 0", "COUNT: \"0\" is out of range" COUNT_ALLOWED},
	{"a count with a suffix", "f 10k", "COUNT: \"10k\" is not an integer" COUNT_ALLOWED},
	{"a count beyond 10^9", "f 99999999999", "COUNT: \"99999999999\" is out of range" COUNT_ALLOWED},
	{"an empty count", "f ''", "COUNT: \"\" is not an integer"},
	{"negative seconds", "f 5 -1",
	 "SECONDS: \"-1\" is out of range; allowed: 0, or seconds as a plain number from 0.001"},
	{"seconds with a unit", "f 5 30s", "SECONDS: \"30s\" is not a number"},
	{"seconds below 1 ms", "f 5 0.0001", "SECONDS: \"0.0001\" is out of range"},
	{"help as a word", "help",
	 "help: no FILE, but a word of a command line? see refresher --help; behind \"--\" it is"},
	{"version as a word", "version", "version: no FILE, but a word"},
	{"--status of a form that there is not", "--status=xml",
	 "--status=xml: allowed: --status [ADDR:PORT], --status=json [ADDR:PORT]"},
	{"--status of no address", "--status n.txt", "--status: \"n.txt\": no port; allowed: ADDRESS:PORT"},
	{"status as a word", "status 127.0.0.1:8080", "status: no FILE, but a word"},
	{"start as a word", "start", "start: no FILE, but a word"},
	{"check-config as a word", "check-config", "check-config: no FILE, but a word"},
	{"seed as a word", "seed 42", "seed: no FILE, but a word"},
	{"COUNT without FILE", "10000", "10000: no FILE, but COUNT? allowed: FILE COUNT SECONDS; behind"},
	{"a setting without --set", "numbers.count=5",
	 "numbers.count=5: no FILE, but a setting? write --set before it"},
	{"a configuration without -c", "/etc/refresher.yaml",
	 "/etc/refresher.yaml: no FILE, but a configuration? write -c"},
	{"a configuration with the other ending", "r.yml 5", "r.yml: no FILE, but a configuration?"},
	{"a dash of a word processor", "\xE2\x80\x93help", "\xE2\x80\x93help: begins with a dash that is no '-'"},
	{"a minus sign", "\xE2\x88\x92n", "\xE2\x88\x92n: begins with a minus sign"},
	{"a file with a line separator", "a\xE2\x80\xA8", "FILE: \"a???\" holds a control character"},
	{"a file with NEL", "a\xC2\x85", "FILE: \"a??\" holds a control character"},
	{"a configuration with a control character in its name", "-c a\x1b", "-c: the name holds a control character"},
	{"a value with NEL", "--set source.path=a\xC2\x85", "--set source.path: \"a??\" holds a control character"},
	{"NEL in a word", "f 5 30 a\xC2\x85", "a??: a fourth operand"},
	{"a key with NEL", "--set log\xC2\x85=5",
	 "--set log?"
	 "?=5: unknown key"},
	{"an empty file", "''", "FILE: \"\" is empty"},
	{"a fourth operand", "f 5 30 x", "x: a fourth operand; allowed: FILE COUNT SECONDS"},
	{"control characters in a word", "f 5 30 a\nb\x1b[31m",
	 "a?b?[31m: a fourth operand; allowed: FILE COUNT SECONDS"},
	{"control characters in a value", "-sa\tb", "-sa?b: \"a?b\" is not known"},
	{"an unknown letter", "-x",
	 "-x: unknown option; see refresher --help; a FILE that begins with '-' goes behind \"--\""},
	{"a number where FILE stands", "-5", "-5: unknown option"},
	{"an unknown letter in a bundle", "-nx", "-x: unknown option"},
	{"an unknown name with a hint", "--sourse=cpu", "--sourse: unknown option; did you mean --source?"},
	{"an unknown name without a hint", "--zzzzzz", "--zzzzzz: unknown option; see refresher --help"},
	{"a name cut short", "--sou cpu", "--sou: unknown option"},
	{"a letter without its argument", "-s", "-s: needs an argument, NAME"},
	{"a name without its argument", "--config", "--config: needs an argument, FILE"},
	{"a name with an argument too many", "--check-config=1", "--check-config: takes no argument"},
	{"a wrong source", "-s foo", "-s: \"foo\" is not known; allowed: auto, device, cpu, kernel or replay"},
	{"a wrong format", "--format foo", "--format: \"foo\" is not known; allowed: int32, "},
	{"a wrong address", "-l 8080", "-l: "},
	{"--set without a value", "--set source.timeout", "--set source.timeout: no value; write --set key.path=value"},
	{"--set of an unknown key", "--set source.timout=5",
	 "--set source.timout=5: unknown key; did you mean source.timeout?"},
	{"--set of a section", "--set http=5", "--set http: a section, not a key; name a key below it"},
	{"--set of an endless key",
	 "--set numbers.counttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttt=5",
	 "--set numbers.counttt"},
	{"--set of nothing", "--set =5", "--set =5: unknown key"},
	{"--set out of range", "--set source.timeout=0",
	 "--set source.timeout: \"0\" is out of range; allowed: seconds as a plain number from 0.1 to 3600"},
	{"--set of a wrong boolean", "--set numbers.manifest=on",
	 "--set numbers.manifest: \"on\" is text here, not a boolean"},
	{"--seed", "--seed", "--seed: refresher never emits predictable numbers"},
	{"--seed with a value", "--seed=42", "--seed=42: refresher never emits predictable numbers"},
	{"--seed with a value behind it", "--seed 42 f", "--seed: refresher never emits predictable numbers"},
};

static void bad_test(void **state)
{
	const struct bad_row *row = *state;
	static struct config c;
	static struct cli cli;
	struct err e = {0};
	struct reading r = {0};
	char words[256], *argv[WORDS_MAX];
	snprintf(words, sizeof words, "%s", row->words);
	if (cli_parse(&cli, split(words, argv), argv, &e) == 0) {
		assert_int_equal(cli_config(&cli, &c, &r), -1);
		assert_int_equal(r.count, 1);
		e = r.faults[0].e;
	}
	assert_int_equal(e.code, ERR_USAGE);
	if (strncmp(e.msg, row->says, strlen(row->says)) != 0)
		fail_msg("\"%s\" does not begin with \"%s\"", e.msg, row->says);
}

/* A command line over a configuration file of this text. The words stay for the next reading. */
static int load(const char *text, const char *settings, struct cli *cli, struct config *c, struct reading *r)
{
	static char path[32], words[256], *argv[WORDS_MAX];
	struct err e;
	strcpy(path, "/tmp/test_cli.XXXXXX");
	int fd = mkstemp(path);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	close(fd);
	snprintf(words, sizeof words, "-c %s %s", path, settings);
	assert_int_equal(cli_parse(cli, split(words, argv), argv, &e), 0);
	assert_string_equal(cli->config_file, path);
	int rc = cli_config(cli, c, r);
	unlink(path);
	return rc;
}

/* File and command line together: the file's faults with their places, then the others; what the command line sets is
 * compared, and its place is not that of the file. Checks across keys belong to the configuration, wherever the values
 * came from. */
static const struct several_row {
	const char *sentence, *text, *settings;
	struct {
		const char *says;
		enum err_code code;
	} faults[4];
} several_rows[] = {
	{"a contradiction of two keys is a configuration error",
	 "",
	 "--set numbers.min=100",
	 {{"numbers.min: 100 is above", ERR_CONFIG}}},
	{"all faults of file and command line",
	 "numbers:\n  max: 5\n  min: 7\n  count: x\nhealth: {retry_max: 3}\n",
	 "--set numbers.max=9 --set health.retry_min=4 -f foo --set log.level=no",
	 {{":4:10: numbers.count: \"x\" is not an integer", ERR_CONFIG},
	  {":5:21: health.retry_max: 3 is less than health.retry_min: 4", ERR_CONFIG},
	  {"-f: \"foo\" is not known", ERR_USAGE},
	  {"--set log.level: \"no\" is not known", ERR_USAGE}}},
};

static void several_test(void **state)
{
	const struct several_row *row = *state;
	static struct config c;
	static struct cli cli;
	struct reading r = {0};
	size_t n = 0;
	assert_int_equal(load(row->text, row->settings, &cli, &c, &r), -1);
	for (; n < LEN(row->faults) && row->faults[n].says; n++) {
		assert_true(n < r.count);
		assert_non_null(strstr(r.faults[n].e.msg, row->faults[n].says));
		assert_int_equal(r.faults[n].e.code, row->faults[n].code);
	}
	assert_int_equal(r.count, n);
}

static void order_test(void **state)
{
	static struct config c;
	static struct cli cli;
	struct reading r = {0};
	(void)state;
	assert_int_equal(load("numbers:\n  count: 7\n  bytes: 8\nlog:\n  level: error\n", "/n 9 -v", &cli, &c, &r), 0);
	assert_int_equal(c.run.numbers.count, 9);
	assert_int_equal(c.run.numbers.bytes, 8);
	assert_int_equal(c.log.level, LOG_DEBUG);
	assert_int_equal(c.http.connections, 64);

	/* The file is gone by now. */
	assert_int_equal(cli_config(&cli, &c, &r), -1);
	assert_int_equal(r.faults[0].e.code, ERR_CONFIG);
}

static void overrides_test(void **state)
{
	static struct cli cli;
	struct err e = {0};
	char words[WORDS_MAX * 16] = "-c c -s cpu -d x /n 5 30 ", *argv[WORDS_MAX];
	(void)state;
	for (int i = 5; i < CLI_OVERRIDES; i++)
		strcat(words, "--set=log.level=warn ");
	char more[sizeof words + 4];
	snprintf(more, sizeof more, "%s -v", words);
	assert_int_equal(cli_parse(&cli, split(words, argv), argv, &e), 0);
	assert_int_equal(cli.override_count, CLI_OVERRIDES);
	assert_int_equal(cli_parse(&cli, split(more, argv), argv, &e), -1);
	assert_int_equal(e.code, ERR_USAGE);
	assert_string_equal(e.msg, "-v: more than 96 options and operands; put some into a configuration file");
}

static char *printed(void (*print)(FILE *out))
{
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);
	assert_non_null(out);
	print(out);
	assert_int_equal(fclose(out), 0);
	return text;
}

static void print_version(FILE *out)
{
	cli_version(out, "9.8.7");
}

/* Every option and operand stands in the help, with its argument. */
static void help_test(void **state)
{
	static const char *const names[] = {"config", "check-config", "source", "device",  "format", "listen",
					    "set",    "log-format",   "seed",   "version", "help"};
	char *text = strdup(cli_help_text), *save = NULL, entry[64];
	(void)state;
	for (size_t i = 0; i < LEN(names); i++) {
		const struct option_row *o = option_find(0, names[i]);
		assert_non_null(o);
		snprintf(entry, sizeof entry, " --%s%s%s ", o->name, o->arg ? " " : "", o->arg ? o->arg : "");
		if (!strstr(text, entry))
			fail_msg("no \"%s\"", entry);
	}
	for (char letter = ' '; letter <= '~'; letter++) {
		const struct option_row *o = option_find(letter, NULL);
		snprintf(entry, sizeof entry, "\n  -%c%s%s ", letter, o && o->name ? ", --" : "",
			 o && o->name ? o->name : "");
		if (!strstr(text, entry) != !o)
			fail_msg("option -%c", letter);
	}
	assert_true(strstr(text, "\n  FILE ") && strstr(text, "\n  COUNT ") && strstr(text, "\n  SECONDS "));
	for (char *line = strtok_r(text, "\n", &save); line; line = strtok_r(NULL, "\n", &save))
		assert_true(strlen(line) <= 80);
	free(text);
}

static void version_test(void **state)
{
	char *text = printed(print_version);
	(void)state;
	assert_int_equal(strncmp(text, "refresher ", 10), 0);
	assert_non_null(strstr(text, ", revision "));
	assert_non_null(strstr(text, "\nOpenSSL 9.8.7, libyaml 0."));
	free(text);
}

int main(void)
{
	static struct CMUnitTest tests[LEN(good_rows) + LEN(bad_rows) + LEN(several_rows) + 4];
	size_t n = 0;
	for (size_t i = 0; i < LEN(good_rows); i++)
		tests[n++] = (struct CMUnitTest){good_rows[i].sentence, good_test, NULL, NULL, (void *)&good_rows[i]};
	for (size_t i = 0; i < LEN(bad_rows); i++)
		tests[n++] = (struct CMUnitTest){bad_rows[i].sentence, bad_test, NULL, NULL, (void *)&bad_rows[i]};
	for (size_t i = 0; i < LEN(several_rows); i++)
		tests[n++] = (struct CMUnitTest){several_rows[i].sentence, several_test, NULL, NULL,
						 (void *)&several_rows[i]};
	tests[n++] = (struct CMUnitTest){"defaults, then the file, then the command line", order_test};
	tests[n++] = (struct CMUnitTest){"96 settings fit, 97 are refused", overrides_test};
	tests[n++] = (struct CMUnitTest){"help names options and operands in 80 columns", help_test};
	tests[n++] = (struct CMUnitTest){"version names program and libraries", version_test};
	return _cmocka_run_group_tests("cli", tests, n, NULL, NULL);
}
