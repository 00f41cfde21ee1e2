/* confine.h - what the daemon gives up once its descriptors are open. */
#ifndef REFRESHER_CONFINE_CONFINE_H
#define REFRESHER_CONFINE_CONFINE_H

#include "base/err.h"

#include <stdbool.h>

struct confine_config {
	char user[64];     /* "auto" (default), "none", a name, or a number (uid, or uid:gid) */
	bool no_new_privs; /* each layer: default true */
	bool capabilities;
	bool landlock;
	bool seccomp;
	bool no_core_dump;
	bool memory_lock;
};

/* Call after everything that needs privilege is open and before any thread starts. 0, or -1 with *e (ERR_OS). */
int confine_enter(const struct confine_config *c, struct err *e);

#endif
