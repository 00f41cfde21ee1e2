#include "config/removed.h"

#include <stdbool.h>
#include <string.h>

static const struct removed table[] = {
	{"health.fips140", NULL, "0.2",
	 "the standard FIPS 140-2 is withdrawn; leave the key out, the block repetition test sees more and always "
	 "runs"},
	{"seed.drbg", NULL, "0.2", "CTR_DRBG is the only mechanism; leave the key out"},
	{"output.write", "append", "0.2",
	 "write replace, and let whoever needs earlier numbers copy FILE after each refresh"},
	{"output.max_bytes", NULL, "0.2", "no file is appended to; leave the key out"},
	{"http.tls", NULL, "0.2",
	 "listen on 127.0.0.1:8080 and put a mesh or kube-rbac-proxy before it, which also asks clients who they are"},
};
enum { ROWS = sizeof table / sizeof table[0] };

const struct removed *removed_at(size_t i)
{
	return i < ROWS ? &table[i] : NULL;
}

/* Whether `name` is `row`, or lies below it as "http.tls.cert" lies below "http.tls". */
static bool is_within(const char *name, const char *row)
{
	size_t len = strlen(row);
	return strncmp(name, row, len) == 0 && (name[len] == '\0' || name[len] == '.');
}

const struct removed *removed_find(const char *key, const char *value)
{
	for (size_t i = 0; i < ROWS; i++) {
		const struct removed *row = &table[i];
		if (!row->value != !value || !is_within(key, row->key))
			continue;
		if (!value || strcmp(value, row->value) == 0)
			return row;
	}
	return NULL;
}
