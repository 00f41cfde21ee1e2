#include "cli/cli.h"

#include "cli/options.h"
#include "config/keys.h"
#include "config/refuse.h"
#include "config/value.h"
#include "config/yaml.h"

#include <assert.h>
#include <ctype.h>
#include <string.h>

/* The walk over argv. */
struct scan {
	struct cli *cli;
	char **argv;
	int argc, at; /* argv[at] is the next argument */
	size_t operands;
	unsigned sets;     /* how many --set were seen */
	bool quiet;        /* a -q was seen */
	const char *value; /* argument of the present option; NULL: it takes none */
	struct err *e;
};

static int refuse(struct scan *s, const char *option, const char *what)
{
	return err_set(s->e, ERR_USAGE, 0, "%.64s: %s", option, what);
}

static int override(struct scan *s, const char *option, const char *key, const char *value)
{
	struct cli *cli = s->cli;
	if (cli->override_count == CLI_OVERRIDES)
		return err_set(s->e, ERR_USAGE, 0,
			       "%.64s: more than %d options and operands; put some into a configuration file", option,
			       CLI_OVERRIDES);
	cli->overrides[cli->override_count].option = option;
	cli->overrides[cli->override_count].key = key;
	cli->overrides[cli->override_count].value = value;
	cli->override_count++;
	return 0;
}

/* The key is looked up at once: the table's own string outlives argv's "key=value", which stays as it is. */
static int set_any(struct scan *s)
{
	char name[KEY_NAME_MAX];
	assert(s->value); /* by the table --set takes an argument */
	if (s->sets++ == CLI_SETS)
		return err_set(s->e, ERR_USAGE, 0, "--set: more than %d times; put some into a configuration file",
			       CLI_SETS);
	const char *equals = strchr(s->value, '=');
	if (!equals)
		return err_set(s->e, ERR_USAGE, 0, "--set %.64s: no value; write --set key.path=value", s->value);
	snprintf(name, sizeof name, "%.*s", (int)(equals - s->value), s->value);
	const struct key *k = key_find(name);
	if (k)
		return override(s, "--set", k->name, equals + 1);
	key_unknown(name, s->e);
	s->e->code = ERR_USAGE;
	return err_wrap(s->e, "--set %.128s", s->value);
}

static int set_quiet(struct scan *s, const struct option_row *o, const char *option)
{
	const char *level = s->quiet ? "error" : "warn";
	s->quiet = true;
	return override(s, option, o->key, level);
}

static int obey(struct scan *s, const struct option_row *o, const char *option)
{
	switch (o->kind) {
	case OPTION_KEY:
		return override(s, option, o->key, s->value);
	case OPTION_FIXED:
		return override(s, option, o->key, o->value);
	case OPTION_QUIET:
		return set_quiet(s, o, option);
	case OPTION_SET:
		return set_any(s);
	case OPTION_CONFIG:
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

static int operand(struct scan *s, const char *word)
{
	const struct operand *o = operand_at(s->operands++);
	if (!o)
		return refuse(s, word, "a fourth operand; allowed: FILE COUNT SECONDS");
	return override(s, o->name, o->key, word);
}

/* "-5" where COUNT or SECONDS stands is a wrong number and no option. */
static bool is_negative(const struct scan *s, const char *word)
{
	return s->operands > 0 && word[0] == '-' && word[1] >= '0' && word[1] <= '9';
}

static int take_word(struct scan *s, const char *word, bool *only_operands)
{
	if (*only_operands || word[0] != '-' || word[1] == '\0' || is_negative(s, word))
		return operand(s, word);
	if (strcmp(word, "--") == 0) {
		*only_operands = true;
		return 0;
	}
	return word[1] == '-' ? long_option(s, word) : short_options(s, word);
}

/* A word of argv may hold anything; a message is one line. Returns -1. */
static int one_line(struct err *e)
{
	for (char *p = e->msg; *p; p++) {
		if (iscntrl((unsigned char)*p))
			*p = '?';
	}
	return -1;
}

int cli_parse(struct cli *cli, int argc, char **argv, struct err *e)
{
	struct scan s = {.cli = cli, .argv = argv, .argc = argc, .at = 1, .e = e};
	bool only_operands = false;
	memset(cli, 0, sizeof *cli);
	while (s.at < argc) {
		if (take_word(&s, argv[s.at++], &only_operands))
			return one_line(e);
		if (cli->action == CLI_HELP || cli->action == CLI_VERSION)
			return 0; /* whatever else stands there */
	}
	return 0;
}

int cli_config(const struct cli *cli, struct config *c, struct file_stamp *stamp, struct err *e)
{
	config_default(c);
	if (cli->config_file && yaml_load_file(c, cli->config_file, stamp, e))
		return one_line(e);
	for (unsigned i = 0; i < cli->override_count; i++) {
		const char *option = cli->overrides[i].option, *key = cli->overrides[i].key;
		if (value_set(key_find(key), c, cli->overrides[i].value, e) == 0)
			continue;
		e->code = ERR_USAGE;
		if (strcmp(option, "--set") == 0)
			err_wrap(e, "--set %s", key);
		else
			err_wrap(e, "%.64s", option);
		return one_line(e);
	}
	return config_check(c, e);
}

void cli_version(FILE *out, const char *openssl)
{
	fprintf(out, "refresher %s, revision %s\n", REFRESHER_VERSION, REFRESHER_REVISION);
	fprintf(out, "OpenSSL %s, libyaml %s\n", openssl, yaml_library_version());
	fputs("Apache License 2.0\n", out);
}
