/* order.c: the layers together, each switched off by name, and what a confined child can do no more. */
#include "confine/confine.h"
#include "rows.h"

#include "confine/privdrop.h"
#include "confine_child.h"
#include "confine_dirs.h"

#include <signal.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>

/* What the child ends with. A program that it becomes against all rules may end with 0: that is no success. */
enum { SKIPPED = 77, PASSED = 100 };
enum layer { NO_NEW_PRIVS, USER, CAPABILITIES, NO_CORE_DUMP, LANDLOCK, SECCOMP };
static const char *const names[] = {"no_new_privs", "user", "capabilities", "no_core_dump", "landlock", "seccomp"};

static struct confine_config everything(void)
{
	return (struct confine_config){.user = "auto",
				       .no_new_privs = true,
				       .capabilities = true,
				       .landlock = true,
				       .seccomp = true,
				       .no_core_dump = true};
}

/* What the child has in its hands when it is confined. */
struct scene {
	struct dirs *dirs;
	struct confine_config config;
	struct confine_report report;
	const char *off; /* the layer that is switched off, "": none */
	int status_fd;   /* /proc/self/status, open before */
	struct err err;
};

struct row {
	const char *name;
	int (*body)(struct scene *s); /* 0, SKIPPED, or the number of the step that failed */
	const char *off;              /* "": everything is on; else the layer that is switched off */
};

static bool has_line(struct scene *s, const char *line)
{
	char text[4096] = "\n";
	ssize_t n = pread(s->status_fd, text + 1, sizeof text - 2, 0);
	text[n > 0 ? n + 1 : 0] = '\0';
	return strstr(text, line) != NULL;
}

static bool enter(struct scene *s)
{
	struct confine_needs n = dirs_needs(s->dirs);
	return confine_enter(&s->config, &n, &s->report, &s->err) == 0;
}

static int names_and_order(struct scene *s)
{
	if (!enter(s) || s->report.count != CONFINE_LAYERS)
		return 1;
	for (int i = 0; i < CONFINE_LAYERS; i++)
		if (strcmp(s->report.layers[i].name, names[i]) != 0 || !s->report.layers[i].detail[0])
			return 2;
	return 0;
}

static int everything_holds(struct scene *s)
{
	if (!enter(s))
		return 1;
	for (int i = 0; i < CONFINE_LAYERS; i++) {
		bool may_fail = i == LANDLOCK || i == USER;
		if (!s->report.layers[i].holds && !may_fail)
			return 2 + i;
	}
	return 0;
}

static int kernel_agrees(struct scene *s)
{
	if (!enter(s))
		return 1;
	if (!has_line(s, "\nNoNewPrivs:\t1\n") || !has_line(s, "\nSeccomp:\t2\n"))
		return 2;
	return has_line(s, "\nCapEff:\t0000000000000000\n") && has_line(s, "\nCapPrm:\t0000000000000000\n") ? 0 : 3;
}

static int root_became_nobody(struct scene *s)
{
	if (geteuid() != 0)
		return SKIPPED;
	if (chown(s->dirs->out, PRIVDROP_UID, PRIVDROP_GID) < 0 || !enter(s))
		return 1;
	if (!has_line(s, "\nUid:\t65532\t65532\t65532\t65532\n") ||
	    !has_line(s, "\nGid:\t65532\t65532\t65532\t65532\n"))
		return 2;
	return has_line(s, "\nGroups:\t \n") && s->report.layers[USER].holds ? 0 : 3;
}

static int root_stays_and_can_write(struct scene *s)
{
	if (geteuid() != 0)
		return SKIPPED;
	if (!enter(s) || s->report.layers[USER].holds || !strstr(s->report.layers[USER].warning, s->dirs->out))
		return 1;
	return openat(s->dirs->dir, "numbers.txt", O_CREAT | O_WRONLY | O_CLOEXEC, 0600) >= 0 ? 0 : 2;
}

