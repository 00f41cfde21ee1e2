/* reach.h - which files and directories must stay in reach, found by looking at the file system once. landlock.h says
 * the rules. */
#ifndef REFRESHER_CONFINE_REACH_H
#define REFRESHER_CONFINE_REACH_H

#include "confine/confine.h"

enum reach_kind {
	REACH_OUTPUT,      /* the output directory */
	REACH_OUTPUT_FILE, /* FILE itself, a mount of its own */
	REACH_CONFIG,      /* the directory of the configuration, or of what it links to, or the file alone */
};

struct reach_place {
	enum reach_kind kind;
	int fd; /* O_PATH */
};

enum { REACH_MAX = 3 };
struct reach {
	struct reach_place places[REACH_MAX];
	unsigned count;
	bool output_is_root; /* the output directory is / */
	int shortage;        /* errno of a place that could not be opened for want of a descriptor; else 0 */
};

/* Opens the places; what is wider or narrower than one would hope for is a warning in *l. A place that this user may
 * not open is left out: it could not be used later either. 0; release with reach_fini. -1 with *e (ERR_OS) when there
 * was no descriptor left for a place; nothing is held then. */
int reach_init(struct reach *r, const struct confine_needs *n, struct confine_layer *l, struct err *e);
void reach_fini(struct reach *r);

#endif
