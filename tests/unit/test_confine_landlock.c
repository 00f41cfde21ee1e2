/* landlock.c against a kernel that is played: each row is an ABI, an errno, or where output and configuration lie, with
 * what must be handed over. */
#include "rows.h"

#include "confine/landlock.h"

#include "confine_child.h"
#include "confine_dirs.h"

#include <errno.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/syscall.h>

/* The figures of landlock(7), written out: bit 13 came with ABI 2, 14 with 3, 15 with 5. */
struct abi_row {
	const char *name;
	int abi;
	uint64_t fs, net, scoped;
};

static const struct abi_row abi_rows[] = {
	{"ABI 1: 13 rights to files", 1, 0x1fff, 0, 0}, {"ABI 2: refer", 2, 0x3fff, 0, 0},
	{"ABI 3: truncate", 3, 0x7fff, 0, 0},           {"ABI 4: TCP", 4, 0x7fff, 3, 0},
	{"ABI 5: ioctl of devices", 5, 0xffff, 3, 0},   {"ABI 6: scopes", 6, 0xffff, 3, 3},
	{"ABI 7: as ABI 6", 7, 0xffff, 3, 3},           {"an ABI of the future: as ABI 6", 99, 0xffff, 3, 3},
};

enum { RULES_MAX = 8 };
struct rule {
	uint64_t access;
	int fd;
} __attribute__((packed));

struct fake {
	int abi, create_errno, add_errno, restrict_errno;
	uint64_t attr[3];
	struct rule rules[RULES_MAX];
	int rule_count, restricted;
};

static int refuse(int sys_errno)
{
	errno = sys_errno;
	return -1;
}

static struct fake *fake; /* the kernel that answers now */

static int fake_create(const void *attr, size_t size, unsigned flags)
{
	if (flags == 1) {
		assert_null(attr);
		return fake->abi > 0 ? fake->abi : refuse(-fake->abi);
	}
	assert_int_equal(flags, 0);
	assert_int_equal(size, sizeof fake->attr); /* what an older kernel does not know is 0 */
	memcpy(fake->attr, attr, size);
	return fake->create_errno ? refuse(fake->create_errno) : open("/dev/null", O_RDONLY | O_CLOEXEC);
}

static int fake_add(int ruleset_fd, int type, const void *attr)
{
	assert_true(ruleset_fd >= 0);
	assert_int_equal(type, 1);
	assert_true(fake->rule_count < RULES_MAX);
	memcpy(&fake->rules[fake->rule_count++], attr, sizeof fake->rules[0]);
	return fake->add_errno ? refuse(fake->add_errno) : 0;
}

static int fake_restrict(int ruleset_fd)
{
	assert_true(ruleset_fd >= 0);
	fake->restricted++;
	return fake->restrict_errno ? refuse(fake->restrict_errno) : 0;
}

long __real_syscall(long number, ...);
long __wrap_syscall(long number, ...);
long __wrap_syscall(long number, ...)
{
	va_list ap;
	va_start(ap, number);
	int result = -1;
	if (number == SYS_landlock_create_ruleset) {
		const void *attr = va_arg(ap, void *);
		size_t size = va_arg(ap, size_t);
		result = fake_create(attr, size, va_arg(ap, unsigned));
	} else if (number == SYS_landlock_add_rule) {
		int fd = va_arg(ap, int), type = va_arg(ap, int);
		result = fake_add(fd, type, va_arg(ap, void *));
	} else if (number == SYS_landlock_restrict_self) {
		result = fake_restrict(va_arg(ap, int));
	} else {
		result = (int)__real_syscall(number, va_arg(ap, int)); /* the end of a child */
	}
	va_end(ap);
	return result;
}

static struct confine_layer enter_fake(struct fake *f, const struct confine_needs *n)
{
	struct confine_layer l = {.name = "landlock"};
	struct err e = {0};
	fake = f;
	assert_int_equal(landlock_enter(n, &l, &e), 0);
	return l;
}

