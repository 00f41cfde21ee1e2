#include "config/refuse.h"

#include "config/removed.h"
#include "config/scan.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { SHOWN_MAX = 48, ALLOWED_MAX = 160 };

/* "a, b or c" */
static void list_names(const char *const *names, char *out, size_t cap)
{
	size_t used = 0;
	for (size_t i = 0; names[i] && used < cap; i++) {
		const char *gap = i == 0 ? "" : names[i + 1] ? ", " : " or ";
		used += (size_t)snprintf(out + used, cap - used, "%s%s", gap, names[i]);
	}
}

static void allowed_int(const struct key *k, char *out, size_t cap)
{
	if (k->ends_only)
		snprintf(out, cap, "%" PRId64 " or %" PRId64, k->min, k->max);
	else
		snprintf(out, cap, "an integer from %" PRId64 " to %" PRId64, k->min, k->max);
}

static void allowed_number(const struct key *k, char *out, size_t cap)
{
	const char *what = k->kind == KEY_SECONDS ? "seconds as a plain number" : "a number";
	char low[32], high[32];
	scan_put_decimal(k->low, low, sizeof low);
	scan_put_decimal(k->high, high, sizeof high);
	snprintf(out, cap, "%s%s from %s to %s", k->or_zero ? "0, or " : "", what, low, high);
}

static void allowed_size(const struct key *k, char *out, size_t cap)
{
	char low[32], high[32];
	scan_put_size(k->min, low, sizeof low);
	scan_put_size(k->max, high, sizeof high);
	if (k->max == INT64_MAX)
		snprintf(out, cap, "bytes from %s on, also with KiB, MiB, GiB or TiB", low);
	else
		snprintf(out, cap, "bytes from %s to %s, also with KiB, MiB, GiB or TiB", low, high);
}

void key_allowed(const struct key *k, char *out, size_t cap)
{
	switch (k->kind) {
	case KEY_ENUM:
		list_names(k->names, out, cap);
		break;
	case KEY_INT:
		allowed_int(k, out, cap);
		break;
	case KEY_NUMBER:
	case KEY_SECONDS:
		allowed_number(k, out, cap);
		break;
	case KEY_SIZE:
		allowed_size(k, out, cap);
		break;
	case KEY_TEXT:
		snprintf(out, cap, "a path of %d to %zu bytes", k->required ? 1 : 0, k->size - 1);
		break;
	default:
		snprintf(out, cap, "%s", k->allowed);
	}
}

/* Safe in a log line: printable ASCII, short. */
static void show(const char *text, char out[SHOWN_MAX + 4])
{
	size_t len = strnlen(text, SHOWN_MAX);
	for (size_t i = 0; i < len; i++)
		out[i] = text[i] < ' ' || text[i] > '~' ? '?' : text[i];
	snprintf(out + len, sizeof "...", "%s", text[len] ? "..." : "");
}

int key_refuse(const struct key *k, const char *text, const char *what, struct err *e)
{
	char shown[SHOWN_MAX + 4], allowed[ALLOWED_MAX];
	/* A value that an earlier version took deserves better than "is not known". */
	const struct removed *removed = removed_find(k->name, text);
	if (removed)
		return err_set(e, ERR_CONFIG, 0, "%s left in %s: %s", removed->value, removed->version,
			       removed->instead);
	show(text, shown);
	key_allowed(k, allowed, sizeof allowed);
	return err_set(e, ERR_CONFIG, 0, "\"%s\" %s; allowed: %s", shown, what, allowed);
}

int key_unknown(const char *name, struct err *e)
{
	const char *near = key_nearest(name);
	const struct removed *removed = removed_find(name, NULL);
	if (section_find(name, NULL))
		return err_set(e, ERR_CONFIG, 0, "a section, not a key; name a key below it");
	/* What to do instead of a key that left is better than a guess at what was meant. */
	if (removed)
		return err_set(e, ERR_CONFIG, 0, "left in %s: %s", removed->version, removed->instead);
	if (near[0])
		return err_set(e, ERR_CONFIG, 0, "unknown key; did you mean %s?", near);
	return err_set(e, ERR_CONFIG, 0, "unknown key; refresher --check-config prints the known ones");
}
