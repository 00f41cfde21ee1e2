/* Every file is refused with its place, or read into a configuration that prints and reads back as itself. */
#include "fuzz.h"

#include "config/config.h"
#include "config/yaml.h"

static void check_refusal(const struct err *e)
{
	FUZZ_CHECK(e->code == ERR_CONFIG, "code %d: %s", (int)e->code, e->msg);
	FUZZ_CHECK(strncmp(e->msg, "f:", 2) == 0 && e->msg[2] >= '1' && e->msg[2] <= '9', "%s", e->msg);
	FUZZ_CHECK(fuzz_is_one_line(e->msg), "%s", e->msg);
}

static void check_round_trip(const struct config *c)
{
	static struct config again;
	struct err e = {0};
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);

	if (!out)
		abort();
	config_print(c, out);
	fclose(out);
	config_default(&again);
	FUZZ_CHECK(yaml_load(&again, "printed", text, len, &e) == 0, "%s", e.msg);
	FUZZ_CHECK(memcmp(&again, c, sizeof again) == 0, "%s", text);
	free(text);
}

/* A reload to the same configuration changes nothing; one from the defaults takes over what it may and names the rest.
 */
static void check_reload(const struct config *c)
{
	static struct config merged, defaults;
	struct config_change what, rest;

	config_reload(c, c, &merged, &what);
	FUZZ_CHECK(!what.taken[0] && !what.waits[0] && !what.rewrite, "%s %s", what.taken, what.waits);
	FUZZ_CHECK(memcmp(&merged, c, sizeof merged) == 0, "a reload to itself changed something");
	config_default(&defaults);
	config_reload(&defaults, c, &merged, &what);
	config_reload(&merged, c, &defaults, &rest);
	FUZZ_CHECK(!rest.taken[0] && strcmp(rest.waits, what.waits) == 0, "%s is not %s", rest.waits, what.waits);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static struct config c;
	struct err e = {0};
	char *text = (char *)fuzz_copy(data, len);

	config_default(&c);
	if (yaml_load(&c, "f", text, len, &e) == 0) {
		check_round_trip(&c);
		check_reload(&c);
		if (config_check(&c, &e) < 0)
			FUZZ_CHECK(e.code == ERR_CONFIG && fuzz_is_one_line(e.msg), "%s", e.msg);
	} else {
		check_refusal(&e);
	}
	free(text);
	return 0;
}
