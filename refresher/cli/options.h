/* options.h - the one table of options: parsing, --help and the manual's test read it. For cli/ only. Constant. */
#ifndef REFRESHER_CLI_OPTIONS_H
#define REFRESHER_CLI_OPTIONS_H

#include <stddef.h>

enum cli_action { CLI_RUN, CLI_CHECK_CONFIG, CLI_HELP, CLI_VERSION };

enum option_kind {
	OPTION_KEY,    /* its argument is the value of `key` */
	OPTION_FIXED,  /* sets `key` to `value` */
	OPTION_QUIET,  /* once: warn, again: error */
	OPTION_SET,    /* KEY=VALUE */
	OPTION_CONFIG, /* the configuration file */
	OPTION_ACTION,
	OPTION_SEED, /* refused */
};

struct option_row {
	char letter;      /* 0: none */
	const char *name; /* NULL: none */
	const char *arg;  /* NULL: takes none */
	enum option_kind kind;
	const char *key, *value;
	enum cli_action action;
	const char *help; /* one or more lines of at most 52 columns */
};

const struct option_row *option_at(size_t i);           /* NULL behind the last */
const struct option_row *option_by_letter(char letter); /* NULL: unknown */
const struct option_row *option_by_name(const char *name, size_t len);
const char *option_nearest(const char *name); /* a long name without "--"; "" when none is near */

enum { OPERANDS = 3 };
struct operand {
	const char *name, *key, *help;
};
const struct operand *operand_at(size_t i); /* NULL behind the last */

#endif
