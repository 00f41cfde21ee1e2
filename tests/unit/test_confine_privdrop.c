/* privdrop.c: which user is chosen for which directory. */
#include "confine/privdrop.h"

#include "confine_child.h"
#include "confine_place.h"

/* Started as root. The directory belongs to dir_uid:dir_gid with dir_mode. */
struct choice {
	const char *name;
	uid_t dir_uid;
	gid_t dir_gid;
	mode_t dir_mode;
	const char *user;
	uid_t owner; /* output.owner and its group; -1: none */
	bool keep_caps;
	int old_file_uid; /* -1: there is no old file */
	int rc;           /* 0, or the code of the error */
	uid_t uid;
	bool holds;
	const char *text; /* a part of the warning or the error; "" for no warning */
	bool held;        /* the output is written into */
};

enum { NONE = -1, NOBODY = PRIVDROP_UID };
static const struct choice choices[] = {
	{"auto: the directory is 65532's", NOBODY, NOBODY, 0755, "auto", (uid_t)-1, false, NONE, 0, NOBODY, true, ""},
	{"auto: the group may write", 0, NOBODY, 0775, "auto", (uid_t)-1, false, NONE, 0, NOBODY, true, ""},
	{"auto: everybody may write", 0, 0, 0777, "auto", (uid_t)-1, false, NONE, 0, NOBODY, true, ""},
	{"auto: only root may write", 0, 0, 0755, "auto", (uid_t)-1, false, NONE, 0, 0, false,
	 "chown that directory to 65532:65532"},
	{"auto: the owner may not enter", NOBODY, NOBODY, 0600, "auto", (uid_t)-1, false, NONE, ERR_NOPERM, 0, false,
	 "nor can uid 0"},
	{"auto: the directory is a third's", 1000, 1000, 0755, "auto", (uid_t)-1, false, NONE, ERR_NOPERM, 0, false,
	 "nor can uid 0"},
	{"auto: a third's, but root keeps its capabilities", 1000, 1000, 0755, "auto", (uid_t)-1, true, NONE, 0, 0,
	 false, "uid 0 stays"},
	{"auto: an old file of root's is no hindrance", NOBODY, NOBODY, 0755, "auto", (uid_t)-1, false, 0, 0, NOBODY,
	 true, ""},
	{"auto: but it is in a sticky directory", 0, 0, 01777, "auto", (uid_t)-1, false, 0, 0, 0, false,
	 "sticky directory"},
	{"auto: a sticky directory with its own old file", 0, 0, 01777, "auto", (uid_t)-1, false, NOBODY, 0, NOBODY,
	 true, ""},
	{"auto: the owner of the output", 1000, 1000, 0755, "auto", 1000, false, NONE, 0, 1000, true, ""},
	{"auto: an owner who may not write", 0, 0, 0755, "auto", 1000, false, NONE, ERR_NOPERM, 0, false,
	 "uid 1000 cannot create"},
	{"auto: root as the owner", 0, 0, 0755, "auto", 0, false, NONE, 0, 0, false, ""},
	{"a number", 1000, 1000, 0755, "1000", (uid_t)-1, false, NONE, 0, 1000, true, ""},
	{"a number that may not write", 0, 0, 0755, "1000", (uid_t)-1, false, NONE, ERR_NOPERM, 0, false,
	 "uid 1000 cannot create files in"},
	{"uid:gid by the group's right", 0, 100, 0775, "1000:100", (uid_t)-1, false, NONE, 0, 1000, true, ""},
	{"uid without that group", 0, 100, 0775, "1000", (uid_t)-1, false, NONE, ERR_NOPERM, 0, false, "1000:1000"},
	{"a number that is not the output's owner", 0, 0, 0777, "1000", 1001, false, NONE, ERR_NOPERM, 0, false,
	 "output.owner 1001:1001"},
	{"a number in a sticky directory with another's file", 0, 0, 01777, "1000", (uid_t)-1, false, 0, ERR_NOPERM, 0,
	 false, "sticky"},
	{"a name that is nobody's", 0, 0, 0777, "no-such-user", (uid_t)-1, false, NONE, ERR_CONFIG, 0, false,
	 "no user"},
	{"root, forced", 0, 0, 0755, "0", (uid_t)-1, false, NONE, 0, 0, false, ""},
	{"none: root stays", 0, 0, 0755, "none", (uid_t)-1, false, NONE, 0, 0, false, ""},
	{"none: but it could not write without capabilities", 1000, 1000, 0755, "none", (uid_t)-1, false, NONE,
	 ERR_NOPERM, 0, false, "without capabilities uid 0 cannot create"},
	{"its own directory, not writable", NOBODY, NOBODY, 0555, "65532", (uid_t)-1, false, NONE, ERR_NOPERM, 0, false,
	 "its own but has mode 0555; chmod u+wx"},
	{"auto: its own directory, not to be entered", NOBODY, NOBODY, 0666, "auto", (uid_t)-1, false, NONE, ERR_NOPERM,
	 0, false, "its own but has mode 0666; chmod u+wx"},
	{"root's own directory, not writable", 0, 0, 0555, "none", (uid_t)-1, false, NONE, ERR_NOPERM, 0, false,
	 "its own but has mode 0555"},
	{"held: its own file in a foreign directory", 0, 0, 0755, "1000", (uid_t)-1, false, 1000, 0, 1000, true, "",
	 true},
	{"held, auto: its own file in a foreign directory", 1000, 1000, 0755, "auto", (uid_t)-1, false, NOBODY, 0,
	 NOBODY, true, "", true},
	{"held: another's file in its own directory can be made again", 1000, 1000, 0755, "1000", (uid_t)-1, false, 0,
	 0, 1000, true, "", true},
	{"held: another's file in a sticky directory", 0, 0, 01777, "1000", (uid_t)-1, false, 0, 0, 1000, true, "",
	 true},
	{"held: another's file in a foreign directory", 0, 0, 0755, "1000", (uid_t)-1, false, 0, ERR_NOPERM, 0, false,
	 "numbers.txt, of 0:0 with mode 0644 in a directory of 0:0 with mode 0755; chown it to 1000:1000", true},
	{"held: no file yet, in a foreign directory", 0, 0, 0755, "1000", (uid_t)-1, false, NONE, ERR_NOPERM, 0, false,
	 "cannot create files", true},
	{"held: no file yet, and it could not have the owner", 0, 0, 0777, "1000", 1001, false, NONE, ERR_NOPERM, 0,
	 false, "output.owner 1001:1001", true},
};
enum { CHOICES = sizeof(choices) / sizeof(choices[0]) };

