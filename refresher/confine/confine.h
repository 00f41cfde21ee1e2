/* confine.h - what the daemon gives up once its descriptors are open. Settings only for now; see confine.c for the
 * order. */
#ifndef REFRESHER_CONFINE_CONFINE_H
#define REFRESHER_CONFINE_CONFINE_H

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

#endif
