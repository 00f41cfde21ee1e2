/* options.h - the one table of options; what --help says of each stands in help.txt. For cli/ only. Constant. */
#ifndef REFRESHER_CLI_OPTIONS_H
#define REFRESHER_CLI_OPTIONS_H

enum cli_action { CLI_RUN, CLI_CHECK_CONFIG, CLI_STATUS, CLI_HELP, CLI_VERSION };

enum option_kind {
	OPTION_KEY,    /* sets `key`: to its argument, or to `value` where it takes none */
	OPTION_QUIET,  /* sets `key`: once to `value`, again to error */
	OPTION_SET,    /* KEY=VALUE */
	OPTION_CONFIG, /* the configuration file */
	OPTION_ACTION,
	OPTION_STATUS, /* an action; may have =json, and an operand of its own */
	OPTION_SEED,   /* refused */
};

struct option_row {
	char letter;      /* 0: none */
	const char *name; /* NULL: none */
	const char *arg;  /* NULL: takes none */
	enum option_kind kind;
	const char *key, *value;
	enum cli_action action;
};

/* By its letter, or by its name where the letter is 0 (a long name without "--"). NULL: unknown. */
const struct option_row *option_find(char letter, const char *name);
const char *option_nearest(const char *name); /* the name of an option; "" when none is near */

#endif
