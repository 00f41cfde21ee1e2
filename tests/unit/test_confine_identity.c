/* identity.c: users as text, that a change cannot be undone, and what is said where it is refused. */
#include "rows.h"

#include "confine/identity.h"

#include "confine/caps.h"
#include "confine_child.h"

#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <string.h>
#include <sys/prctl.h>

enum { NOBODY = 65532 };

struct parse_row {
	const char *text;
	int rc;
	uid_t uid;
	gid_t gid;
};

static const struct parse_row parse_rows[] = {
	{"1000", 0, 1000, 1000},
	{"1000:100", 0, 1000, 100},
	{"0", 0, 0, 0},
	{"0:7", 0, 0, 7},
	{"4294967294", 0, 4294967294U, 4294967294U},
	{"4294967295", -1, 0, 0}, /* "no change" to the system calls */
	{"4294967296", -1, 0, 0},
	{"99999999999999999999999", -1, 0, 0},
	{"1:4294967295", -1, 0, 0},
	{"1:", -1, 0, 0},
	{":1", -1, 0, 0},
	{"1:2:3", -1, 0, 0},
	{"-1", -1, 0, 0},
	{"1x", -1, 0, 0},
	{"", -1, 0, 0},
	{"root", 0, 0, 0},
	{"no-such-user", -1, 0, 0},
};

static void test_parse(void **state)
{
	const struct parse_row *r = *state;
	struct identity id;
	struct err e = {0};
	assert_int_equal(identity_parse(r->text, &id, &e), r->rc);
	if (r->rc < 0) {
		assert_int_equal(e.code, ERR_CONFIG);
		assert_non_null(strstr(e.msg, "confine.user"));
		return;
	}
	assert_int_equal(id.uid, r->uid);
	assert_int_equal(id.gid, r->gid);
	assert_false(id.keep_groups);
}

static const struct identity nobody = {NOBODY, NOBODY, false};

static int drops(const void *count)
{
	struct err e;
	const gid_t groups[] = {4, 20};
	if (setgroups(*(const size_t *)count, groups) < 0 || identity_become(&nobody, &e) < 0 || caps_clear(&e) < 0)
		return 1;
	if (identity_verify(&nobody, &e) < 0)
		return 2;
	if (setuid(0) == 0 || seteuid(0) == 0 || setgid(0) == 0 || setgroups(0, NULL) == 0)
		return 3;
	return getgroups(0, NULL) == 0 && open("/etc/shadow", O_RDONLY) < 0 ? 0 : 4;
}

static void test_drop_is_for_good(void **state)
{
	(void)state;
	if (geteuid() != 0)
		skip_since("needs root");
	for (size_t groups = 0; groups <= 2; groups++)
		assert_int_equal(in_child(drops, &groups), 0);
}

/* OpenShift: any uid, group 0. */
static int drops_to_group_0(const void *arg)
{
	(void)arg;
	struct err e;
	const struct identity id = {NOBODY, 0, false};
	if (identity_become(&id, &e) < 0 || caps_clear(&e) < 0)
		return 1;
	if (identity_verify(&id, &e) < 0)
		return 2;
	return setuid(0) == 0 || seteuid(0) == 0 ? 3 : 0;
}

static void test_drop_to_group_0(void **state)
{
	(void)state;
	if (geteuid() != 0)
		skip_since("needs root");
	assert_int_equal(in_child(drops_to_group_0, NULL), 0);
}

struct half {
	const char *name;
	int (*leave)(void); /* drops all but one thing */
};
static int saved_uid(void)
{
	return setgroups(0, NULL) || setresgid(nobody.gid, nobody.gid, nobody.gid) ||
	       setresuid(nobody.uid, nobody.uid, 0);
}
static int saved_gid(void)
{
	return setgroups(0, NULL) || setresgid(nobody.gid, nobody.gid, 0) ||
	       setresuid(nobody.uid, nobody.uid, nobody.uid);
}
static int a_group(void)
{
	const gid_t one = 4;
	return setgroups(1, &one) || setresgid(nobody.gid, nobody.gid, nobody.gid) ||
	       setresuid(nobody.uid, nobody.uid, nobody.uid);
}
static int another_real_uid(void)
{
	return setgroups(0, NULL) || setresgid(nobody.gid, nobody.gid, nobody.gid) ||
	       setresuid(1000, nobody.uid, nobody.uid);
}
static int kept_capability(void)
{
	struct __user_cap_header_struct head = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct setuid_only[2] = {{1U << CAP_SETUID, 1U << CAP_SETUID, 0}};
	return prctl(PR_SET_KEEPCAPS, 1) || setgroups(0, NULL) || setresgid(nobody.gid, nobody.gid, nobody.gid) ||
	       setresuid(nobody.uid, nobody.uid, nobody.uid) || syscall(SYS_capset, &head, setuid_only) != 0;
}
static const struct half halves[] = {
	{"another real uid is found", another_real_uid},
	{"a capability that brings root back is found", kept_capability},
	{"a saved uid 0 is found", saved_uid},
	{"a saved gid 0 is found", saved_gid},
	{"a left-over group is found", a_group},
};

