/* order.c - the layers of confinement, one after the other. */
#include "confine/confine.h"

#include "base/sanitized.h"
#include "confine/caps.h"
#include "confine/landlock.h"
#include "confine/privdrop.h"
#include "confine/seccomp.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

/* The next layer of the report, which is off until something else is said of it. */
static struct confine_layer *next(struct confine_report *r, const char *name)
{
	struct confine_layer *l = &r->layers[r->count++];
	snprintf(l->name, sizeof l->name, "%s", name);
	layer_set(l, false, "switched off");
	return l;
}

static void no_new_privs(bool wanted, struct confine_layer *l)
{
	/* The container's runtime may have set it before us. */
	if (wanted && prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) != 1 && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		layer_warn(l, "no_new_privs cannot be set: %s",
			   errno == EINVAL ? "the kernel does not have it" : strerror(errno));

	/* Only what the kernel says afterwards is reported as holding. */
	if (prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1)
		layer_set(l, true, "set");
	else if (wanted)
		layer_set(l, false, "not set");
}

/* The bounding set goes while root still may; the other sets when nothing needs them any more. */
static int drop(const struct confine_config *c, const struct identity *id, struct confine_layer *user,
		struct confine_layer *caps, struct err *e)
{
	/* CAP_SETPCAP goes with the user, so what needs it comes before. */
	if (c->capabilities)
		caps_bound();

	/* All of it is looked at once it is done: what the layers report is what the kernel says. */
	if (identity_become(id, e) < 0 || (c->capabilities && (caps_clear(e) < 0 || caps_verify(caps, e) < 0)))
		return -1;
	if (identity_verify(id, e) == 0)
		return 0;

	/* Who was to change and can come back is our fault; who stays as he was started is only reported as he is. */
	if (!id->keep_groups)
		return -1;
	user->holds = false;
	layer_warn(user, "%s", e->msg);
	*e = (struct err){0};
	return 0;
}

/* Seeds and numbers must not end in a core file, and nobody may attach to this process and read them. After the user
 * changed: that change resets the flag to what fs.suid_dumpable says. */
static void no_core_dump(struct confine_layer *l)
{
	const struct rlimit none = {0, 0};
	struct rlimit now;

	/* A limit that is 0 and a flag that is down are left as they are. */
	bool limited = getrlimit(RLIMIT_CORE, &now) == 0 && now.rlim_cur == 0 && now.rlim_max == 0;
	bool ok = (limited || setrlimit(RLIMIT_CORE, &none) == 0) &&
		  (prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) == 0 || prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) == 0);
	if (!ok)
		layer_warn(l, "core dumps cannot be switched off: %s", strerror(errno));
	layer_set(l, ok, ok ? "limit 0, not dumpable" : "cannot be switched off");
}

/* The file was opened as whoever started us. */
static void check_reload(const struct confine_needs *n, struct confine_layer *l)
{
	if (!n->config_file || access(n->config_file, R_OK) == 0)
		return;
	bool denied = errno == EACCES;
	layer_warn(l, "a reload will be refused: uid %u cannot read %.200s%s%s", (unsigned)geteuid(), n->config_file,
		   denied ? "; make it readable for that user" : ": ", denied ? "" : strerror(errno));
}

/* Shall this layer be entered? "Switched off" stands in it already. */
static bool is_on(bool wanted, struct confine_layer *l)
{
	if (wanted && SANITIZED)
		layer_set(l, false, "off: sanitizer build");
	return wanted && !SANITIZED;
}

/* Without a capability only no_new_privs gives a process the right to give up rights of its own. */
static bool is_possible(bool wanted, const struct confine_layer *no_new, struct confine_layer *l)
{
	if (!is_on(wanted, l))
		return false;
	if (no_new->holds)
		return true;
	layer_set(l, false, "needs no_new_privs");
	layer_warn(l, "%s needs no_new_privs, which is not set", l->name);
	return false;
}

int confine_enter(const struct confine_config *c, const struct confine_needs *n, struct confine_report *r,
		  struct err *e)
{
	struct identity id;
	*r = (struct confine_report){0};
	struct confine_layer *no_new = next(r, "no_new_privs"), *user = next(r, "user"),
			     *caps = next(r, "capabilities"), *core = next(r, "no_core_dump"),
			     *files = next(r, "landlock"), *calls = next(r, "seccomp");

	/* Who can gain nothing any more becomes whom the output belongs to, without capabilities. */
	no_new_privs(c->no_new_privs, no_new);
	if (identity_choose(c, n, &id, user, e) < 0 || drop(c, &id, user, caps, e) < 0)
		return err_wrap(e, "confine");
	if (is_on(c->no_core_dump, core))
		no_core_dump(core);
	check_reload(n, user);

	/* What it may still ask the kernel for: files first, then system calls, since Landlock needs some that are not
	 * on the list. */
	if (is_possible(c->landlock, no_new, files) && landlock_enter(n, files, e) < 0)
		return err_wrap(e, "confine");
	if (is_possible(c->seccomp, no_new, calls))
		seccomp_enter(calls);
	return 0;
}
