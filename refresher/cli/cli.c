#include "cli/cli.h"

#include "cli/options.h"
#include "config/keys.h"
#include "config/plain.h"
#include "config/refuse.h"
#include "config/value.h"
#include "config/yaml.h"

#include <assert.h>
#include <fnmatch.h>
#include <string.h>

/* The walk over argv. */
struct walk {
	struct cli *cli;
	char **argv;
	int argc, next; /* argv[next] is the next argument */
	size_t operands;
	bool quiet;         /* a -q was seen */
	bool only_operands; /* a "--" was seen */
	struct err *e;
};

/* In their order. */
static const struct {
	const char *name, *key;
} operands[] = {{"FILE", "output.file"}, {"COUNT", "numbers.count"}, {"SECONDS", "refresh.interval"}};
enum { OPERANDS = sizeof operands / sizeof operands[0] };

/* Remembers what the user wants a key to be, and how the user called it. */
static int override(struct walk *w, const char *option, const struct key *key, const char *value)
{
	/* The list is as long as anybody needs: every key, and each of them twice. */
	struct cli *cli = w->cli;
	if (cli->override_count == CLI_OVERRIDES)
		return err_set(w->e, ERR_USAGE, 0,
			       "%.64s: more than %d options and operands; put some into a configuration file", option,
			       CLI_OVERRIDES);
	cli->overrides[cli->override_count++] = (struct cli_override){key, value, option};
	return 0;
}

static int set_any(struct walk *w, const char *setting)
{
	/* Up to the first '=' it is the key; a value may hold more of them. */
	char name[KEY_NAME_MAX];
	assert(setting); /* the table says that --set takes an argument */
	const char *equals = strchr(setting, '=');
	if (!equals)
		return err_set(w->e, ERR_USAGE, 0, "--set %.64s: no value; write --set key.path=value", setting);
	snprintf(name, sizeof name, "%.*s", (int)(equals - setting), setting);
	const struct key *k = key_find(name);
	if (k)
		return override(w, "--set", k, equals + 1);

	/* The same sentence as a file gets, but it is the command line that is wrong. */
	key_unknown(name, w->e);
	w->e->code = ERR_USAGE;
	return err_wrap(w->e, "--set %.128s", setting);
}

/* Obeys an option. Its argument is attached to the word, or the next one. */
static int take_option(struct walk *w, const struct option_row *o, const char *option, const char *attached)
{
	/* The argument may begin with a '-': what it is to mean is the key's business. */
	const char *value = attached;
	if (o->arg && !value && w->next < w->argc)
		value = w->argv[w->next++];
	if (o->arg && !value)
		return err_set(w->e, ERR_USAGE, 0, "%.64s: needs an argument, %s", option, o->arg);

	/* Nothing is read or checked yet, so that a reload can do all of it again over a new file. */
	switch (o->kind) {
	case OPTION_KEY:
		return override(w, option, key_find(o->key), o->arg ? value : o->value);
	case OPTION_QUIET:
		value = w->quiet ? "error" : o->value;
		w->quiet = true;
		return override(w, option, key_find(o->key), value);
	case OPTION_SET:
		return set_any(w, value);
	case OPTION_CONFIG:
		w->cli->config_file = value;
		if (plain_is_printable(value))
			return 0;
		return err_set(w->e, ERR_USAGE, 0, "%.64s: the name holds a control character or is not UTF-8", option);
	case OPTION_STATUS:
		w->cli->json = value != NULL;
		w->cli->action = o->action;
		return 0;
	case OPTION_ACTION:
		w->cli->action = o->action;
		return 0;
	case OPTION_SEED:
		break;
	}
	return err_set(
		w->e, ERR_USAGE, 0,
		"%.64s: refresher never emits predictable numbers; for repeatable ones use a generator of your own",
		option);
}

/* "--name", "--name=value". */
static int take_long(struct walk *w, const char *word)
{
	/* The name ends where its argument begins; one that does not fit here is no option's. */
	char name[64];
	const char *equals = strchrnul(word, '='), *attached = *equals ? equals + 1 : NULL;
	snprintf(name, sizeof name, "%.*s", (int)(equals - word) - 2, word + 2);
	const struct option_row *o = option_find(0, name);

	/* Of --status only one form has a name. */
	if (o && attached && o->kind == OPTION_STATUS && strcmp(attached, "json") != 0)
		return err_set(w->e, ERR_USAGE, 0,
			       "--status=%.64s: allowed: --status [ADDR:PORT], --status=json [ADDR:PORT]", attached);

	/* What is wrong with --seed=42 is not its argument. */
	if (o && attached && !o->arg && o->kind != OPTION_SEED && o->kind != OPTION_STATUS)
		return err_set(w->e, ERR_USAGE, 0, "--%s: takes no argument", name);
	if (o)
		return take_option(w, o, word, attached);

	/* A name that is cut short is unknown too: a later option could make it mean something else. */
	const char *near = option_nearest(name);
	if (near[0])
		return err_set(w->e, ERR_USAGE, 0, "--%s: unknown option; did you mean --%s?", name, near);
	return err_set(w->e, ERR_USAGE, 0, "--%s: unknown option; see refresher --help", name);
}

/* A word of letters: "-vn", "-lnone", "-l" "none". */
static int take_letters(struct walk *w, const char *word)
{
	for (const char *p = word + 1; *p; p++) {
		const struct option_row *o = option_find(*p, NULL);
		if (!o)
			return err_set(w->e, ERR_USAGE, 0,
				       "-%c: unknown option; see refresher --help; a FILE that begins with '-' goes "
				       "behind \"--\"",
				       *p > ' ' && *p <= '~' ? *p : '?');
		if (take_option(w, o, word, o->arg && p[1] ? p + 1 : NULL) < 0)
			return -1;

		/* An argument is the rest of the word; behind -h and -V nothing counts. */
		if (o->arg || w->cli->action >= CLI_HELP)
			break;
	}
	return 0;
}

