/* manifest.h - the text of FILE.json: what a reader may check of the file beside it. Pure. */
#ifndef REFRESHER_RUN_MANIFEST_H
#define REFRESHER_RUN_MANIFEST_H

#include "numbers/numbers.h"
#include "run/status.h"

#include <stddef.h>

enum { MANIFEST_MAX = 2048 };

/* One JSON object and a line feed: generation, time, count, format, size in bytes, sha256, source, health state.
 * Returns its length. */
size_t manifest_render(const struct status *s, const struct numbers_config *c, uint64_t generation, uint64_t bytes,
		       const char sha256[65], char *out, size_t cap);

#endif
