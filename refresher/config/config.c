#include "config/config.h"

#include "config/keys.h"
#include "config/value.h"

#include <stdlib.h>
#include <string.h>

void config_default(struct config *c)
{
	const struct key *k;
	struct err e;
	memset(c, 0, sizeof *c);
	for (size_t i = 0; (k = key_at(i)) != NULL; i++) {
		if (value_set(k, c, k->preset, &e))
			abort(); /* the table contradicts itself: our bug */
	}
	/* A default is nothing that anybody insists on. */
	c->run.output.mode_is_set = false;
}

/* Values hold printable characters only, so these two are all that needs an escape. */
static void print_quoted(const char *text, FILE *out)
{
	fputc('"', out);
	for (; *text; text++) {
		if (*text == '"' || *text == '\\')
			fputc('\\', out);
		fputc(*text, out);
	}
	fputc('"', out);
}

void config_print(const struct config *c, FILE *out)
{
	char text[VALUE_TEXT_MAX];
	const char *before = "";
	const struct key *k;
	for (size_t i = 0; (k = key_at(i)) != NULL; i++) {
		/* A section is opened by its first key; up to its dot a name is that of the section. */
		int section = (int)strcspn(k->name, ".");
		if (strncmp(before, k->name, (size_t)section + 1) != 0)
			fprintf(out, "%.*s:\n", section, k->name);
		before = k->name;
		value_get(k, c, text);
		fprintf(out, "  %s: ", k->name + section + 1);
		if (value_is_quoted(k))
			print_quoted(text, out);
		else
			fputs(text, out);
		fputc('\n', out);
	}
}

/* refresh.interval moves freely above 0; between one run and a beat the daemon's whole life differs. */
static enum key_change change_of(const struct key *k, const struct config *from, const struct config *to)
{
	bool was_once = !(from->run.interval_seconds > 0), once = !(to->run.interval_seconds > 0);
	if (strcmp(k->name, "refresh.interval") == 0 && was_once != once)
		return CHANGE_RESTART;
	return k->change;
}

static void append_name(char list[CONFIG_NAMES_MAX], const char *name)
{
	size_t used = strlen(list);
	snprintf(list + used, CONFIG_NAMES_MAX - used, "%s%s", used ? "," : "", name);
}

void config_reload(const struct config *from, const struct config *to, struct config *merged,
		   struct config_change *what)
{
	const struct key *k;
	*merged = *from;
	*what = (struct config_change){0};
	for (size_t i = 0; (k = key_at(i)) != NULL; i++) {
		if (value_equal(k, from, to))
			continue;
		enum key_change change = change_of(k, from, to);
		append_name(change == CHANGE_RESTART ? what->waits : what->taken, k->name);
		what->rewrite |= change == CHANGE_REWRITE;
		if (change != CHANGE_RESTART)
			value_copy(k, merged, to);
	}
}
