/* value.h - text <-> one field of struct config, by the field's row in the table of keys. Pure. */
#ifndef REFRESHER_CONFIG_VALUE_H
#define REFRESHER_CONFIG_VALUE_H

#include "base/err.h"
#include "config/config.h"
#include "config/keys.h"

#include <stdbool.h>
#include <stddef.h>

enum { VALUE_TEXT_MAX = 4200 }; /* holds every value's text */

/* 0, or -1 with *e as key_refuse fills it and *c untouched. */
int value_set(const struct key *k, struct config *c, const char *text, struct err *e);

/* The value as value_set reads it; out[VALUE_TEXT_MAX]. */
void value_get(const struct key *k, const struct config *c, char *out);

bool value_equal(const struct key *k, const struct config *a, const struct config *b);
void value_copy(const struct key *k, struct config *to, const struct config *from);

/* Whether YAML must write it without quotes (numbers, booleans), and whether config_print puts quotes around it. */
bool value_is_typed(const struct key *k);
bool value_is_quoted(const struct key *k);

#endif
