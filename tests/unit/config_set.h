/* config_set.h - one key of a configuration from text, as --set does it. */
#ifndef CONFIG_SET_H
#define CONFIG_SET_H

#include "config/config.h"
#include "config/reading.h"

/* -1 with *e: "key.path: what is wrong, what is allowed". */
int config_set(struct config *c, const char *key, const char *value, struct err *e);

/* Reads a text as the file t.yaml, into *c as it is. */
void config_load(struct config *c, const char *text, size_t len, struct reading *r);

#endif
