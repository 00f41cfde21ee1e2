/* config_set.h - one key of a configuration from text, as --set does it. */
#ifndef CONFIG_SET_H
#define CONFIG_SET_H

#include "config/config.h"

/* -1 with *e: "key.path: what is wrong, what is allowed". */
int config_set(struct config *c, const char *key, const char *value, struct err *e);

#endif
