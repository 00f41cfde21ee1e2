/* privdrop.c: which user is chosen, by what the probe says of each. */
#include "rows.h"

#include "confine/privdrop.h"

#include "confine_child.h"

#include <stdio.h>
#include <string.h>

enum { NOBODY = PRIVDROP_UID, ROOT = 0, OTHER = 1000 };

/* What the probe says, in the child, to 65532, to uid 1000, to root without capabilities; ERR_NONE: it can publish. */
struct answers {
	enum err_code nobody, other, root;
	bool root_with_capabilities; /* root can as long as it keeps them */
};

/* Effective capabilities, from the one place that always tells. */
static bool has_capabilities(void)
{
	char line[128];
	unsigned long long set = 0;
	FILE *f = fopen("/proc/self/status", "r");
	while (f && fgets(line, sizeof line, f))
		sscanf(line, "CapEff: %llx", &set);
	if (f)
		fclose(f);
	return set != 0;
}

static int probe(void *self, struct err *e)
{
	const struct answers *a = self;
	enum err_code code = geteuid() == NOBODY ? a->nobody : geteuid() == OTHER ? a->other : a->root;
	if (geteuid() == ROOT && a->root_with_capabilities && has_capabilities())
		return 0;
	return code ? err_set(e, code, 0, "uid %u: says the probe", (unsigned)geteuid()) : 0;
}

/* Started as root. */
struct choice {
	const char *name;
	const char *user;
	struct answers answers;
	uid_t owner; /* output.owner and its group; -1: none */
	bool keep_caps;
	int rc; /* 0, or the code of the error */
	uid_t uid;
	bool holds;
	const char *text; /* a part of the warning or the error; "" for no warning */
};

#define NONE    ((uid_t)-1)
#define FINE    ERR_NONE
#define NO      ERR_NOPERM
#define FULL    ERR_IO
#define LIMIT   ERR_OS
#define STRANGE ERR_CANTCREAT
static const struct choice choices[] = {
	{"auto: 65532 may write", "auto", {FINE, NO, FINE}, NONE, false, 0, NOBODY, true, ""},
	{"auto: only root may",
	 "auto",
	 {NO, NO, FINE},
	 NONE,
	 false,
	 0,
	 ROOT,
	 false,
	 "uid 0 stays: uid 65532: says the probe"},
	{"auto: neither may",
	 "auto",
	 {NO, FINE, NO},
	 NONE,
	 false,
	 ERR_NOPERM,
	 0,
	 false,
	 "uid 65532: says the probe; nor can uid 0, once it has no capabilities"},
	{"auto: root may as long as it keeps its capabilities",
	 "auto",
	 {NO, NO, NO, true},
	 NONE,
	 true,
	 0,
	 ROOT,
	 false,
	 "uid 0 stays"},
	{"auto: root would lose what it needs",
	 "auto",
	 {NO, NO, NO, true},
	 NONE,
	 false,
	 ERR_NOPERM,
	 0,
	 false,
	 "nor can uid 0"},
	{"auto: a full disk is no reason to stay root",
	 "auto",
	 {FULL, FINE, FINE},
	 NONE,
	 false,
	 0,
	 NOBODY,
	 true,
	 "tried as uid 65532: uid 65532: says the probe"},
	{"auto: nor is what cannot be created for another reason",
	 "auto",
	 {STRANGE, FINE, FINE},
	 NONE,
	 false,
	 0,
	 NOBODY,
	 true,
	 "says the probe"},
	{"auto: a limit ends it",
	 "auto",
	 {LIMIT, FINE, FINE},
	 NONE,
	 false,
	 ERR_OS,
	 0,
	 false,
	 "whether uid 65532 can write: uid 65532: says the probe"},
	{"auto: root that stays meets a full disk",
	 "auto",
	 {NO, NO, FULL},
	 NONE,
	 false,
	 0,
	 ROOT,
	 false,
	 "uid 0 stays: uid 65532: says the probe; tried as uid 0: uid 0: says the probe"},
	{"auto: root that stays meets a limit",
	 "auto",
	 {NO, NO, LIMIT},
	 NONE,
	 false,
	 ERR_OS,
	 0,
	 false,
	 "without capabilities: uid 0: says the probe"},
	{"auto: the owner of the output", "auto", {NO, FINE, NO}, OTHER, false, 0, OTHER, true, ""},
	{"auto: an owner who may not write, and root may",
	 "auto",
	 {NO, NO, FINE},
	 OTHER,
	 false,
	 0,
	 ROOT,
	 false,
	 "uid 0 stays: uid 1000: says the probe"},
	{"auto: root as the owner", "auto", {NO, NO, FINE}, ROOT, false, 0, ROOT, false, ""},
	{"a number", "1000", {NO, FINE, NO}, NONE, false, 0, OTHER, true, ""},
	{"a number that may not write",
	 "1000",
	 {FINE, NO, FINE},
	 NONE,
	 false,
	 ERR_NOPERM,
	 0,
	 false,
	 "confine.user 1000: uid 1000: says the probe"},
	{"a number that meets a full disk", "1000", {FINE, FULL, FINE}, NONE, false, 0, OTHER, true, "says the probe"},
	{"a number that meets a limit",
	 "1000",
	 {FINE, LIMIT, FINE},
	 NONE,
	 false,
	 ERR_OS,
	 0,
	 false,
	 "confine.user 1000: uid 1000: says the probe"},
	{"a name that is nobody's", "no-such-user", {FINE, FINE, FINE}, NONE, false, ERR_CONFIG, 0, false, "no user"},
	{"root, forced", "0", {NO, NO, FINE}, NONE, false, 0, ROOT, false, ""},
	{"none: root stays", "none", {NO, NO, FINE}, NONE, false, 0, ROOT, false, ""},
	{"none: but it could not write without capabilities",
	 "none",
	 {FINE, FINE, NO},
	 NONE,
	 false,
	 ERR_NOPERM,
	 0,
	 false,
	 "without capabilities: uid 0: says the probe"},
};

