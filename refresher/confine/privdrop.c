#include "confine/privdrop.h"

#include "confine/user_probe.h"

#include <string.h>
#include <unistd.h>

/* Could this user go on publishing? Only a right that is missing speaks against a user; a full or broken disk does not,
 * and is told again when it is met. -1 with *e: a right is missing, or nothing can be known for a limit that will be
 * met again. */
static int check(const struct confine_config *c, const struct confine_needs *n, const struct identity *id,
		 struct confine_layer *l, struct err *e)
{
	struct err met;
	if (user_probe(id, !c->capabilities, n->probe, n->probe_self, &met) == 0)
		return 0;
	if (met.code != ERR_NOPERM && met.code != ERR_OS) {
		layer_warn(l, "tried as uid %u: %s", (unsigned)id->uid, met.msg);
		return 0;
	}
	*e = met;
	return -1;
}

/* Without capabilities root is a user like others, so it is tried like others. why_not: what spoke against the user
 * that was wanted instead, or "". */
static int keep_root(const struct confine_config *c, const struct confine_needs *n, const char *why_not,
		     struct identity *id, struct confine_layer *l, struct err *e)
{
	/* "none" changes nothing at all, so the groups stay too; else root keeps only its number. */
	*id = (struct identity){.gid = getegid(), .keep_groups = strcmp(c->user, "none") == 0};
	layer_set(l, false, id->keep_groups ? "switched off; uid 0" : "uid 0 stays");
	if (why_not[0])
		layer_warn(l, "uid 0 stays: %s", why_not);

	/* Where root could not write either, every refresh would fail: that ends the start, with both reasons. */
	if (check(c, n, id, l, e) == 0)
		return 0;
	if (e->code == ERR_NOPERM && why_not[0])
		return err_set(e, ERR_NOPERM, 0, "%s; nor can uid 0, once it has no capabilities", why_not);
	return err_wrap(e, "without capabilities");
}

static int choose_auto(const struct confine_config *c, const struct confine_needs *n, struct identity *id,
		       struct confine_layer *l, struct err *e)
{
	struct err why_not;

	/* Whom the files shall belong to, or else the images' user; root as the owner of files is root that stays. */
	bool owned = n->owner != (uid_t)-1 && n->group != (gid_t)-1;
	*id = owned ? (struct identity){n->owner, n->group, false}
		    : (struct identity){PRIVDROP_UID, PRIVDROP_GID, false};
	if (id->uid == 0)
		return keep_root(c, n, "", id, l, e);

	/* That user is taken unless a right is missing. A limit ends the start, and root stays for nothing else. */
	layer_set(l, true, "uid %u, gid %u", (unsigned)id->uid, (unsigned)id->gid);
	if (check(c, n, id, l, &why_not) == 0)
		return 0;
	if (why_not.code == ERR_NOPERM)
		return keep_root(c, n, why_not.msg, id, l, e);
	*e = why_not;
	return err_wrap(e, "whether uid %u can write", (unsigned)id->uid);
}

static int choose_forced(const struct confine_config *c, const struct confine_needs *n, struct identity *id,
			 struct confine_layer *l, struct err *e)
{
	if (identity_parse(c->user, id, e) < 0)
		return -1;

	/* Who is that user already keeps the groups: the directory may be theirs. */
	if (geteuid() != 0 && geteuid() == id->uid && getegid() == id->gid)
		id->keep_groups = true;

	/* Forced means that there is no other choice: a missing right is an error. */
	layer_set(l, id->uid != 0, "uid %u, gid %u", (unsigned)id->uid, (unsigned)id->gid);
	return check(c, n, id, l, e) < 0 ? err_wrap(e, "confine.user %s", c->user) : 0;
}

int identity_choose(const struct confine_config *c, const struct confine_needs *n, struct identity *id,
		    struct confine_layer *l, struct err *e)
{
	/* A name or a number is forced; "auto" and "none" have something to decide for root only. */
	bool none = strcmp(c->user, "none") == 0;
	if (!none && strcmp(c->user, "auto") != 0)
		return choose_forced(c, n, id, l, e);
	if (geteuid() == 0)
		return none ? keep_root(c, n, "", id, l, e) : choose_auto(c, n, id, l, e);

	/* Whoever else started it stays; confine_enter checks whether it can become root. */
	*id = (struct identity){geteuid(), getegid(), true};
	layer_set(l, true, "uid %u, as it was started", (unsigned)id->uid);
	return 0;
}
