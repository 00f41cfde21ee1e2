/* Every file is refused with its place, or read into a configuration that prints and reads back as itself. */
#include "fuzz.h"

#include "config/config.h"
#include "config/yaml.h"

/* Each fault has a place, the places ascend, and the messages are fit for a terminal. */
static void check_faults(struct reading *r)
{
	FUZZ_CHECK(reading_end(r) < 0 && r->count <= FAULTS_MAX + 1, "%zu faults", r->count);
	for (size_t i = 0; i < r->count; i++) {
		const struct config_fault *f = &r->faults[i], *before = i ? f - 1 : f;
		FUZZ_CHECK(f->e.code == ERR_CONFIG, "code %d: %s", (int)f->e.code, f->e.msg);
		FUZZ_CHECK(strncmp(f->e.msg, "f:", 2) == 0 && fuzz_is_one_line(f->e.msg), "%s", f->e.msg);
		bool last = i == FAULTS_MAX && r->more > 0;
		bool ascends = before->line < f->line || (before->line == f->line && before->column <= f->column);
		FUZZ_CHECK(last || (f->line > 0 && f->column > 0 && ascends), "%s", f->e.msg);
	}
}

static void check_round_trip(const struct config *c)
{
	static struct config again;
	static struct reading r;
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);

	if (!out)
		abort();
	config_print(c, out);
	fclose(out);
	config_default(&again);
	r = (struct reading){0};
	yaml_load(&again, "printed", text, len, &r);
	FUZZ_CHECK(r.count == 0, "%s", r.faults[0].e.msg);
	again.run.output.mode_is_set = c->run.output.mode_is_set; /* what is printed is asked for, when it is read */
	FUZZ_CHECK(memcmp(&again, c, sizeof again) == 0, "%s", text);
	free(text);
}

/* A reload to the same configuration changes nothing; one from the defaults takes over what it may and names the rest.
 */
static void check_reload(const struct config *c)
{
	static struct config now;
	struct config_change what, rest;

	now = *c;
	config_reload(&now, c, &what);
	FUZZ_CHECK(!what.taken[0] && !what.waits[0] && !what.rewrite, "%s %s", what.taken, what.waits);
	FUZZ_CHECK(memcmp(&now, c, sizeof now) == 0, "a reload to itself changed something");
	config_default(&now);
	config_reload(&now, c, &what);
	config_reload(&now, c, &rest);
	FUZZ_CHECK(!rest.taken[0] && strcmp(rest.waits, what.waits) == 0, "%s is not %s", rest.waits, what.waits);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static struct config c;
	static struct reading r;
	char *text = malloc(len + 1);

	if (!text)
		abort();
	if (len > 0)
		memcpy(text, data, len);
	config_default(&c);
	r = (struct reading){0};
	yaml_load(&c, "f", text, len, &r);
	if (r.count == 0) {
		check_round_trip(&c);
		check_reload(&c);
	}
	config_check(&c, &r);
	if (r.count > 0)
		check_faults(&r);
	free(text);
	return 0;
}
