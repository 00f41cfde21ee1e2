/* removed.h - what an earlier version took and this one does not: keys, whole sections, and values of a key that stays.
 *
 * Each row says what to do instead. A row counts only where the table of keys (keys.h) has no such key or value any
 * more, so the search comes after the table's own. Pure; the table is constant. */
#ifndef REFRESHER_CONFIG_REMOVED_H
#define REFRESHER_CONFIG_REMOVED_H

struct removed {
	const char *key;     /* dotted name of a key, or of a section with all that was below it */
	const char *value;   /* NULL: the key itself; else only this value of it */
	const char *version; /* the first one without it */
	const char *instead; /* one sentence without its full stop */
};

/* The row of this key, or of a section that held it; value NULL asks for the key itself. NULL: it never was there. */
const struct removed *removed_find(const char *key, const char *value);

#endif
