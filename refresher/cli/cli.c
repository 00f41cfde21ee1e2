#include "cli/cli.h"

#include "cli/options.h"
#include "config/keys.h"
#include "config/plain.h"
#include "config/refuse.h"
#include "config/value.h"
#include "config/yaml.h"

#include <assert.h>
#include <string.h>

/* The walk over argv. */
struct scan {
	struct cli *cli;
	char **argv;
	int argc, at; /* argv[at] is the next argument */
	size_t operands;
	bool quiet;        /* a -q was seen */
	const char *value; /* argument of the present option; NULL: it takes none */
	struct err *e;
};

static int refuse(struct scan *s, const char *option, const char *what)
{
	return err_set(s->e, ERR_USAGE, 0, "%.64s: %s", option, what);
}

static int override(struct scan *s, const char *option, const struct key *key, const char *value)
{
	struct cli *cli = s->cli;
	if (cli->override_count == CLI_OVERRIDES)
		return err_set(s->e, ERR_USAGE, 0,
			       "%.64s: more than %d options and operands; put some into a configuration file", option,
			       CLI_OVERRIDES);
	cli->overrides[cli->override_count++] = (struct cli_override){key, value, option};
	return 0;
}

static int set_any(struct scan *s)
{
	char name[KEY_NAME_MAX];
	assert(s->value); /* by the table --set takes an argument */
	const char *equals = strchr(s->value, '=');
	if (!equals)
		return err_set(s->e, ERR_USAGE, 0, "--set %.64s: no value; write --set key.path=value", s->value);
	snprintf(name, sizeof name, "%.*s", (int)(equals - s->value), s->value);
	const struct key *k = key_find(name);
	if (k)
		return override(s, "--set", k, equals + 1);
	key_unknown(name, s->e);
	s->e->code = ERR_USAGE;
	return err_wrap(s->e, "--set %.128s", s->value);
}

static int set_quiet(struct scan *s, const struct option_row *o, const char *option)
{
	const char *level = s->quiet ? "error" : "warn";
	s->quiet = true;
	return override(s, option, key_find(o->key), level);
}

static int obey(struct scan *s, const struct option_row *o, const char *option)
{
	switch (o->kind) {
	case OPTION_KEY:
		return override(s, option, key_find(o->key), s->value);
	case OPTION_FIXED:
		return override(s, option, key_find(o->key), o->value);
	case OPTION_QUIET:
		return set_quiet(s, o, option);
	case OPTION_SET:
		return set_any(s);
	case OPTION_CONFIG:
		if (!plain_is_printable(s->value))
			return refuse(s, option, "the name holds a control character or is not UTF-8");
		s->cli->config_file = s->value;
		return 0;
	case OPTION_ACTION:
		s->cli->action = o->action;
		return 0;
	case OPTION_SEED:
		break;
	}
	return refuse(s, option,
		      "refresher never emits predictable numbers; for repeatable ones use a generator of your own");
}

/* The argument of an option stands in the same word, or is the next one. */
static int take_value(struct scan *s, const struct option_row *o, const char *option, const char *attached)
{
	s->value = attached;
	if (!o->arg)
		return 0;
	if (!attached && s->at < s->argc)
		s->value = s->argv[s->at++];
	if (s->value)
		return 0;
	return err_set(s->e, ERR_USAGE, 0, "%.64s: needs an argument, %s", option, o->arg);
}

static int long_option(struct scan *s, const char *word)
{
	size_t len = strcspn(word + 2, "=");
	const char *attached = word[2 + len] ? word + 2 + len + 1 : NULL;
	const struct option_row *o = option_by_name(word + 2, len);
	if (!o) {
		char name[64];
		snprintf(name, sizeof name, "%.*s", (int)len, word + 2);
		const char *near = option_nearest(name);
		return near[0] ? err_set(s->e, ERR_USAGE, 0, "--%s: unknown option; did you mean --%s?", name, near)
			       : err_set(s->e, ERR_USAGE, 0, "--%s: unknown option; see refresher --help", name);
	}
	if (!o->arg && attached && o->kind != OPTION_SEED)
		return err_set(s->e, ERR_USAGE, 0, "--%s: takes no argument", o->name);
	return take_value(s, o, word, attached) || obey(s, o, word) ? -1 : 0;
}

/* A word of letters: "-vn", "-lnone", "-l" "none". */
static int short_options(struct scan *s, const char *word)
{
	for (const char *p = word + 1; *p; p++) {
		const struct option_row *o = option_by_letter(*p);
		if (!o)
			return err_set(s->e, ERR_USAGE, 0,
				       "-%c: unknown option; see refresher --help; a FILE that begins with '-' goes "
				       "behind \"--\"",
				       *p > ' ' && *p <= '~' ? *p : '?');
		const char *rest = o->arg && p[1] ? p + 1 : NULL;
		if (take_value(s, o, word, rest) || obey(s, o, word))
			return -1;
		if (o->arg || s->cli->action >= CLI_HELP)
			break;
	}
	return 0;
}

