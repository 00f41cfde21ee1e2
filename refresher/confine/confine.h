/* confine.h - what the daemon gives up once its descriptors are open.
 *
 * The order of confine_enter: no_new_privs; bounding set; groups, gid, uid; every other capability; all of it verified;
 * core dumps off; Landlock; seccomp last. Each layer can be switched off by name. A layer that the kernel does not have
 * is reported and warned of, and the rest goes on; only what the user forced, or what would make every refresh fail, is
 * an error. A sanitizer's build keeps core dumps, Landlock and seccomp off, since its runtime needs what they take.
 * The layer memory_lock is seen to and reported where the secrets' pages are allocated (run_config).
 * Main thread, before any other thread starts: the threads inherit everything. */
#ifndef REFRESHER_CONFINE_CONFINE_H
#define REFRESHER_CONFINE_CONFINE_H

#include "base/err.h"
#include "confine/layer.h"

#include <stdbool.h>
#include <sys/types.h>

struct confine_config {
	/* "auto" (default): started as root, the owner of the output (output.owner; 65532:65532 where none is set)
	 * when it may write in the output directory, else uid 0 stays; started as another user, that user stays.
	 * "none": whoever started it stays. A name or a number (uid, or uid:gid) is forced: it may not fail. */
	char user[64];
	bool no_new_privs; /* each layer: default true */
	bool capabilities;
	bool landlock;
	bool seccomp;
	bool no_core_dump;
};

/* What must still work inside. Everything stays the caller's. */
struct confine_needs {
	int output_dir;          /* descriptor of the directory that is written into; -1: none (a device, a pipe) */
	const char *output_file; /* its path, resolved; not looked at when output_dir is -1 */
	/* Whether the process, as the user that it is when it asks, could go on publishing: the sink's own answer. 0,
	 * or -1 with *e: ERR_NOPERM, a right is missing; ERR_OS, a limit; anything else speaks against no user. It is
	 * called in a forked child. */
	int (*probe)(void *self, struct err *e);
	void *probe_self;
	uid_t owner;             /* that published files shall have; (uid_t)-1: as created */
	gid_t group;             /* (gid_t)-1: as created */
	bool serve_output;       /* the output is read too: http.serve_numbers */
	const char *config_file; /* read again at a reload; NULL: none */
};

enum { CONFINE_LAYERS = 6, CONFINE_REPORTED = 7 }; /* one more: memory_lock */
struct confine_report {
	struct confine_layer layers[CONFINE_REPORTED];
	unsigned count;
};

/* 0 with *r filled. -1 with *e: ERR_NOPERM, the user cannot be taken or could not write the output (the message names
 * place and remedy); ERR_CONFIG, there is no such user; ERR_OS, the system refused what it may not refuse, or a limit
 * is too low; ERR_SOFTWARE, a privilege that was dropped is still there. A full or read-only disk is no reason: that is
 * the first refresh's to tell. After -1 the process may be half confined: end it. */
int confine_enter(const struct confine_config *c, const struct confine_needs *n, struct confine_report *r,
		  struct err *e);

#endif
