/* value.h - text <-> one field of struct config, by the field's row in the table of keys. Pure. */
#ifndef REFRESHER_CONFIG_VALUE_H
#define REFRESHER_CONFIG_VALUE_H

#include "base/err.h"
#include "config/config.h"
#include "config/keys.h"

enum { VALUE_TEXT_MAX = 4200 }; /* holds every value's text */

/* 0, or -1 with *e as key_refuse fills it and *c untouched. A section has no value: -1 too. */
int value_set(const struct key *k, struct config *c, const char *text, struct err *e);

/* The value as value_set reads it; out[VALUE_TEXT_MAX]. Not of a section. */
void value_get(const struct key *k, const struct config *c, char *out);

#endif
