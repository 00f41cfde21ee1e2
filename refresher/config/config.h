/* config.h - the effective configuration: defaults, then the YAML file, then options and operands.
 *
 * Visible struct in the caller's memory. All values in it are validated; paths are NUL-terminated. One table of keys
 * (keys.c) serves parsing, --set, printing, hints and the manual's test. */
#ifndef REFRESHER_CONFIG_CONFIG_H
#define REFRESHER_CONFIG_CONFIG_H

#include "base/log.h"
#include "confine/confine.h"
#include "run/settings.h"
#include "serve/http.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

struct reading;

struct config {
	struct run_config run;
	struct http_config http;
	struct log_config log;
	struct confine_config confine;
};

void config_default(struct config *c);

/* The rules that span keys (min <= max, the order of the alphas): faults of *r, but where a value is not known. Call
 * after the last value is set. */
void config_check(const struct config *c, struct reading *r);

/* Prints every key with its value as YAML that parses to the same configuration. */
void config_print(const struct config *c, FILE *out);

/* FNV-1a of every key and value, as config_print writes them: equal configurations have equal hashes, whoever wrote
 * them how. It is to compare nodes by, and nothing secret or signed hangs on it. */
uint64_t config_hash(const struct config *c);

enum { CONFIG_NAMES_MAX = 1024 }; /* room for the name of every key */

/* What a reload brings: names of keys with commas between them, "" for none. */
struct config_change {
	bool rewrite;                 /* numbers of another kind or beat: a new file is due at once */
	char taken[CONFIG_NAMES_MAX]; /* they differ, and a running daemon takes them over */
	char waits[CONFIG_NAMES_MAX]; /* they differ, and wait for a restart */
};

/* Takes every key of `next` over that a running daemon may take over; not a byte of the others is written. */
void config_reload(struct config *now, const struct config *next, struct config_change *what);

#endif
