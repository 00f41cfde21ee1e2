/* privdrop.h - which user the daemon goes on as, and becoming that user for good. */
#ifndef REFRESHER_CONFINE_PRIVDROP_H
#define REFRESHER_CONFINE_PRIVDROP_H

#include "base/err.h"
#include "confine/confine.h"

enum { PRIVDROP_UID = 65532, PRIVDROP_GID = 65532 }; /* "nonroot" of the distroless images */

struct identity {
	uid_t uid;
	gid_t gid;
	bool change; /* false: user and groups stay as they are */
};

/* "uid", "uid:gid" or a name from the user database; a bare uid has a group of the same number. 0, or -1 with *e
 * (ERR_CONFIG; ERR_OS, the database cannot be read). */
int identity_parse(const char *user, struct identity *id, struct err *e);

/* Chooses by c->user, as confine.h says. Where the process runs as root or the user was forced, a forked child becomes
 * that user and writes in the output directory: modes, ACLs, quotas and read-only mounts are asked, not guessed. Fills
 * *l, a warning included, as it will be true after identity_become. 0, or -1 with *e (ERR_CONFIG, or as trial_code
 * says). */
int identity_choose(const struct confine_config *c, const struct confine_needs *n, struct identity *id,
		    struct confine_layer *l, struct err *e);

/* Drops supplementary groups, gid and uid, in all their forms. 0, or -1 with *e (ERR_NOPERM). No change: 0 at once. */
int identity_become(const struct identity *id, struct err *e);

/* Call after the capabilities are gone: real, effective and saved ids are those of *id, no supplementary group is left,
 * and root cannot be taken back (it is tried). No change: 0. -1 with *e (ERR_SOFTWARE). */
int identity_verify(const struct identity *id, struct err *e);

#endif
