/* config.h - the effective configuration: defaults, then the YAML file, then options and operands.
 *
 * Visible struct in the caller's memory. All values in it are validated; paths are NUL-terminated. One table of keys
 * (keys.c) serves parsing, --set, printing, hints and the manual's test. */
#ifndef REFRESHER_CONFIG_CONFIG_H
#define REFRESHER_CONFIG_CONFIG_H

#include "base/err.h"
#include "base/log.h"
#include "confine/confine.h"
#include "run/run.h"
#include "serve/http.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

struct config {
	struct run_config run;
	struct http_config http;
	struct log_config log;
	struct confine_config confine;
};

void config_default(struct config *c);

/* Sets one key from text: -1 with *e (ERR_CONFIG): "key.path: what is wrong, what is allowed"; an
 * unknown key names the nearest known one. */
int config_set(struct config *c, const char *key, const char *value, struct err *e);

/* Checks that span keys (min <= max, alpha order, ...). Call after the last config_set. */
int config_check(const struct config *c, struct err *e);

/* Prints every key with its value as YAML that parses to the same configuration. */
void config_print(const struct config *c, FILE *out);

/* i-th key's dotted name, NULL behind the last: for the tests of the manual. */
const char *config_key(size_t i);

/* Whether a running daemon may take over `to`: writes the comma-separated keys that differ and need a restart into
 * keys[cap] and returns their number; *merged is `from` with every reloadable key of `to`. */
size_t config_reload(const struct config *from, const struct config *to, struct config *merged, char *keys, size_t cap);

#endif
