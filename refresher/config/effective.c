#include "config/config.h"

#include "config/keys.h"
#include "config/value.h"

#include <stdlib.h>
#include <string.h>

void config_default(struct config *c)
{
	const struct key *k;
	struct err e;

	/* Every byte is set, so that equal configurations are equal bytes; then each default is read as any text is. */
	memset(c, 0, sizeof *c);
	for (size_t i = 0; (k = key_at(i)) != NULL; i++) {
		if (k->preset && value_set(k, c, k->preset, &e) < 0)
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
	const struct key *k;
	for (size_t i = 0; (k = key_at(i)) != NULL; i++) {
		if (k->kind == KEY_SECTION) {
			fprintf(out, "%s:\n", k->name);
			continue;
		}

		/* Below its section a key goes by the last part of its name. */
		value_get(k, c, text);
		fprintf(out, "  %s: ", strchr(k->name, '.') + 1);
		if (key_is_quoted(k))
			print_quoted(text, out);
		else
			fputs(text, out);
		fputc('\n', out);
	}
}

/* refresh.interval moves freely above 0; between one run and a beat the daemon's whole life differs. */
static enum key_change change_of(const struct key *k, const struct config *from, const struct config *to)
{
	bool other_life = run_is_once(&from->run) != run_is_once(&to->run);
	return other_life && strcmp(k->name, "refresh.interval") == 0 ? CHANGE_RESTART : k->change;
}

void config_reload(const struct config *from, const struct config *to, struct config *merged,
		   struct config_change *what)
{
	const struct key *k;

	/* All that is not taken over below stays as it is. */
	*merged = *from;
	*what = (struct config_change){0};
	for (size_t i = 0; (k = key_at(i)) != NULL; i++) {
		/* A section has no bytes, so it never differs. */
		const char *value = (const char *)to + k->offset;
		if (memcmp((const char *)from + k->offset, value, k->size) == 0)
			continue;

		/* Only what a running daemon may take over gets its new value; both lists are for the log. */
		enum key_change change = change_of(k, from, to);
		char *list = change == CHANGE_RESTART ? what->waits : what->taken;
		size_t used = strlen(list);
		snprintf(list + used, CONFIG_NAMES_MAX - used, "%s%s", used ? "," : "", k->name);
		what->rewrite |= change == CHANGE_REWRITE;
		if (change != CHANGE_RESTART)
			memcpy((char *)merged + k->offset, value, k->size);
	}
}
