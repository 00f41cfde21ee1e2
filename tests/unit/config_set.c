#include "config_set.h"

#include "config/keys.h"
#include "config/refuse.h"
#include "config/value.h"
#include "config/yaml.h"

#include <stdlib.h>
#include <string.h>

int config_set(struct config *c, const char *key, const char *value, struct err *e)
{
	const struct key *k = key_find(key);
	if ((k ? value_set(k, c, value, e) : key_unknown(key, e)) < 0)
		return err_wrap(e, "%.*s", KEY_NAME_MAX, key);
	return 0;
}

void config_load(struct config *c, const char *text, size_t len, struct reading *r)
{
	char *copy = malloc(len + 1);
	if (!copy)
		abort();
	memcpy(copy, text, len);
	yaml_load(c, "t.yaml", copy, len, r);
	free(copy);
}
