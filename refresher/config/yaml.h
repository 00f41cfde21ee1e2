/* yaml.h - reads a YAML file (libyaml events) into a struct config. Strict: unknown key, wrong type, value out of
 * range, duplicate, alias, tag, second document, sequence: "file:line:column: key.path: what is wrong, what is
 * allowed", ERR_CONFIG. A file that cannot be read: ERR_CONFIG or ERR_NOPERM, as file.h says. On failure *c is
 * unspecified: parse into a copy. */
#ifndef REFRESHER_CONFIG_YAML_H
#define REFRESHER_CONFIG_YAML_H

#include "config/config.h"
#include "config/file.h"

#include <stddef.h>

enum { YAML_FILE_MAX = 1 << 20 }; /* bytes; a larger file is refused */

int yaml_load_file(struct config *c, const char *path, struct file_stamp *stamp, struct err *e); /* stamp: file.h */
int yaml_load(struct config *c, const char *name, const char *text, size_t len, struct err *e); /* name: for messages */

const char *yaml_library_version(void); /* "0.2.5" */

#endif
