/* privdrop.h - which user the daemon goes on as. */
#ifndef REFRESHER_CONFINE_PRIVDROP_H
#define REFRESHER_CONFINE_PRIVDROP_H

#include "base/err.h"
#include "confine/confine.h"
#include "confine/identity.h"

enum { PRIVDROP_UID = 65532, PRIVDROP_GID = 65532 }; /* "nonroot" of the distroless images */

/* Chooses by c->user, as confine.h says. Where the process runs as root or the user was forced, a forked child becomes
 * that user and calls n->probe: modes, ACLs and owners are asked, not guessed. Only ERR_NOPERM speaks against a user;
 * ERR_OS ends it; what else the probe met is a warning, since it would be the same for everybody. Fills *l, a warning
 * included, as it will be true after identity_become. 0, or -1 with *e (ERR_CONFIG, ERR_NOPERM, ERR_OS). */
int identity_choose(const struct confine_config *c, const struct confine_needs *n, struct identity *id,
		    struct confine_layer *l, struct err *e);

#endif
