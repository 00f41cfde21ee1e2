#include "config/removed.h"

#include <stdbool.h>
#include <string.h>

/* Each sentence is what a person who still has the key in a file should do now. */
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

const struct removed *removed_find(const char *key, const char *value)
{
	for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
		const struct removed *row = &table[i];

		/* A section takes all with it that was below it, as "http.tls" does "http.tls.cert". */
		size_t len = strlen(row->key);
		bool within = strncmp(key, row->key, len) == 0 && (key[len] == '\0' || key[len] == '.');
		bool same = value && row->value ? strcmp(value, row->value) == 0 : !value && !row->value;

		/* A key that stays has rows only for its values, so both must fit. */
		if (within && same)
			return row;
	}
	return NULL;
}