/* What a word was meant to be that hardly names the file for the numbers; NULL: it may be one. */
static const char *mistaken_for_file(const char *word)
{
	/* What other daemons take as a command, an option without its dashes, or a number is the commonest slip. */
	char name[KEY_NAME_MAX];
	if (fnmatch("@(start|stop|restart|reload|run|status|usage)", word, FNM_EXTMATCH) == 0 || option_find(0, word))
		return "no FILE, but a word of a command line? see refresher --help";
	if (*word && word[strspn(word, "0123456789")] == '\0')
		return "no FILE, but COUNT? allowed: FILE COUNT SECONDS";

	/* So is an option's argument without its option. */
	snprintf(name, sizeof name, "%.*s", (int)strcspn(word, "="), word);
	if (strchr(word, '=') && key_find(name))
		return "no FILE, but a setting? write --set before it";
	if (fnmatch("?*.@(yaml|yml)", word, FNM_EXTMATCH) == 0)
		return "no FILE, but a configuration? write -c before it";

	/* U+2010 to U+2015, and the minus sign U+2212: what a word processor makes of '-'. */
	if (strncmp(word, "\xE2\x80", 2) == 0 && word[2] >= '\x90' && word[2] <= '\x95')
		return "begins with a dash that is no '-'";
	return strncmp(word, "\xE2\x88\x92", 3) == 0 ? "begins with a minus sign that is no '-'" : NULL;
}

static int take_operand(struct walk *w, const char *word)
{
	/* Behind --status there may be the address of the daemon that is asked. */
	if (w->cli->action == CLI_STATUS)
		return override(w, "--status", key_find("http.listen"), word);

	/* One word too many is refused: it may be part of a FILE with a blank in it. */
	if (w->operands == OPERANDS)
		return err_set(w->e, ERR_USAGE, 0, "%.64s: a fourth operand; allowed: FILE COUNT SECONDS", word);

	/* Only FILE takes any word; what COUNT and SECONDS take is checked with their keys. */
	const char *mistaken = w->operands == 0 && !w->only_operands ? mistaken_for_file(word) : NULL;
	if (mistaken)
		return err_set(w->e, ERR_USAGE, 0, "%.64s: %s; behind \"--\" it is a FILE", word, mistaken);

	/* An operand is the value of a key under another name. */
	size_t i = w->operands++;
	return override(w, operands[i].name, key_find(operands[i].key), word);
}

static int take_word(struct walk *w, const char *word)
{
	/* "-5" where COUNT or SECONDS stands is a wrong number and no option. */
	bool is_number = w->operands > 0 && word[0] == '-' && word[1] >= '0' && word[1] <= '9';
	if (w->only_operands || word[0] != '-' || word[1] == '\0' || is_number)
		return take_operand(w, word);

	/* One '-' is followed by letters, two by a name, and two alone end the options. */
	if (word[1] != '-')
		return take_letters(w, word);
	if (word[2] != '\0')
		return take_long(w, word);
	w->only_operands = true;
	return 0;
}

int cli_parse(struct cli *cli, int argc, char **argv, struct err *e)
{
	struct walk w = {.cli = cli, .argv = argv, .argc = argc, .next = 1, .e = e};
	memset(cli, 0, sizeof *cli);

	/* Behind --help and --version nothing counts. */
	while (w.next < argc && cli->action < CLI_HELP) {
		if (take_word(&w, argv[w.next++]) < 0) {
			plain_make_printable(e->msg); /* a word may hold anything */
			return -1;
		}
	}
	return 0;
}

/* One setting of the command line, over whatever the file says of this key. */
static void apply(const struct cli_override *o, struct config *c, struct reading *r)
{
	/* The file's own place is forgotten: what spans keys is now the command line's business. */
	struct err e;
	struct origin *origin = &r->origins[key_index(o->key)];
	*origin = (struct origin){.wrong = value_set(o->key, c, o->value, &e) < 0};
	if (!origin->wrong)
		return;

	/* The user called the key by an option or an operand; only --set names it. */
	bool named = strcmp(o->option, "--set") == 0;
	e.code = ERR_USAGE;
	err_wrap(&e, "%.64s%s%s", o->option, named ? " " : "", named ? o->key->name : "");
	reading_add(r, 0, 0, false, &e);
}

int cli_config(const struct cli *cli, struct config *c, struct reading *r)
{
	/* What comes later beats what came before; what goes together is checked when all is known. */
	config_default(c);
	if (cli->config_file)
		yaml_load_file(c, cli->config_file, r);
	for (unsigned i = 0; i < cli->override_count; i++)
		apply(&cli->overrides[i], c, r);
	config_check(c, r);
	int rc = reading_end(r);

	/* Names of files and words of the command line were cut, perhaps within a character. */
	for (size_t i = 0; i < r->count; i++)
		plain_make_printable(r->faults[i].e.msg);
	return rc;
}

void cli_version(FILE *out, const char *openssl)
{
	/* What a bug report needs: which source it was made of, and what it runs with. */
	fprintf(out, "refresher %s, revision %s\nOpenSSL %s, libyaml %s\nApache License 2.0\n", REFRESHER_VERSION,
		REFRESHER_REVISION, openssl, yaml_library_version());
}
