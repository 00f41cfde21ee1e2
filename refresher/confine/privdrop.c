#include "confine/privdrop.h"

#include "confine/user_probe.h"

#include <string.h>
#include <unistd.h>

static int try(const struct confine_config *c, const struct confine_needs *n, const struct identity *id, struct err *e)
{
	return user_probe(id, !c->capabilities, n->probe, n->probe_self, e);
}

/* Only a right that is missing speaks against a user. 0: nothing does; a full or broken disk does not, and is told when
 * it is met. -1: *e stands: a right is missing, or nothing can be known for a limit that will be met again. */
static int judge(const struct identity *id, struct confine_layer *l, struct err *e)
{
	if (e->code == ERR_NOPERM || e->code == ERR_OS)
		return -1;
	layer_warn(l, "tried as uid %u: %s", (unsigned)id->uid, e->msg);
	*e = (struct err){0};
	return 0;
}

/* Root stays. Without capabilities it is a user like others, so it is tried like others. why_not: what spoke against
 * the user that was wanted instead, or "". */
static int stay(const struct confine_config *c, const struct confine_needs *n, const char *why_not, struct identity *id,
		struct confine_layer *l, struct err *e)
{
	/* "none" changes nothing at all, so the groups stay too; else root keeps only its number. */
	*id = (struct identity){.gid = getegid(), .keep_groups = strcmp(c->user, "none") == 0};
	layer_set(l, false, id->keep_groups ? "switched off; uid 0" : "uid 0 stays");
	if (why_not[0])
		layer_warn(l, "uid 0 stays: %s", why_not);

	/* Where root could not write either, every refresh would fail: that ends the start, with both reasons. */
	if (try(c, n, id, e) == 0 || judge(id, l, e) == 0)
		return 0;
	if (e->code == ERR_NOPERM && why_not[0])
		return err_set(e, ERR_NOPERM, 0, "%s; nor can uid 0, once it has no capabilities", why_not);
	return err_wrap(e, "without capabilities");
}

static int choose_auto(const struct confine_config *c, const struct confine_needs *n, struct identity *id,
		       struct confine_layer *l, struct err *e)
{
	/* Whom the files shall belong to, or else the images' user; root as the owner of files is root that stays. */
	bool owned = n->owner != (uid_t)-1 && n->group != (gid_t)-1;
	*id = (struct identity){PRIVDROP_UID, PRIVDROP_GID, false};
	if (owned)
		*id = (struct identity){n->owner, n->group, false};
	if (id->uid == 0)
		return stay(c, n, "", id, l, e);

	/* That user is taken unless a right is missing. A limit ends the start, and root stays for nothing else. */
	layer_set(l, true, "uid %u, gid %u", (unsigned)id->uid, (unsigned)id->gid);
	if (try(c, n, id, e) == 0 || judge(id, l, e) == 0)
		return 0;
	if (e->code != ERR_NOPERM)
		return err_wrap(e, "whether uid %u can write", (unsigned)id->uid);
	const struct err why_not = *e;
	*e = (struct err){0};
	return stay(c, n, why_not.msg, id, l, e);
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
	if (try(c, n, id, e) == 0 || judge(id, l, e) == 0)
		return 0;
	return err_wrap(e, "confine.user %s", c->user);
}

int identity_choose(const struct confine_config *c, const struct confine_needs *n, struct identity *id,
		    struct confine_layer *l, struct err *e)
{
	/* A name or a number is forced; "auto" and "none" have something to decide for root only. */
	bool none = strcmp(c->user, "none") == 0;
	if (!none && strcmp(c->user, "auto") != 0)
		return choose_forced(c, n, id, l, e);
	if (geteuid() == 0)
		return none ? stay(c, n, "", id, l, e) : choose_auto(c, n, id, l, e);

	/* Whoever else started it stays; confine_enter looks whether root is really out of reach. */
	*id = identity_own();
	layer_set(l, true, "uid %u, as it was started", (unsigned)id->uid);
	return 0;
}
