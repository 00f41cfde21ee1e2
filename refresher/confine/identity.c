#include "confine/identity.h"

#include "base/capability.h"
#include "base/limit.h"

#include <errno.h>
#include <grp.h>
#include <linux/capability.h>
#include <pwd.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* A number without a leading zero, and *text goes behind it; the highest value means "no change" to the system calls
 * and is nobody's id. */
static bool take_number(const char **text, uint32_t *id)
{
	size_t digits = strspn(*text, "0123456789");
	unsigned long long value = strtoull(*text, NULL, 10); /* ULLONG_MAX where there are too many digits */
	bool leading_zero = **text == '0' && digits > 1;
	*text += digits;
	*id = (uint32_t)value;
	return digits > 0 && !leading_zero && value < UINT32_MAX;
}

bool identity_numbers(const char *text, uint32_t *uid, uint32_t *gid)
{
	*gid = UINT32_MAX;
	return take_number(&text, uid) &&
	       (*text == '\0' || (*text++ == ':' && take_number(&text, gid) && *text == '\0'));
}

int identity_parse(const char *user, struct identity *id, struct err *e)
{
	char text[4096];
	struct passwd entry, *found = NULL;

	/* Numbers need no database. */
	*id = (struct identity){0};
	if (identity_numbers(user, &id->uid, &id->gid)) {
		id->gid = id->gid == UINT32_MAX ? id->uid : id->gid;
		return 0;
	}

	/* A name that the database does not have is the user's mistake, a database that cannot be read is not. */
	int fault = getpwnam_r(user, &entry, text, sizeof text, &found);
	if (fault != 0 && fault != ENOENT && fault != ESRCH)
		return limit_err(e, fault, "confine.user: the user database cannot be read");
	if (!found)
		return err_set(e, ERR_CONFIG, 0,
			       "confine.user: there is no user \"%s\"; allowed: auto, none, a name, uid, uid:gid",
			       user);

	/* A name has the group that the database gives it. */
	id->uid = found->pw_uid;
	id->gid = found->pw_gid;
	return 0;
}

/* What is to be done, and the capability for it. */
static const struct {
	const char *what, *needed;
	unsigned capability;
} steps[] = {
	[IDENTITY_GROUPS] = {"give up its supplementary groups", "SETGID", CAP_SETGID},
	[IDENTITY_GID] = {"become gid %u", "SETGID", CAP_SETGID},
	[IDENTITY_UID] = {"become uid %u", "SETUID", CAP_SETUID},
};

void identity_explain(enum identity_step step, int sys_errno, bool has_capability, const struct identity *id, char *out,
		      size_t cap)
{
	char what[64];
	snprintf(what, sizeof what, steps[step].what, step == IDENTITY_UID ? (unsigned)id->uid : (unsigned)id->gid);

	/* EPERM has three causes. Without the capability it is that one; with it, setgroups(2) is what a user namespace
	 * may forbid, and the other two calls are refused by nobody but a filter or a security module. */
	if (sys_errno == EPERM && !has_capability)
		snprintf(out, cap,
			 "this process may not %s; give it the capabilities SETUID and SETGID (%s is missing), "
			 "or start it as uid %u",
			 what, steps[step].needed, (unsigned)id->uid);
	else if (sys_errno == EPERM && step == IDENTITY_GROUPS)
		snprintf(out, cap,
			 "this process may not %s: its user namespace denies setgroups, or a filter of system "
			 "calls or a security module does",
			 what);
	else if (sys_errno == EPERM)
		snprintf(out, cap,
			 "this process may not %s, though it has the capability %s: a filter of system calls or a "
			 "security module refuses",
			 what, steps[step].needed);
	else if (sys_errno == EINVAL)
		snprintf(out, cap, "this process cannot %s: its user namespace does not have that number", what);
	else
		snprintf(out, cap, "this process cannot %s: %s", what, strerror(sys_errno));
}

static int refused(enum identity_step step, const struct identity *id, struct err *e)
{
	char text[sizeof e->msg];
	const int fault = errno;
	identity_explain(step, fault, capability_has(steps[step].capability), id, text, sizeof text);

	/* setresuid(2) answers EAGAIN where the other user has reached a limit: that says nothing about rights. */
	if (fault == EAGAIN || err_is_shortage(fault))
		return limit_err(e, fault, text);

	/* The text explains the errno already. */
	err_set(e, ERR_NOPERM, 0, "%s", text);
	e->sys_errno = fault;
	return -1;
}

/* The real, the effective and the saved one: from each of them another could be had back. */
static bool is_uid(uid_t uid)
{
	uid_t now[3];
	return getresuid(&now[0], &now[1], &now[2]) == 0 && now[0] == uid && now[1] == uid && now[2] == uid;
}

static bool is_gid(gid_t gid)
{
	gid_t now[3];
	return getresgid(&now[0], &now[1], &now[2]) == 0 && now[0] == gid && now[1] == gid && now[2] == gid;
}

int identity_become(const struct identity *id, struct err *e)
{
	/* Where root stays without CAP_SETGID, its groups stay too. */
	bool groups = !id->keep_groups && getgroups(0, NULL) != 0;
	if (groups && setgroups(0, NULL) < 0 && id->uid != 0)
		return refused(IDENTITY_GROUPS, id, e);

	/* The group first: without uid 0 the right to change it is gone. */
	if (!is_gid(id->gid) && setresgid(id->gid, id->gid, id->gid) < 0)
		return refused(IDENTITY_GID, id, e);
	if (!is_uid(id->uid) && setresuid(id->uid, id->uid, id->uid) < 0)
		return refused(IDENTITY_UID, id, e);
	return 0;
}

int identity_verify(const struct identity *id, struct err *e)
{
	if (!is_uid(id->uid) || !is_gid(id->gid))
		return err_set(e, ERR_SOFTWARE, 0, "user or group is not the one that was dropped to");

	/* Root that stays keeps groups that it may not give up, and its capabilities where that layer is off. */
	if (id->uid == 0)
		return 0;

	/* What another group may read or write is none of this user's business. */
	if (!id->keep_groups && getgroups(0, NULL) != 0)
		return err_set(e, ERR_SOFTWARE, 0, "supplementary groups are left after they were dropped");

	/* All three forms are this user's, so that only a capability could bring another one back. */
	if (capability_has(CAP_SETUID) || capability_has(CAP_SETGID))
		return err_set(e, ERR_SOFTWARE, 0, "uid %u can become root: it keeps CAP_SETUID or CAP_SETGID",
			       (unsigned)id->uid);
	return 0;
}
