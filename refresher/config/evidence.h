/* evidence.h - reads source.min_entropy_file: what `refresher-assess --output` wrote about a generator.
 *
 * JSON is YAML, so libyaml reads it, event by event; of all that the result holds only a few scalars at its top are
 * kept. Strict: anything that is not such a result, or not one of samples as the configuration has them, is refused.
 * Called before the process is confined, and only then. */
#ifndef REFRESHER_CONFIG_EVIDENCE_H
#define REFRESHER_CONFIG_EVIDENCE_H

#include "base/err.h"
#include "source/assessed.h"

#include <stddef.h>
#include <stdint.h>

enum { EVIDENCE_FILE_MAX = 1 << 20 };    /* bytes; a larger file is refused */
enum { EVIDENCE_SAMPLES_MIN = 1000000 }; /* SP 800-90B 3.1.1: of fewer samples there is no assessment */

/* As c->min_entropy_file says: "" is no evidence, a file that is not there is missing evidence, and both are in *a. -1
 * with *e: ERR_NOPERM, ERR_OS, or ERR_CONFIG; the message begins with the key. now_unix_seconds: by the wall clock. */
int evidence_read(const struct source_config *c, int64_t now_unix_seconds, struct assessed *a, struct err *e);

/* The same of a text; name: for messages. text[len] is not looked at. */
int evidence_parse(const char *name, const char *text, size_t len, unsigned sample_bits, int64_t now_unix_seconds,
		   struct assessed *a, struct err *e);

#endif
