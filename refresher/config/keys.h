/* keys.h - the one table of configuration keys; for config/ and cli/ only.
 *
 * A row says where a value lives in struct config, what it may be and what it is by default. Parsing, --set, printing,
 * hints, reload and the manual's test all read this table. Pure; the table is constant. */
#ifndef REFRESHER_CONFIG_KEYS_H
#define REFRESHER_CONFIG_KEYS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { KEYS_MAX = 64, SECTIONS_MAX = 16, KEY_NAME_MAX = 64 };

enum key_kind {
	KEY_BOOL,
	KEY_ENUM, /* names[], the field holds the index */
	KEY_INT,
	KEY_NUMBER,
	KEY_SECONDS,
	KEY_SIZE,   /* bytes, with or without KiB, MiB, GiB, TiB */
	KEY_TEXT,   /* a path, mostly */
	KEY_MODE,   /* octal */
	KEY_OWNER,  /* "" or uid:gid */
	KEY_USER,   /* auto, none, a name, uid, uid:gid */
	KEY_LISTEN, /* address:port or none */
};

/* What a running daemon makes of another value in its file. */
enum key_change {
	CHANGE_RESTART, /* nothing: only the next start takes it */
	CHANGE_RELOAD,  /* takes it over */
	CHANGE_REWRITE, /* takes it over, and writes a new file at once */
};

struct key {
	const char *name;   /* dotted */
	const char *preset; /* the default, as text */
	enum key_kind kind;
	enum key_change change;
	bool required;            /* text: not empty */
	bool or_zero;             /* number, seconds: 0 is allowed too */
	bool ends_only;           /* int: min or max, nothing between */
	size_t offset, size;      /* of the field in struct config */
	int64_t min, max;         /* int, size, mode */
	double low, high;         /* number, seconds */
	const char *const *names; /* enum; ends with NULL */
	const char *allowed;      /* the kinds without a range: what may stand there, for messages */
};

const struct key *key_at(size_t i);             /* NULL behind the last */
size_t key_index(const struct key *k);          /* key_at(key_index(k)) == k */
const struct key *key_find(const char *name);   /* NULL: no such key */
bool section_find(const char *name, size_t *i); /* "source", ... "confine"; i may be NULL */

/* The key or section whose name is nearest to `name` by edit distance; "" when none is near. */
const char *key_nearest(const char *name);

#endif
