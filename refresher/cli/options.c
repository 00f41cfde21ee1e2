#include "cli/options.h"

#include "config/near.h"

#include <stddef.h>
#include <string.h>

/* In the order of help.txt. */
static const struct option_row options[] = {
	{'c', "config", "FILE", OPTION_CONFIG},
	{'n', "check-config", NULL, OPTION_ACTION, .action = CLI_CHECK_CONFIG},
	{'s', "source", "NAME", OPTION_KEY, "source.kind"},
	{'d', "device", "PATH", OPTION_KEY, "source.device"},
	{'f', "format", "NAME", OPTION_KEY, "numbers.format"},
	{'l', "listen", "ADDR:PORT", OPTION_KEY, "http.listen"},
	{0, "set", "KEY=VALUE", OPTION_SET},
	{0, "log-format", "NAME", OPTION_KEY, "log.format"},
	{'v', NULL, NULL, OPTION_KEY, "log.level", "debug"},
	{'q', NULL, NULL, OPTION_QUIET, "log.level", "warn"},
	{0, "seed", NULL, OPTION_SEED},
	{0, "status", NULL, OPTION_STATUS, .action = CLI_STATUS},
	{'V', "version", NULL, OPTION_ACTION, .action = CLI_VERSION},
	{'h', "help", NULL, OPTION_ACTION, .action = CLI_HELP},
};
enum { OPTIONS = sizeof options / sizeof options[0] };

const struct option_row *option_find(char letter, const char *name)
{
	for (size_t i = 0; i < OPTIONS; i++) {
		const struct option_row *o = &options[i];
		if (letter ? o->letter == letter : o->name && strcmp(o->name, name) == 0)
			return o;
	}
	return NULL;
}

const char *option_nearest(const char *name)
{
	/* Options that are a letter only have no name that could be misspelt. */
	struct near best = near_init(name);
	for (size_t i = 0; i < OPTIONS; i++) {
		if (options[i].name)
			near_offer(&best, options[i].name);
	}
	return best.found;
}
