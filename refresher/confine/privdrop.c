#include "confine/privdrop.h"

#include "confine/trial.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* Root stays. Without capabilities it is a user like others, so it is tried like others. why_not: what spoke against
 * the user that was wanted instead, or "". */
static int stay(const struct confine_config *c, const struct confine_needs *n, const char *why_not, struct identity *id,
		struct confine_layer *l, struct err *e)
{
	char why[320];
	*id = (struct identity){.gid = getegid(), .keep_groups = strcmp(c->user, "none") == 0};
	layer_set(l, false, id->keep_groups ? "switched off; uid 0" : "uid 0 stays");
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
	*id = (struct identity){PRIVDROP_UID, PRIVDROP_GID, false};
	if (owned)
		*id = (struct identity){n->owner, n->group, false};
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
		id->keep_groups = true;
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
	*id = identity_own();
	layer_set(l, true, "uid %u, as it was started", (unsigned)id->uid);
	return 0;
}
