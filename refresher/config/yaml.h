/* yaml.h - reads a YAML file (libyaml events) into a struct config. Strict: unknown key, wrong type, value out of
 * range, duplicate, alias, tag, second document, sequence, character that is no plain text: "file:line:column:
 * key.path: what is wrong, what is allowed", ERR_CONFIG. Each fault is one of r->faults, and reading goes on behind it,
 * but for one of YAML's own syntax. A file that cannot be read is one fault: ERR_CONFIG or ERR_NOPERM, as file.h says.
 */
#ifndef REFRESHER_CONFIG_YAML_H
#define REFRESHER_CONFIG_YAML_H

#include "config/config.h"
#include "config/reading.h"

#include <stddef.h>

enum { YAML_FILE_MAX = 1 << 20 }; /* bytes; a larger file is refused */

/* *c gets the values without a fault; r->origins and r->faults say the rest. r->stamp: as file_read. */
void yaml_load_file(struct config *c, const char *path, struct reading *r);
/* The same of a text, which is changed; text[len] is ours too. name: for messages. */
void yaml_load(struct config *c, const char *name, char *text, size_t len, struct reading *r);

const char *yaml_library_version(void); /* "0.2.5" */

#endif
