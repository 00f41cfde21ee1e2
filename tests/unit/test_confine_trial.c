/* trial.c: what a trial does not depend on, and the causes that are no user's fault. */
#include "confine/trial.h"

#include "confine_child.h"
#include "confine_place.h"

#include <sched.h>
#include <sys/mount.h>
#include <sys/resource.h>

/* The descriptor of a FILE that is a mount is open already: its directory is of no interest. */
static void test_a_file_that_is_a_mount(void **state)
{
	struct place *p = *state;
	struct confine_needs n = place_needs(p);
	const struct identity id = {PRIVDROP_UID, PRIVDROP_GID, false};
	write_text(p->file, "1\n");
	if (geteuid() != 0 || mount(p->yaml, p->file, NULL, MS_BIND, NULL) < 0)
		skip();
	enum trial_end end = trial_run(&id, false, &n).end;
	umount2(p->file, MNT_DETACH);
	assert_int_equal(end, TRIAL_FINE);
	assert_int_equal(trial_run(&id, false, &n).end, TRIAL_CREATE);
}

static void test_no_directory_at_all(void **state)
{
	(void)state;
	const struct identity id = {PRIVDROP_UID, PRIVDROP_GID, false};
	const struct confine_needs n = {.output_dir = -1, .owner = (uid_t)-1, .group = (gid_t)-1};
	if (geteuid() != 0)
		skip();
	assert_int_equal(trial_run(&id, false, &n).end, TRIAL_FINE);
}

/* What is no user's fault: its own cause, its own code, and root does not stay for it. */
struct cause {
	const char *name;
	const char *user;
	bool (*arrange)(struct place *p); /* in a child; false: cannot be had here */
	enum err_code code;
	const char *text;
};

static bool a_mount_of_its_own(struct place *p, const char *options)
{
	if (unshare(CLONE_NEWNS) < 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
	    mount("tmpfs", p->out, "tmpfs", 0, options) < 0)
		return false;
	p->dir = open(p->out, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return p->dir >= 0;
}
static bool no_inodes(struct place *p)
{
	return a_mount_of_its_own(p, "nr_inodes=1,mode=1777");
}
static bool read_only(struct place *p)
{
	return a_mount_of_its_own(p, "mode=1777") && mount(NULL, p->out, NULL, MS_REMOUNT | MS_RDONLY, NULL) == 0;
}
static bool no_descriptor(struct place *p)
{
	struct rlimit l = {(rlim_t)p->dir, (rlim_t)p->dir};
	for (rlim_t fd = 3; fd < l.rlim_cur; fd++)
		if (fcntl((int)fd, F_GETFD) < 0 && dup2(0, (int)fd) < 0)
			return false;
	return chmod(p->out, 0777) == 0 && setrlimit(RLIMIT_NOFILE, &l) == 0;
}

static const struct cause causes[] = {
	{"no inodes, auto", "auto", no_inodes, ERR_IO, ": No space left on device; free space or inodes"},
	{"no inodes, forced", "1000", no_inodes, ERR_IO, ": No space left on device; free space or inodes"},
	{"read-only, auto", "auto", read_only, ERR_CANTCREAT, ": Read-only file system; mount an emptyDir"},
	{"read-only, forced", "1000", read_only, ERR_CANTCREAT, ": Read-only file system; mount an emptyDir"},
	{"no descriptor, auto", "auto", no_descriptor, ERR_OS, ": Too many open files; raise the limit"},
	{"no descriptor, root", "none", no_descriptor, ERR_OS, "RLIMIT_NOFILE"},
	{"no descriptor to look a name up", "nobody", no_descriptor, ERR_OS, "user database cannot be read"},
};
enum { CAUSES = sizeof(causes) / sizeof(causes[0]), SKIPPED = 77 };

struct job {
	const struct cause *row;
	struct place *place;
};

static int caused(const void *arg)
{
	const struct job *j = arg;
	const struct cause *row = j->row;
	struct place *p = j->place;
	struct confine_config c = {.capabilities = true};
	struct confine_layer l = {0};
	struct identity id = {0};
	struct err e = {0};
	if (!row->arrange(p))
		return SKIPPED;
	struct confine_needs n = place_needs(p);
	snprintf(c.user, sizeof c.user, "%s", row->user);
	if (identity_choose(&c, &n, &id, &l, &e) == 0)
		return 1;
	if (!strstr(e.msg, row->text))
		fprintf(stderr, "%s\n", e.msg);
	return !strstr(e.msg, row->text) ? 2 : e.code != row->code ? 3 : 0;
}

static void test_cause(void **state)
{
	if (geteuid() != 0)
		skip();
	void *place;
	place_setup(&place);
	struct job j = {*state, place};
	int rc = in_child(caused, &j);
	place_teardown(&place);
	if (rc == SKIPPED)
		skip();
	assert_int_equal(rc, 0);
}

int main(void)
{
	struct CMUnitTest tests[CAUSES + 2];
	size_t n = 0;
	for (size_t i = 0; i < CAUSES; i++)
		tests[n++] = (struct CMUnitTest){causes[i].name, test_cause, NULL, NULL, (void *)&causes[i]};
	tests[n++] = (struct CMUnitTest)cmocka_unit_test(test_no_directory_at_all);
	tests[n++] = (struct CMUnitTest)cmocka_unit_test_setup_teardown(test_a_file_that_is_a_mount, place_setup,
									place_teardown);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