static void prepare(struct place *p, const struct choice *r, struct confine_needs *n)
{
	*n = place_needs(p);
	n->owner = r->owner;
	n->group = (gid_t)r->owner;
	n->output_held = r->held;
	if (r->old_file_uid != NONE) {
		write_text(p->file, "1\n");
		assert_int_equal(chown(p->file, (uid_t)r->old_file_uid, 0), 0);
	}
	assert_int_equal(chown(p->out, r->dir_uid, r->dir_gid), 0);
	assert_int_equal(chmod(p->out, r->dir_mode), 0);
}

static int count_entries(const char *dir)
{
	char command[160];
	snprintf(command, sizeof command, "exit $(ls -A %s | wc -l)", dir);
	return WEXITSTATUS(system(command));
}

static void test_choice(void **state)
{
	const struct choice *r = *state;
	struct confine_config c = {.capabilities = !r->keep_caps};
	struct confine_layer l = {0};
	struct confine_needs n;
	struct identity id = {0};
	struct err e = {0};
	void *place;
	if (geteuid() != 0)
		skip();
	snprintf(c.user, sizeof c.user, "%s", r->user);
	place_setup(&place);
	prepare(place, r, &n);
	int rc = identity_choose(&c, &n, &id, &l, &e);
	int entries = count_entries(((struct place *)place)->out);
	place_teardown(&place);
	assert_int_equal(entries, r->old_file_uid != NONE); /* the trial left nothing behind */
	assert_int_equal(rc, r->rc ? -1 : 0);
	if (rc < 0) {
		assert_int_equal(e.code, r->rc);
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
	struct confine_needs n = {.output_dir = -1, .owner = (uid_t)-1, .group = (gid_t)-1};
	struct confine_layer l = {0};
	struct identity id = {0};
	struct err e;
	return identity_choose(&c, &n, &id, &l, &e) == 0 && id.keep_groups && l.holds && !l.warning[0] &&
	       strstr(l.detail, "as it was started");
}

static int own_number_is_no_change(void)
{
	struct confine_config c = {.user = "1000", .capabilities = true};
	struct confine_needs n = {.output_dir = -1, .owner = (uid_t)-1, .group = (gid_t)-1};
	struct confine_layer l = {0};
	struct identity id = {0};
	struct err e;
	return identity_choose(&c, &n, &id, &l, &e) == 0 && id.keep_groups && l.holds;
}

static int another_number_is_refused(void)
{
	struct confine_config c = {.user = "1001", .capabilities = true};
	struct confine_needs n = {.output_dir = -1, .owner = (uid_t)-1, .group = (gid_t)-1};
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
enum { OTHERS = sizeof(others) / sizeof(others[0]) };

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
		skip();
	assert_int_equal(in_child(as_another, *state), 1);
}

int main(void)
{
	struct CMUnitTest tests[CHOICES + OTHERS];
	size_t n = 0;
	for (size_t i = 0; i < CHOICES; i++)
		tests[n++] = (struct CMUnitTest){choices[i].name, test_choice, NULL, NULL, (void *)&choices[i]};
	for (size_t i = 0; i < OTHERS; i++)
		tests[n++] = (struct CMUnitTest){others[i].name, test_other, NULL, NULL, (void *)&others[i]};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
