/* Every command line is refused in one line, or gives settings that name known keys and mean the same when read again.
 * An input is the arguments, one per line. */
#include "fuzz.h"

#include "cli/cli.h"
#include "config/keys.h"
#include "config/plain.h"

enum { ARGS_MAX = 160 };

static void check_refusal(const struct err *e)
{
	FUZZ_CHECK(e->code == ERR_USAGE, "code %d: %s", (int)e->code, e->msg);
	FUZZ_CHECK(e->msg[0] != '\0' && plain_is_printable(e->msg), "%s", e->msg);
}

static void check_parsed(const struct cli *cli)
{
	FUZZ_CHECK(cli->override_count <= CLI_OVERRIDES, "%u settings", cli->override_count);
	for (unsigned i = 0; i < cli->override_count; i++) {
		const struct cli_override *o = &cli->overrides[i];
		FUZZ_CHECK(o->key && key_at(key_index(o->key)) == o->key && o->value && o->option, "setting %u", i);
	}
}

static void check_config(struct cli *cli)
{
	static struct config c, again;
	static struct reading r, same;

	r = same = (struct reading){0};
	cli->config_file = NULL; /* no files here */
	int rc = cli_config(cli, &c, &r);
	FUZZ_CHECK((rc < 0) == (r.count > 0) && r.count <= FAULTS_MAX + 1, "%d with %zu faults", rc, r.count);
	for (size_t i = 0; i < r.count; i++) {
		const struct err *e = &r.faults[i].e;
		FUZZ_CHECK(e->code == ERR_USAGE || e->code == ERR_CONFIG, "code %d: %s", (int)e->code, e->msg);
		FUZZ_CHECK(e->msg[0] != '\0' && plain_is_printable(e->msg), "%s", e->msg);
	}
	FUZZ_CHECK(cli_config(cli, &again, &same) == rc && memcmp(&c, &again, sizeof c) == 0, "not the same again");
}

/* NULL behind the last, as execve gives it. Returns argc. */
static int make_argv(struct fuzz_input *in, char *argv[ARGS_MAX + 2], char *copies[ARGS_MAX + 1])
{
	int argc = 1;

	argv[0] = copies[0] = strdup("refresher");
	while (in->left > 0 && argc <= ARGS_MAX) {
		argv[argc] = fuzz_line(in);
		copies[argc] = strdup(argv[argc]);
		argc++;
	}
	argv[argc] = NULL;
	return argc;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct fuzz_input in = {data, len};
	char *argv[ARGS_MAX + 2], *copies[ARGS_MAX + 1];
	int argc = make_argv(&in, argv, copies);
	struct err e = {0};
	struct cli cli;

	if (cli_parse(&cli, argc, argv, &e) < 0) {
		check_refusal(&e);
	} else {
		check_parsed(&cli);
		if (cli.action == CLI_RUN || cli.action == CLI_CHECK_CONFIG)
			check_config(&cli);
	}
	for (int i = 0; i < argc; i++) {
		FUZZ_CHECK(strcmp(argv[i], copies[i]) == 0, "argv[%d] was changed", i);
		free(copies[i]);
		if (i > 0)
			free(argv[i]);
	}
	return 0;
}
