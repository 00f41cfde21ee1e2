/* keys.h - the one table of configuration keys; for config/ and cli/ only.
 *
 * A row stands for a section, or for a key: it says where a value lives in struct config, what it may be and what it is
 * by default. Parsing, --set, printing, hints, reload and the manual's test all read this table. Pure; the table is
 * constant. */
#ifndef REFRESHER_CONFIG_KEYS_H
#define REFRESHER_CONFIG_KEYS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { KEYS_MAX = 64, KEY_NAME_MAX = 64 };

enum key_kind {
	KEY_SECTION, /* no key: "source", which the keys below it begin with */
	/* typed: YAML must write them without quotes */
	KEY_BOOL, /* as an enum */
	KEY_INT,
	KEY_NUMBER,
	/* with quotes or without, and printed without */
	KEY_ENUM, /* names[], the field holds the index */
	KEY_SIZE, /* bytes, with or without KiB, MiB, GiB, TiB */
	/* printed in quotes: a plain 0444 or 0:0 would be a number of another base to many readers of YAML */
	KEY_MODE,   /* octal */
	KEY_OWNER,  /* "" or uid:gid */
	KEY_TEXT,   /* a path, mostly */
	KEY_USER,   /* text: auto, none, a name, uid, uid:gid */
	KEY_LISTEN, /* text: address:port or none */
};

/* What a running daemon makes of another value in its file. */
enum key_change {
	CHANGE_RESTART, /* nothing: only the next start takes it */
	CHANGE_RELOAD,  /* takes it over */
	CHANGE_REWRITE, /* takes it over, and writes a new file at once */
};

struct key {
	const char *name;   /* dotted, but that of a section */
	const char *preset; /* the default, as text; NULL: a section */
	enum key_kind kind;
	enum key_change change;
	bool required;            /* text: not empty */
	bool or_zero;             /* number: 0 is allowed too */
	bool ends_only;           /* int: min or max, nothing between */
	size_t offset, size;      /* of the field in struct config; equal values are equal bytes */
	int64_t min, max;         /* int, size */
	double low, high;         /* number */
	const char *const *names; /* bool, enum; ends with NULL */
	const char *allowed;      /* what may stand there, for messages; NULL: one of the names */
};

const struct key *key_at(size_t i);           /* NULL behind the last */
size_t key_index(const struct key *k);        /* key_at(key_index(k)) == k */
const struct key *key_find(const char *name); /* a key or a section; NULL: neither */
bool key_is_typed(const struct key *k);       /* YAML must write its value without quotes */
bool key_is_quoted(const struct key *k);      /* config_print writes it with quotes */

/* The key or section whose name is nearest to `name` by edit distance; "" when none is near. */
const char *key_nearest(const char *name);

#endif
