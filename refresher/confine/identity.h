/* identity.h - a user and a group: read from text, become for good, looked at.
 *
 * What the process is already needs no system call but the questions, so that a filter that forbids to change the user
 * is no hindrance to whoever need not. */
#ifndef REFRESHER_CONFINE_IDENTITY_H
#define REFRESHER_CONFINE_IDENTITY_H

#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct identity {
	uid_t uid;
	gid_t gid;
	bool keep_groups; /* the supplementary groups stay as they are */
};

/* "uid" or "uid:gid" in decimal, each below 2^32 - 1; without a gid, *gid = UINT32_MAX. Neither is meant where it
 * returns false. Pure. */
bool identity_numbers(const char *text, uint32_t *uid, uint32_t *gid);

/* "uid", "uid:gid" or a name from the user database; a bare uid has a group of the same number. Groups are not kept. 0,
 * or -1 with *e (ERR_CONFIG; ERR_OS, the database cannot be read). */
int identity_parse(const char *user, struct identity *id, struct err *e);

/* Gives up supplementary groups, gid and uid, in all their forms, as far as they are others now. 0, or -1 with *e:
 * ERR_NOPERM, this process may not (the message names what it would need); ERR_OS, a limit. Root that stays uid 0 may
 * keep groups that it has no right to give up. */
int identity_become(const struct identity *id, struct err *e);

/* Call after the capabilities are gone: real, effective and saved ids are those of *id, no supplementary group is left
 * that should be gone, and, but for uid 0, no capability can bring another id back. 0, or -1 with *e (ERR_SOFTWARE). */
int identity_verify(const struct identity *id, struct err *e);

/* Why a change was refused, and what helps, from what was asked and found. Pure. */
enum identity_step { IDENTITY_GROUPS, IDENTITY_GID, IDENTITY_UID };
void identity_explain(enum identity_step step, int sys_errno, bool has_capability, const struct identity *id, char *out,
		      size_t cap);

#endif
