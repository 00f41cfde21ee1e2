/* reading.h - what became of reading one configuration: where each key stands in the file, and all that is wrong, in
 * the order of the file. Pure; in the caller's memory, {0} at the start but for what the caller sets. */
#ifndef REFRESHER_CONFIG_READING_H
#define REFRESHER_CONFIG_READING_H

#include "base/err.h"
#include "config/file.h"
#include "config/keys.h"

#include <stdbool.h>
#include <stddef.h>

enum { FAULTS_MAX = 20 }; /* more are counted */

struct origin {
	size_t name_line;    /* of the name of a key or section, from 1; 0: the file has not named it */
	size_t line, column; /* of the value, from 1; line 0: the file does not set the key */
	bool wrong;          /* what the file says cannot be known, so no other key is compared with it */
};

struct config_fault {
	size_t line, column; /* line 0: of the command line; behind all those of the file */
	bool unreadable;     /* a character that no configuration may hold: nothing else is said of this line */
	struct err e;
};

struct reading {
	const char *name; /* of the file, for messages; the caller's */
	struct file_stamp stamp;
	struct origin origins[KEYS_MAX]; /* by key_index */
	bool cut;                        /* a wrong syntax: what stands behind it is not known */
	bool unreadable;                 /* there is a fault that is */
	struct config_fault faults[FAULTS_MAX + 1];
	size_t count; /* of faults[] */
	size_t more;  /* faults that found no room */
};

/* Takes *e over as one fault; with a line, "name:line:column: " is put before its message. */
void reading_add(struct reading *r, size_t line, size_t column, bool unreadable, const struct err *e);

bool reading_is_unreadable(const struct reading *r, size_t line);

/* After the last fault: one more that says how many found no room. 0: all is well, -1: it is not. */
int reading_end(struct reading *r);

#endif
