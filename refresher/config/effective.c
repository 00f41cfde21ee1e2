#include "config/config.h"

#include "base/text.h"
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

void config_print(const struct config *c, FILE *out)
{
	char text[VALUE_TEXT_MAX], quoted[2 * VALUE_TEXT_MAX];
	const struct key *k;
	struct text t;
	for (size_t i = 0; (k = key_at(i)) != NULL; i++) {
		if (k->kind == KEY_SECTION) {
			fprintf(out, "%s:\n", k->name);
			continue;
		}

		/* Below its section a key goes by the last part of its name. YAML reads what JSON has in quotes. */
		value_get(k, c, text);
		text_init(&t, quoted, sizeof quoted);
		text_quoted(&t, TEXT_JSON, text);
		fprintf(out, "  %s: %s\n", strchr(k->name, '.') + 1, key_is_quoted(k) ? quoted : text);
	}
}

/* One step of FNV-1a, with its published prime, over a text and an end that no text has within. */
static uint64_t hash_text(uint64_t hash, const char *text)
{
	do
		hash = (hash ^ (unsigned char)*text) * UINT64_C(0x100000001b3);
	while (*text++);
	return hash;
}

uint64_t config_hash(const struct config *c)
{
	uint64_t hash = UINT64_C(0xcbf29ce484222325); /* FNV's offset basis of 64 bits */
	char text[VALUE_TEXT_MAX];
	const struct key *k;

	/* Names go in too: a value that moved to another key is another configuration. */
	for (size_t i = 0; (k = key_at(i)) != NULL; i++) {
		if (k->kind == KEY_SECTION)
			continue;
		value_get(k, c, text);
		hash = hash_text(hash_text(hash, k->name), text);
	}
	return hash;
}

/* refresh.interval moves freely above 0; between one run and a beat the daemon's whole life differs. */
static enum key_change change_of(const struct key *k, const struct config *now, const struct config *next)
{
	bool other_life = run_is_once(&now->run) != run_is_once(&next->run);
	return other_life && strcmp(k->name, "refresh.interval") == 0 ? CHANGE_RESTART : k->change;
}

void config_reload(struct config *now, const struct config *next, struct config_change *what)
{
	const struct key *k;
	*what = (struct config_change){0};
	for (size_t i = 0; (k = key_at(i)) != NULL; i++) {
		/* A section has no bytes, so it never differs. */
		char *field = (char *)now + k->offset;
		const char *value = (const char *)next + k->offset;
		if (memcmp(field, value, k->size) == 0)
			continue;

		/* Only what a running daemon may take over gets its new value: threads read the rest without a lock.
		 * Both lists are for the log. */
		enum key_change change = change_of(k, now, next);
		char *list = change == CHANGE_RESTART ? what->waits : what->taken;
		size_t used = strlen(list);
		snprintf(list + used, CONFIG_NAMES_MAX - used, "%s%s", used ? "," : "", k->name);
		what->rewrite |= change == CHANGE_REWRITE;
		if (change != CHANGE_RESTART)
			memcpy(field, value, k->size);
	}
}