static void test_abi(void **state)
{
	const struct abi_row *r = *state;
	struct fake f = {.abi = r->abi};
	struct confine_needs none = {.output_dir = -1};
	struct confine_layer l = enter_fake(&f, &none);
	char detail[32];
	snprintf(detail, sizeof detail, "abi %d", r->abi);
	assert_true(l.holds);
	assert_string_equal(l.detail, detail);
	assert_string_equal(l.warning, "");
	assert_int_equal(f.attr[0], r->fs);
	assert_int_equal(f.attr[1], r->net);
	assert_int_equal(f.attr[2], r->scoped);
	assert_int_equal(f.rule_count, 0);
	assert_int_equal(f.restricted, 1);
}

enum { WRITE_FILE = 2, READ_FILE = 4, READ_DIR = 8, REMOVE_FILE = 32, MAKE_REG = 256, TRUNCATE = 16384 };
enum { OUTPUT = WRITE_FILE | READ_DIR | REMOVE_FILE | MAKE_REG | TRUNCATE };

static void test_rules_of_a_served_output(void **state)
{
	struct confine_needs n = dirs_needs(*state);
	struct fake f = {.abi = 7};
	n.serve_output = true;
	n.output_dir = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	n.output_file = "/numbers.txt.test";
	enter_fake(&f, &n);
	close(n.output_dir);
	assert_int_equal(f.rule_count, 2);
	assert_int_equal(f.rules[0].access, OUTPUT | READ_FILE); /* else / is not read */
}

static void test_rules_stay_within_what_is_handled(void **state)
{
	struct confine_needs n = dirs_needs(*state);
	struct fake f = {.abi = 2};
	assert_true(enter_fake(&f, &n).holds);
	assert_int_equal(f.rules[0].access, (OUTPUT | READ_FILE) & ~TRUNCATE);
	for (int i = 0; i < f.rule_count; i++)
		assert_int_equal(f.rules[i].access & ~f.attr[0], 0);
}

static int count_descriptors(void)
{
	int n = 0;
	for (int fd = 0; fd < 256; fd++)
		n += fcntl(fd, F_GETFD) >= 0;
	return n;
}

/* --- where output and configuration lie --- */

enum { OUT_DIR = OUTPUT | READ_FILE, OUT_FILE = WRITE_FILE | TRUNCATE | READ_FILE };

struct path_row {
	const char *name;
	const char *output; /* "": none; TMP stands for a directory of its own */
	const char *config; /* NULL: none */
	uint64_t access[3]; /* of the rules, in their order; 0 behind the last */
	const char *detail;
	const char *warning; /* "": none */
};

static const struct path_row path_rows[] = {
	{"a device or a pipe needs nothing", "", NULL, {0}, "abi 7", ""},
	{"an output three directories down: its directory", "TMP/v/out/n.txt", NULL, {OUT_DIR}, "abi 7", ""},
	{"an output in a directory of /: not / itself", "/usr/n.txt", NULL, {OUT_DIR}, "abi 7", ""},
	{"an output in /: said, and not read",
	 "/n.txt.test",
	 NULL,
	 {OUTPUT},
	 "abi 7, but all of / stays writable",
	 "FILE lies in /"},
	{"an output in the current directory", "n.txt", NULL, {OUT_DIR}, "abi 7", ""},
	{"a configuration in a directory of its own", "", "TMP/etc/r.yaml", {READ_FILE}, "abi 7", ""},
	{"a configuration that links elsewhere: both", "", "TMP/etc/link.yaml", {READ_FILE, READ_FILE}, "abi 7", ""},
	{"a configuration in /etc: only the file", "", "/etc/passwd", {READ_FILE}, "abi 7", "only /etc/passwd itself"},
	{"a configuration that is gone", "", "TMP/etc/gone.yaml", {0}, "abi 7", ""},
	{"a configuration that is no file", "", "/dev/null", {0}, "abi 7", ""},
	{"both", "TMP/v/out/n.txt", "TMP/etc/r.yaml", {OUT_DIR, READ_FILE}, "abi 7", ""},
	{"two warnings stand in one line",
	 "/n.txt.test",
	 "/etc/passwd",
	 {OUTPUT, READ_FILE},
	 "abi 7, but all of / stays writable",
	 "of its own; only /etc/passwd"},
};

static void resolve(const struct dirs *p, const char *text, char out[256])
{
	bool ours = strncmp(text, "TMP", 3) == 0;
	snprintf(out, 256, "%s%s", ours ? p->tmp : "", ours ? text + 3 : text);
}

