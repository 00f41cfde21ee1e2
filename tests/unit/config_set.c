#include "config_set.h"

#include "config/keys.h"
#include "config/refuse.h"
#include "config/value.h"

int config_set(struct config *c, const char *key, const char *value, struct err *e)
{
	const struct key *k = key_find(key);
	if (k ? value_set(k, c, value, e) : key_unknown(key, e))
		return err_wrap(e, "%.*s", KEY_NAME_MAX, key);
	return 0;
}
