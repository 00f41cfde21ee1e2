/* input.h - the samples that are assessed, and where they came from. */
#ifndef REFRESHER_ASSESS_CLI_INPUT_H
#define REFRESHER_ASSESS_CLI_INPUT_H

#include "assess_cli/options.h"
#include "assess_cli/progress.h"
#include "base/err.h"

#include <stddef.h>
#include <stdint.h>

enum { INPUT_DRIVER_MAX = 64, INPUT_NAME_MAX = 256, INPUT_DEFAULT = 1000000 };

struct input {
	uint8_t *samples; /* n bytes, ours until input_free */
	size_t n;
	char name[INPUT_NAME_MAX];     /* path, or "standard input" */
	char driver[INPUT_DRIVER_MAX]; /* of the kernel's generator, while it was read; "": none, or unknown */
	bool is_device;
};

/* Reads what the command line names. It may wait as long as a device does. -1 with *e: ERR_NOINPUT, ERR_DATA (fewer
 * samples than --samples says), ERR_NOPERM, ERR_UNAVAILABLE, ERR_IO, ERR_OS. */
int input_read(struct input *in, const struct options *o, struct progress *p, struct err *e);
void input_free(struct input *in); /* an inert one is accepted */

#endif