static int open_dir(const char *file)
{
	char dir[256];
	const char *slash = strrchr(file, '/');
	int n = slash ? (int)(slash - file) + 1 : 1;
	snprintf(dir, sizeof dir, "%.*s", n, slash ? file : ".");
	return open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

static void check_rules(const struct fake *f, const uint64_t *access)
{
	int n = 0;
	for (; access[n]; n++)
		assert_int_equal(f->rules[n].access, access[n]);
	assert_int_equal(f->rule_count, n);
}

static void test_paths(void **state)
{
	const struct path_row *r = *state;
	void *dirs;
	char output[256], config[256], link[256];
	struct fake f = {.abi = 7};
	int before = count_descriptors();
	dirs_setup(&dirs);
	const struct dirs *p = dirs;
	snprintf(link, sizeof link, "%s/etc/link.yaml", p->tmp);
	assert_int_equal(symlink("../v/r.yaml", link), 0);
	snprintf(link, sizeof link, "%s/v/r.yaml", p->tmp);
	write_text(link, "a");
	resolve(p, r->output, output);
	resolve(p, r->config ? r->config : "", config);
	struct confine_needs n = {.output_dir = output[0] ? open_dir(output) : -1,
				  .output_file = output,
				  .config_file = r->config ? config : NULL};
	struct confine_layer l = enter_fake(&f, &n);
	if (n.output_dir >= 0)
		close(n.output_dir);
	dirs_teardown(&dirs);
	assert_int_equal(count_descriptors(), before);
	check_rules(&f, r->access);
	assert_string_equal(l.detail, r->detail);
	assert_int_equal(l.holds, strcmp(r->detail, "abi 7") == 0); /* else it restricts, but not what it is for */
	if (r->warning[0])
		assert_non_null(strstr(l.warning, r->warning));
	else
		assert_string_equal(l.warning, "");
}

/* Something is mounted at the target. */
static void check_mounted(struct dirs *p, const char *target, const uint64_t *access)
{
	struct fake f = {.abi = 7};
	struct confine_needs n = dirs_needs(p);
	n.config_file = NULL;
	close(p->dir);
	n.output_dir = p->dir = open(p->out, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	enter_fake(&f, &n);
	umount2(target, MNT_DETACH);
	check_rules(&f, access);
}

static void test_an_output_directory_that_is_a_mount(void **state)
{
	struct dirs *p = *state;
	if (mount("tmpfs", p->out, "tmpfs", 0, NULL) < 0)
		skip_since("needs the right to mount");
	check_mounted(p, p->out, (const uint64_t[]){OUT_DIR, 0});
}

static void test_a_file_that_is_a_mount(void **state)
{
	struct dirs *p = *state;
	write_text(p->file, "1\n");
	if (mount(p->yaml, p->file, NULL, MS_BIND, NULL) < 0)
		skip_since("needs the right to mount");
	check_mounted(p, p->file, (const uint64_t[]){OUT_FILE, 0});
}

/* In a mount namespace of the child's own, so that the machine's /mnt is left alone. */
static int config_on_a_volume(const void *arg)
{
	struct fake f = {.abi = 7};
	const struct confine_needs n = {.output_dir = -1, .config_file = "/mnt/r.yaml"};
	(void)arg;
	if (unshare(CLONE_NEWNS) < 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
	    mount("tmpfs", "/mnt", "tmpfs", 0, NULL) < 0)
		return 77;
	close(open(n.config_file, O_CREAT | O_WRONLY | O_CLOEXEC, 0644));
	struct confine_layer l = enter_fake(&f, &n);
	return f.rule_count == 1 && f.rules[0].access == READ_FILE && !l.warning[0] ? 0 : 1;
}

static void test_a_configuration_on_a_volume_directly_in_root(void **state)
{
	(void)state;
	int rc = in_child(config_on_a_volume, NULL);
	if (rc == 77)
		skip_since("needs the right to mount");
	assert_int_equal(rc, 0);
}

/* Each number of descriptors that is too small: told, nothing is restricted, and none is left open. */
static int with_few_descriptors(const void *arg)
{
	const struct dirs *p = arg;
	struct confine_needs n = dirs_needs(p);
	for (rlim_t fd = 3; fd < (rlim_t)p->dir; fd++)
		if (fcntl((int)fd, F_GETFD) < 0 && dup2(0, (int)fd) < 0)
			return 1;
	int before = count_descriptors(), needed = -1;
	for (int more = 0; more < 16 && needed < 0; more++) {
		struct fake f = {.abi = 7};
		fake = &f;
		struct confine_layer l = {0};
		struct err e = {0};
		const struct rlimit few = {(rlim_t)(p->dir + 1 + more), 256};
		if (setrlimit(RLIMIT_NOFILE, &few) < 0)
			return 2;
		if (landlock_enter(&n, &l, &e) == 0)
			needed = f.rule_count == 2 && l.holds ? more : 99;
		else if (e.code != ERR_OS || !strstr(e.msg, "RLIMIT_NOFILE") || f.restricted != 0)
			return 3;
		if (count_descriptors() != before)
			return 4;
	}
	return needed == 2 ? 0 : 5; /* the ruleset, and one path at a time */
}

static void test_too_few_descriptors_are_told(void **state)
{
	assert_int_equal(in_child(with_few_descriptors, *state), 0);
}

struct refusal {
	const char *name;
	struct fake fake;
	const char *detail, *warning;
	int restricted;
};

static const struct refusal refusals[] = {
	{"no Landlock in the kernel", {.abi = -ENOSYS}, "not there, or hidden", "has no Landlock", 0},
	{"Landlock switched off in the kernel", {.abi = -EOPNOTSUPP}, "switched off in the kernel", "lsm=", 0},
	{"a runtime's filter that answers EPERM", {.abi = -EPERM}, "not there, or hidden", "filter hides it", 0},
	{"the ruleset is refused", {.abi = 3, .create_errno = ENOMEM}, "Cannot allocate memory", "Cannot allocate", 0},
	{"a rule is refused", {.abi = 3, .add_errno = EINVAL}, "Invalid argument", "Invalid argument", 0},
	{"the restriction is refused", {.abi = 3, .restrict_errno = E2BIG}, "Argument list too long", "Argument", 1},
};

static void test_refusal(void **state)
{
	const struct refusal *r = *state;
	struct fake f = r->fake;
	void *dirs;
	dirs_setup(&dirs);
	struct confine_needs n = dirs_needs(dirs);
	struct confine_layer l = enter_fake(&f, &n);
	assert_false(l.holds);
	assert_string_equal(l.detail, r->detail);
	assert_non_null(strstr(l.warning, r->warning));
	assert_int_equal(f.restricted, r->restricted);
	dirs_teardown(&dirs);
}

static void test_no_descriptor_is_left(void **state)
{
	struct confine_needs n = dirs_needs(*state);
	int before = count_descriptors();
	for (int fault = 0; fault < 4; fault++) {
		struct fake f = {.abi = 7,
				 .create_errno = fault == 1 ? EINVAL : 0,
				 .add_errno = fault == 2 ? EINVAL : 0,
				 .restrict_errno = fault == 3 ? EPERM : 0};
		enter_fake(&f, &n);
	}
	assert_int_equal(count_descriptors(), before);
}

int main(void)
{
#define IN_DIRS(test) cmocka_unit_test_setup_teardown(test, dirs_setup, dirs_teardown)
	const struct CMUnitTest others[] = {
		IN_DIRS(test_rules_of_a_served_output),
		IN_DIRS(test_rules_stay_within_what_is_handled),
		IN_DIRS(test_an_output_directory_that_is_a_mount),
		IN_DIRS(test_a_file_that_is_a_mount),
		IN_DIRS(test_too_few_descriptors_are_told),
		IN_DIRS(test_no_descriptor_is_left),
		cmocka_unit_test(test_a_configuration_on_a_volume_directly_in_root),
	};
	int failed = ROWS_RUN("abi rows", test_abi, abi_rows);
	failed += ROWS_RUN("refusals", test_refusal, refusals);
	failed += ROWS_RUN("path rows", test_paths, path_rows);
	return failed + cmocka_run_group_tests_name("landlock", others, NULL, NULL);
}
