#include "cli/cli.h"
#include "cli/options.h"

#include <string.h>

enum { HELP_COLUMN = 26 };

/* `left` at the margin, `text` in its column, line by line. */
static void put_entry(FILE *out, const char *left, const char *text)
{
	int pad = HELP_COLUMN - (int)strlen(left);
	fprintf(out, "%s%*s", left, pad > 1 ? pad : 1, "");
	for (; *text; text++) {
		fputc(*text, out);
		if (*text == '\n')
			fprintf(out, "%*s", HELP_COLUMN, "");
	}
	fputc('\n', out);
}

static void put_option(FILE *out, const struct option_row *o)
{
	char left[64];
	int used = snprintf(left, sizeof left, "  ");
	size_t at = (size_t)used;
	if (o->letter)
		at += (size_t)snprintf(left + at, sizeof left - at, "-%c%s", o->letter, o->name ? ", " : "");
	else
		at += (size_t)snprintf(left + at, sizeof left - at, "    ");
	if (o->name)
		at += (size_t)snprintf(left + at, sizeof left - at, "--%s", o->name);
	if (o->arg)
		snprintf(left + at, sizeof left - at, " %s", o->arg);
	put_entry(out, left, o->help);
}

void cli_help(FILE *out)
{
	const struct operand *p;
	const struct option_row *o;
	fputs("Usage: refresher [OPTION...] [FILE [COUNT [SECONDS]]]\n"
	      "Keeps FILE filled with COUNT fresh random numbers from the hardware generator\n"
	      "and serves probes and metrics over HTTP. Every reader of FILE sees the same\n"
	      "numbers: they are no key material.\n\n",
	      out);
	for (size_t i = 0; (p = operand_at(i)) != NULL; i++) {
		char left[16];
		snprintf(left, sizeof left, "  %s", p->name);
		put_entry(out, left, p->help);
	}
	fputc('\n', out);
	for (size_t i = 0; (o = option_at(i)) != NULL; i++)
		put_option(out, o);
	fputs("\nOptions and operands beat the configuration file. A FILE that begins with '-'\n"
	      "goes behind \"--\". Manuals: refresher(8), refresher.yaml(5).\n",
	      out);
}
