#include "assess_cli/options.h"

#include "config/near.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum option {
	OPTION_DEVICE,
	OPTION_SAMPLES,
	OPTION_BITS,
	OPTION_CONDITIONED,
	OPTION_IID,
	OPTION_RESTART,
	OPTION_INITIAL,
	OPTION_JSON,
	OPTION_OUTPUT,
	OPTION_SVG,
	OPTION_SEED,
	OPTION_REQUIRE,
	OPTION_VERSION,
	OPTION_HELP,
	OPTIONS
};

/* In the order of --help. */
static const struct {
	char letter;                   /* 0: none */
	const char *name, *arg, *help; /* arg NULL: takes none */
} table[OPTIONS] = {
	[OPTION_DEVICE] = {'d', "device", "PATH",
			   "read this character device (default, without FILE: /host_dev/hwrng\n"
			   "where it exists, else /dev/hwrng)"},
	[OPTION_SAMPLES] = {'n', "samples", "N",
			    "read so many samples, 1 to 200000000 (default: 1000000, of a file all)"},
	[OPTION_BITS] = {'b', "bits", "B", "bits per sample, 1 to 8 (default: as many as the samples need)"},
	[OPTION_CONDITIONED] = {'c', "conditioned", NULL, "output of a conditioning component: assess its bits alone"},
	[OPTION_IID] = {'i', "iid", NULL, "IID track: test the claim; no H where it fails"},
	[OPTION_RESTART] = {'r', "restart", NULL, "restart tests of 1000 starts of 1000 samples each; wants --initial"},
	[OPTION_INITIAL] = {'I', "initial", "H", "what was assessed of samples of one start (H_I)"},
	[OPTION_JSON] = {'j', "json", NULL, "print JSON with all intermediate values"},
	[OPTION_OUTPUT] = {'o', "output", "FILE", "write the JSON into FILE, beside what is printed"},
	[OPTION_SVG] = {'s', "svg", "FILE", "draw estimators, histogram, bits and correlation into FILE"},
	[OPTION_SEED] = {'S', "seed", "N", "of the permutations, a whole number (default: 1)"},
	[OPTION_REQUIRE] = {'q', "require", "H", "exit 1 where fewer bits per sample are assessed"},
	[OPTION_VERSION] = {'V', "version", NULL, "print the version, exit"},
	[OPTION_HELP] = {'h', "help", NULL, "print this text, exit"},
};

/* The walk over argv. */
struct walk {
	struct options *o;
	char **argv;
	int argc, next; /* argv[next] is the next argument */
	bool only_operands;
	struct err *e;
};

static int refuse(struct walk *w, enum option option, const char *value, const char *allowed)
{
	return err_set(w->e, ERR_USAGE, 0, "--%s %.64s: %s", table[option].name, value, allowed);
}

/* A whole number of digits alone. */
static bool whole_number(const char *text, uint64_t least, uint64_t most, uint64_t *out)
{
	char *end;

	errno = 0;
	*out = strtoull(text, &end, 10);
	return text[0] >= '0' && text[0] <= '9' && *end == '\0' && errno == 0 && *out >= least && *out <= most;
}

static bool bits_of_entropy(const char *text, double *out)
{
	char *end;

	*out = strtod(text, &end);
	return end != text && *end == '\0' && *out >= 0 && *out <= 8;
}

static int take_number(struct walk *w, enum option option, const char *value)
{
	struct options *o = w->o;
	uint64_t n;

	switch (option) {
	case OPTION_SAMPLES:
		if (!whole_number(value, 1, OPTIONS_SAMPLES_MAX, &n))
			return refuse(w, option, value, "no number of samples; allowed: 1 to 200000000");
		o->samples = (size_t)n;
		return 0;
	case OPTION_BITS:
		if (!whole_number(value, 1, 8, &n))
			return refuse(w, option, value, "no number of bits; allowed: 1 to 8");
		o->bits = (unsigned)n;
		return 0;
	case OPTION_SEED:
		if (!whole_number(value, 0, UINT64_MAX, &o->seed))
			return refuse(w, option, value, "no seed; allowed: 0 to 18446744073709551615");
		return 0;
	default:
		if (!bits_of_entropy(value, option == OPTION_REQUIRE ? &o->require : &o->initial))
			return refuse(w, option, value, "no min-entropy; allowed: 0 to 8 bits per sample");
		return 0;
	}
}

static int take_option(struct walk *w, enum option option, const char *attached)
{
	/* The argument is attached to the word, or the next one. */
	struct options *o = w->o;
	const char *value = attached;
	if (table[option].arg && !value && w->next < w->argc)
		value = w->argv[w->next++];
	if (table[option].arg && !value)
		return err_set(w->e, ERR_USAGE, 0, "--%s: needs an argument, %s", table[option].name,
			       table[option].arg);
	if (!table[option].arg && value)
		return err_set(w->e, ERR_USAGE, 0, "--%s: takes no argument", table[option].name);

	switch (option) {
	case OPTION_DEVICE:
		o->device = value;
		return 0;
	case OPTION_OUTPUT:
		o->output = value;
		return 0;
	case OPTION_SVG:
		o->svg = value;
		return 0;
	case OPTION_CONDITIONED:
		o->conditioned = true;
		return 0;
	case OPTION_IID:
		o->iid = true;
		return 0;
	case OPTION_RESTART:
		o->restart = true;
		return 0;
	case OPTION_JSON:
		o->json = true;
		return 0;
	case OPTION_VERSION:
		o->action = OPTIONS_VERSION;
		return 0;
	case OPTION_HELP:
		o->action = OPTIONS_HELP;
		return 0;
	default:
		return take_number(w, option, value);
	}
}