static bool ends_with(const char *word, const char *end)
{
	size_t len = strlen(word), n = strlen(end);
	return len > n && strcmp(word + len - n, end) == 0;
}

/* Whether "numbers.count=5" sets a key. */
static bool is_setting(const char *word)
{
	char name[KEY_NAME_MAX];
	snprintf(name, sizeof name, "%.*s", (int)strcspn(word, "="), word);
	return strchr(word, '=') && key_find(name);
}

static bool is_command(const char *word)
{
	static const char *const commands[] = {"start", "stop", "restart", "reload", "run", "status", "usage"};
	for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++) {
		if (strcmp(word, commands[i]) == 0)
			return true;
	}
	return option_by_name(word, strlen(word)) != NULL;
}

/* What a word was meant to be that hardly names the file for the numbers; NULL: it may be one. */
static const char *mistaken_for_file(const char *word)
{
	if (is_command(word))
		return "no FILE, but a word of a command line? see refresher --help";
	if (*word && word[strspn(word, "0123456789")] == '\0')
		return "no FILE, but COUNT? allowed: FILE COUNT SECONDS";
	if (is_setting(word))
		return "no FILE, but a setting? write --set before it";
	if (ends_with(word, ".yaml") || ends_with(word, ".yml"))
		return "no FILE, but a configuration? write -c before it";
	/* U+2010 to U+2015, and the minus sign U+2212: what a word processor makes of '-'. */
	if (strncmp(word, "\xE2\x80", 2) == 0 && word[2] >= '\x90' && word[2] <= '\x95')
		return "begins with a dash that is no '-'";
	return strncmp(word, "\xE2\x88\x92", 3) == 0 ? "begins with a minus sign that is no '-'" : NULL;
}

/* explicit: it stands behind "--". */
static int operand(struct scan *s, const char *word, bool explicit)
{
	const struct operand *o = operand_at(s->operands++);
	if (!o)
		return refuse(s, word, "a fourth operand; allowed: FILE COUNT SECONDS");
	/* Only FILE takes any word; what COUNT and SECONDS take is checked with their keys. */
	const char *mistaken = s->operands == 1 && !explicit ? mistaken_for_file(word) : NULL;
	if (mistaken)
		return err_set(s->e, ERR_USAGE, 0, "%.64s: %s; behind \"--\" it is a FILE", word, mistaken);
	return override(s, o->name, key_find(o->key), word);
}

/* "-5" where COUNT or SECONDS stands is a wrong number and no option. */
static bool is_negative(const struct scan *s, const char *word)
{
	return s->operands > 0 && word[0] == '-' && word[1] >= '0' && word[1] <= '9';
}

static int take_word(struct scan *s, const char *word, bool *only_operands)
{
	if (*only_operands || word[0] != '-' || word[1] == '\0' || is_negative(s, word))
		return operand(s, word, *only_operands);
	if (strcmp(word, "--") == 0) {
		*only_operands = true;
		return 0;
	}
	return word[1] == '-' ? long_option(s, word) : short_options(s, word);
}

int cli_parse(struct cli *cli, int argc, char **argv, struct err *e)
{
	struct scan s = {.cli = cli, .argv = argv, .argc = argc, .at = 1, .e = e};
	bool only_operands = false;
	memset(cli, 0, sizeof *cli);
	while (s.at < argc) {
		if (take_word(&s, argv[s.at++], &only_operands)) {
			plain_make_printable(e->msg); /* a word may hold anything */
			return -1;
		}
		if (cli->action == CLI_HELP || cli->action == CLI_VERSION)
			return 0; /* whatever else stands there */
	}
	return 0;
}

/* One setting of the command line, over whatever the file says of this key. */
static void apply(const struct cli *cli, unsigned i, struct config *c, struct reading *r)
{
	struct err e;
	const char *option = cli->overrides[i].option;
	const struct key *k = cli->overrides[i].key;
	struct origin *origin = &r->origins[key_index(k)];
	*origin = (struct origin){.wrong = value_set(k, c, cli->overrides[i].value, &e) < 0};
	if (!origin->wrong)
		return;
	e.code = ERR_USAGE;
	if (strcmp(option, "--set") == 0)
		err_wrap(&e, "--set %s", k->name);
	else
		err_wrap(&e, "%.64s", option);
	reading_add(r, 0, 0, false, &e);
}

int cli_config(const struct cli *cli, struct config *c, struct reading *r)
{
	config_default(c);
	if (cli->config_file)
		yaml_load_file(c, cli->config_file, r);
	for (unsigned i = 0; i < cli->override_count; i++)
		apply(cli, i, c, r);
	config_check(c, r);
	int rc = reading_end(r);
	for (size_t i = 0; i < r->count; i++)
		plain_make_printable(r->faults[i].e.msg);
	return rc;
}

void cli_version(FILE *out, const char *openssl)
{
	fprintf(out, "refresher %s, revision %s\n", REFRESHER_VERSION, REFRESHER_REVISION);
	fprintf(out, "OpenSSL %s, libyaml %s\n", openssl, yaml_library_version());
	fputs("Apache License 2.0\n", out);
}
