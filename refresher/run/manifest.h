/* manifest.h - the text of FILE.json: what a reader may check of the file beside it. Pure. */
#ifndef REFRESHER_RUN_MANIFEST_H
#define REFRESHER_RUN_MANIFEST_H

#include "numbers/numbers.h"
#include "run/gate.h"
#include "source/source.h"

#include <stddef.h>

enum { MANIFEST_MAX = 3072 }; /* room for any */

struct manifest {
	const struct numbers_config *numbers;
	const struct source_identity *noise;
	uint64_t generation, bytes; /* of the file */
	int64_t wall_ns;            /* of the publication, since 1970 */
	enum gate_state state;
	const char *sha256; /* 64 digits */
};

/* One JSON object and a line feed: generation, time, count, format, size in bytes, sha256, source, health state.
 * Returns its length; 0 when it does not fit. */
size_t manifest_render(const struct manifest *m, char *out, size_t cap);

#endif