static int forbidden_is_refused(struct scene *s)
{
	if (!enter(s))
		return 1;
	if (s->report.layers[LANDLOCK].holds && open("/etc/shadow", O_RDONLY | O_CLOEXEC) >= 0)
		return 2;
	execl("/bin/true", "true", (char *)NULL); /* comes back */
	if (socket(AF_INET, SOCK_STREAM, 0) >= 0)
		return 3;
	if (ptrace(PTRACE_TRACEME, 0, NULL, NULL) == 0)
		return 4;
	if (setuid(0) == 0 || setgid(0) == 0)
		return 5;
	return kill(getppid(), 0) < 0 ? 0 : 6;
}

static int needed_still_works(struct scene *s)
{
	char byte;
	if (!enter(s))
		return 1;
	int out = openat(s->dirs->dir, ".numbers.txt.tmp.1", O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0600);
	if (out < 0 || write(out, "1\n", 2) != 2 || fchmod(out, 0444) < 0 || fsync(out) < 0)
		return 2;
	if (renameat(s->dirs->dir, ".numbers.txt.tmp.1", s->dirs->dir, "numbers.txt") < 0 || fsync(s->dirs->dir) < 0)
		return 3;
	int in = open(s->dirs->yaml, O_RDONLY | O_CLOEXEC);
	return read(in, &byte, 1) == 1 ? 0 : 4;
}

static int no_core(struct scene *s)
{
	struct rlimit l;
	s->config.seccomp = false; /* prctl is asked below */
	if (!enter(s) || getrlimit(RLIMIT_CORE, &l) < 0)
		return 1;
	return l.rlim_cur == 0 && l.rlim_max == 0 && prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) == 0 ? 0 : 2;
}

static int config_out_of_reach_is_told(struct scene *s)
{
	if (geteuid() != 0)
		return SKIPPED;
	if (chmod(s->dirs->yaml, 0600) < 0 || chown(s->dirs->out, PRIVDROP_UID, PRIVDROP_GID) < 0 || !enter(s))
		return 1;
	return strstr(s->report.layers[USER].warning, "uid 65532 cannot read") ? 0 : 2;
}

static int forced_user_that_cannot_write(struct scene *s)
{
	strcpy(s->config.user, "65533");
	if (enter(s) || s->err.code != ERR_NOPERM)
		return 1;
	return strncmp(s->err.msg, "confine: confine.user 65533: ", 29) == 0 ? 0 : 2;
}

static bool no_new_privs_was_set(void)
{
	return prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1;
}

static int one_is_off(struct scene *s)
{
	int found = 0;
	if (strcmp(s->off, "no_new_privs") == 0 && no_new_privs_was_set())
		return SKIPPED;
	if (!enter(s))
		return 1;
	for (int i = 0; i < CONFINE_LAYERS; i++) {
		const struct confine_layer *l = &s->report.layers[i];
		bool off = strcmp(l->detail, "switched off") == 0;
		if (off != (strcmp(l->name, s->off) == 0) || (off && (l->holds || l->warning[0])))
			return 2;
		found += off;
	}
	return found == 1 ? 0 : 3;
}

static int without_capabilities_layer(struct scene *s)
{
	/* Where the user changes, the kernel takes them away all the same. */
	if (geteuid() != 0)
		return SKIPPED;
	if (!enter(s))
		return 1;
	return has_line(s, "\nCapEff:\t0000000000000000\n") ? 2 : 0;
}

static int without_no_new_privs(struct scene *s)
{
	if (no_new_privs_was_set())
		return SKIPPED;
	if (!enter(s) || has_line(s, "\nSeccomp:\t2\n") || s->report.layers[NO_NEW_PRIVS].holds)
		return 1;
	for (int i = LANDLOCK; i <= SECCOMP; i++)
		if (s->report.layers[i].holds || !strstr(s->report.layers[i].warning, "needs no_new_privs"))
			return 2;
	return 0;
}

static int without_seccomp(struct scene *s)
{
	if (!enter(s) || has_line(s, "\nSeccomp:\t2\n"))
		return 1;
	return socket(AF_UNIX, SOCK_STREAM, 0) >= 0 ? 0 : 2;
}

