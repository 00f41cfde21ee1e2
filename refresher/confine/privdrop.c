#include "confine/privdrop.h"

#include "confine/trial.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int no_user(const char *user, struct err *e)
{
	return err_set(e, ERR_CONFIG, 0,
		       "confine.user: there is no user \"%s\"; allowed: auto, none, a name, uid, uid:gid", user);
}

/* Digits up to `end`; the highest value means "no change" to the system calls and is nobody's id. */
static bool id_parse(const char *s, const char *end, uint32_t *id)
{
	uint64_t v = 0;
	if (s == end)
		return false;
	for (; s < end; s++) {
		if (*s < '0' || *s > '9')
			return false;
		v = v * 10 + (uint64_t)(*s - '0');
		if (v >= UINT32_MAX)
			return false;
	}
	*id = (uint32_t)v;
	return true;
}

int identity_parse(const char *user, struct identity *id, struct err *e)
{
	char text[4096];
	struct passwd entry, *found = NULL;
	const char *colon = strchr(user, ':'), *end = user + strlen(user);
	*id = (struct identity){.change = true};
	if (id_parse(user, colon ? colon : end, &id->uid)) {
		id->gid = id->uid;
		return !colon || id_parse(colon + 1, end, &id->gid) ? 0 : no_user(user, e);
	}
	int fault = getpwnam_r(user, &entry, text, sizeof text, &found);
	if (err_is_shortage(fault))
		return err_set(e, ERR_OS, fault, "confine.user: the user database cannot be read");
	if (fault != 0 || !found)
		return no_user(user, e);
	id->uid = found->pw_uid;
	id->gid = found->pw_gid;
	return 0;
}

int identity_become(const struct identity *id, struct err *e)
{
	if (!id->change)
		return 0;
	/* Where root stays without CAP_SETGID, its groups stay too. */
	if (setgroups(0, NULL) < 0 && id->uid != 0)
		return err_set(e, ERR_NOPERM, errno, "cannot drop the supplementary groups");
	if (setresgid(id->gid, id->gid, id->gid) < 0)
		return err_set(e, ERR_NOPERM, errno, "cannot become gid %u", (unsigned)id->gid);
	if (setresuid(id->uid, id->uid, id->uid) < 0)
		return err_set(e, ERR_NOPERM, errno, "cannot become uid %u", (unsigned)id->uid);
	return 0;
}

int identity_verify(const struct identity *id, struct err *e)
{
	uid_t uid[3];
	gid_t gid[3];
	if (!id->change)
		return 0;
	if (getresuid(&uid[0], &uid[1], &uid[2]) < 0 || getresgid(&gid[0], &gid[1], &gid[2]) < 0)
		return err_set(e, ERR_OS, errno, "user and group cannot be looked at");
	for (int i = 0; i < 3; i++)
		if (uid[i] != id->uid || gid[i] != id->gid)
			return err_set(e, ERR_SOFTWARE, 0, "user or group is not the one that was dropped to");
	if (id->uid == 0)
		return 0;
	if (getgroups(0, NULL) != 0)
		return err_set(e, ERR_SOFTWARE, 0, "supplementary groups are left after they were dropped");
	/* Group 0 is a user's own with uid:0 (OpenShift), and whoever has it may set it. */
	bool regained =
		setresuid((uid_t)-1, 0, (uid_t)-1) == 0 || (id->gid != 0 && setresgid((gid_t)-1, 0, (gid_t)-1) == 0);
	if (regained)
		return err_set(e, ERR_SOFTWARE, 0, "root could be taken back after it was dropped");
	return 0;
}

/* Root stays. Without capabilities it is a user like others, so it is tried like others. why_not: what spoke against
 * the user that was wanted instead, or "". */
static int stay(const struct confine_config *c, const struct confine_needs *n, const char *why_not, struct identity *id,
		struct confine_layer *l, struct err *e)
{
	char why[320];
	*id = (struct identity){.gid = getegid(), .change = strcmp(c->user, "none") != 0};
	layer_set(l, false, id->change ? "uid 0 stays" : "switched off; uid 0");
	struct trial t = trial_run(id, !c->capabilities, n);
	if (t.end == TRIAL_FINE || t.end == TRIAL_BROKEN) {
		if (why_not[0])
			layer_warn(l, "uid 0 stays: %s", why_not);
		return 0;
	}
	if (why_not[0])
		return err_set(e, trial_code(&t), 0, "%s; nor can uid 0, once it has no capabilities", why_not);
	trial_explain(&t, id, n, why, sizeof why);
	return err_set(e, trial_code(&t), 0, "without capabilities %s", why);
}

static int choose_auto(const struct confine_config *c, const struct confine_needs *n, struct identity *id,
		       struct confine_layer *l, struct err *e)
{
	char why[320] = "";
	bool owned = n->owner != (uid_t)-1 && n->group != (gid_t)-1;
	*id = (struct identity){PRIVDROP_UID, PRIVDROP_GID, true};
	if (owned)
		*id = (struct identity){n->owner, n->group, true};
	if (id->uid == 0)
		return stay(c, n, why, id, l, e);
	struct trial t = trial_run(id, !c->capabilities, n);
	if (t.end == TRIAL_FINE) {
		layer_set(l, true, "uid %u, gid %u", (unsigned)id->uid, (unsigned)id->gid);
		return 0;
	}
	trial_explain(&t, id, n, why, sizeof why);
	/* A limit or a full disk says nothing about the user: no reason to stay root. */
	enum err_code code = trial_code(&t);
	if (t.end != TRIAL_BROKEN && (code == ERR_OS || code == ERR_IO))
		return err_set(e, code, 0, "%s", why);
	return stay(c, n, why, id, l, e);
}

static int choose_forced(const struct confine_config *c, const struct confine_needs *n, struct identity *id,
			 struct confine_layer *l, struct err *e)
{
	char why[320];
	if (identity_parse(c->user, id, e) < 0)
		return -1;
	/* Who is that user already keeps the groups: the directory may be theirs. */
	if (geteuid() != 0 && geteuid() == id->uid && getegid() == id->gid)
		id->change = false;
	layer_set(l, id->uid != 0, "uid %u, gid %u", (unsigned)id->uid, (unsigned)id->gid);
	struct trial t = trial_run(id, !c->capabilities, n);
	if (t.end == TRIAL_FINE)
		return 0;
	trial_explain(&t, id, n, why, sizeof why);
	if (t.end != TRIAL_BROKEN)
		return err_set(e, trial_code(&t), 0, "confine.user %s: %s", c->user, why);
	layer_warn(l, "confine.user %s: %s", c->user, why);
	return 0;
}

int identity_choose(const struct confine_config *c, const struct confine_needs *n, struct identity *id,
		    struct confine_layer *l, struct err *e)
{
	bool none = strcmp(c->user, "none") == 0;
	if (!none && strcmp(c->user, "auto") != 0)
		return choose_forced(c, n, id, l, e);
	if (geteuid() == 0)
		return none ? stay(c, n, "", id, l, e) : choose_auto(c, n, id, l, e);
	*id = (struct identity){.uid = geteuid(), .gid = getegid()};
	layer_set(l, true, "uid %u, as it was started", (unsigned)id->uid);
	return 0;
}
