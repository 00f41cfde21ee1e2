#include "config/refuse.h"

#include "config/plain.h"
#include "config/removed.h"

#include <stdio.h>
#include <string.h>

enum { SHOWN_MAX = 48, ALLOWED_MAX = 160 };

/* The row's own words, or else its names: "a, b or c". */
static void put_allowed(const struct key *k, char out[ALLOWED_MAX])
{
	size_t used = (size_t)snprintf(out, ALLOWED_MAX, "%s", k->allowed ? k->allowed : k->names[0]);
	for (size_t i = 1; !k->allowed && k->names[i] && used < ALLOWED_MAX; i++) {
		const char *gap = k->names[i + 1] ? ", " : " or ";
		used += (size_t)snprintf(out + used, ALLOWED_MAX - used, "%s%s", gap, k->names[i]);
	}
}

int key_refuse(const struct key *k, const char *text, const char *what, struct err *e)
{
	char shown[SHOWN_MAX + 8] = "", allowed[ALLOWED_MAX];

	/* A value that an earlier version took deserves better than "is not known". */
	const struct removed *removed = text ? removed_find(k->name, text) : NULL;
	if (removed)
		return err_set(e, ERR_CONFIG, 0, "%s left in %s: %s", removed->value, removed->version,
			       removed->instead);

	/* A long text is cut, and whatever else it holds, the message is one line for a terminal. */
	put_allowed(k, allowed);
	if (text)
		snprintf(shown, sizeof shown, "\"%.*s%s\" ", SHOWN_MAX, text, strlen(text) > SHOWN_MAX ? "..." : "");
	err_set(e, ERR_CONFIG, 0, "%s%s; allowed: %s", shown, what, allowed);
	plain_make_printable(e->msg);
	return -1;
}

int key_unknown(const char *name, struct err *e)
{
	/* What to do instead of a key that was removed is better than a guess at what was meant. */
	const struct removed *removed = removed_find(name, NULL);
	if (removed)
		return err_set(e, ERR_CONFIG, 0, "left in %s: %s", removed->version, removed->instead);

	/* A name that is near to none may be anything. */
	const char *near = key_nearest(name);
	if (near[0])
		return err_set(e, ERR_CONFIG, 0, "unknown key; did you mean %s?", near);
	return err_set(e, ERR_CONFIG, 0, "unknown key; refresher --check-config prints the known ones");
}
