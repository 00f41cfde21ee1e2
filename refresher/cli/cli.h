/* cli.h - argv -> what to do. Options may stand before or after operands; "--" ends them. */
#ifndef REFRESHER_CLI_CLI_H
#define REFRESHER_CLI_CLI_H

#include "base/err.h"
#include "cli/options.h"
#include "config/config.h"
#include "config/reading.h"

#include <stdbool.h>
#include <stdio.h>

enum { CLI_OVERRIDES = 96 };

struct cli_override {
	const struct key *key;
	const char *value, *option; /* option: how the user wrote it, for messages */
};

/* What the command line said, in order, so that a reload can apply it again over the new file. Strings belong to argv,
 * which stays as it is; keys to the table of keys. */
struct cli {
	enum cli_action action;
	bool json;               /* of CLI_STATUS: the document as it is */
	const char *config_file; /* NULL: none */
	struct cli_override overrides[CLI_OVERRIDES];
	unsigned override_count;
};

/* -1 with *e (ERR_USAGE): names the argument and says what to do. --seed is refused with its own message. */
int cli_parse(struct cli *cli, int argc, char **argv, struct err *e);

/* Defaults, then the file, then the overrides, then the checks: everything that is wrong is in r->faults, each message
 * one printable line (ERR_CONFIG, ERR_NOPERM; ERR_USAGE for a bad option value). 0, or -1 with one fault at least. */
int cli_config(const struct cli *cli, struct config *c, struct reading *r);

extern const char cli_help_text[];                /* what --help prints: help.txt, and a NUL behind it */
void cli_version(FILE *out, const char *openssl); /* three lines: version and revision, libraries, licence */

#endif