static int half_dropped(const void *arg)
{
	const struct half *h = arg;
	struct err e = {0};
	if (h->leave() != 0)
		return 1;
	if (identity_verify(&nobody, &e) == 0 || e.code != ERR_SOFTWARE)
		return 2;
	return strstr(e.msg, strerror(EPERM)) ? 3 : 0; /* no call was refused */
}

static void test_half(void **state)
{
	const struct half *h = *state;
	/* A thread of a sanitizer's own keeps no capability. */
	if (geteuid() != 0 || (SANITIZED && h->leave == kept_capability))
		skip_since("needs root, and no sanitizer");
	assert_int_equal(in_child(half_dropped, *state), 0);
}

/* Whoever is that user already is not asked for any right. */
static int becomes_what_it_is(const void *arg)
{
	(void)arg;
	struct err e = {0};
	const gid_t groups[] = {4, 20};
	if (setgroups(2, groups) < 0 || setresgid(1000, 1000, 1000) < 0 || setresuid(1000, 1000, 1000) < 0)
		return 1;
	const struct identity own = {geteuid(), getegid(), true};
	if (own.uid != 1000 || own.gid != 1000 || !own.keep_groups)
		return 2;
	if (identity_become(&own, &e) < 0 || identity_verify(&own, &e) < 0)
		return 3;
	return getgroups(0, NULL) == 2 ? 0 : 4;
}

static void test_own(void **state)
{
	(void)state;
	if (geteuid() != 0)
		skip_since("needs root");
	assert_int_equal(in_child(becomes_what_it_is, NULL), 0);
}

/* A set-uid start leaves another saved uid: it goes where it can, and else it is found. */
static int acts_as_another(const void *arg)
{
	(void)arg;
	struct err e = {0};
	if (setresgid(1000, 1000, 0) < 0 || setresuid(1000, 1000, 0) < 0)
		return 1;
	const struct identity own = {geteuid(), getegid(), true};
	if (identity_verify(&own, &e) == 0)
		return 2;
	return identity_become(&own, &e) == 0 && identity_verify(&own, &e) == 0 && setuid(0) < 0 ? 0 : 3;
}

static void test_acts_as_another(void **state)
{
	(void)state;
	if (geteuid() != 0)
		skip_since("needs root");
	assert_int_equal(in_child(acts_as_another, NULL), 0);
}

struct refusal {
	const char *name;
	enum identity_step step;
	int sys_errno;
	bool has_capability;
	const char *says;
};
static const struct refusal refusals[] = {
	{"groups, no capability", IDENTITY_GROUPS, EPERM, false,
	 "may not give up its supplementary groups; give it the capabilities SETUID and SETGID (SETGID is missing)"},
	{"groups, in a user namespace", IDENTITY_GROUPS, EPERM, true, "its user namespace denies setgroups"},
	{"gid, no capability", IDENTITY_GID, EPERM, false,
	 "may not become gid 100; give it the capabilities SETUID and "
	 "SETGID (SETGID is missing), or start it as uid 1000"},
	{"gid, with the capability", IDENTITY_GID, EPERM, true, "though it has the capability SETGID: a filter"},
	{"gid that is not mapped", IDENTITY_GID, EINVAL, true,
	 "cannot become gid 100: its user namespace does not have that number"},
	{"uid, no capability", IDENTITY_UID, EPERM, false,
	 "may not become uid 1000; give it the capabilities SETUID and "
	 "SETGID (SETUID is missing), or start it as uid 1000"},
	{"uid, with the capability", IDENTITY_UID, EPERM, true, "though it has the capability SETUID: a filter"},
	{"uid that is not mapped", IDENTITY_UID, EINVAL, true,
	 "cannot become uid 1000: its user namespace does not have that number"},
	{"uid, anything else", IDENTITY_UID, ENOSYS, true, "cannot become uid 1000: Function not implemented"},
};

static void test_refusal(void **state)
{
	const struct refusal *r = *state;
	const struct identity id = {1000, 100, false};
	char text[384];
	identity_explain(r->step, r->sys_errno, r->has_capability, &id, text, sizeof text);
	assert_non_null(strstr(text, r->says));
}

int main(void)
{
	const struct CMUnitTest others[] = {
		cmocka_unit_test(test_drop_is_for_good),
		cmocka_unit_test(test_drop_to_group_0),
		cmocka_unit_test(test_own),
		cmocka_unit_test(test_acts_as_another),
	};
	int failed = ROWS_RUN("parse rows", test_parse, parse_rows);
	failed += ROWS_RUN("halves", test_half, halves);
	failed += ROWS_RUN("refusals", test_refusal, refusals);
	return failed + cmocka_run_group_tests_name("confine identity", others, NULL, NULL);
}
