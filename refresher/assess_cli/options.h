/* options.h - the command line of refresher-assess: one table of options, which is also what --help prints. */
#ifndef REFRESHER_ASSESS_CLI_OPTIONS_H
#define REFRESHER_ASSESS_CLI_OPTIONS_H

#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

enum { OPTIONS_SAMPLES_MAX = 200000000 };

/* Strings belong to argv. */
struct options {
	enum { OPTIONS_ASSESS, OPTIONS_HELP, OPTIONS_VERSION } action;
	const char *device; /* NULL: not given */
	const char *file;   /* NULL: not given; "-": standard input */
	size_t samples;     /* 0: not given */
	unsigned bits;      /* 0: as many as the samples need */
	bool iid, restart, conditioned, json;
	const char *output; /* JSON; NULL: none */
	const char *svg;    /* NULL: no picture */
	uint64_t seed;
	double require; /* below 0: not given */
	double initial; /* H_I of --restart; below 0: not given */
};

/* -1 with *e (ERR_USAGE): names the argument and says what to do. Options may stand before or after FILE; "--" ends
 * them. Behind --help and --version nothing counts. */
int options_parse(struct options *o, int argc, char **argv, struct err *e);

void options_help(FILE *out);

#endif