static int without_landlock(struct scene *s)
{
	if (!enter(s))
		return 1;
	return open("/etc/passwd", O_RDONLY | O_CLOEXEC) >= 0 ? 0 : 2;
}

static int with_core_dumps(struct scene *s)
{
	s->config.seccomp = false;
	strcpy(s->config.user, "none"); /* the change of user would clear the flag */
	return enter(s) && prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) == 1 ? 0 : 1;
}

static const struct row rows[] = {
	{"six layers in their order, each with a detail", names_and_order, ""},
	{"each holds", everything_holds, ""},
	{"the kernel says the same", kernel_agrees, ""},
	{"root becomes 65532 without groups", root_became_nobody, ""},
	{"root that stays is warned of and can write", root_stays_and_can_write, ""},
	{"shadow, execve, socket, ptrace, setuid, kill are refused", forbidden_is_refused, ""},
	{"publishing and reading the configuration work", needed_still_works, ""},
	{"no core file, not dumpable", no_core, ""},
	{"a configuration that cannot be read again is told", config_out_of_reach_is_told, ""},
	{"a forced user that cannot write ends it", forced_user_that_cannot_write, ""},
	{"no_new_privs off", one_is_off, "no_new_privs"},
	{"no_new_privs off takes Landlock and seccomp with it", without_no_new_privs, "no_new_privs"},
	{"capabilities off", one_is_off, "capabilities"},
	{"capabilities off: root that stays keeps them", without_capabilities_layer, "capabilities"},
	{"no_core_dump off", one_is_off, "no_core_dump"},
	{"no_core_dump off: dumpable", with_core_dumps, "no_core_dump"},
	{"landlock off", one_is_off, "landlock"},
	{"landlock off: files by their modes only", without_landlock, "landlock"},
	{"seccomp off", one_is_off, "seccomp"},
	{"seccomp off: sockets", without_seccomp, "seccomp"},
};
enum { ROWS = sizeof(rows) / sizeof(rows[0]) };

struct job {
	const struct row *row;
	struct dirs *dirs;
};

static int run_row(const void *arg)
{
	const struct job *j = arg;
	struct scene s = {.dirs = j->dirs, .config = everything(), .off = j->row->off};
	bool *const switches[] = {&s.config.no_new_privs, NULL,
				  &s.config.capabilities, &s.config.no_core_dump,
				  &s.config.landlock,     &s.config.seccomp};
	for (int i = 0; i < CONFINE_LAYERS; i++)
		if (switches[i] && strcmp(s.off, names[i]) == 0)
			*switches[i] = false;
	s.status_fd = open("/proc/self/status", O_RDONLY | O_CLOEXEC);
	int step = j->row->body(&s);
	return step == 0 ? PASSED : step;
}

static void test_row(void **state)
{
	void *dirs;
	dirs_setup(&dirs);
	struct job j = {*state, dirs};
	int ended = in_child(run_row, &j);
	dirs_teardown(&dirs);
	if (ended == SKIPPED)
		skip_since("needs root");
	assert_int_equal(ended, PASSED);
}

static int left_out(struct scene *s)
{
	if (!enter(s))
		return 1;
	for (int i = NO_CORE_DUMP; i <= SECCOMP; i++)
		if (s->report.layers[i].holds || strcmp(s->report.layers[i].detail, "off: sanitizer build") != 0)
			return 2;
	return s->report.layers[NO_NEW_PRIVS].holds && s->report.layers[CAPABILITIES].holds ? 0 : 3;
}

static const struct row sanitized_row = {"a sanitizer's build leaves three layers out and says so", left_out, ""};

int main(void)
{
	const struct CMUnitTest only[] = {{sanitized_row.name, test_row, NULL, NULL, (void *)&sanitized_row}};
	if (SANITIZED)
		return cmocka_run_group_tests(only, NULL, NULL);
	struct CMUnitTest tests[ROWS];
	for (size_t i = 0; i < ROWS; i++)
		tests[i] = (struct CMUnitTest){rows[i].name, test_row, NULL, NULL, (void *)&rows[i]};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