/* "--name", "--name=value". */
static int take_long(struct walk *w, const char *word)
{
	char name[64];
	const char *equals = strchrnul(word, '=');
	snprintf(name, sizeof name, "%.*s", (int)(equals - word) - 2, word + 2);
	struct near best = near_init(name);

	/* A name that is cut short is unknown too: a later option could make it mean something else. */
	for (unsigned i = 0; i < OPTIONS; i++) {
		if (strcmp(table[i].name, name) == 0)
			return take_option(w, i, *equals ? equals + 1 : NULL);
		near_offer(&best, table[i].name);
	}
	if (best.found[0])
		return err_set(w->e, ERR_USAGE, 0, "--%s: unknown option; did you mean --%s?", name, best.found);
	return err_set(w->e, ERR_USAGE, 0, "--%s: unknown option; see refresher-assess --help", name);
}

/* A word of letters: "-ij", "-n5000", "-n" "5000". */
static int take_letters(struct walk *w, const char *word)
{
	for (const char *p = word + 1; *p; p++) {
		unsigned i = 0;
		while (i < OPTIONS && table[i].letter != *p)
			i++;
		if (i == OPTIONS)
			return err_set(
				w->e, ERR_USAGE, 0,
				"-%c: unknown option; see refresher-assess --help; a FILE that begins with '-' goes "
				"behind \"--\"",
				*p > ' ' && *p <= '~' ? *p : '?');

		/* An argument is the rest of the word. */
		if (take_option(w, i, table[i].arg && p[1] ? p + 1 : NULL) < 0)
			return -1;
		if (table[i].arg || w->o->action != OPTIONS_ASSESS)
			break;
	}
	return 0;
}

static int take_word(struct walk *w, const char *word)
{
	/* "-" alone is standard input, "--" alone ends the options. */
	if (!w->only_operands && word[0] == '-' && word[1] != '\0') {
		if (word[1] != '-')
			return take_letters(w, word);
		if (word[2] != '\0')
			return take_long(w, word);
		w->only_operands = true;
		return 0;
	}
	if (w->o->file)
		return err_set(w->e, ERR_USAGE, 0, "%.64s: a second FILE; one is read at a time", word);
	w->o->file = word;
	return 0;
}

/* What does not go together. */
static int check(const struct options *o, struct err *e)
{
	if (o->file && o->device)
		return err_set(e, ERR_USAGE, 0, "--device %.64s and the FILE %.64s: give one of them", o->device,
			       o->file);
	if (o->file && !o->file[0])
		return err_set(e, ERR_USAGE, 0,
			       "the FILE has an empty name; name a file of samples, or - for standard input");
	if (o->restart && o->conditioned)
		return err_set(e, ERR_USAGE, 0,
			       "--restart and --conditioned: restart tests look at the noise source's samples");
	if (o->restart && !o->file)
		return err_set(
			e, ERR_USAGE, 0,
			"--restart: wants a FILE of 1000 starts of 1000 samples each; a device cannot be started anew "
			"from here");
	if (o->restart && o->initial < 0)
		return err_set(
			e, ERR_USAGE, 0,
			"--restart: wants --initial H, which refresher-assess says of 1000000 samples of one start");
	if (o->initial >= 0 && !o->restart)
		return err_set(e, ERR_USAGE, 0, "--initial: is for --restart alone");
	return 0;
}

int options_parse(struct options *o, int argc, char **argv, struct err *e)
{
	struct walk w = {.o = o, .argv = argv, .argc = argc, .next = 1, .e = e};
	*o = (struct options){.seed = 1, .require = -1, .initial = -1};

	while (w.next < argc && o->action == OPTIONS_ASSESS) {
		if (take_word(&w, argv[w.next++]) < 0)
			return -1;
	}
	return o->action == OPTIONS_ASSESS ? check(o, e) : 0;
}

void options_help(FILE *out)
{
	fputs("Usage: refresher-assess [OPTION...] [--device PATH | FILE | -]\n"
	      "Says how much min-entropy the samples of a noise source have (SP 800-90B):\n"
	      "what source.min_entropy of refresher.yaml(5) should be. A sample is a byte.\n\n",
	      out);

	/* The second line of an explanation stands below the first one. */
	for (unsigned i = 0; i < OPTIONS; i++) {
		char left[32];
		const char *help = table[i].help, *end = strchrnul(help, '\n');
		snprintf(left, sizeof left, "--%s%s%s", table[i].name, table[i].arg ? " " : "",
			 table[i].arg ? table[i].arg : "");
		fprintf(out, "  -%c, %-15s %.*s\n", table[i].letter, left, (int)(end - help), help);
		if (*end)
			fprintf(out, "%22s%s\n", "", end + 1);
	}
	fputs("\nExit status: 0 assessed; 1 below --require, or an IID claim or restart tests\n"
	      "that failed; above 63 an error. Manual: refresher-assess(1).\n",
	      out);
}