static void test_choice(void **state)
{
	const struct choice *r = *state;
	struct confine_config c = {.capabilities = !r->keep_caps};
	struct answers answers = r->answers;
	struct confine_needs n = {.probe = probe, .probe_self = &answers, .owner = r->owner, .group = (gid_t)r->owner};
	struct confine_layer l = {0};
	struct identity id = {0};
	struct err e = {0};
	if (geteuid() != 0)
		skip_since("needs root");
	snprintf(c.user, sizeof c.user, "%s", r->user);
	int rc = identity_choose(&c, &n, &id, &l, &e);
	assert_int_equal(rc, r->rc ? -1 : 0);
	assert_int_equal(e.code, r->rc);
	if (rc < 0) {
		assert_non_null(strstr(e.msg, r->text));
		return;
	}
	assert_int_equal(id.uid, r->uid);
	assert_int_equal(l.holds, r->holds);
	if (r->text[0])
		assert_non_null(strstr(l.warning, r->text));
	else
		assert_string_equal(l.warning, "");
}

/* The bodies below run as uid 1000 without capabilities. */
static int stays_as_started(void)
{
	struct confine_config c = {.user = "auto", .capabilities = true};
	struct answers fine = {FINE, FINE, FINE};
	struct confine_needs n = {.probe = probe, .probe_self = &fine, .owner = (uid_t)-1, .group = (gid_t)-1};
	struct confine_layer l = {0};
	struct identity id = {0};
	struct err e;
	return identity_choose(&c, &n, &id, &l, &e) == 0 && id.keep_groups && l.holds && !l.warning[0] &&
	       strstr(l.detail, "as it was started");
}

static int own_number_is_no_change(void)
{
	struct confine_config c = {.user = "1000", .capabilities = true};
	struct answers fine = {FINE, FINE, FINE};
	struct confine_needs n = {.probe = probe, .probe_self = &fine, .owner = (uid_t)-1, .group = (gid_t)-1};
	struct confine_layer l = {0};
	struct identity id = {0};
	struct err e;
	return identity_choose(&c, &n, &id, &l, &e) == 0 && id.keep_groups && l.holds;
}

static int another_number_is_refused(void)
{
	struct confine_config c = {.user = "1001", .capabilities = true};
	struct answers fine = {FINE, FINE, FINE};
	struct confine_needs n = {.probe = probe, .probe_self = &fine, .owner = (uid_t)-1, .group = (gid_t)-1};
	struct confine_layer l = {0};
	struct identity id = {0};
	struct err e = {0};
	return identity_choose(&c, &n, &id, &l, &e) < 0 && e.code == ERR_NOPERM &&
	       strstr(e.msg, "capabilities SETUID and SETGID");
}

struct other {
	const char *name;
	int (*body)(void);
};
static const struct other others[] = {
	{"another user than root stays", stays_as_started},
	{"its own number is no change, so that its groups stay", own_number_is_no_change},
	{"another number is refused, and the capabilities are named", another_number_is_refused},
};

static int as_another(const void *arg)
{
	struct err e;
	const struct other *o = arg;
	const struct identity another = {1000, 1000, false};
	return identity_become(&another, &e) < 0 ? -1 : o->body();
}

static void test_other(void **state)
{
	if (geteuid() != 0)
		skip_since("needs root");
	assert_int_equal(in_child(as_another, *state), 1);
}

int main(void)
{
	int failed = ROWS_RUN("choices", test_choice, choices);
	return failed + ROWS_RUN("others", test_other, others);
}
